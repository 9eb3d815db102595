"""A document in; the same with elements that are moved, renamed, wrapped, nested, taken out or put in, out."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from tests.clixml.fuzzing.elements import Element, elements, tags

TAGS: Final = (
    b"Objs", b"Obj", b"Ref", b"TN", b"TNRef", b"T", b"ToString", b"Props", b"MS", b"LST", b"IE", b"STK", b"QUE", b"DCT", b"En",
    b"Nil", b"S", b"C", b"B", b"DT", b"TS", b"By", b"SB", b"U16", b"I16", b"U32", b"I32", b"U64", b"I64", b"Sg", b"Db", b"D",
    b"BA", b"G", b"URI", b"Version", b"XD", b"SBK", b"SS", b"PR", b"AV", b"AI", b"PI", b"PC", b"SR", b"SD", b"SemanticVersion",
    b"Foo", b"s", b"OBJ", b"p:S", b"xml:S", b"S-1", b"\xc3\xa9",
)  # fmt: skip

# What is put in: values, structures in places where they are due and where they are not, and what is not an element at all.
FRAGMENTS: Final = (
    b'<S N="a">x</S>', b"<S>x</S>", b"<S/>", b"<Nil/>", b'<Nil N="a"/>', b"<Nil>x</Nil>", b"<Nil></Nil>", b'<Ref RefId="0"/>',
    b'<Ref RefId="0"></Ref>', b'<Ref N="r" RefId="1"/>', b"<Ref/>", b'<TNRef RefId="0"/>', b'<TNRef RefId="9"/>', b"<TNRef/>",
    b"<TN/>", b'<TN RefId="0"><T>a</T></TN>', b"<TN><T/></TN>", b"<TN><T>a</T><S>b</S></TN>", b"<T>a</T>",
    b"<ToString>t</ToString>", b"<ToString/>", b"<Props/>", b"<Props></Props>", b'<Props><S N="a">x</S></Props>',
    b'<Props><S N="">x</S></Props>', b"<MS/>", b'<MS><S N="a">x</S><S N="A">y</S></MS>', b'<MS N="set"><S N="a">x</S></MS>',
    b'<MS><S N="">x</S></MS>', b"<MS><S>x</S></MS>", b'<MS><S N="ToString">x</S></MS>', b'<MS><S N="GetType">x</S></MS>',
    b'<MS><MS N="b"><MS N="c"><S N="d">e</S></MS></MS></MS>', b"<LST/>", b"<LST><I32>1</I32><Nil/></LST>", b"<IE><S>x</S></IE>",
    b"<STK><S>x</S></STK>", b"<QUE><S>x</S></QUE>", b"<DCT/>", b'<DCT><En><S N="Key">k</S><S N="Value">v</S></En></DCT>',
    b'<DCT><En><S N="key">k</S><Nil N="VALUE"/></En></DCT>', b'<DCT><En><Nil N="Key"/><S N="Value">v</S></En></DCT>',
    b'<DCT><En><I32 N="Key">1</I32></En></DCT>', b"<DCT><En/></DCT>",
    b'<DCT><En><S N="Key">a</S><S N="Value">b</S></En><En><S N="Key">A</S><S N="Value">c</S></En></DCT>',
    b"<DCT><S>x</S></DCT>",
    b'<DCT><En><Ref RefId="0" N="Key"/><S N="Value">b</S></En><En><Ref RefId="0" N="Key"/><S N="Value">c</S></En></DCT>',
    b'<En><S N="Key">k</S><S N="Value">v</S></En>', b"<Obj/>", b"<Obj></Obj>", b'<Obj RefId="0"/>', b'<Obj N="o" RefId="0"/>',
    b"<Obj><S>x</S></Obj>", b"<Obj><S>x</S><I32>1</I32></Obj>", b"<Obj><I32>1</I32><LST/></Obj>",
    b"<Obj><Obj><S>x</S></Obj></Obj>", b'<Obj RefId="1"><LST><Ref RefId="1"/></LST></Obj>',
    b"<Obj><LST><S>a</S></LST><DCT/></Obj>", b"<Obj><Foo/></Obj>", b"<Foo/>",
    b'<Obj><ToString>b</ToString><I32>5</I32><MS><S N="ToString">n</S></MS></Obj>', b"<Foo><Bar>x</Bar></Foo>", b"<p:Foo/>",
    b"<Obj><TN><T>System.Enum</T></TN><ToString>Blue</ToString><I32>9</I32></Obj>", b"<Objs/>", b"<Objs><S>x</S></Objs>",
    b"<PR><AV>a</AV><AI>0</AI><Nil/><PI>-1</PI><PC>5</PC><T>Processing</T><SR>-1</SR><SD>s</SD></PR>", b"<PR/>", b"x", b" ",
    b"\r\n", b"<!-- x -->", b"<?x?>", b"<![CDATA[x]]>", b"<![CDATA[ ]]>", b"&#32;", b"&amp;", b"\xc2\xa0", b"</Obj>", b"</S>",
    b"<S>", b"<Obj>", b"<DT>2020-02-30T00:00:00</DT>", b"<TS>P1Y</TS>", b"<BA>AA=</BA>", b"<XD>&lt;a/&gt;</XD>",
    b"<XD>&lt;a&gt;</XD>", b"<SS>00</SS>",
)  # fmt: skip
_WRAPPERS: Final = (
    (b"<Obj>", b"</Obj>"), (b'<Obj RefId="0">', b"</Obj>"), (b"<LST>", b"</LST>"), (b"<Obj><LST>", b"</LST></Obj>"),
    (b"<MS>", b"</MS>"), (b"<Props>", b"</Props>"), (b"<Obj><MS>", b"</MS></Obj>"), (b"<Obj><Props>", b"</Props></Obj>"),
    (b"<Objs>", b"</Objs>"), (b"<DCT><En><S N='Key'>k</S>", b"</En></DCT>"), (b'<MS N="m">', b"</MS>"), (b"<!--", b"-->"),
    (b"<![CDATA[", b"]]>"), (b"<S>", b"</S>"), (b"<Foo>", b"</Foo>"), (b"<TN>", b"</TN>"), (b"<En>", b"</En>"),
    (b"<IE>", b"</IE>"), (b"<Obj><STK>", b"</STK></Obj>"), (b"<Obj N='a'><Obj>", b"</Obj></Obj>"),
)  # fmt: skip


def rename(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Give an element another tag, at both of its ends or at one."""
    found = _one(random, data)
    if found is None:
        return data
    tag = random.choice(TAGS)
    opening = _retagged(data[found.start : found.opened], 1, tag)
    if found.is_empty:
        return data[: found.start] + opening + data[found.end :]
    closing = data[found.closed : found.end] if random.random() < 0.1 else b"</" + tag + b">"
    return data[: found.start] + opening + data[found.opened : found.closed] + closing + data[found.end :]


def remove(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Take an element out, or its tags only."""
    found = _one(random, data)
    if found is None:
        return data
    kept = data[found.opened : found.closed] if random.random() < 0.3 else b""
    return data[: found.start] + kept + data[found.end :]


def remove_tag(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Take one tag out: the tree no longer closes."""
    spans = tags(data)
    if not spans:
        return data
    start, end = random.choice(spans)
    return data[:start] + data[end:]


def duplicate(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Write an element again, there or elsewhere."""
    found, other = _one(random, data), _one(random, data)
    if found is None or other is None:
        return data
    at = found.end if random.random() < 0.6 else random.choice((other.start, other.opened, other.closed, other.end))
    return data[:at] + data[found.start : found.end] * random.choice((1, 1, 1, 3)) + data[at:]


def swap(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Exchange two elements that do not hold one another."""
    one, two = _one(random, data), _one(random, data)
    if one is None or two is None:
        return data
    one, two = sorted((one, two), key=lambda found: found.start)
    if two.start < one.end:
        return data
    between = data[one.end : two.start]
    return data[: one.start] + data[two.start : two.end] + between + data[one.start : one.end] + data[two.end :]


def graft(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Put an element of another document into this one, or in the place of one of its own."""
    found, other = _one(random, data), random.choice(others)
    source = _one(random, other)
    if found is None or source is None:
        return data
    return _put(random, data, found, other[source.start : source.end])


def put_in(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Put a fragment into, in front of or behind an element, or in its place."""
    found = _one(random, data)
    return data if found is None else _put(random, data, found, random.choice(FRAGMENTS))


def wrap(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Put another element around an element, or around what it holds."""
    found = _one(random, data)
    if found is None:
        return data
    opening, closing = random.choice(_WRAPPERS)
    start, end = (found.start, found.end) if random.random() < 0.7 else (found.opened, found.closed)
    return data[:start] + opening + data[start:end] + closing + data[end:]


def nest(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Put many levels around an element: about as many as PowerShell reads, or far more."""
    found = _one(random, data)
    if found is None:
        return data
    opening, closing = random.choice(_WRAPPERS)
    depth = random.choice((2, 23, 24, 25, 46, 47, 48, 49, 50, 51, 200))
    return data[: found.start] + opening * depth + data[found.start : found.end] + closing * depth + data[found.end :]


def close(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Write an empty element as two tags, or any other as one."""
    found = _one(random, data)
    if found is None:
        return data
    opening = data[found.start : found.opened]
    if found.is_empty:
        changed = opening[:-2].rstrip() + random.choice((b"></" + found.tag + b">", b"> </" + found.tag + b" >", b"/ >", b"\n/>"))
    else:
        changed = opening[:-1] + random.choice((b"/>", b" />"))
    return data[: found.start] + changed + data[found.end :]


def _one(random: Random, data: bytes) -> Element | None:
    found = elements(data)
    return random.choice(found) if found else None


def _retagged(tag: bytes, at: int, name: bytes) -> bytes:
    end = at
    while tag[end : end + 1] not in (b" ", b"\t", b"\r", b"\n", b"/", b">"):
        end += 1
    return tag[:at] + name + tag[end:]


def _put(random: Random, data: bytes, found: Element, what: bytes) -> bytes:
    if random.random() < 0.25:
        return data[: found.start] + what + data[found.end :]
    at = random.choice((found.start, found.opened, found.closed, found.end))
    return data[:at] + what + data[at:]
