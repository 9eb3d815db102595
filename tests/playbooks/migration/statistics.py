"""Properties in, statistics as a cmdlet returns them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psbridge.models import Untyped
from psbridge.psobject import Kind, PSObject, Value

__all__ = ["a_list", "folder", "statistics"]


def statistics(*folders: PSObject, report: Mapping[str, Value] | None = None, **properties: Value) -> Untyped:
    """A completed move with these folders in its verification; `report` adds to the report, None as property takes one away."""
    inside: dict[str, Value] = {"MailboxVerification": a_list(folders), **(report or {})}
    given: dict[str, Value] = {
        "Identity": "user@domain.com",
        "Status": "Completed",
        "Report": PSObject(props=inside),
        **properties,
    }
    return Untyped.read(PSObject(props=given))


def folder(source: str = "10 [1 KB (1,024 bytes)]", target: str = "10 [2 KB (2,048 bytes)]", **properties: Value) -> PSObject:
    """A row of the verification in which everything has arrived, but for what is said otherwise."""
    arrived: dict[str, Value] = {
        "FolderSourcePath": "/Top of Information Store/Inbox",
        "Source": source,
        "Target": target,
        "FolderIsMissing": False,
        "FolderIsMisplaced": False,
        "MismatchedFlagsCount": 0,
        **dict.fromkeys(("MissingItemsInTargetBucket", "Corrupt", "Large", "Skipped"), "0 [0 B (0 bytes)]"),
    }
    return PSObject(props={**arrived, **properties})


def a_list(items: Sequence[Value]) -> PSObject:
    """A list as PowerShell serialises it."""
    return PSObject(kind=Kind.LIST, items=list(items))
