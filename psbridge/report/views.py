"""An object in, the columns out that the console shows for its type; None where PowerShell chooses by the properties.

Sources: the tables of the documents for headings, order and widths (a width of 0 is what is left); for the types that the
documents do not print, Exchange's default properties.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from psbridge.psobject import PSObject
from psbridge.report.format_table import Column

__all__ = ["DICTIONARY", "GUID", "View", "view_of"]


@dataclass(frozen=True, slots=True)
class View:
    """The columns of a type. `autosize`: as wide as the values need."""

    columns: tuple[Column, ...]
    autosize: bool = False


def view_of(value: PSObject, *, on_premises: bool = False) -> View | None:
    """Find the view of an object's type or of the nearest type that it is derived from.

    What Select-Object made has no view: its type begins with `Selected.`.
    """
    for name in value.types:
        plain = name.removeprefix("Deserialized.").lower()
        found = (_ON_PREMISES.get(plain) if on_premises else None) or _VIEWS.get(plain)
        if found:
            return found
    return None


def _fixed(*columns: tuple[str, int]) -> View:
    return View(tuple(Column(name, name, width) for name, width in columns))


def _sized(*names: str) -> View:
    return View(tuple(Column(name, name) for name in names), autosize=True)


_MANAGEMENT: Final = "microsoft.exchange.data.directory.management."
_REQUESTS: Final = "microsoft.exchange.management.recipienttasks."

_VIEWS: Final[Mapping[str, View]] = {
    _MANAGEMENT + "mailbox": _fixed(
        ("Name", 25), ("Alias", 15), ("Database", 30), ("ProhibitSendQuota", 20), ("ExternalDirectoryObjectId", 0)
    ),
    _MANAGEMENT + "mailuser": _fixed(("Name", 40), ("RecipientType", 0)),
    "microsoft.online.administration.user": View(
        (
            Column("UserPrincipalName", "UserPrincipalName"),
            Column("DisplayName", "DisplayName"),
            Column("isLicensed", "IsLicensed"),
        ),
        autosize=True,
    ),
    _REQUESTS + "mailboxrestorerequest": _sized("Name", "TargetMailbox", "Status"),
    # Not in the documents:
    _MANAGEMENT + "user": _fixed(("Name", 40), ("RecipientType", 0)),
    _MANAGEMENT + "remotemailbox": _sized("Name", "RecipientTypeDetails", "RemoteRecipientType"),
    _REQUESTS + "mailboxrestorerequeststatistics": _sized(
        "Name", "StatusDetail", "SourceAlias", "TargetAlias", "PercentComplete"
    ),
    _REQUESTS + "moverequest": _sized("DisplayName", "Status", "TargetDatabase"),
    _REQUESTS + "moverequeststatistics": _sized(
        "DisplayName", "StatusDetail", "TotalMailboxSize", "TotalArchiveSize", "PercentComplete"
    ),
}

_ON_PREMISES: Final[Mapping[str, View]] = {
    _MANAGEMENT + "mailbox": _fixed(("Name", 25), ("Alias", 20), ("ServerName", 16), ("ProhibitSendQuota", 0)),
}

# PowerShell's own, for values that are no objects.
DICTIONARY: Final = _fixed(("Name", 30), ("Value", 0))
GUID: Final = _fixed(("Guid", 0))
