"""Get-MigrationUserStatistics."""

from __future__ import annotations

from psbridge.cmdlets.call import Call, identity, reading
from psbridge.models import MigrationUserStatistics

__all__ = ["get_migration_user_statistics"]


def get_migration_user_statistics(user: str, *, include_report: bool = False) -> Call[MigrationUserStatistics]:
    """Give the statistics of one migration user; raises IdentityError. Source: the documents, the data migrated information."""
    parameters = {"Identity": identity(user), "IncludeReport": include_report}
    absent = frozenset({"MigrationUserNotFoundException", "ManagementObjectNotFoundException"})
    return reading("Get-MigrationUserStatistics", MigrationUserStatistics, parameters, absent=absent)
