"""The elements of a progress record (`<PR>`) in, a ProgressRecord out.

Sources: [MS-PSRP] 2.2.5.1.25; System.Management.Automation.ProgressRecord refuses what is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from psbridge.clixml.cursor import Cursor
from psbridge.clixml.numbers import WHITE_SPACE, integer
from psbridge.clixml.unreadable import Unreadable
from psbridge.psobject import (
    Char,
    DateTime,
    ProgressRecord,
    PSObject,
    SecureString,
    Uri,
    Value,
    XmlDocument,
)

__all__ = ["read_progress"]

_ELEMENTS: Final = ("AV", "AI", None, "PI", "PC", "T", "SR", "SD")  # None: any value, the current operation

_int32: Final = integer(int, -0x80000000, 0x7FFFFFFF, "System.Int32")
_TYPES: Final = ("Processing", "Completed")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+")


def read_progress(cursor: Cursor, value_of: Callable[[], Value]) -> ProgressRecord:
    """Read the eight elements of a record in their order, and its end; `value_of` reads the next value.

    An activity, a status, a number or a type that .NET's class refuses is refused.
    """
    texts: dict[str, str] = {}
    operation: Value = None
    for tag in _ELEMENTS:
        if cursor.ends:
            raise Unreadable(f"a ProgressRecord (PR) without {tag or 'an operation'}", left=cursor.ends)
        if tag is None:
            operation = value_of()
            continue
        text = cursor.text(tag)
        if text is None:
            raise Unreadable(f"a ProgressRecord (PR) without {tag}, or in another order")
        texts[tag] = text
    if not cursor.ends:
        raise Unreadable("a ProgressRecord (PR) with other elements than its eight", behind=1)
    cursor.close("PR")
    return _record(texts, operation)


def _record(texts: dict[str, str], operation: Value) -> ProgressRecord:
    activity, status = texts["AV"], texts["SD"]
    activity_id, parent, percent = _int32(texts["AI"]), _int32(texts["PI"]), _int32(texts["PC"])
    if not activity or not status:
        raise Unreadable("the activity or the status of the ProgressRecord is empty")
    if activity_id < 0 or activity_id == parent or percent > 100:
        raise Unreadable("the ProgressRecord has a negative id, itself as parent, or more than 100 percent")
    return ProgressRecord(
        activity=activity,
        activity_id=activity_id,
        status_description=status,
        current_operation=_shown(operation) or None,
        parent_activity_id=parent,
        percent_complete=percent,
        record_type=_record_type(texts["T"]),
        seconds_remaining=_int32(texts["SR"]),
    )


def _record_type(text: str) -> str:
    """Read an enumeration's text: a number, or names in any case; Completed is the only bit there is."""
    text = text.strip(WHITE_SPACE)
    names = {name.lower(): number for number, name in enumerate(_TYPES)}
    if _NUMBER.fullmatch(text):
        number = _int32(text)
    else:
        parts = [names.get(part.strip(WHITE_SPACE).lower()) for part in text.split(",")]
        if None in parts:
            raise Unreadable("the type of the ProgressRecord is neither Processing nor Completed")
        number = max(part or 0 for part in parts)
    if number not in {0, 1}:
        raise Unreadable("the type of the ProgressRecord is neither Processing nor Completed")
    return _TYPES[number]


def _shown(operation: Value) -> str:
    """Turn the current operation into text, as PowerShell does with what is no string."""
    if operation is None:
        return ""
    if isinstance(operation, bool):
        return str(operation)
    if isinstance(operation, bytes):
        return "System.Byte[]"
    if isinstance(operation, XmlDocument):
        return "System.Xml.XmlDocument"
    if isinstance(operation, PSObject):
        return _shown_object(operation)
    if isinstance(operation, float | DateTime | Uri | ProgressRecord):
        raise Unreadable("the current operation of the ProgressRecord is no text, and only .NET knows the text for it")
    return str(operation)


def _shown_object(operation: PSObject) -> str:
    if operation.to_string is not None:
        return operation.to_string
    if isinstance(operation.base, bytes):
        return " ".join(map(str, operation.base))
    if operation.has_base:
        return _shown(operation.base)
    if operation.kind is None:
        names = operation.names()
        if all(_is_simple(operation[name]) for name in names):
            return f"@{{{'; '.join(f'{name}={_shown(operation[name])}' for name in names)}}}" if names else ""
    raise Unreadable("the current operation of the ProgressRecord is an object, and only .NET knows the text for it")


def _is_simple(value: Value) -> bool:
    return value is None or isinstance(value, str | int | Char | SecureString)
