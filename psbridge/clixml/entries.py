"""The entries of a dictionary (`<DCT>`) in, pairs of key and value out.

Sources: [MS-PSRP] 2.2.5.2.6.4; clixml-notes section 4. No entry is lost, however alike the keys.
"""

from __future__ import annotations

from collections.abc import Callable

from psbridge.clixml.cursor import Cursor
from psbridge.clixml.names import fold
from psbridge.clixml.unreadable import Unreadable
from psbridge.clixml.words import ENTRY
from psbridge.psobject import PSObject, Value

__all__ = ["read_entries"]


def read_entries(cursor: Cursor, value_of: Callable[[], tuple[str | None, Value]]) -> list[tuple[Value, Value]]:
    """Read the entries up to the dictionary's end; `value_of` reads the next value, with its N."""
    entries: list[tuple[Value, Value]] = []
    keys: set[int] = set()
    while True:
        op, _, _, ends = next(cursor.meanings)
        if op != ENTRY or ends is not None:
            raise Unreadable("a dictionary holds something else than entries (En), or an empty one")
        key = _part("key", value_of)
        if key is None:
            raise Unreadable("an entry's key is null")
        identity = _identity(key)
        if identity in keys:
            raise Unreadable("the same object is the key of two entries")
        if identity is not None:
            keys.add(identity)
        _expect_more(cursor)
        entries.append((key, _part("value", value_of)))
        if not cursor.ends:
            raise Unreadable("an entry holds more than key and value", behind=1)
        if cursor.close("En"):
            cursor.close("DCT")
            return entries


def _expect_more(cursor: Cursor) -> None:
    if cursor.ends:
        raise Unreadable("an entry without value", left=cursor.ends)


def _identity(key: Value) -> int | None:
    """What tells whether two keys are the very same object to .NET. It has one empty string; other values it makes anew."""
    if isinstance(key, PSObject):
        return id(key)
    return 0 if type(key) is str and not key else None


def _part(part: str, value_of: Callable[[], tuple[str | None, Value]]) -> Value:
    name, value = value_of()
    if name is None or fold(name) != part.upper():
        raise Unreadable(f"the N of an entry's {part} is not {part.capitalize()}")
    return value
