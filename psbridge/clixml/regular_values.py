"""A simple value in the regular form in, from behind its `<`, the value out. What is in that form was checked before.

Sources: [MS-PSRP] 2.2.5.1; clixml-notes section 4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast
from uuid import UUID

from psbridge.clixml.escape import unescape
from psbridge.clixml.moments import date_time
from psbridge.clixml.references import content
from psbridge.clixml.scalars import uuid_of
from psbridge.clixml.words import Words
from psbridge.psobject import DateTime, Value

__all__ = ["simple_value", "text_in"]


def simple_value(written: bytes, table: Words) -> Value:
    """Read an element. The table knows what occurs again and again; what hardly ever does is read at once."""
    read = _AT_ONCE.get(written[:2])
    return cast("Value", table[written.replace(b"</", b"\0/")][2]) if read is None else read(written)


def text_in(written: bytes) -> str:
    """Read what stands between two tags as a text."""
    text = written.decode()
    if "&" in text or "\r" in text:
        text = content(text)
    return unescape(text) if "_" in text else text


def _string(written: bytes) -> str:
    return text_in(written[written.index(b">") + 1 : -4])


def _guid(written: bytes) -> UUID:
    return uuid_of(written[written.index(b">") + 1 : -4].replace(b"-", b""))


def _moment(written: bytes) -> DateTime:
    return date_time(written[written.index(b">") + 1 : -5].decode())


_AT_ONCE: Final[dict[bytes, Callable[[bytes], Value]]] = {
    b"S ": _string,
    b"S>": _string,
    b"G ": _guid,
    b"G>": _guid,
    b"DT": _moment,
}
