"""Values in, PowerShell text out: for people to read and copy, never to be executed by psbridge.

A single-quoted PowerShell string ends at any of five characters; of a pair the parser keeps one, so each is
doubled with itself. Nothing else needs care inside the quotes. Sources: PowerShell's CharTraits.IsSingleQuote and
Tokenizer.ScanStringLiteral; the table of remoting-notes section 8, judged there by the real parser.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from psbridge.errors import ValueTypeError
from psbridge.psobject import (
    Byte,
    Char,
    DateTime,
    Int16,
    Int64,
    PSObject,
    SByte,
    SecureString,
    Single,
    TimeSpan,
    UInt16,
    UInt32,
    UInt64,
    Uri,
    Version,
    XmlDocument,
)

__all__ = ["quote", "render_argument"]

# Deeper values do not travel either: PowerShell's reader stops at 50 levels (clixml-notes, limits of depth).
MAX_DEPTH: Final = 48
INT32: Final = range(-(2**31), 2**31)
INT64: Final = range(-(2**63), 2**63)


def quote(text: str) -> str:
    """Write a text as one single-quoted PowerShell string; NUL and lone surrogates are refused."""
    if _CANNOT_TRAVEL.search(text):
        raise ValueTypeError("str", "a NUL or a lone surrogate cannot be shown as PowerShell text")
    return "'" + _SINGLE_QUOTES.sub(r"\1\1", text) + "'"


def render_argument(value: object) -> str:
    """Write a value as one argument of a command line.

    A text that the parser takes for itself stands bare, as people type it; every other one is quoted.
    A SecureString becomes a question for it. Raises ValueTypeError for what has no text that means the same.
    """
    if isinstance(value, str) and not isinstance(value, _TEXT_CLASSES) and _BARE_WORD.fullmatch(value):
        return str(value)
    text = _expression(value, MAX_DEPTH)
    # In argument mode a leading `[` begins a text, -5 is the string "-5", and '--%' even in quotes makes the rest verbatim.
    return f"({text})" if text.startswith(("[", "-", "'--%'")) else text


_INVARIANT: Final = "[Globalization.CultureInfo]::InvariantCulture"
_SINGLE_QUOTES: Final = re.compile("(['\u2018\u2019\u201a\u201b])")
_CANNOT_TRAVEL: Final = re.compile("[\x00\ud800-\udfff]")
# A letter first: digits may become a number, `-` a parameter, `@` a splat. A GUID is no number whatever it begins with.
_BARE_WORD: Final = re.compile("[A-Za-z][A-Za-z0-9._@-]*|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_TEXT_CLASSES: Final = (Char, Uri, XmlDocument, Version)
_VERSION: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){1,3}")


def _expression(value: object, depth: int) -> str:
    if depth == 0:
        raise ValueTypeError(type(value).__name__, f"it is nested deeper than {MAX_DEPTH} levels, or contains itself")
    for kinds, write in _WRITERS:
        if isinstance(value, kinds):
            return write(value)
    for kinds, write_container in _CONTAINERS:
        if isinstance(value, kinds):
            return write_container(value, depth)
    raise ValueTypeError(type(value).__name__, "there is no PowerShell literal for it")


def _integer(value: Any) -> str:
    number = int(value)
    if number not in INT64:
        raise ValueTypeError("int", f"{number} is larger than Int64")
    # The parser gives a whole number the first of Int32 and Int64 that holds it; that number below zero is a Decimal first.
    return str(number) if number != INT64[0] else f"[long]{number}"


def _small(kind: str, smallest: int, largest: int) -> Callable[[Any], str]:
    def write(value: Any) -> str:
        number = int(value)
        if not smallest <= number <= largest:
            raise ValueTypeError(type(value).__name__, f"{number} does not fit into [{kind}]")
        return f"[{kind}]{number}"

    return write


def _float(value: Any) -> str:
    number = float(value)
    kind = "single" if isinstance(value, Single) else "double"
    if math.isnan(number):
        return f"[{kind}]::NaN"
    if math.isinf(number):
        return f"[{kind}]::{'Positive' if number > 0 else 'Negative'}Infinity"
    return f"[{kind}]::Parse('{number!r}',{_INVARIANT})"


def _decimal(value: Any) -> str:
    text = f"{value:f}"
    digits = value.as_tuple()
    if not isinstance(digits.exponent, int):
        raise ValueTypeError("Decimal", f"{value} is no number that System.Decimal holds")
    if digits.exponent < -28 or int(text.lstrip("-").replace(".", "")) >= 2**96:
        raise ValueTypeError("Decimal", f"{value} has more digits than System.Decimal holds")
    return f"[decimal]::Parse('{text}',{_INVARIANT})"


def _date(value: Any) -> str:
    moment = value if isinstance(value, DateTime) else DateTime.of(value)
    return f"[datetime]::Parse('{moment}',{_INVARIANT},[Globalization.DateTimeStyles]::RoundtripKind)"


def _duration(value: Any) -> str:
    ticks = (value if isinstance(value, TimeSpan) else TimeSpan.of(value)).ticks
    if ticks not in INT64:
        raise ValueTypeError(type(value).__name__, f"{value} is longer than a TimeSpan can be")
    return f"[timespan]::FromTicks({_integer(ticks)})"


def _character(value: Any) -> str:
    if len(value) != 1 or ord(value) > 0xFFFF:
        raise ValueTypeError("Char", f"{str(value)!r} is not one UTF-16 code unit")
    return f"[char]{quote(value)}" if value.isprintable() else f"[char]{ord(value)}"


def _version(value: Any) -> str:
    if not _VERSION.fullmatch(value):
        raise ValueTypeError("Version", f"{str(value)!r} does not have two to four numbers with dots between them")
    return f"[version]{quote(value)}"


def _bytes(value: Any) -> str:
    return f"[Convert]::FromBase64String('{base64.b64encode(bytes(value)).decode()}')"


def _list(value: Any, depth: int) -> str:
    texts = [_expression(item, depth - 1) for item in value]
    # A pipeline of one value unrolls it: @(@(1)) is @(1), and @([byte[]]...) its bytes.
    if len(texts) == 1 and _is_unrolled(value[0]):
        return f"@(,{texts[0]})"
    return f"@({','.join(texts)})"


def _is_unrolled(value: object) -> bool:
    return isinstance(value, bytes | bytearray | list | tuple)


def _dict(value: Any, depth: int) -> str:
    seen: set[object] = set()
    pairs = []
    for key, item in dict(value).items():
        folded = (type(key), "".join(map(_ordinal_upper, key)) if isinstance(key, str) else key)
        if folded in seen:
            raise ValueTypeError("dict", f"a hashtable takes the key {key!r} for another one that differs in case only")
        seen.add(folded)
        pairs.append(f"{_key(key)}={_expression(item, depth - 1)}")
    return "@{" + ";".join(pairs) + "}"


def _key(key: object) -> str:
    if key is None or isinstance(key, Mapping | tuple):
        raise ValueTypeError(type(key).__name__, "it cannot be the key of a hashtable")
    text = _expression(key, 1)
    return f"({text})" if text.startswith(("[", "-")) else text


def _ordinal_upper(letter: str) -> str:
    upper = letter.upper()
    return upper if len(upper) == 1 else letter


def _object(_value: object) -> str:
    raise ValueTypeError("PSObject", "an object cannot be written as PowerShell text; pass its identity")


# In this order: bool is an int, and the text classes are str.
_WRITERS: Final[tuple[tuple[Any, Callable[[Any], str]], ...]] = (
    (type(None), lambda _: "$null"),
    (bool, lambda value: "$true" if value else "$false"),
    (SecureString, lambda _: "(Read-Host -AsSecureString)"),
    (Version, _version),
    (Uri, lambda value: f"[uri]{quote(value)}"),
    (XmlDocument, lambda value: f"[xml]{quote(value)}"),
    (Char, _character),
    (str, quote),
    (SByte, _small("sbyte", -(2**7), 2**7 - 1)),
    (Byte, _small("byte", 0, 2**8 - 1)),
    (Int16, _small("int16", -(2**15), 2**15 - 1)),
    (UInt16, _small("uint16", 0, 2**16 - 1)),
    (UInt32, _small("uint32", 0, 2**32 - 1)),
    (Int64, _small("long", INT64[0], INT64[-1])),
    (UInt64, _small("uint64", 0, 2**64 - 1)),
    (int, _integer),
    (float, _float),
    (Decimal, _decimal),
    ((DateTime, datetime), _date),
    ((TimeSpan, timedelta), _duration),
    (UUID, lambda value: f"[guid]'{value}'"),
    ((bytes, bytearray), _bytes),
    (PSObject, _object),
)
_CONTAINERS: Final[tuple[tuple[Any, Callable[[Any, int], str]], ...]] = (
    (Mapping, _dict),
    ((list, tuple), _list),
)
