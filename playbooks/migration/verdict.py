"""The statistics of a move in, whether everything has arrived out: `judge(statistics) -> Verdict`. Pure; any playbook may ask.

A move is verified if it has completed, its mailbox verification is there and has counted items, and no folder has a finding. A
mailbox is taken for empty only where the verification says so for both sides and nothing speaks against it. Bytes never decide:
DATA MIGRATED counts what was sent, and the same folder has other sizes on each side (the documents; field-notes section 0.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from playbooks.migration.efficiency import TINY
from playbooks.migration.folders import Finding, Folder, Weight, findings_in, folder_of
from playbooks.migration.states import Phase, phase_of
from playbooks.migration.transfer import Transfer, transfer_of
from psbridge.models import Model, Reading

__all__ = ["Judgement", "Verdict", "judge", "judge_reading"]


class Judgement(StrEnum):
    """The one word of a verdict."""

    VERIFIED = "verified"
    DIFFERS = "differs"
    FAILED = "failed"
    UNDER_WAY = "under way"
    UNPROVED = "not verified"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What can be said of a move's data.

    - `judgement`: VERIFIED: completed, and every folder of the verification has arrived. DIFFERS: completed, with something that
      a person has to look at or that was left behind. FAILED: it ended without completing. UNDER_WAY: the source is still the
      mailbox. UNPROVED: completed without a verification that could be read, or with an empty one; of an unknown status; or
      removed, after its completion or before it.
    - `reasons`: why, in sentences, the weightiest first; never empty.
    - `findings`: each finding with its weight and folder. `folders`: every row of the verification.
    """

    judgement: Judgement
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    folders: tuple[Folder, ...] = ()
    phase: Phase = Phase.UNKNOWN

    @property
    def is_verified(self) -> bool:
        """Whether everything is proved to have arrived: only then may a playbook that destroys a source go on."""
        return self.judgement is Judgement.VERIFIED

    @property
    def needs_a_look(self) -> bool:
        """Whether there is a finding that a person has to look at, whatever the status says."""
        return _need_a_look(self.findings)

    @property
    def items(self) -> int:
        """How many items the verification found in the target, in all folders."""
        return _items(self.folders)


def judge(statistics: Model) -> Verdict:
    """Judge what Get-MigrationUserStatistics or Get-MoveRequestStatistics gave, with -IncludeReport; never raises."""
    return judge_reading(Reading.of(statistics))


def judge_reading(statistics: Reading) -> Verdict:
    """Judge statistics of any generation, however odd; what cannot be read proves nothing."""
    status = statistics.name("Status")
    phase = phase_of(status)
    report = statistics.child("Report")
    rows = report.children("MailboxVerification") if report is not None else ()
    # Rows of which the depth left only a text say nothing; among others each of them is a folder of which nothing is proved.
    folders = tuple(map(folder_of, rows)) if any(row.has_properties for row in rows) else ()
    findings = tuple(sorted((*_of_the_move(statistics, phase), *_of_folders(folders)), key=lambda it: _ORDER.index(it.weight)))
    unproved = _why_unproved(status, report, folders, statistics)
    judgement = _judgement(phase, findings, is_proved=not unproved)
    reasons = (_headline(judgement, status, unproved, folders), *(str(finding) for finding in findings))
    return Verdict(judgement, reasons, findings, folders, phase)


_ORDER: Final = (Weight.LOSS, Weight.LOOK, Weight.NOTE)


def _judgement(phase: Phase, findings: Sequence[Finding], *, is_proved: bool) -> Judgement:
    if phase is Phase.FAILED:
        return Judgement.FAILED
    if phase in {Phase.SYNCED, Phase.UNDER_WAY, Phase.HELD}:
        return Judgement.UNDER_WAY
    if _need_a_look(findings) and phase not in {Phase.UNKNOWN, Phase.REMOVED}:
        return Judgement.DIFFERS
    return Judgement.VERIFIED if is_proved and phase is Phase.COMPLETED else Judgement.UNPROVED


def _need_a_look(findings: Sequence[Finding]) -> bool:
    return any(finding.weight is not Weight.NOTE for finding in findings)


def _headline(judgement: Judgement, status: str | None, unproved: str, folders: Sequence[Folder]) -> str:
    said = f"The status is {status or 'missing'}"
    if judgement is Judgement.UNPROVED:
        return f"{said}{unproved}"
    return said + _HEADLINES[judgement].format(folders=len(folders), items=_items(folders))


_HEADLINES: Final = {
    Judgement.FAILED: ": the move ended without completing; the source is still the mailbox.",
    Judgement.UNDER_WAY: ": the move has not been completed; the source is still the mailbox.",
    Judgement.VERIFIED: "; all {folders} folders of the verification have arrived, {items:,} items by count.",
    Judgement.DIFFERS: ", and not everything is proved to have arrived:",
}


def _why_unproved(status: str | None, report: Reading | None, folders: Sequence[Folder], statistics: Reading) -> str:
    """Why a move that may have completed is not verified although nothing was found against it; empty if it is."""
    phase = phase_of(status)
    if phase is Phase.UNKNOWN:
        return ", which no source explains: nothing can be concluded from it."
    if phase is Phase.REMOVED:
        return f"{_BUT}{_REMOVED}"
    if report is None:
        return f"{_BUT}no report came. Ask for the statistics with -IncludeReport."
    if not report.has_properties:
        return f"{_BUT}of the report only its text came (beyond the serialisation depth). Use an Export-Clixml file."
    if not folders:
        return f"{_BUT}the report has no verification that can be read. Completion alone does not prove that all has arrived."
    told = "" if _items(folders) else _holds_something(transfer_of(statistics))
    return f"{_BUT}the verification counts no item, and the statistics tell of {told}." if told else ""


_BUT: Final = ", but it is not verified: "
_REMOVED: Final = (
    "a move is removed after its completion as well as before it. Look on which side the mailbox is (Get-Mailbox) before "
    "anything is given up."
)


def _holds_something(transfer: Transfer) -> str:
    """What says that a mailbox is not empty. An empty one has a size, too, but no large one."""
    if items := max(transfer.items or 0, transfer.estimated_items or 0):
        return f"{items:,} items"
    size = max(transfer.transferred or 0, transfer.estimated or 0)
    return f"{size:,} bytes" if size >= TINY else ""


def _items(folders: Sequence[Folder]) -> int:
    return sum(folder.target.items for folder in folders if folder.target is not None)


def _of_folders(folders: Sequence[Folder]) -> Iterator[Finding]:
    for folder in folders:
        yield from findings_in(folder)


def _of_the_move(statistics: Reading, phase: Phase) -> Iterator[Finding]:
    """What the statistics say beside the folders: warnings, items that were not moved, and the data consistency score."""
    before = len(statistics.problems)
    if phase is Phase.COMPLETED and phase_of(statistics.name("StatusDetail")) is Phase.FAILED:
        yield Finding(Weight.LOOK, f"the status detail is {statistics.name('StatusDetail')}, which contradicts the status")
    if phase is Phase.COMPLETED_WITH_WARNINGS:
        yield Finding(
            Weight.LOOK, "it was completed with warnings: read which items were not moved before the source is given up"
        )
    for names, what in _NOT_MOVED:
        if items := statistics.number(*names):
            yield Finding(Weight.LOSS, f"{items} {what} ({names[0]})")
    score = statistics.name("DataConsistencyScore")
    if score is not None:
        weight, says = _SCORES.get(score.lower(), (Weight.LOOK, "no source explains this score"))
        if weight is not Weight.NOTE or score.lower() != "perfect":
            yield Finding(weight, f"the data consistency score is {score}: {says}")
    if statistics.truth("HasUnapprovedSkippedItems"):
        yield Finding(Weight.LOOK, "skipped items wait for an approval (HasUnapprovedSkippedItems)")
    for problem in statistics.problems[before:]:
        yield Finding(Weight.LOOK, f"what may tell of a loss cannot be read: {problem}")


_NOT_MOVED: Final = (
    (("SkippedItemCount",), "items were skipped"),
    (("BadItemsEncountered",), "items could not be read in the source"),
    (("LargeItemsEncountered",), "items are too large for the target"),
)

# track-prevent-data-loss-dcs.md, in field-notes 5.3.
_SCORES: Final = {
    "perfect": (Weight.NOTE, "nothing was lost"),
    "good": (Weight.NOTE, "no approval is needed"),
    "investigate": (Weight.LOOK, "look at the skipped items, and approve them (Set-MigrationUser -ApproveSkippedItems)"),
    "poor": (Weight.LOSS, "contact Microsoft support; such a move cannot be forced"),
}
