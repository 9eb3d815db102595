"""What the encoder writes for each kind of value, and what it refuses, in its exact words."""

from __future__ import annotations

import collections
import enum
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from psbridge.clixml import encode, encode_message
from psbridge.errors import ValueTypeError
from psbridge.psobject import (
    SWITCH,
    Byte,
    Char,
    DateTime,
    DateTimeKind,
    Int16,
    Int64,
    Kind,
    MemberSet,
    ProgressRecord,
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

ARRAY = '<TN RefId="0"><T>System.Object[]</T><T>System.Array</T><T>System.Object</T></TN>'
HASHTABLE = '<TN RefId="0"><T>System.Collections.Hashtable</T><T>System.Object</T></TN>'
SWITCH_TYPES = '<TN RefId="0"><T>System.Management.Automation.SwitchParameter</T><T>System.ValueType</T><T>System.Object</T></TN>'
BAG = '<TN RefId="0"><T>System.Management.Automation.PSCustomObject</T><T>System.Object</T></TN>'


def body(value: object, **secure: Any) -> str:
    return encode_message(value, **secure).decode("utf-8-sig")


def bag(**notes: Any) -> PSObject:
    return PSObject(ms=notes)


@pytest.mark.parametrize(
    ("value", "element"),
    [
        (True, "<B>true</B>"),
        (False, "<B>false</B>"),
        ("", "<S></S>"),
        ('a & b < c > "d"', '<S>a &amp; b &lt; c &gt; "d"</S>'),
        ("a\r\n\t\x00\x1f\x7f\x85\x9f\xa0", "<S>a_x000D__x000A__x0009__x0000__x001F__x007F__x0085__x009F_\xa0</S>"),
        ("_x_X_y__x", "<S>_x005F_x_x005F_X_y__x005F_x</S>"),
        ("\U0001f600\ud83d\udc00", "<S>_xD83D__xDE00__xD83D__xDC00_</S>"),
        ("\ufffe\uffff\ufffd\ufdd0", "<S>&#xFFFE;&#xFFFF;\ufffd\ufdd0</S>"),
        (0, "<I32>0</I32>"),
        (2**31 - 1, "<I32>2147483647</I32>"),
        (-(2**31), "<I32>-2147483648</I32>"),
        (2**31, "<I64>2147483648</I64>"),
        (-(2**31) - 1, "<I64>-2147483649</I64>"),
        (2**63 - 1, "<I64>9223372036854775807</I64>"),
        (-(2**63), "<I64>-9223372036854775808</I64>"),
        (Int64(1), "<I64>1</I64>"),
        (SByte(-128), "<SB>-128</SB>"),
        (Byte(255), "<By>255</By>"),
        (Int16(-32768), "<I16>-32768</I16>"),
        (UInt16(65535), "<U16>65535</U16>"),
        (UInt32(2**32 - 1), "<U32>4294967295</U32>"),
        (UInt64(2**64 - 1), "<U64>18446744073709551615</U64>"),
        (0.1, "<Db>0.1</Db>"),
        (1.0, "<Db>1</Db>"),
        (-0.0, "<Db>-0</Db>"),
        (1e16, "<Db>10000000000000000</Db>"),
        (1e17, "<Db>1E+17</Db>"),
        (-1.5e16, "<Db>-15000000000000000</Db>"),
        (0.0001, "<Db>0.0001</Db>"),
        (0.00001, "<Db>1E-05</Db>"),
        (5e-324, "<Db>5E-324</Db>"),
        (sys.float_info.max, "<Db>1.7976931348623157E+308</Db>"),
        (float("inf"), "<Db>INF</Db>"),
        (float("-inf"), "<Db>-INF</Db>"),
        (float("nan"), "<Db>NaN</Db>"),
        (Single(0.1), "<Sg>0.1</Sg>"),
        (Single(3.4028234663852886e38), "<Sg>3.4028235E+38</Sg>"),
        (Single(1e-45), "<Sg>1E-45</Sg>"),
        (Single(123456789), "<Sg>123456790</Sg>"),
        (Single(1e9), "<Sg>1E+09</Sg>"),
        (Single(-0.0), "<Sg>-0</Sg>"),
        (Single("-inf"), "<Sg>-INF</Sg>"),
        (Decimal("1.10"), "<D>1.10</D>"),
        (Decimal("1E+5"), "<D>100000</D>"),
        (Decimal("-0.00"), "<D>0.00</D>"),
        (Decimal("1E-28"), "<D>0.0000000000000000000000000001</D>"),
        (Decimal(2**96 - 1), "<D>79228162514264337593543950335</D>"),
        (Decimal("-7.9228162514264337593543950335"), "<D>-7.9228162514264337593543950335</D>"),
        (datetime(2020, 1, 2, 3, 4, 5, 60), "<DT>2020-01-02T03:04:05.00006</DT>"),  # noqa: DTZ001 - naive on purpose
        (datetime(2020, 1, 2, tzinfo=UTC), "<DT>2020-01-02T00:00:00Z</DT>"),
        (datetime(2020, 1, 2, tzinfo=timezone(timedelta(hours=2))), "<DT>2020-01-01T22:00:00Z</DT>"),
        (DateTime(1, DateTimeKind.LOCAL, -90), "<DT>0001-01-01T00:00:00.0000001-01:30</DT>"),
        (timedelta(), "<TS>PT0S</TS>"),
        (timedelta(seconds=10), "<TS>PT10S</TS>"),
        (timedelta(seconds=100), "<TS>PT1M40S</TS>"),
        (timedelta(days=90), "<TS>P90D</TS>"),
        (timedelta(days=-1, microseconds=1), "<TS>-PT23H59M59.999999S</TS>"),
        (TimeSpan(-(2**63)), "<TS>-P10675199DT2H48M5.4775808S</TS>"),
        (UUID(int=1), "<G>00000000-0000-0000-0000-000000000001</G>"),
        (b"", "<BA />"),
        (b"\x01\x02", "<BA>AQI=</BA>"),
        (bytearray(b"\x01\x02"), "<BA>AQI=</BA>"),
        (Char("\ud800"), "<C>55296</C>"),
        (Uri("https://contoso.com/a%20b"), "<URI>https://contoso.com/a%20b</URI>"),
        (Version("1.02"), "<Version>1.2</Version>"),
        (XmlDocument("<a/>"), "<XD>&lt;a/&gt;</XD>"),
        (XmlDocument(""), "<XD></XD>"),
        ([], f'<Obj RefId="0">{ARRAY}<LST /></Obj>'),
        ([None, 1], f'<Obj RefId="0">{ARRAY}<LST><Nil /><I32>1</I32></LST></Obj>'),
        (("a",), f'<Obj RefId="0">{ARRAY}<LST><S>a</S></LST></Obj>'),
        ({}, f'<Obj RefId="0">{HASHTABLE}<DCT /></Obj>'),
        ({"a": 1}, f'<Obj RefId="0">{HASHTABLE}<DCT><En><S N="Key">a</S><I32 N="Value">1</I32></En></DCT></Obj>'),
        (PSObject(), f'<Obj RefId="0">{BAG}</Obj>'),
        (PSObject(ms={'a"b': 1}), f'<Obj RefId="0">{BAG}<MS><I32 N="a&quot;b">1</I32></MS></Obj>'),
        (PSObject(ms={"g": MemberSet({})}), f'<Obj RefId="0">{BAG}<MS><MS N="g" /></MS></Obj>'),
        (
            PSObject.wrapping(9, ("Color", "System.Enum"), to_string="Blue"),
            '<Obj RefId="0"><TN RefId="0"><T>Color</T><T>System.Enum</T></TN><ToString>Blue</ToString><I32>9</I32></Obj>',
        ),
        (PSObject.wrapping(9), "<I32>9</I32>"),
        (PSObject.wrapping("a", ms={"n": None}), '<Obj RefId="0"><S>a</S><MS><Nil N="n" /></MS></Obj>'),
        (PSObject(("T",), to_string="", kind=Kind.STACK), '<Obj RefId="0"><TN RefId="0"><T>T</T></TN><ToString /><STK /></Obj>'),
        (
            SWITCH,
            f'<Obj RefId="0">{SWITCH_TYPES}<ToString>True</ToString><Props><B N="IsPresent">true</B></Props></Obj>',
        ),
        (
            ProgressRecord("a", 1, "s", None, -1, 5, "Processing", -1),
            "<PR><AV>a</AV><AI>1</AI><Nil /><PI>-1</PI><PC>5</PC><T>Processing</T><SR>-1</SR><SD>s</SD></PR>",
        ),
    ],
)
def test_a_value_is_written_as_powershell_writes_it(value: object, element: str) -> None:
    assert body(value) == element


def test_a_document_is_indented_and_a_message_is_not() -> None:
    value = {"a": [1]}
    document = """<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">
  <Obj RefId="0">
    <TN RefId="0">
      <T>System.Collections.Hashtable</T>
      <T>System.Object</T>
    </TN>
    <DCT>
      <En>
        <S N="Key">a</S>
        <Obj N="Value" RefId="1">
          <TN RefId="1">
            <T>System.Object[]</T>
            <T>System.Array</T>
            <T>System.Object</T>
          </TN>
          <LST>
            <I32>1</I32>
          </LST>
        </Obj>
      </En>
    </DCT>
  </Obj>
</Objs>"""
    assert encode([value]).decode() == document
    lines = document.splitlines()[1:-1]
    assert encode_message(value) == b"\xef\xbb\xbf" + "".join(line.strip() for line in lines).encode()


def test_no_value_is_an_empty_document_and_null_is_an_empty_message() -> None:
    assert encode([]) == b'<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04" />'
    assert encode_message(None) == b""


class Color(enum.Enum):
    BLUE = "blue"


class Size(enum.IntEnum):
    BIG = 2


class Point(NamedTuple):
    x: int
    y: int


class Shouting(str):
    __slots__ = ()

    def __str__(self) -> str:
        return self.upper()


class View(Mapping[str, int]):
    def __getitem__(self, key: str) -> int:
        return {"a": 1}[key]

    def __iter__(self) -> Iterator[str]:
        return iter(["a"])

    def __len__(self) -> int:
        return 1


@pytest.mark.parametrize(
    ("value", "like"),
    [
        (Color.BLUE, "blue"),
        (Size.BIG, 2),
        (Point(1, 2), (1, 2)),
        (Shouting("a"), "a"),
        (View(), {"a": 1}),
        (collections.OrderedDict(a=1), {"a": 1}),
        (collections.defaultdict(int, a=1), {"a": 1}),
    ],
)
def test_what_derives_from_a_known_class_is_written_as_that(value: object, like: object) -> None:
    assert body([value]) == body([like])


DEEP: Any = 1
for _ in range(100_000):
    DEEP = [DEEP]
LOOP = PSObject(ms={})


@pytest.mark.parametrize(
    ("value", "kind", "where", "reason"),
    [
        ({1}, "set", "", "PowerShell gets no set; send a list"),
        (object(), "object", "", "psbridge knows no PowerShell type for it"),
        ((item for item in [1]), "generator", "", "psbridge knows no PowerShell type for it"),
        (1j, "complex", "", "psbridge knows no PowerShell type for it"),
        (memoryview(b"a"), "memoryview", "", "PowerShell gets no view; send bytes"),
        (date(2020, 1, 2), "date", "", "PowerShell has moments only; send a datetime"),
        (time(1), "time", "", "PowerShell has moments only; send a datetime"),
        (2**63, "int", "", "it does not fit Int64; say UInt64 or Decimal if the cmdlet takes one"),
        (Byte(256), "Byte", "", "it does not lie between 0 and 255"),
        (
            Single(1e39),
            "Single",
            "",
            "it is too large for a Single; send it as float, which is a Double",
        ),
        (Decimal("NaN"), "Decimal", "", "System.Decimal has no NaN and no infinity; send it as float"),
        (Decimal("1E-29"), "Decimal", "", "System.Decimal keeps 28 decimal places; quantize it first"),
        (
            Decimal(2**96),
            "Decimal",
            "",
            "it has more digits than System.Decimal's 96 bits hold; send it as float or str",
        ),
        (
            Decimal("1E+999999"),
            "Decimal",
            "",
            "it has more digits than System.Decimal's 96 bits hold; send it as float or str",
        ),
        (Char("ab"), "Char", "", "a Char is exactly one UTF-16 code unit; send more as str"),
        (Char("\U0001f600"), "Char", "", "a Char is exactly one UTF-16 code unit; send more as str"),
        (DateTime(-1), "DateTime", "", "its ticks lie outside the years 1 to 9999"),
        (DateTime(0, DateTimeKind.LOCAL, 6000), "DateTime", "", "its offset is beyond 99:59 hours"),
        (
            datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
            "datetime",
            "",
            "in UTC it lies outside the years 1 to 9999",
        ),
        (
            timedelta.max,
            "timedelta",
            "",
            "it is longer than a TimeSpan holds (about 29,000 years)",
        ),
        (
            type("Stamp", (datetime,), {})(2020, 1, 2),
            "Stamp",
            "",
            "a subclass may hold more than a DateTime or TimeSpan can; send the plain class",
        ),
        (Version("1"), "Version", "", "a Version has two to four parts, each a number up to 2147483647"),
        (
            Version("1.2147483648"),
            "Version",
            "",
            "a Version has two to four parts, each a number up to 2147483647",
        ),
        (Uri("http://"), "Uri", "", "it is not sure that .NET reads this text as a Uri; send it as str"),
        (XmlDocument("<a>"), "XmlDocument", "", "it is not well-formed XML; send it as str"),
        (
            ProgressRecord("", 1, "s", None, -1, 5, "Processing", -1),
            "ProgressRecord",
            "",
            "PowerShell has no such progress record (texts, ids, percentage or type)",
        ),
        ({None: 1}, "NoneType", "[NoneType key]", "a Hashtable takes no null as key"),
        (MemberSet({}), "MemberSet", "", "a set of members stands among notes only"),
        (
            PSObject(props={"a": MemberSet({})}),
            "MemberSet",
            "a",
            "a set of members stands among notes only",
        ),
        (
            PSObject(ms={"a": MemberSet({"b": MemberSet({"c": 1})})}),
            "MemberSet",
            "a.b",
            "PowerShell's reader loses the members of a set within a set",
        ),
        (
            PSObject(ms={"a": MemberSet({"PSObject": 1})}),
            "MemberSet",
            "a",
            "PowerShell's reader refuses a name in it that PowerShell keeps for itself (PSObject and such)",
        ),
        (PSObject(ms={"": 1}), "dict", "", "a note needs a name"),
        (
            PSObject(props={"a": 1, "A": 2}),
            "dict",
            "",
            "two of its names differ in case only; PowerShell keeps one of them",
        ),
        (PSObject(ms={1: 2}), "dict", "", "a member's name is text"),  # type: ignore[dict-item]  # the case
        (PSObject.wrapping(None), "PSObject", "", "it wraps null"),
        (PSObject(items=[]), "PSObject", "", "it has items but no kind of container"),
        (
            PSObject(("T",), kind=Kind.ORDERED),
            "PSObject",
            "",
            "PowerShell keeps the order only where the first type is System.Collections.Specialized.OrderedDictionary",
        ),
        (
            [LOOP, PSObject.wrapping(LOOP)],
            "PSObject",
            "[1]",
            "it wraps an object that stands elsewhere, too; PowerShell's reader takes no Ref there",
        ),
        (
            PSObject(kind=Kind.DICT, entries=[(LOOP, 1), (LOOP, 2)]),
            "PSObject",
            "[PSObject key]",
            "the same object is a key twice; PowerShell's reader refuses that",
        ),
        (SecureString.of("a"), "SecureString", "", "there is no session here that could encrypt it"),
        (
            SecureString("7000"),
            "SecureString",
            "",
            "it was read in another session, and its text is not known here; make a new one of the text",
        ),
        (
            {"Parameters": [bag(Members=({1},))]},
            "set",
            "['Parameters'][0].Members[0]",
            "PowerShell gets no set; send a list",
        ),
        (DEEP, "list", f"{'[0]' * 49}", "it is nested too deeply: PowerShell reads 49 levels"),
    ],
)
def test_what_cannot_travel_is_refused_with_type_place_and_reason(value: object, kind: str, where: str, reason: str) -> None:
    with pytest.raises(ValueTypeError) as caught:
        encode_message(value)
    assert str(caught.value) == f"A value of type {kind} cannot be sent{f' as {where}' if where else ''}: {reason}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_refusal_in_a_document_names_the_root() -> None:
    with pytest.raises(ValueTypeError) as caught:
        encode([1, {"a": {1}}])
    assert str(caught.value) == "A value of type set cannot be sent as [1]['a']: PowerShell gets no set; send a list"


def test_levels_up_to_49_are_written_and_named_sets_are_none() -> None:
    value: Any = 1
    for _ in range(47):
        value = [value]
    members: dict[str, Any] = {"value": value}
    assert body(bag(set=MemberSet(members))).count("<LST>") == 47
    members["value"] = [value]
    with pytest.raises(ValueTypeError):
        encode_message(bag(set=MemberSet(members)))


def test_an_object_is_written_once_and_then_referred_to() -> None:
    shared: list[object] = []
    notes: dict[str, Any] = {}
    loop = PSObject(ms=notes)
    notes |= {"self": loop, "shared": shared, "again": shared, "text": "a", "text2": "a"}
    assert body(loop) == (
        f'<Obj RefId="0">{BAG}<MS><Ref N="self" RefId="0" /><Obj N="shared" RefId="1">'
        '<TN RefId="1"><T>System.Object[]</T><T>System.Array</T><T>System.Object</T></TN><LST /></Obj>'
        '<Ref N="again" RefId="1" /><S N="text">a</S><S N="text2">a</S></MS></Obj>'
    )


def test_type_names_are_shared_and_two_that_differ_in_case_are_two() -> None:
    text = body([PSObject(("A",)), PSObject(("A",)), PSObject(("a",))])
    assert '<TNRef RefId="1" />' in text
    assert '<TN RefId="2"><T>a</T></TN>' in text


def test_values_that_live_for_a_moment_only_are_not_taken_for_one_another() -> None:
    document = encode([number] for number in range(100))
    assert b"<Ref" not in document
    assert b'RefId="99"' in document


def test_a_secure_string_is_written_sealed_and_its_text_is_nowhere() -> None:
    secret = SecureString.of("p@ss")
    assert (
        body({"a": secret}, secure=lambda plain: plain.encode("utf-16-le").hex()).count('<SS N="Value">7000400073007300</SS>')
        == 1
    )
    with pytest.raises(ValueTypeError) as caught:
        encode([secret])
    assert "p@ss" not in str(caught.value)
    assert encode([SecureString("7000")]).decode().splitlines()[1] == "  <SS>7000</SS>"
    with pytest.raises(ValueTypeError, match=r"^A value of type SecureString cannot be sent: PowerShell cannot read an empty"):
        encode_message(SecureString.of(""), secure=str)


def test_beyond_the_depth_a_text_stands_for_an_object_without_properties() -> None:
    size = PSObject(("Deserialized.Size",), to_string="1 GB")
    quota = PSObject(("Deserialized.Quota",), props={"Value": size, "List": PSObject(kind=Kind.LIST, ms={"n": 1})})
    assert "<S>1 GB</S>" in encode([quota], depth=1).decode()
    assert 'N="n"' not in encode([quota], depth=1).decode()
    assert encode([quota], depth=2) == encode([quota])


@pytest.mark.corpus
def test_noncharacters_are_written_as_powershell_writes_them_on_the_wire(corpus: Path) -> None:
    lines = (corpus / "powershell" / "wire.jsonl").read_text("ascii").splitlines()
    texts = {case["name"]: case["clixml"] for case in map(json.loads, lines) if case["name"].startswith("string-nonchar")}
    assert body("a\ufffeb") == texts["string-nonchar-fffe"].removeprefix("\ufeff")
    assert body("a\uffffb") == texts["string-nonchar-ffff"].removeprefix("\ufeff")
