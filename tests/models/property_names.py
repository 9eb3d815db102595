"""Names on the wire that the engine's objects do not have, each with the reason why a model reads it all the same."""

from __future__ import annotations

from typing import Final

OLDER_BUILD: Final = "older builds of Exchange name it so (field-notes 5.2)"
CLOUD_ONLY: Final = "Exchange Online has it; Microsoft Purview, 'Identify the type of hold placed on a mailbox'"
ORGANISATION_HOLDS: Final = "holds of the whole organisation; Microsoft Purview, the same page"
FILTERED: Final = "New-MailboxRestoreRequest -ContentFilter; Exchange Online alone has it"

NOT_AT_THE_ENGINE: Final = {
    "Mailbox.DelayReleaseHoldApplied": CLOUD_ONLY,
    "MailUser.DelayReleaseHoldApplied": CLOUD_ONLY,
    "RemoteMailbox.DelayReleaseHoldApplied": CLOUD_ONLY,
    "MailboxRestoreRequestStatistics.ContentFilter": FILTERED,
    "OrganizationConfig.InPlaceHolds": ORGANISATION_HOLDS,
}
