"""Values in, PowerShell text out: for people to read and copy, never to be executed by psbridge.

A single-quoted PowerShell string ends at any of five characters; of a pair the parser keeps one, so each is
doubled with itself. Nothing else needs care inside the quotes. Sources: PowerShell's CharTraits.IsSingleQuote and
Tokenizer.ScanStringLiteral; the table of remoting-notes section 8, judged there by the real parser.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from psbridge.errors import ValueTypeError
from psbridge.psobject import DateTime, PSObject, SecureString, Single, TimeSpan, Uri, Version, XmlDocument

__all__ = ["quote", "render_argument"]

_INVARIANT: Final = "[Globalization.CultureInfo]::InvariantCulture"
_SINGLE_QUOTES: Final = re.compile("(['\u2018\u2019\u201a\u201b])")
_CANNOT_TRAVEL: Final = re.compile("[\x00\ud800-\udfff]")
INT32: Final = range(-(2**31), 2**31)
INT64: Final = range(-(2**63), 2**63)


def quote(text: str) -> str:
    """Write a text as one single-quoted PowerShell string; NUL and lone surrogates are refused."""
    if _CANNOT_TRAVEL.search(text):
        raise ValueTypeError("str", "a NUL or a lone surrogate cannot be shown as PowerShell text")
    return "'" + _SINGLE_QUOTES.sub(r"\1\1", text) + "'"


def render_argument(value: object) -> str:
    """Write a value as it stands behind `-Name:` or inside an expression; raises ValueTypeError for other types."""
    text = _expression(value)
    # In argument mode a leading `[` begins a text, and -5 behind a colon is the string "-5".
    return f"({text})" if text.startswith(("[", "-")) else text


def _expression(value: object) -> str:
    for kinds, write in _WRITERS:
        if isinstance(value, kinds):
            return write(value)
    raise ValueTypeError(type(value).__name__, "there is no PowerShell literal for it")


def _integer(value: Any) -> str:
    number = int(value)
    if number in INT32:
        return str(number)
    if number in INT64:
        return f"[long]::Parse('{number}',{_INVARIANT})"
    raise ValueTypeError("int", f"{number} is larger than Int64")


def _float(value: Any) -> str:
    number = float(value)
    kind = "single" if isinstance(value, Single) else "double"
    if math.isnan(number):
        return f"[{kind}]::NaN"
    if math.isinf(number):
        return f"[{kind}]::{'Positive' if number > 0 else 'Negative'}Infinity"
    return f"[{kind}]::Parse('{number!r}',{_INVARIANT})"


def _date(value: Any) -> str:
    moment = value if isinstance(value, DateTime) else DateTime.of(value)
    return f"[datetime]::Parse('{moment}',{_INVARIANT},[Globalization.DateTimeStyles]::RoundtripKind)"


def _duration(value: Any) -> str:
    span = value if isinstance(value, TimeSpan) else TimeSpan.of(value)
    return f"[timespan]::FromTicks({span.ticks})"


def _bytes(value: Any) -> str:
    return f"[Convert]::FromBase64String('{base64.b64encode(bytes(value)).decode()}')"


def _list(value: Any) -> str:
    items = list(value)
    if len(items) == 1 and isinstance(items[0], list | tuple | bytes):
        return f"@(,{_expression(items[0])})"
    return f"@({','.join(_expression(item) for item in items)})"


def _dict(value: Any) -> str:
    pairs = dict(value)
    return "@{" + ";".join(f"{quote(str(key))}={_expression(item)}" for key, item in pairs.items()) + "}"


def _object(_value: object) -> str:
    raise ValueTypeError("PSObject", "an object cannot be written as PowerShell text; pass its identity")


# In this order: bool is an int, and the text classes are str.
_WRITERS: Final[tuple[tuple[Any, Callable[[Any], str]], ...]] = (
    (type(None), lambda _: "$null"),
    (bool, lambda value: "$true" if value else "$false"),
    (SecureString, lambda _: "(hidden)"),
    (Version, lambda value: f"[version]{quote(value)}"),
    (Uri, lambda value: f"[uri]{quote(value)}"),
    (XmlDocument, lambda value: f"[xml]{quote(value)}"),
    (str, quote),
    (int, _integer),
    (float, _float),
    (Decimal, lambda value: f"[decimal]::Parse('{value:f}',{_INVARIANT})"),
    ((DateTime, datetime), _date),
    ((TimeSpan, timedelta), _duration),
    (UUID, lambda value: f"[guid]'{value}'"),
    ((bytes, bytearray), _bytes),
    (Mapping, _dict),
    (Sequence, _list),
    (PSObject, _object),
)
