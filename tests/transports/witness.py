"""Values in, what the module Witness writes down of them out; and values to try, of every kind that travels."""

from __future__ import annotations

import base64
import hashlib
import struct
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psbridge.psobject import Byte, Char, Int16, Int64, SByte, Single, TimeSpan, UInt16, UInt32, UInt64, Uri, Version
from tests.hostile_text import PIECES

_NUMBERS = {SByte: "SByte", Byte: "Byte", Int16: "Int16", UInt16: "UInt16", UInt32: "UInt32", Int64: "Int64", UInt64: "UInt64"}
_EPOCH = datetime(1, 1, 1)  # noqa: DTZ001 - both are naive


def written_down(value: object) -> str:  # noqa: PLR0911, PLR0912 - one line for each kind
    """What Get-Witness says of a value that arrived unchanged."""
    if value is None:
        return "null"
    if type(value) in _NUMBERS:
        return f"{_NUMBERS[type(value)]}:{int(value)}"  # type: ignore[call-overload]
    match value:
        case Char():
            return f"Char:{_units(value)}"
        case Uri():
            return f"Uri:{_units(value)}"
        case Version():
            return f"Version:{str.__str__(value)}"
        case Single():
            return "Single:" + "-".join(f"{byte:02X}" for byte in struct.pack("<f", value))
        case str():
            return f"String:{_units(value)}"
        case bool():
            return f"Boolean:{value}"
        case int():
            return f"{'Int32' if -(2**31) <= value < 2**31 else 'Int64'}:{value}"
        case float():
            return f"Double:{struct.pack('>d', value).hex()}"
        case Decimal():
            return f"Decimal:{value:f}"
        case bytes():
            return f"Byte[]:{base64.b64encode(value).decode()}"
        case UUID():
            return f"Guid:{value}"
        case TimeSpan():
            return f"TimeSpan:{value.ticks}"
        case datetime():
            since = value.replace(tzinfo=None) - _EPOCH
            ticks = (since.days * 86_400 + since.seconds) * 10_000_000 + since.microseconds * 10
            return f"DateTime:{ticks} {'Utc' if value.tzinfo else 'Unspecified'}"
        case dict():
            return "{" + ";".join(sorted(f"{written_down(key)}={written_down(item)}" for key, item in value.items())) + "}"
        case list():
            return "[" + ",".join(map(written_down, value)) + "]"
    raise AssertionError(type(value))


def _units(text: str) -> str:
    encoded = str.encode(text, "utf-16-le", "surrogatepass")
    if len(encoded) > 4_000:
        return f"{len(encoded) // 2} " + "-".join(f"{byte:02X}" for byte in hashlib.sha256(encoded).digest())
    return " ".join(f"{unit:04x}" for (unit,) in struct.iter_unpack("<H", encoded))


# Not joined: a high and a low surrogate side by side are one character.
_TEXTS = st.one_of(
    st.text(st.characters(), max_size=20),
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.sampled_from(
        ["", "\ud83d", "a\udc00", "_x000A_", "\x00", "\ufffe\uffff", "'" * 3, "\u2018\u2019\u201a\u201b'", "$(exit)"]
    ),
)
_KEYS = st.one_of(_TEXTS, st.integers(-9, 9))
_SCALARS = st.one_of(
    _TEXTS,
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.decimals(-(10**20), 10**20, places=4),
    st.binary(max_size=40),
    st.uuids(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.integers(-(2**63), 2**63 - 1).map(TimeSpan),
    st.sampled_from([Byte(255), SByte(-128), Int16(-1), UInt16(65_535), UInt32(2**32 - 1), Int64(5), UInt64(2**64 - 1)]),
    st.sampled_from([Char("'"), Char("\ud83d"), Version("15.20.1"), Uri("https://contoso.com/o'1"), Single(0.5), Single(-0.0)]),
)


def _table(found: dict[object, object]) -> dict[object, object]:
    """Keys that differ only in case, or to PowerShell not at all, are one key of a Hashtable: make them differ in more."""
    return {f"{number}{key}" if isinstance(key, str) else key: item for number, (key, item) in enumerate(found.items())}


_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(_KEYS, inner, max_size=3).map(
            lambda found: {f"{n}{k}" if isinstance(k, str) else k: v for n, (k, v) in enumerate(found.items())}
        ),
    ),
    max_leaves=8,
)


def any_values(number: int) -> list[object]:
    """So many values, other ones in each run."""
    found: list[object] = []

    @settings(max_examples=number, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(_VALUES)
    def gather(value: object) -> None:
        found.append(value)

    gather()
    return found
