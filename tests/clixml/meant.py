"""Python values with what they must be at the other end, in the corpus' JSON: strategies that make both at once."""

from __future__ import annotations

import base64
import itertools
import string
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from psbridge.psobject import (
    Byte,
    Char,
    DateTime,
    DateTimeKind,
    Int16,
    Int64,
    Kind,
    MemberSet,
    PSObject,
    SByte,
    Single,
    TimeSpan,
    UInt16,
    UInt32,
    UInt64,
    Uri,
    Version,
)

Node = dict[str, Any]
_ids = itertools.count()

OBJECT_ARRAY = ["Deserialized.System.Object[]", "Deserialized.System.Array", "Deserialized.System.Object"]
HASHTABLE = ["Deserialized.System.Collections.Hashtable", "Deserialized.System.Object"]
ORDERED = ["Deserialized.System.Collections.Specialized.OrderedDictionary", "Deserialized.System.Object"]
BAG = ["Deserialized.System.Management.Automation.PSCustomObject", "Deserialized.System.Object"]
CONTAINERS = {Kind.LIST: "ArrayList", Kind.STACK: "Stack", Kind.QUEUE: "Queue"}


@dataclass(frozen=True)
class Meant:
    """A value to send, and the node that it must be when it has arrived."""

    value: Any
    node: Node | None


def _simple(
    tag: str, make: Callable[[Any], Any] = lambda v: v, shown: Callable[[Any], Any] = lambda v: v
) -> Callable[[Any], Meant]:
    return lambda drawn: Meant(make(drawn), {"t": tag, "v": shown(drawn)})


def _units(text: str) -> str:
    """The same UTF-16 code units, two surrogates of a pair as one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _double(value: float) -> Meant:
    return Meant(value, {"t": "Db", "bits": struct.pack(">d", value).hex()})


def _single(value: float) -> Meant:
    return Meant(Single(value), {"t": "Sg", "bits": struct.pack(">f", value).hex()})


def _moment(ticks: int, kind: DateTimeKind, offset: int) -> Meant:
    value = DateTime(ticks, kind, offset if kind is DateTimeKind.LOCAL else 0)
    node: Node = {"t": "DT", "ticks": ticks, "kind": kind.value}
    if kind is DateTimeKind.LOCAL:
        node["utc"] = value.utc_ticks
    return Meant(value, node)


def _datetime(value: datetime) -> Meant:
    utc = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    ticks = (utc - datetime(1, 1, 1)) // timedelta(microseconds=1) * 10  # noqa: DTZ001 - both sides are naive
    return Meant(value, {"t": "DT", "ticks": ticks, "kind": "Utc" if value.tzinfo else "Unspecified"})


def _decimal(drawn: tuple[int, int]) -> Meant:
    coefficient, places = drawn
    value = Decimal((int(coefficient < 0), tuple(map(int, str(abs(coefficient)))), -places))
    return Meant(value, {"t": "D", "v": f"{value:f}"})


HOSTILE = [
    "_x0041_",
    "_X",
    "_x005F_",
    "]]>",
    "<![CDATA[",
    "&lt;",
    "\r\n",
    "\x00",
    "\ufffe",
    "\uffff",
    "\x85",
    "\u2028",
    "\U0001f600",
    "\ud83d",
]
texts = st.lists(st.one_of(st.text(st.characters(), max_size=6), st.sampled_from(HOSTILE)), max_size=4).map("".join)
# No PSTypeNames: the engine's process, when it has read many, once gave an empty string of that name back as null.
names = st.one_of(
    st.text(string.ascii_letters, min_size=1, max_size=8),
    texts.filter(bool),
    st.sampled_from(["PSStandardMembers", "PSObject", "Count", "Key", "N"]),
)
types = st.lists(
    st.one_of(st.text(string.ascii_letters + ".`[]#\\", min_size=1, max_size=12), texts.filter(bool)), min_size=1, max_size=3
)
zones: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
)
hosts = st.from_regex(r"[a-z0-9]{1,9}(\.[a-z0-9]{1,9}){0,3}", fullmatch=True)

_texts = texts.map(_simple("S", shown=_units))
_whole = st.one_of(
    st.integers(-(2**31), 2**31 - 1).map(_simple("I32")),
    st.one_of(st.integers(-(2**63), -(2**31) - 1), st.integers(2**31, 2**63 - 1)).map(_simple("I64")),
    st.integers(-128, 127).map(_simple("SB", SByte)),
    st.integers(0, 255).map(_simple("By", Byte)),
    st.integers(-(2**15), 2**15 - 1).map(_simple("I16", Int16)),
    st.integers(0, 2**16 - 1).map(_simple("U16", UInt16)),
    st.integers(0, 2**32 - 1).map(_simple("U32", UInt32)),
    st.integers(-(2**63), 2**63 - 1).map(_simple("I64", Int64)),
    st.integers(0, 2**64 - 1).map(_simple("U64", UInt64)),
)
simple = st.one_of(
    _texts,
    _whole,
    st.none().map(lambda _: Meant(None, None)),
    st.booleans().map(_simple("B")),
    st.floats().map(_double),
    st.floats(width=32).map(_single),
    st.tuples(st.integers(-(2**96) + 1, 2**96 - 1), st.integers(0, 28)).map(_decimal),
    st.integers(0, 0xFFFF).map(_simple("C", lambda code: Char(chr(code)))),
    st.builds(_moment, st.integers(10**12, 3 * 10**18), st.sampled_from(DateTimeKind), st.integers(-14 * 60, 14 * 60)),
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=zones).map(_datetime),  # noqa: DTZ001 - bounds are naive
    st.integers(-(2**63), 2**63 - 1).map(_simple("TS", TimeSpan)),
    st.timedeltas(timedelta(days=-10_675_199), timedelta(days=10_675_199)).map(
        _simple("TS", shown=lambda duration: duration // timedelta(microseconds=1) * 10)
    ),
    st.binary(max_size=20).map(_simple("BA", shown=lambda data: base64.b64encode(data).decode())),
    st.uuids().map(_simple("G", shown=UUID.__str__)),
    st.lists(st.integers(0, 2**31 - 1), min_size=2, max_size=4).map(
        lambda parts: _simple("Version", Version)(".".join(map(str, parts)))
    ),
    hosts.map(lambda host: Meant(Uri(f"https://{host}/a%20b?c"), {"t": "URI", "v": f"https://{host}/a%20b?c", "absolute": True})),
)


def _obj(**keys: Any) -> Node:
    return {"t": "Obj", "id": next(_ids), **keys}


def _typed(type_names: list[str]) -> list[str]:
    return [_units(name) if name.lower().startswith("deserialized.") else f"Deserialized.{_units(name)}" for name in type_names]


def _pairs(members: dict[str, Meant]) -> list[list[Any]]:
    return [[_units(name), meant.node] for name, meant in members.items()]


def _values(members: dict[str, Meant]) -> dict[str, Any]:
    return {name: meant.value for name, meant in members.items()}


def _array(items: list[Meant], as_tuple: bool) -> Meant:
    values = [item.value for item in items]
    return Meant(
        tuple(values) if as_tuple else values, _obj(types=OBJECT_ARRAY, kind="list", items=[item.node for item in items])
    )


def _twice(item: Meant) -> Meant:
    """The same object two times: the second is a Ref, but for the one empty tuple that Python has."""
    again = item.node
    if again and again["t"] == "Obj":
        again = again | {"id": next(_ids)} if item.value == () else {"t": "Ref", "id": again["id"]}
    return Meant([item.value, item.value], _obj(types=OBJECT_ARRAY, kind="list", items=[item.node, again]))


def _container(kind: Kind, items: list[Meant], ms: dict[str, Meant], props: dict[str, Meant]) -> Meant:
    value = PSObject(kind=kind, items=[item.value for item in items], ms=_values(ms), props=_values(props))
    type_names = [f"Deserialized.System.Collections.{CONTAINERS[kind]}", "Deserialized.System.Object"]
    node = _obj(types=type_names, kind=kind.value, items=[item.node for item in items], props=_pairs(props), ms=_pairs(ms))
    return Meant(value, node)


def _table(entries: list[tuple[Meant, Meant]], ordered: bool) -> Meant:
    pairs = [[key.node, item.node] for key, item in entries]
    if ordered:
        value: Any = PSObject(kind=Kind.ORDERED, entries=[(key.value, item.value) for key, item in entries])
        return Meant(value, _obj(types=ORDERED, kind="ordered", entries=pairs))
    return Meant({key.value: item.value for key, item in entries}, _obj(types=HASHTABLE, kind="dict", entries=pairs))


def _bag(ms: dict[str, Meant], to_itself: bool) -> Meant:
    node = _obj(types=BAG, ms=_pairs(ms))
    notes = _values(ms)
    value = PSObject(ms=notes)
    if to_itself:
        notes["_itself"] = value
        node["ms"].append(["_itself", {"t": "Ref", "id": node["id"]}])
    return Meant(value, node)


def _object(
    type_names: list[str], text: str | None, props: dict[str, Meant], ms: dict[str, Meant], group: dict[str, Meant]
) -> Meant:
    notes = _values(ms)
    node = _obj(types=_typed(type_names), props=_pairs(props), ms=_pairs(ms))
    if group:
        notes["_group"] = MemberSet(_values(group))
        node["ms"].append(["_group", {"t": "MS", "ms": _pairs(group)}])
    if text is not None:
        node["tostring"] = _units(text)
    return Meant(PSObject(tuple(type_names), to_string=text, props=_values(props), ms=notes), node)


def _wrapped(base: Meant, type_names: list[str], text: str | None, ms: dict[str, Meant]) -> Meant:
    node = _obj(types=_typed(type_names), base=base.node, ms=_pairs(ms))
    if text is not None:
        node["tostring"] = _units(text)
    return Meant(PSObject.wrapping(base.value, tuple(type_names), to_string=text, ms=_values(ms)), node)


# Keys that stay apart in a dict of Python and in a Hashtable alike; what clashes is a test of its own.
_keys = st.lists(
    st.one_of(
        st.text(string.ascii_lowercase, max_size=6).map(_simple("S")),
        st.integers(2, 2**31 - 1).map(_simple("I32")),
        st.uuids().map(_simple("G", shown=UUID.__str__)),
        st.binary(min_size=1, max_size=6).map(_simple("BA", shown=lambda data: base64.b64encode(data).decode())),
    ),
    max_size=3,
    unique_by=lambda key: str(key.value),
)


Draw = st.DrawFn
_few = st.integers(0, 3)
_yes = st.booleans()
_kinds = st.sampled_from(list(CONTAINERS))
_to_strings = st.one_of(st.none(), texts)
_shapes = st.integers(0, 9)
_not_null = simple.filter(lambda meant: meant.node is not None)
_member_names = st.lists(names, max_size=3, unique_by=lambda name: _units(name).upper().lower())


@st.composite
def values(draw: Draw) -> Meant:
    """Any value, nested up to five levels."""
    return _value(draw, draw(st.integers(0, 4)))


def _value(draw: Draw, levels: int) -> Meant:
    shape = draw(_shapes) if levels else len(_SHAPES)
    return _SHAPES[shape](draw, levels - 1) if shape < len(_SHAPES) else draw(simple)


def _several(draw: Draw, levels: int) -> list[Meant]:
    return [_value(draw, levels) for _ in range(draw(_few))]


def _members(draw: Draw, levels: int) -> dict[str, Meant]:
    return {name: _value(draw, levels) for name in draw(_member_names)} if draw(_yes) else {}


def _group(draw: Draw, levels: int) -> dict[str, Meant]:
    reserved = {"psobject", "pstypenames"}
    return {name: meant for name, meant in _members(draw, levels).items() if name.lower() not in reserved}


_SHAPES: list[Callable[[Draw, int], Meant]] = [
    lambda draw, levels: _array(_several(draw, levels), draw(_yes)),
    lambda draw, levels: _twice(_value(draw, levels)),
    lambda draw, levels: _container(draw(_kinds), _several(draw, levels), _members(draw, levels), _members(draw, levels)),
    lambda draw, levels: _table([(key, _value(draw, levels)) for key in draw(_keys)], draw(_yes)),
    lambda draw, levels: _bag(_members(draw, levels), draw(_yes)),
    lambda draw, levels: _object(
        draw(types), draw(_to_strings), _members(draw, levels), _members(draw, levels), _group(draw, levels)
    ),
    lambda draw, levels: _wrapped(draw(_not_null), draw(types), draw(_to_strings), _members(draw, levels)),
]
