"""Simple values in, their elements as PowerShell writes them out.

`ELEMENTS` has a row for each Python type: a function of the value and the attribute text (` N="Name"` or nothing) that gives
the whole element. A value that the other side would read as another one, or not at all, raises Refusal: PowerShell answers a
message that it cannot read with silence (remoting-notes 9.2). Source: [MS-PSRP] 2.2.5.1, clixml-notes section 4.
"""

from __future__ import annotations

import re
import struct
from binascii import b2a_base64
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypeAlias
from uuid import UUID
from xml.parsers import expat

from psbridge.clixml.encode_text import text
from psbridge.clixml.encode_uri import is_readable
from psbridge.clixml.refusal import Refusal
from psbridge.psobject import (
    Byte,
    Char,
    DateTime,
    DateTimeKind,
    Int16,
    Int64,
    ProgressRecord,
    SByte,
    Single,
    TimeSpan,
    UInt16,
    UInt32,
    UInt64,
    Uri,
    Version,
    XmlDocument,
)

__all__ = ["ELEMENTS", "Element", "progress_record"]

Element: TypeAlias = Callable[[Any, str], str]

_LAST_TICK: Final = 3_155_378_975_999_999_999  # 9999-12-31T23:59:59.9999999
_MOST_MINUTES: Final = 99 * 60 + 59  # as far as the reader goes
_DECIMAL_BITS: Final = 96
_DECIMAL_PLACES: Final = 28
_MOST_DIGITS: Final = 40  # more than 96 bits ever need
_VERSION: Final = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,10}){1,3}")
_INT32_MAX: Final = 2**31 - 1


def _nothing(_: None, name: str) -> str:
    return f"<Nil{name} />"


def _string(value: str, name: str) -> str:
    return f"<S{name}>{text(value)}</S>"


def _boolean(value: bool, name: str) -> str:  # noqa: FBT001 - it is the value itself
    return f"<B{name}>true</B>" if value else f"<B{name}>false</B>"


def _integer(value: int, name: str) -> str:
    if -0x80000000 <= value <= 0x7FFFFFFF:
        return f"<I32{name}>{value:d}</I32>"
    if -(2**63) <= value < 2**63:
        return f"<I64{name}>{value:d}</I64>"
    raise Refusal(value, "it does not fit Int64; say UInt64 or Decimal if the cmdlet takes one")


def _sized(tag: str, lowest: int, highest: int, value: int, name: str) -> str:
    if lowest <= value <= highest:
        return f"<{tag}{name}>{value:d}</{tag}>"
    raise Refusal(value, f"it does not lie between {lowest} and {highest}")


def _signed(tag: str, bits: int) -> Element:
    return partial(_sized, tag, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def _unsigned(tag: str, bits: int) -> Element:
    return partial(_sized, tag, 0, 2**bits - 1)


def _char(value: Char, name: str) -> str:
    if len(value) != 1 or ord(value) > 0xFFFF:
        raise Refusal(value, "a Char is exactly one UTF-16 code unit; send more as str")
    return f"<C{name}>{ord(value)}</C>"


def _double(value: float, name: str) -> str:
    shortest = float.__repr__(value)
    if "e" in shortest or "n" in shortest:
        shortest = _NOT_FINITE.get(shortest) or _general(shortest, 17)
    return f"<Db{name}>{shortest.removesuffix('.0')}</Db>"


def _single(value: Single, name: str) -> str:
    packed = _packed(value)
    if packed is None:
        raise Refusal(value, "it is too large for a Single; send it as float, which is a Double")
    nearest: float = struct.unpack("<f", packed)[0]
    written = _NOT_FINITE.get(float.__repr__(nearest))
    if written is None:
        candidates = (f"{nearest:.{places}e}" for places in range(9))
        written = _general(next(digits for digits in candidates if _packed(float(digits)) == packed), 9)
    return f"<Sg{name}>{written}</Sg>"


def _packed(value: float) -> bytes | None:
    try:
        return struct.pack("<f", value)
    except OverflowError:
        return None


_NOT_FINITE: Final = {"nan": "NaN", "inf": "INF", "-inf": "-INF"}


def _general(scientific: str, limit: int) -> str:
    """Write `d.ddde±x` as .NET's round-trip format does: with an exponent from `limit` digits or below 0.0001 on."""
    mantissa, _, power = scientific.partition("e")
    exponent = int(power)
    sign, digits = ("-", mantissa[1:]) if mantissa[0] == "-" else ("", mantissa)
    digits = digits.replace(".", "").rstrip("0") or "0"
    if not -5 < exponent < limit:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{fraction}E{'-' if exponent < 0 else '+'}{abs(exponent):02}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    whole, fraction = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def _decimal(value: Decimal, name: str) -> str:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise Refusal(value, "System.Decimal has no NaN and no infinity; send it as float")
    if exponent < -_DECIMAL_PLACES:
        raise Refusal(value, f"System.Decimal keeps {_DECIMAL_PLACES} decimal places; quantize it first")
    # The exponent is looked at before the power is taken: Decimal("1E+999999") must not become a million digits.
    if exponent > _DECIMAL_PLACES or _coefficient(digits, exponent).bit_length() > _DECIMAL_BITS:
        raise Refusal(value, "it has more digits than System.Decimal's 96 bits hold; send it as float or str")
    if sign and not any(digits):
        value = value.copy_abs()  # PowerShell writes a negative zero without its sign
    return f"<D{name}>{value:f}</D>"


def _coefficient(digits: tuple[int, ...], exponent: int) -> int:
    # Arithmetic on Decimal would round to the context's precision.
    power: int = 10 ** max(exponent, 0)
    return int("".join(map(str, digits[:_MOST_DIGITS]))) * power


def _moment(value: DateTime, name: str) -> str:
    if not 0 <= value.ticks <= _LAST_TICK:
        raise Refusal(value, "its ticks lie outside the years 1 to 9999")
    if value.kind is DateTimeKind.LOCAL and abs(value.offset) > _MOST_MINUTES:
        raise Refusal(value, "its offset is beyond 99:59 hours")
    return f"<DT{name}>{value}</DT>"


def _datetime(value: datetime, name: str) -> str:
    try:
        return _moment(DateTime.of(value), name)
    except OverflowError as error:
        raise Refusal(value, "in UTC it lies outside the years 1 to 9999") from error


def _duration(value: TimeSpan, name: str) -> str:
    return _span(value, value.ticks, name)


def _timedelta(value: timedelta, name: str) -> str:
    return _span(value, TimeSpan.of(value).ticks, name)


def _span(value: object, ticks: int, name: str) -> str:
    if not -(2**63) <= ticks < 2**63:
        raise Refusal(value, "it is longer than a TimeSpan holds (about 29,000 years)")
    seconds, fraction = divmod(abs(ticks), 10_000_000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    digits = f".{fraction:07}".rstrip("0") if fraction else ""
    clock = f"{f'{hour}H' if hour else ''}{f'{minute}M' if minute else ''}{f'{second}{digits}S' if second or fraction else ''}"
    days = f"{day}D" if day else ""
    return f"<TS{name}>{'-' if ticks < 0 else ''}P{days}{f'T{clock}' if clock else '' if days else 'T0S'}</TS>"


def _bytes(value: bytes, name: str) -> str:
    return f"<BA{name}>{b2a_base64(value, newline=False).decode('ascii')}</BA>" if value else f"<BA{name} />"


def _guid(value: UUID, name: str) -> str:
    return f"<G{name}>{value}</G>"


def _uri(value: Uri, name: str) -> str:
    if not is_readable(value):
        raise Refusal(value, "it is not sure that .NET reads this text as a Uri; send it as str")
    return f"<URI{name}>{text(value)}</URI>"


def _version(value: Version, name: str) -> str:
    parts = [int(part) for part in value.split(".")] if _VERSION.fullmatch(value) else []
    if not parts or max(parts) > _INT32_MAX:
        raise Refusal(value, "a Version has two to four parts, each a number up to 2147483647")
    return f"<Version{name}>{'.'.join(map(str, parts))}</Version>"


def _xml(value: XmlDocument, name: str) -> str:
    if value:
        try:
            expat.ParserCreate("utf-8", " ").Parse(value.encode("utf-8"), True)
        except (expat.ExpatError, UnicodeEncodeError) as error:
            raise Refusal(value, "it is not well-formed XML; send it as str") from error
    return f"<XD{name}>{text(value)}</XD>"


ELEMENTS: Final[Mapping[type, Element]] = {
    type(None): _nothing,
    str: _string,
    bool: _boolean,
    int: _integer,
    SByte: _signed("SB", 8),
    Byte: _unsigned("By", 8),
    Int16: _signed("I16", 16),
    UInt16: _unsigned("U16", 16),
    UInt32: _unsigned("U32", 32),
    Int64: _signed("I64", 64),
    UInt64: _unsigned("U64", 64),
    float: _double,
    Single: _single,
    Decimal: _decimal,
    Char: _char,
    DateTime: _moment,
    datetime: _datetime,
    TimeSpan: _duration,
    timedelta: _timedelta,
    bytes: _bytes,
    bytearray: _bytes,
    UUID: _guid,
    Uri: _uri,
    Version: _version,
    XmlDocument: _xml,
}


def progress_record(record: ProgressRecord, name: str, pad: str, inner: str) -> list[str]:
    """Give the lines of a progress record (`PR`), each with what stands in front of it."""
    sound = (
        record.activity
        and record.status_description
        and record.activity_id >= 0
        and record.parent_activity_id != record.activity_id
        and record.percent_complete <= 100
        and record.record_type in ("Processing", "Completed")
    )
    if not sound:
        raise Refusal(record, "PowerShell has no such progress record (texts, ids, percentage or type)")
    operation = record.current_operation
    fields = (
        f"<AV>{text(record.activity)}</AV>",
        f"<AI>{record.activity_id}</AI>",
        "<Nil />" if operation is None else _string(operation, ""),
        f"<PI>{record.parent_activity_id}</PI>",
        f"<PC>{record.percent_complete}</PC>",
        f"<T>{record.record_type}</T>",
        f"<SR>{record.seconds_remaining}</SR>",
        f"<SD>{text(record.status_description)}</SD>",
    )
    return [f"{pad}<PR{name}>", *(inner + field for field in fields), f"{pad}</PR>"]
