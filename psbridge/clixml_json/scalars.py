"""A simple value in, its CLIXML tag and an exact text out; and back. One row a type."""

from __future__ import annotations

import math
import re
import struct
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from psbridge.psobject import (
    TICKS_PER_SECOND,
    Byte,
    Char,
    DateTime,
    DateTimeKind,
    Int16,
    Int64,
    SByte,
    SecureString,
    Single,
    TimeSpan,
    UInt16,
    UInt32,
    UInt64,
    Uri,
    Value,
    Version,
    XmlDocument,
)

__all__ = ["READ", "SCALARS", "Scalar"]


class Scalar(NamedTuple):
    """How a type is written: its tag, its text, and the value of a text (ValueError or ArithmeticError where it has none)."""

    tag: str
    write: Callable[[Any], str]
    read: Callable[[str], Value]


def _number(kind: Callable[[int], Value]) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        if not _INTEGER.fullmatch(text):
            raise ValueError(text)
        return kind(int(text))

    return read


def _text(kind: type[str]) -> tuple[Callable[[Any], str], Callable[[str], Value]]:
    return str.__str__, kind


def _integer(kind: type[int]) -> tuple[Callable[[Any], str], Callable[[str], Value]]:
    return int.__repr__, _number(kind)


def _double_text(value: float) -> str:
    return float.__repr__(value) if math.isfinite(value) else _NOT_FINITE[str(float(value))]


def _single_text(value: float) -> str:
    """The fewest digits that mean the same Single."""
    if not math.isfinite(value):
        return _double_text(value)
    digits = (f"{value:.{places}g}" for places in range(6, 18))
    return next((text for text in digits if _as_single(float(text)) == value), float.__repr__(value))


def _double(text: str) -> float:
    named = _FINITE.get(text)
    value = float(named or text) if named or _FLOAT.fullmatch(text) else None
    if value is None or (math.isinf(value) and not named):
        raise ValueError(text)
    return value


def _single(text: str) -> Single:
    return Single(_as_single(_double(text)))


def _as_single(value: float) -> float:
    rounded: float = struct.unpack("<f", struct.pack("<f", value))[0]  # OverflowError is an ArithmeticError
    return rounded


def _decimal(text: str) -> Decimal:
    if not _FLOAT.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def _char(text: str) -> Char:
    if len(text) != 1 or ord(text) > 0xFFFF:
        raise ValueError(text)
    return Char(text)


def _moment(text: str) -> DateTime:
    found = _MOMENT.fullmatch(text)
    if not found:
        raise ValueError(text)
    day = date.fromisoformat(found[1]).toordinal() - 1
    hour, minute, second = int(found[2]), int(found[3]), int(found[4])
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(text)
    seconds = day * 86_400 + hour * 3600 + minute * 60 + second
    ticks = seconds * TICKS_PER_SECOND + int((found[5] or "").ljust(7, "0"))
    zone = found[6]
    if zone is None:
        return DateTime(ticks)
    if zone == "Z":
        return DateTime(ticks, DateTimeKind.UTC)
    offset = int(zone[1:3]) * 60 + int(zone[4:6])
    return DateTime(ticks, DateTimeKind.LOCAL, -offset if zone[0] == "-" else offset)


def _span(text: str) -> TimeSpan:
    found = _SPAN.fullmatch(text)
    if not found:
        raise ValueError(text)
    hours = int(found[2] or 0) * 24 + int(found[3])
    seconds = hours * 3600 + int(found[4]) * 60 + int(found[5])
    ticks = seconds * TICKS_PER_SECOND + int((found[6] or "").ljust(7, "0"))
    return TimeSpan(-ticks if found[1] else ticks)


def _blob(value: SecureString) -> str:
    if value.blob is None:
        raise ValueError("it has a plain text, which is never written")
    return value.blob


_INTEGER: Final = re.compile(r"-?[0-9]{1,20}")
_FLOAT: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?")
_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,7}))?(Z|[+-][0-9]{2}:[0-5][0-9])?"
)
_SPAN: Final = re.compile(r"(-)?(?:([0-9]{1,8})\.)?([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{1,7}))?")
_NOT_FINITE: Final = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
_FINITE: Final = {text: name for name, text in _NOT_FINITE.items()}

SCALARS: Final[Mapping[type, Scalar]] = {
    SByte: Scalar("SB", *_integer(SByte)),
    Byte: Scalar("By", *_integer(Byte)),
    Int16: Scalar("I16", *_integer(Int16)),
    UInt16: Scalar("U16", *_integer(UInt16)),
    UInt32: Scalar("U32", *_integer(UInt32)),
    Int64: Scalar("I64", *_integer(Int64)),
    UInt64: Scalar("U64", *_integer(UInt64)),
    float: Scalar("Db", _double_text, _double),
    Single: Scalar("Sg", _single_text, _single),
    Decimal: Scalar("D", str, _decimal),
    Char: Scalar("C", str.__str__, _char),
    DateTime: Scalar("DT", str, _moment),
    TimeSpan: Scalar("TS", str, _span),
    bytes: Scalar("BA", lambda value: b64encode(value).decode("ascii"), lambda text: b64decode(text, validate=True)),
    UUID: Scalar("G", str, UUID),
    Uri: Scalar("URI", *_text(Uri)),
    Version: Scalar("Version", *_text(Version)),
    XmlDocument: Scalar("XD", *_text(XmlDocument)),
    SecureString: Scalar("SS", _blob, SecureString),
}
READ: Final[Mapping[str, Callable[[str], Value]]] = {scalar.tag: scalar.read for scalar in SCALARS.values()}
