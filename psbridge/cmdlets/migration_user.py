"""Get-MigrationUser."""

from __future__ import annotations

from psbridge.cmdlets.call import Call, identity, reading
from psbridge.models import MigrationUser

__all__ = ["get_migration_user"]


def get_migration_user(user: str) -> Call[MigrationUser]:
    """Look up one user of the migration batches by the address; raises IdentityError. Source: field-notes 5.1."""
    absent = frozenset({"MigrationUserNotFoundException", "ManagementObjectNotFoundException"})
    return reading("Get-MigrationUser", MigrationUser, {"Identity": identity(user)}, absent=absent)
