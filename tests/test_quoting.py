"""Values as PowerShell text: the rules by themselves, and each held against PowerShell's own parser and engine."""

from __future__ import annotations

import itertools
import math
import re
import struct
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest

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
from psbridge.quoting import quote, render_argument
from tests import hostile_text, real_engine

INVARIANT = "[Globalization.CultureInfo]::InvariantCulture"
GUID = UUID("fa38094d-cbfd-46b7-82f6-8a3022e39a66")
TEXTS: list[tuple[object, str]] = [
    (None, "$null"),
    (True, "$true"),
    (False, "$false"),
    (5, "5"),
    (-5, "(-5)"),
    (2**31, "2147483648"),
    (-(2**63), "([long]-9223372036854775808)"),
    (Byte(5), "([byte]5)"),
    (SByte(-5), "([sbyte]-5)"),
    (Int16(-5), "([int16]-5)"),
    (UInt16(5), "([uint16]5)"),
    (UInt32(5), "([uint32]5)"),
    (Int64(5), "([long]5)"),
    (UInt64(2**64 - 1), "([uint64]18446744073709551615)"),
    (1.5, f"([double]::Parse('1.5',{INVARIANT}))"),
    (1e300, f"([double]::Parse('1e+300',{INVARIANT}))"),
    (-0.0, f"([double]::Parse('-0.0',{INVARIANT}))"),
    (math.nan, "([double]::NaN)"),
    (-math.inf, "([double]::NegativeInfinity)"),
    (Single(0.1), f"([single]::Parse('0.1',{INVARIANT}))"),
    (Single(math.inf), "([single]::PositiveInfinity)"),
    (Decimal("1.10"), f"([decimal]::Parse('1.10',{INVARIANT}))"),
    (Decimal("1E+3"), f"([decimal]::Parse('1000',{INVARIANT}))"),
    ("a b", "'a b'"),
    ("", "''"),
    ("it's", "'it''s'"),
    ("x\u2019; Remove-Mailbox admin", "'x\u2019\u2019; Remove-Mailbox admin'"),
    ("\u2018\u201a\u201b", "'\u2018\u2018\u201a\u201a\u201b\u201b'"),
    ("$(whoami)`n{0}\n@'", "'$(whoami)`n{0}\n@'''"),
    ("-Force", "'-Force'"),
    ("--%", "('--%')"),
    ("--% ", "'--% '"),
    ("0987654321", "'0987654321'"),
    ("7ba2fffc-e3ce-4d65-b350-d0a3763e5ffa", "7ba2fffc-e3ce-4d65-b350-d0a3763e5ffa"),
    ("7ba2fffc-e3ce-4d65-b350-d0a3763e5ff", "'7ba2fffc-e3ce-4d65-b350-d0a3763e5ff'"),
    ("7ba2fffc-e3ce-4d65-b350-d0a3763e5ffa\n", "'7ba2fffc-e3ce-4d65-b350-d0a3763e5ffa\n'"),
    (str(GUID), "fa38094d-cbfd-46b7-82f6-8a3022e39a66"),
    ("testduplicate@domain.com", "testduplicate@domain.com"),
    ("C:\\temp", "'C:\\temp'"),
    (Char("a"), "([char]'a')"),
    (Char("'"), "([char]'''')"),
    (Char("\n"), "([char]10)"),
    (Char("\ud83d"), "([char]55357)"),
    (Version("15.20.930"), "([version]'15.20.930')"),
    (Uri("https://contoso.com/it's"), "([uri]'https://contoso.com/it''s')"),
    (XmlDocument("<a>it's</a>"), "([xml]'<a>it''s</a>')"),
    (GUID, f"([guid]'{GUID}')"),
    (b"\x00\xff", "([Convert]::FromBase64String('AP8='))"),
    (bytearray(b"\x00"), "([Convert]::FromBase64String('AA=='))"),
    (
        datetime(2018, 7, 15, 15, 51, 45, tzinfo=UTC),
        f"([datetime]::Parse('2018-07-15T15:51:45Z',{INVARIANT},[Globalization.DateTimeStyles]::RoundtripKind))",
    ),
    (
        DateTime.of(datetime.fromisoformat("2018-07-15T00:00:00.000005")),
        f"([datetime]::Parse('2018-07-15T00:00:00.000005',{INVARIANT},[Globalization.DateTimeStyles]::RoundtripKind))",
    ),
    (timedelta(seconds=1), "([timespan]::FromTicks(10000000))"),
    (TimeSpan(-1), "([timespan]::FromTicks(-1))"),
    (TimeSpan(-(2**63)), "([timespan]::FromTicks([long]-9223372036854775808))"),
    ([], "@()"),
    ([1, -2, "x", None], "@(1,-2,'x',$null)"),
    ([[1, 2]], "@(,@(1,2))"),
    ([[1], [2]], "@(@(1),@(2))"),
    (((),), "@(,@())"),
    ([b"ab"], "@(,[Convert]::FromBase64String('YWI='))"),
    ([bytearray(b"ab")], "@(,[Convert]::FromBase64String('YWI='))"),
    ([{}], "@(@{})"),
    ({}, "@{}"),
    ({"it's": [1], "b": {"c": None}}, "@{'it''s'=@(1);'b'=@{'c'=$null}}"),
    ({1: "a", -5: "b", GUID: "c"}, f"@{{1='a';(-5)='b';([guid]'{GUID}')='c'}}"),
]


@pytest.mark.parametrize(("value", "text"), TEXTS, ids=[text[:40] for _, text in TEXTS])
def test_a_value_has_exactly_this_text(value: object, text: str) -> None:
    assert render_argument(value) == text


def test_a_secure_string_is_asked_for_and_never_shown() -> None:
    assert render_argument(SecureString.of("hunter2")) == "(Read-Host -AsSecureString)"
    assert render_argument([SecureString.of("hunter2")]) == "@((Read-Host -AsSecureString))"


def _ring() -> list[object]:
    ring: list[object] = []
    ring.append(ring)
    return ring


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("a\x00b", "type str cannot be sent: a NUL or a lone surrogate cannot be shown as PowerShell text"),
        ("\ud83d", "type str cannot be sent: a NUL or a lone surrogate cannot be shown as PowerShell text"),
        ({"\x00": 1}, "type str cannot be sent: a NUL or a lone surrogate cannot be shown as PowerShell text"),
        (2**63, "type int cannot be sent: 9223372036854775808 is larger than Int64"),
        (Byte(256), "type Byte cannot be sent: 256 does not fit into [byte]"),
        (Decimal("NaN"), "type Decimal cannot be sent: NaN is no number that System.Decimal holds"),
        (Decimal(2**96), "type Decimal cannot be sent: 79228162514264337593543950336 has more digits than System.Decimal holds"),
        (Decimal("1E-29"), "type Decimal cannot be sent: 1E-29 has more digits than System.Decimal holds"),
        (Char("ab"), "type Char cannot be sent: 'ab' is not one UTF-16 code unit"),
        (Char("\U0001f600"), "type Char cannot be sent: '\U0001f600' is not one UTF-16 code unit"),
        (Version("1"), "type Version cannot be sent: '1' does not have two to four numbers with dots between them"),
        (timedelta.max, "type timedelta cannot be sent: 999999999 days, 23:59:59.999999 is longer than a TimeSpan can be"),
        (PSObject(("X",)), "type PSObject cannot be sent: an object cannot be written as PowerShell text; pass its identity"),
        ({1, 2}, "type set cannot be sent: there is no PowerShell literal for it"),
        (date(2018, 7, 1), "type date cannot be sent: there is no PowerShell literal for it"),
        (object, "type type cannot be sent: there is no PowerShell literal for it"),
        (range(3), "type range cannot be sent: there is no PowerShell literal for it"),
        ({None: 1}, "type NoneType cannot be sent: it cannot be the key of a hashtable"),
        ({(1, 2): 1}, "type tuple cannot be sent: it cannot be the key of a hashtable"),
        ({"a": 1, "A": 2}, "type dict cannot be sent: a hashtable takes the key 'A' for another one that differs in case only"),
        (_ring(), "type list cannot be sent: it is nested deeper than 48 levels, or contains itself"),
    ],
)
def test_what_has_no_text_is_refused_and_says_why(value: object, error: str) -> None:
    with pytest.raises(ValueTypeError, match=re.escape(f"A value of {error}") + "$"):
        render_argument(value)


@pytest.mark.realps
def test_every_value_in_the_table_arrives_with_its_type_and_value(realps: str) -> None:
    expressions = [(value, text) for value, text in TEXTS if value != text]  # a bare word is for command lines only
    answers = real_engine.evaluate(realps, [f", {text}" for _, text in expressions])
    for (value, _), answer in zip(expressions, answers, strict=True):
        assert answer["state"] == "Completed", answer
        assert [_plain(item) for item in answer["output"]] == [_meant(value)]


@pytest.mark.realps
def test_three_hundred_random_values_arrive_with_their_types_and_values(realps: str) -> None:
    random = Random(20180715)
    values = [hostile_text.value(random) for _ in range(300)]
    values = [[value] if isinstance(value, str) else value for value in values]  # a bare word is for command lines only
    answers = real_engine.evaluate(realps, [f", {render_argument(value)}" for value in values])
    for value, answer in zip(values, answers, strict=True):
        assert answer["state"] == "Completed", (value, answer)
        assert [_plain(item) for item in answer["output"]] == [_meant(value)]


@pytest.mark.realps
def test_four_thousand_hostile_strings_are_each_one_constant(realps: str) -> None:
    random = Random(7)
    texts = [hostile_text.text(random, 12) for _ in range(4000)]
    for text, parsed in zip(texts, real_engine.parse(realps, map(quote, texts)), strict=True):
        assert not parsed["errors"], text
        assert parsed["constant"] == {"t": "S", "v": text}


@pytest.mark.realps
def test_no_character_of_the_basic_plane_ends_a_quoted_string(realps: str) -> None:
    blocks = [range(first, first + 256) for first in range(0, 0x10000, 256) if not 0xD800 <= first < 0xE000]
    # Each character once, with something on both sides that would show where a string ended.
    texts = ["|".join(f"a{chr(code)}b" for code in block if code) for block in blocks]
    for text, parsed in zip(texts, real_engine.parse(realps, map(quote, texts)), strict=True):
        assert parsed["constant"] == {"t": "S", "v": text}, ascii(text[:3])


@pytest.mark.realps
def test_a_bare_word_is_what_the_parser_takes_for_the_same_text(realps: str) -> None:
    letters = "aZe9._-@"
    words = ["".join(word) for length in (1, 2, 3, 4) for word in itertools.product(letters, repeat=length)]
    random = Random(8)
    guids = [str(UUID(int=random.getrandbits(128))) for _ in range(500)]
    # Those that look most like numbers: digits alone, an exponent, the suffixes d and l.
    guids += [re.sub("[a-f]", "1", guid) for guid in guids] + [f"1e{re.sub('[a-f]', '2', guid)[2:]}" for guid in guids]
    guids += [f"1234567{letter}{guid[8:]}" for guid in guids[:20] for letter in "abcdefABCDEF"]
    words += [*guids, "00000000-0000-0000-0000-000000000000"]
    words += [
        "true",
        "null",
        "Infinity",
        "NaN",
        "if",
        "function",
        "e5",
        "d1",
        "l5",
        "kb",
        "mb1",
        "x0x1F",
        "b.0",
        "end",
        "process",
    ]
    bare = [word for word in words if render_argument(word) == word]
    assert len(bare) > 3000
    scripts = [f"Get-Mailbox -Identity {word} -Force" for word in bare]
    for word, parsed in zip(bare, real_engine.parse(realps, scripts), strict=True):
        assert not parsed["errors"]
        (command,) = parsed["commands"]
        assert [(element["ast"], element["value"]) for element in command["elements"]] == [
            ("StringConstantExpressionAst", "Get-Mailbox"),
            ("CommandParameterAst", "Identity"),
            ("StringConstantExpressionAst", word),
            ("CommandParameterAst", "Force"),
        ]


def _meant(value: object) -> object:
    """What must arrive, as (CLIXML tag, value); lists and dicts by their content."""
    for kinds, read in MEANINGS:
        if isinstance(value, kinds):
            return read(value)
    raise AssertionError(value)


def _bits(value: float) -> str:
    return "NaN" if math.isnan(value) else struct.pack(">f" if isinstance(value, Single) else ">d", value).hex()


INTEGERS = {SByte: "SB", Byte: "By", Int16: "I16", UInt16: "U16", UInt32: "U32", UInt64: "U64", Int64: "I64"}
MEANINGS: list[tuple[Any, Callable[[Any], object]]] = [
    (type(None), lambda _: None),
    (bool, lambda value: ("B", value)),
    (Char, lambda value: ("C", ord(value))),
    (Uri, lambda value: ("URI", str(value))),
    (XmlDocument, lambda value: ("XD", str(value))),
    (Version, lambda value: ("Version", str(value))),
    (str, lambda value: ("S", value)),
    (Single, lambda value: ("Sg", _bits(value))),
    (float, lambda value: ("Db", _bits(value))),
    (int, lambda value: (INTEGERS.get(type(value), "I32" if -(2**31) <= value < 2**31 else "I64"), int(value))),
    (Decimal, lambda value: ("D", f"{value:f}")),
    (UUID, lambda value: ("G", str(value))),
    ((bytes, bytearray), lambda value: ("BA", b64encode(value).decode())),
    (datetime, lambda value: _meant(DateTime.of(value))),
    (DateTime, lambda value: ("DT", (value.ticks, value.kind.value))),
    (timedelta, lambda value: _meant(TimeSpan.of(value))),
    (TimeSpan, lambda value: ("TS", value.ticks)),
    (dict, lambda value: {_meant(key): _meant(item) for key, item in value.items()}),
    ((list, tuple), lambda value: [_meant(item) for item in value]),
]


def _plain(value: Any) -> object:
    """What arrived, in the same form."""
    if value is None:
        return None
    if "base" in value:
        return _plain(value["base"])
    if "entries" in value:
        return {_plain(key): _plain(item) for key, item in value["entries"]}
    if "items" in value:
        return [_plain(item) for item in value["items"]]
    plain = {"Sg": value.get("bits"), "Db": value.get("bits"), "DT": (value.get("ticks"), value.get("kind"))}.get(
        value["t"], value.get("v")
    )
    return value["t"], "NaN" if value.get("v") == "NaN" else plain
