"""An object in, what it is known by out: the value of its identity property, so that it is found in another export."""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple
from uuid import UUID

from psbridge.cli.clixml.where import member
from psbridge.psobject import Value
from psbridge.report.display import plain_text
from psbridge.report.visible import visible

__all__ = ["KEYS", "NAMES", "Identities", "Identity"]

# What never changes comes first. A move request and its mailbox share an ExchangeGuid, but not one export.
KEYS: Final = (
    "ExchangeGuid",
    "RequestGuid",
    "MailboxGuid",
    "Guid",
    "ObjectId",
    "ObjectGuid",
    "ExternalDirectoryObjectId",
    "Identity",
    "DistinguishedName",
    "UserPrincipalName",
    "PrimarySmtpAddress",
    "Id",
    "Name",
    "DisplayName",
)
NAMES: Final = ("DisplayName", "Name", "UserPrincipalName", "Identity")
_NOBODY: Final = str(UUID(int=0))


class Identity(NamedTuple):
    """`key` is the same in both exports; `shown` says it to people."""

    key: str
    shown: str


class Identities:
    """The identities of one export's objects, in order. Those that no property tells apart are numbered."""

    def __init__(self, keys: tuple[str, ...] = KEYS) -> None:
        self._keys = keys
        self._seen: Counter[str] = Counter()

    def of(self, value: Value) -> Identity:
        """Give the next object's identity: the first identity property that it has."""
        found = next(((name, text) for name in self._keys if (text := _told(value, name))), None)
        name, text = found or ("Value", "")
        key = f"{name.lower()} {text.lower()}"
        self._seen[key] += 1
        number = f" (number {self._seen[key]})" if self._seen[key] > 1 or not found else ""
        also = next((told for name in NAMES if (told := _told(value, name)) and told != text), "")
        return Identity(key + number, visible(f"{name} {text}".strip() + number + (f" ({also})" if also else "")))


def _told(value: Value, name: str) -> str:
    text = plain_text(member(value, name))
    return "" if text == _NOBODY else text
