"""Which cmdlets the playbooks call at each endpoint, and so what an account and its modules must give.

The table is held against the recordings of the playbooks by a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["needed"]

_DELETE: Final = "duplicate-mailbox-delete-account"
_LICENSE: Final = "duplicate-mailbox-remove-license"
_ERROR: Final = "duplicate-mailbox-validation-error"
_SCAN: Final = "duplicate-mailbox-scan"
_REPORT: Final = "migration-report"
_PHONE: Final = "mobile-phone"
_BYPASS: Final = "mobile-phone-bypass"
_OVERRIDE: Final = "mobile-phone-override"
_PROBE: Final = "mobile-phone-probe"
_PHONES: Final = "mobile-phone-scan"
_SET: Final = "mobile-phone-set"

_DUPLICATES: Final = (_DELETE, _LICENSE, _ERROR)
_LOOKS: Final = (*_DUPLICATES, _SCAN)
_NUMBERS: Final = (_PHONE, _OVERRIDE, _PHONES, _SET)
_ALL_NUMBERS: Final = (*_NUMBERS, _BYPASS, _PROBE)
_SYNCED: Final = (_DELETE, _ERROR, _BYPASS, _SET)

_AT: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "onprem": {
        "Get-Mailbox": _LOOKS,
        "Get-RemoteMailbox": (_DELETE, _LICENSE),
        "Get-User": _NUMBERS,
        "Set-RemoteMailbox": (_DELETE,),
        "Set-User": (_SET,),
    },
    "exo": {
        "Complete-MigrationBatch": (_DELETE, _LICENSE),
        "Expedite-Delicensing": (_LICENSE,),
        "Get-MailUser": _LOOKS,
        "Get-Mailbox": _LOOKS,
        "Get-MailboxRestoreRequest": (_DELETE, _ERROR),
        "Get-MailboxRestoreRequestStatistics": (_DELETE, _ERROR),
        "Get-MigrationUser": _DUPLICATES,
        "Get-MigrationUserStatistics": (*_DUPLICATES, _REPORT),
        "Get-MoveRequest": _DUPLICATES,
        "Get-MoveRequestStatistics": (*_DUPLICATES, _REPORT),
        "Get-OrganizationConfig": _DUPLICATES,
        "Get-PendingDelicenseUser": (_LICENSE, _ERROR),
        "Get-Recipient": _DUPLICATES,
        "Get-User": (_DELETE, _LICENSE, _SCAN, *_NUMBERS),
        "New-MailboxRestoreRequest": (_DELETE, _ERROR),
        "New-MigrationBatch": (_DELETE, _LICENSE),
        "New-MoveRequest": (_DELETE,),
        "Resume-MoveRequest": (_DELETE,),
        "Set-User": (_LICENSE,),
    },
    "sync": {
        "Get-ADSyncScheduler": _SYNCED,
        "Set-ADSyncScheduler": (_DELETE, _ERROR),
        "Start-ADSyncSyncCycle": _SYNCED,
        "Get-ADSyncToolsDirSyncOverridesUser": (_PHONE, _BYPASS, _OVERRIDE),
        "Set-ADSyncToolsDirSyncOverridesUser": (_OVERRIDE,),
        "Clear-ADSyncToolsDirSyncOverridesUser": (_OVERRIDE,),
    },
}
_IN_THE_DIRECTORY: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "msonline": {
        "Get-MsolUser": (*_LOOKS, *_ALL_NUMBERS),
        "Remove-MsolUser": (_DELETE, _ERROR),
        "New-MsolLicenseOptions": (_LICENSE,),
        "Set-MsolUserLicense": (_LICENSE,),
        "Set-MsolUser": (_PROBE,),
        "Get-MsolDirSyncFeatures": (_BYPASS,),
        "Set-MsolDirSyncFeature": (_BYPASS,),
    },
    "graph": {
        "Get-MgUser": (*_LOOKS, *_ALL_NUMBERS),
        "Get-MgUserLicenseDetail": _DUPLICATES,
        "Get-MgDirectoryDeletedItemAsUser": (_DELETE, _ERROR),
        "Remove-MgUser": (_DELETE, _ERROR),
        "Remove-MgDirectoryDeletedItem": (_DELETE, _ERROR),
        "Set-MgUserLicense": (_LICENSE,),
        "Update-MgUser": (_PROBE,),
        "Get-MgDirectoryOnPremiseSynchronization": (_BYPASS,),
        "Update-MgDirectoryOnPremiseSynchronization": (_BYPASS,),
    },
    "entra": {
        "Get-EntraUser": (*_LOOKS, *_ALL_NUMBERS),
        "Get-EntraSubscribedSku": _DUPLICATES,
        "Get-EntraDeletedUser": (_DELETE, _ERROR),
        "Remove-EntraUser": (_DELETE, _ERROR),
        "Remove-EntraDeletedDirectoryObject": (_DELETE, _ERROR),
        "Set-EntraUserLicense": (_LICENSE,),
        "Set-EntraUser": (_PROBE,),
        "Get-MgDirectoryOnPremiseSynchronization": (_BYPASS,),
        "Update-MgDirectoryOnPremiseSynchronization": (_BYPASS,),
    },
}


def needed(endpoint: str, dialect: str) -> Mapping[str, tuple[str, ...]]:
    """The cmdlets that are called at an endpoint, with the playbooks that call each."""
    return _IN_THE_DIRECTORY[dialect] if endpoint == "directory" else _AT[endpoint]
