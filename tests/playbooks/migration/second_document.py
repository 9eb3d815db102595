"""The second document in, as its own text: what its prompts printed, and the statistics object that they were printed from.

Nothing here is typed in by hand: every number comes out of the document, and the document's typography with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from psbridge.models import Untyped
from psbridge.psobject import Kind, PSObject, Value

__all__ = ["SecondDocument"]


@dataclass(frozen=True, slots=True)
class SecondDocument:
    """The text between the second heading and the third."""

    text: str

    @classmethod
    def of(cls, folder: Path) -> SecondDocument:
        """Cut it out of the file of all three."""
        whole = (folder / "timmcmic-2018-07.txt").read_text(encoding="utf-8")
        cut = whole.partition("Office 365: Exchange Migrations and the data migrated")[2]
        return cls(cut.partition("Office 365: The mystery of mobile phone")[0])

    @property
    def log(self) -> str:
        """The lines of the report, in the order of the document, with its quotes and lost backslashes."""
        return "\n".join(line for line in self.text.splitlines() if re.match(r"\d+/\d+/\d{4} \d+:\d+:\d+ [AP]M \[", line))

    def portal(self, status: str) -> dict[str, str]:
        """What the portal showed of the migration in this status, by its labels."""
        shown = self.text.partition(f"Status: {status}")[2].partition("Stalled duration:")
        lines = (shown[0] + shown[1] + shown[2].partition("\n")[0]).splitlines()
        return {
            name.strip(): text.strip() for name, colon, text in (line.partition(":") for line in lines) if colon and text.strip()
        }

    @property
    def estimated(self) -> str:
        """What `$stats.EstimatedTotalTransferSize` printed."""
        return self.text.partition("$stats.EstimatedTotalTransferSize")[2].strip().splitlines()[0].strip()

    @property
    def folders(self) -> list[dict[str, str]]:
        """What `$stats.Report.MailboxVerification` printed, name to text."""
        listing = self.text.partition("$stats.Report.MailboxVerification")[2].partition("In summary")[0]
        rows = [row for row in re.split(r"\n\s*\n", listing) if row.strip()]
        return [
            {name.strip(): text.strip() for name, _, text in (line.partition(":") for line in row.strip().splitlines())}
            for row in rows
        ]

    def statistics(self) -> Untyped:
        """The completed migration as an object that holds nothing but what the document printed of it."""
        portal = self.portal("Completed")
        report: dict[str, Value] = {"MailboxVerification": PSObject(kind=Kind.LIST, items=[_row(row) for row in self.folders])}
        props: dict[str, Value] = {
            "Identity": "user@domain.com",
            "Status": "Completed",
            "BytesTransferred": portal["Data migrated"],
            "EstimatedTotalTransferSize": self.estimated,
            "TotalQueuedDuration": portal["Queued duration"],
            "TotalInProgressDuration": portal["In-progress duration"],
            "TotalSyncedDuration": portal["Synced duration"],
            "TotalStalledDuration": portal["Stalled duration"],
            "Report": PSObject(
                ("Deserialized.Microsoft.Exchange.MailboxReplicationService.Report",), to_string=self.log, props=report
            ),
        }
        return Untyped.read(PSObject(props=props))


def _row(listed: dict[str, str]) -> PSObject:
    return PSObject(props={name: text or None for name, text in listed.items() if not text.startswith("{")})
