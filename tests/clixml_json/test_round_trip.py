"""Values through JSON and back: random ones, one of every type, and everything in the corpus."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psbridge import clixml
from psbridge.clixml_json import JsonReader, JsonWriter, from_text, to_text
from psbridge.errors import ClixmlError
from psbridge.psobject import (
    LAST_TICK,
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
    Value,
    Version,
    XmlDocument,
)
from tests.clixml.meant import Meant, values
from tests.report import random_objects


def through_json(roots: Iterable[Value], *, indent: int = 0) -> list[Value]:
    writer, reader = JsonWriter(), JsonReader()
    return [reader.value(from_text(to_text(writer.node(root), indent=indent))) for root in roots]


def same(left: list[Value], right: list[Value]) -> bool:
    """Equal in type and value all the way down; PSObject's own comparison says so."""
    return PSObject(kind=Kind.LIST, items=left) == PSObject(kind=Kind.LIST, items=right)


SIMPLE = [
    None, True, False, "", "text", "\ud800 \udfff", "\U0001f600", 0, -(2**31), 2**31 - 1, SByte(-128), Byte(255), Int16(-32768),
    UInt16(65535), UInt32(2**32 - 1), Int64(5), Int64(-(2**63)), UInt64(2**64 - 1), 1.0, -0.0, 5e-324, 1.7976931348623157e308,
    math.inf, -math.inf, math.nan, Single(0.10000000149011612), Single(3.4028234663852886e38), Single(1.401298464324817e-45),
    Single(math.nan), Single(-math.inf), Decimal("1.10"), Decimal("-0.0"), Decimal(79228162514264337593543950335),
    Decimal("0.0000000000000000000000000001"), Char("a"), Char("\ud83d"), Char("\0"), b"", b"\x00\xff", UUID(int=7),
    DateTime(0), DateTime(LAST_TICK), DateTime(1, DateTimeKind.UTC), DateTime(636661122001234567, DateTimeKind.LOCAL, 0),
    DateTime(636661122001234567, DateTimeKind.LOCAL, -570), DateTime(636661122001230000, DateTimeKind.LOCAL, 5999),
    TimeSpan(0), TimeSpan(-1), TimeSpan(2**63 - 1), TimeSpan(-(2**63)), TimeSpan(864000000000), Uri("a b?c=%20"), Uri(""),
    Version("1.2"), Version("1.2.3.4"), XmlDocument("<a>&lt;</a>"), SecureString("6100"),
    ProgressRecord("a", 1, "s", None, -1, -1, "Processing", -1), ProgressRecord("a", 1, "s", "op", 0, 100, "Completed", 5),
]  # fmt: skip


@pytest.mark.parametrize("value", SIMPLE, ids=ascii)
def test_every_simple_value_comes_back_as_it_was(value: Value) -> None:
    assert same(through_json([value]), [value])


def test_an_object_keeps_all_its_parts() -> None:
    whole = PSObject(
        ("Deserialized.X", "Deserialized.System.Object"),
        to_string="x",
        props={"Name": "p", "": 1, "a.b": None},
        ms={"name": "n", "Set": MemberSet({"One": 1, "None": MemberSet({})})},
        kind=Kind.ORDERED,
        entries=[("a", 1), (1, Int64(1)), (PSObject(), None)],
    )
    assert same(through_json([whole]), [whole])
    assert same(through_json([whole], indent=2), [whole])


@pytest.mark.parametrize("kind", [Kind.LIST, Kind.STACK, Kind.QUEUE])
def test_every_container_keeps_its_kind_and_what_stands_beside_it(kind: Kind) -> None:
    container = PSObject(kind=kind, items=[1, "a", PSObject()], props={"Count": 3}, ms={"note": True})
    assert same(through_json([container]), [container])


def test_an_object_is_written_once_and_stays_one_object_also_from_value_to_value() -> None:
    shared = PSObject(ms={"Name": "shared"})
    ring = PSObject(kind=Kind.LIST, items=[])
    assert ring.items is not None
    ring.items += [ring, shared]
    first, second, third = through_json([ring, shared, PSObject(ms={"Of": shared})])
    assert isinstance(first, PSObject)
    assert isinstance(third, PSObject)
    assert first.items is not None
    assert first.items[0] is first
    assert first.items[1] is second is third["Of"]


def test_what_an_object_shares_with_the_object_in_it_stays_shared() -> None:
    inner = PSObject(props={"A": 1}, ms={"B": 2})
    outer = PSObject.wrapping(inner, ("T",))
    outer.props, outer.ms = inner.props, inner.ms
    (back,) = through_json([outer])
    assert isinstance(back, PSObject)
    assert isinstance(back.base, PSObject)
    assert back == outer
    assert back.props is back.base.props
    assert back.ms is back.base.ms


def test_objects_that_are_gone_are_forgotten_and_their_place_in_memory_means_nothing() -> None:
    writer = JsonWriter()
    nodes = [writer.node(PSObject(ms={"Number": number})) for number in range(100)]
    assert nodes == [{"id": number, "notes": {"Number": number}} for number in range(100)]
    assert not writer._known


@settings(max_examples=150, deadline=None)
@given(st.lists(values(), max_size=3))
def test_random_nested_values_come_back_equal_and_are_written_as_equal_clixml(meant: list[Meant]) -> None:
    read = clixml.decode(clixml.encode([one.value for one in meant]))
    back = through_json(read)
    assert same(back, read)
    assert same(clixml.decode(clixml.encode(back, verbatim=True)), read)


def test_a_thousand_objects_as_cmdlets_return_them_come_back_equal() -> None:
    random = Random(4)
    for _ in range(100):
        rows: list[Value] = [*random_objects.rows(random, random_objects.names(random), "T")]
        assert same(through_json(rows), rows)


@pytest.mark.corpus
def test_every_document_of_the_corpus_comes_back_equal_and_is_written_as_equal_clixml(corpus: Path) -> None:
    compared = 0
    for path in sorted(corpus.glob("real/**/*.xml")):
        try:
            read = clixml.decode(path.read_bytes())
        except ClixmlError:
            continue  # a message's body
        back = through_json(read)
        assert same(back, read), path
        assert same(clixml.decode(clixml.encode(back, verbatim=True)), read), path
        compared += 1
    assert compared > 150


@pytest.mark.corpus
def test_what_the_engine_accepts_at_the_edges_comes_back_equal(corpus: Path) -> None:
    compared = 0
    for path in sorted((corpus / "powershell").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            text = json.loads(line).get("clixml")
            try:
                read = clixml.decode(text.encode("utf-8", "surrogatepass")) if text else []
            except ClixmlError:
                continue
            assert same(through_json(read), read), text
            compared += 1
    assert compared > 1000
