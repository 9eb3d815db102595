"""The rows of a mailbox verification in; for each folder its counts, and what is wrong with it, out.

The rows are compared by counts, buckets and flags, never by bytes: the documents' own folders differ 1.27 and 2.02 times in
bytes and are right (field-notes section 0.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from psbridge.models import ByteQuantifiedSize, Reading, WrongShape

__all__ = ["Count", "Finding", "Folder", "Weight", "findings_in", "folder_of"]


class Weight(StrEnum):
    """What a finding means for the verdict."""

    LOSS = "loss"
    LOOK = "look"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was found, in a folder or (`folder` empty) in the move as a whole."""

    weight: Weight
    says: str
    folder: str = ""

    def __str__(self) -> str:
        return f"{self.folder}: {self.says}" if self.folder else self.says


@dataclass(frozen=True, slots=True)
class Count:
    """Items, and their bytes where they could be read."""

    items: int
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Folder:
    """One row of Report.MailboxVerification; None is what the row did not say, or not in a form that can be read.

    `buckets` are the items that the verification has put aside, by their names in `BUCKETS`; `unread` are the properties that
    came and could not be read.
    """

    path: str
    source: Count | None
    target: Count | None
    source_fai: Count | None
    target_fai: Count | None
    buckets: Mapping[str, Count]
    is_missing: bool | None
    is_misplaced: bool | None
    mismatched_flags: int | None
    unread: tuple[str, ...] = ()

    def items(self, *buckets: str) -> int:
        """How many items are in these buckets together."""
        return sum(self.buckets[name].items for name in buckets if name in self.buckets)

    @property
    def byte_ratio(self) -> float | None:
        """Bytes in the target for each in the source: to be shown, never to judge by."""
        if self.source is None or self.target is None or not self.source.bytes or self.target.bytes is None:
            return None
        return self.target.bytes / self.source.bytes


# By the name of the property in use today, then the older one (field-notes 5.2 and the documents' 29 properties).
BUCKETS: Final[Mapping[str, tuple[str, ...]]] = {
    "Missing": ("MissingItemsInTargetBucket", "Missing"),
    "Corrupt": ("Corrupt",),
    "Large": ("Large",),
    "Skipped": ("Skipped",),
    "Duplicated": ("DuplicatedItemsInTargetBucket",),
    "MissingInSource": ("MissingInSourceExtraItemsInTargetBucket",),
    "MismatchedSyncFolderId": ("MismatchedSyncFolderIdExtraItemsInTargetBucket",),
    "NonMRSSynced": ("NonMRSSyncedExtraItemsInTargetBucket",),
    "FolderExclusion": ("FolderExclusionExtraItemsInTargetBucket",),
}
LEFT_BEHIND: Final = ("Corrupt", "Large", "Skipped")
EXTRA: Final = ("Duplicated", "MissingInSource", "MismatchedSyncFolderId", "NonMRSSynced", "FolderExclusion")


def folder_of(row: Reading) -> Folder:
    """Read one row; what cannot be read is told in `unread` and in the row's problems."""
    unread: list[str] = []
    before = len(row.problems)

    def count(*names: str) -> Count | None:
        shown = row.text(*names)
        found = _count(shown) if shown else None
        if shown and found is None:
            unread.append(f"{names[0]} {shown[:60]!r}")
        return found

    buckets = {name: found for name, names in BUCKETS.items() if (found := count(*names)) is not None}
    truths = (row.truth("FolderIsMissing"), row.truth("FolderIsMisplaced"), row.number("MismatchedFlagsCount"))
    return Folder(
        path=row.text("FolderSourcePath") or row.text("FolderTargetPath") or "(a folder without a path)",
        source=count("Source"),
        target=count("Target"),
        source_fai=count("SourceFAI"),
        target_fai=count("TargetFAI"),
        buckets=buckets,
        is_missing=truths[0],
        is_misplaced=truths[1],
        mismatched_flags=truths[2],
        unread=(*unread, *row.problems[before:]),
    )


def findings_in(folder: Folder) -> Iterator[Finding]:
    """Say what is wrong in one folder, the worst first; nothing for a folder that has arrived."""
    for weight, says in (*_lost(folder), *_doubtful(folder), *_worth_knowing(folder)):
        yield Finding(weight, says, folder.path)


def _lost(folder: Folder) -> Iterator[tuple[Weight, str]]:
    if folder.is_missing:
        yield Weight.LOSS, "FolderIsMissing: the target does not have this folder"
    if missing := folder.items("Missing"):
        yield Weight.LOSS, f"{missing} items are missing in the target (MissingItemsInTargetBucket)"
    for name in LEFT_BEHIND:
        if items := folder.items(name):
            yield Weight.LOSS, f"{items} items were left behind ({name})"
    if lost := _unexplained(folder):
        yield Weight.LOSS if lost > 0 else Weight.LOOK, _difference(folder, lost)


def _doubtful(folder: Folder) -> Iterator[tuple[Weight, str]]:
    if folder.is_misplaced:
        yield Weight.LOOK, "FolderIsMisplaced: the folder lies elsewhere in the target"
    if folder.mismatched_flags:
        yield Weight.LOOK, f"the flags of {folder.mismatched_flags} items differ (MismatchedFlagsCount)"
    source, target = folder.source_fai, folder.target_fai
    if source is not None and target is not None and target.items < source.items:
        yield Weight.LOOK, f"{source.items} folder associated items in the source, {target.items} in the target"
    absent = [name for name, count in (("Source", folder.source), ("Target", folder.target)) if count is None]
    if absent:
        yield (
            Weight.LOOK,
            f"the row has no count for {' and '.join(absent)} that can be read, so nothing is proved of this folder",
        )
    for text in folder.unread:
        yield Weight.LOOK, f"{text} cannot be read"


def _worth_knowing(folder: Folder) -> Iterator[tuple[Weight, str]]:
    # Where no row tells how many are missing, extra items can make the counts equal.
    weight = Weight.NOTE if "Missing" in folder.buckets else Weight.LOOK
    for name in EXTRA:
        if items := folder.items(name):
            yield weight, f"{items} more items are in the target ({name})"


def _unexplained(folder: Folder) -> int:
    """How many items of the source are neither in the target nor in a bucket; negative: so many more are in the target."""
    if folder.source is None or folder.target is None or folder.is_missing:
        return 0
    left = folder.source.items - folder.target.items
    # Whether the extra items are counted in Target no source says: a difference that they explain is explained.
    explained = folder.items("Missing", *LEFT_BEHIND)
    return max(0, left - explained) if left > 0 else min(0, left + folder.items(*EXTRA))


def _difference(folder: Folder, lost: int) -> str:
    source, target = folder.source, folder.target
    told = f"{source.items if source else '?'} items in the source, {target.items if target else '?'} in the target"
    return f"{told}; {abs(lost)} of them are in no bucket that explains it"


_COUNT: Final = re.compile(r"([0-9]{1,18})(?: ?\[(.*)\])?", re.DOTALL)


def _count(shown: str) -> Count | None:
    """Read `10188 [1.152 GB (1,237,342,091 bytes)]`; the count is enough, for nothing is decided by the bytes."""
    parts = _COUNT.fullmatch(shown.strip())
    if parts is None:
        return None
    try:
        return Count(int(parts[1]), ByteQuantifiedSize.parse(parts[2]).bytes)
    except WrongShape:
        return Count(int(parts[1]))
