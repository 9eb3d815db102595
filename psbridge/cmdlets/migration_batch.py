"""New-MigrationBatch, Get-MigrationBatch and Complete-MigrationBatch, in Exchange Online."""

from __future__ import annotations

import csv
import io
from typing import Final

from psbridge.cmdlets.call import Call, ConfirmImpact, identity, reading, writing
from psbridge.models import MigrationBatch, Untyped

__all__ = ["complete_migration_batch", "get_migration_batch", "new_migration_batch"]

ABSENT: Final = frozenset({"MigrationBatchNotFoundException", "ManagementObjectNotFoundException"})


def new_migration_batch(*, name: str, address: str, source_endpoint: str, target_delivery_domain: str) -> Call[MigrationBatch]:
    """Begin to copy one mailbox from on-premises; it is held when it is synced, until the batch is completed.

    The endpoint holds the credentials of the source, so none travels. Raises IdentityError. Source: field-notes 5.1, the
    second document (batches are the preferred way).
    """
    parameters = {
        "Name": identity(name),
        "SourceEndpoint": identity(source_endpoint),
        "TargetDeliveryDomain": identity(target_delivery_domain),
        "CSVData": _one_user(identity(address)),
        "AutoStart": True,
    }
    return writing("New-MigrationBatch", MigrationBatch, ConfirmImpact.MEDIUM, parameters)


def get_migration_batch(name: str) -> Call[MigrationBatch]:
    """Look up one batch; raises IdentityError."""
    return reading("Get-MigrationBatch", MigrationBatch, {"Identity": identity(name)}, absent=ABSENT)


def complete_migration_batch(name: str) -> Call[Untyped]:
    """Let every synced user of a batch go on to the end; a second time does no harm. It asks by itself. Raises IdentityError."""
    return writing("Complete-MigrationBatch", Untyped, ConfirmImpact.HIGH, {"Identity": identity(name)}, asks=True)


def _one_user(address: str) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([["EmailAddress"], [address]])
    return text.getvalue().encode()
