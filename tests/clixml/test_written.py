"""Members that are built when they are looked at are those that the reader builds at once, however they are looked at."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from psbridge.clixml import decode, decode_message, decode_messages, decode_stream, encode, read
from psbridge.clixml.written_members import WrittenMembers
from psbridge.errors import ClixmlError
from psbridge.psobject import DateTime, PSObject, Value
from tests.clixml.decoding import document
from tests.clixml.streaming import documents
from tests.powershell_corpus import to_json


@pytest.mark.corpus
def test_over_the_corpus_each_member_is_what_the_reader_builds(corpus: Path) -> None:
    late = 0
    for name, data in documents(corpus):
        try:
            built = [value for _, value in decode_stream(data)]
        except ClixmlError:
            continue  # what is refused is held elsewhere
        written = [value for value in decode(data) if is_written(value)]
        late += len(written)
        if written:
            assert not any(is_written(value) for value in built), name
            expected = [to_json([value]) for value in built]
            assert [to_json([one_by_one(value)]) for value in decode(data)] == expected, name
            assert [to_json([all_at_once(value)]) for value in decode(data)] == expected, name
    assert late > 1_000


SIMPLE = '<S N="a">x_x000A_y &amp; z</S><B N="b">true</B><Nil N="c" /><DT N="d">2024-02-28T01:02:03Z</DT>'
INNER = '<Obj N="f" RefId="2"><LST><I32>1</I32></LST></Obj>'
NESTED = f'<Obj N="e" RefId="1"><TNRef RefId="0" /><ToString>t</ToString><Props>{INNER}</Props></Obj>'
TYPES = '<TN RefId="0"><T>A</T><T>System.Object</T></TN>'
ROOT = f'<Obj RefId="0">{TYPES}<ToString>shown</ToString><Props>{SIMPLE}{NESTED}</Props><MS><S N="n">note</S></MS></Obj>'


def test_a_member_that_is_looked_at_twice_is_the_same_and_stays_so_when_all_are_built() -> None:
    [value] = decode(document(ROOT))
    assert isinstance(value, PSObject)
    assert isinstance(value.props, WrittenMembers)

    seen = value["E"]

    assert value["e"] is seen
    assert dict(value.props)["e"] is seen
    assert dict(value.props.items())["e"] is seen
    assert list(value.props.values())[-1] is seen


def test_written_members_are_a_mapping_like_any_other() -> None:
    [value] = decode(document(ROOT))
    assert isinstance(value, PSObject)
    props = value.props

    assert props
    assert len(props) == 5
    assert list(props) == ["a", "b", "c", "d", "e"]
    assert "b" in props
    assert "B" not in props
    assert props.get("x", 1) == 1
    assert props["a"] == "x\ny & z"
    assert isinstance(props["d"], DateTime)
    with pytest.raises(KeyError):
        props["x"]
    assert props == dict(props)
    assert value.ms == {"n": "note"}
    assert repr(value.ms) == "<members n>"
    assert (str(value), value.types) == ("shown", ("Deserialized.A", "Deserialized.System.Object"))


def test_an_object_that_nobody_looked_at_can_be_written_and_compared() -> None:
    data = document(ROOT)
    [built] = [value for _, value in decode_stream(data)]

    assert encode(decode(data)) == encode([built])
    assert decode(data) == [built]


def test_of_names_that_differ_in_case_the_last_value_stands_at_the_first_place() -> None:
    [value] = decode(document('<Obj><Props><I32 N="a">1</I32><I32 N="b">2</I32><I32 N="A">3</I32></Props></Obj>'))

    assert isinstance(value, PSObject)
    assert (list(value.props), value["a"]) == (["A", "b"], 3)


def test_of_such_names_one_can_be_looked_at_before_anything_else() -> None:
    [value] = decode(document('<Obj><Props><I32 N="a">1</I32><I32 N="b">2</I32><I32 N="A">3</I32></Props></Obj>'))

    assert isinstance(value, PSObject)
    assert value.props["A"] == 3
    with pytest.raises(KeyError):
        value.props["a"]


def test_the_same_holds_in_an_object_among_the_members() -> None:
    inner = '<Obj N="o" RefId="1"><Props><I32 N="a">1</I32><I32 N="b">2</I32><I32 N="A">3</I32></Props></Obj>'
    for look in (one_by_one, all_at_once):
        [value] = decode(document(f"<Obj><Props>{inner}</Props></Obj>"))
        held = look(value)["o"]  # type: ignore[index, call-overload]  # an object
        assert (list(held.props), held["a"]) == (["A", "b"], 3)  # type: ignore[union-attr, index, call-overload]  # an object


def test_a_type_list_is_the_one_that_was_defined_when_the_object_was_read() -> None:
    first = '<Obj RefId="0"><TN RefId="0"><T>A</T></TN><Props><Obj N="x" RefId="1"><TNRef RefId="0" /></Obj></Props></Obj>'
    second = '<Obj RefId="2"><TN RefId="0"><T>B</T></TN><Props><Obj N="x" RefId="3"><TNRef RefId="0" /></Obj></Props></Obj>'
    third = '<Obj RefId="4"><TNRef RefId="0" /><Props><Obj N="x" RefId="5"><TNRef RefId="0" /></Obj></Props></Obj>'
    one, two, three = decode(document(first, second, third))

    assert [each["x"].types[0][-1] for each in (one, two, three)] == ["A", "B", "B"]  # type: ignore[index, union-attr, call-overload]  # objects


@pytest.mark.parametrize(
    "notes",
    [
        '<S N="GetType">x</S>',
        '<S N="toString">x</S>',
        '<S N="_x0054_oString">x</S>',
        '<MS N="set"><S N="a">x</S></MS>',
        '<S N="">x</S>',
    ],
)
def test_what_the_engine_treats_in_its_own_way_is_left_to_the_reader(notes: str) -> None:
    data = document(f'<Obj><ToString>t</ToString><Props><S N="a">b</S></Props><MS><S N="n">m</S>{notes}</MS></Obj>')
    try:
        want: list[Any] = [value for _, value in decode_stream(data)]
    except ClixmlError as error:
        with pytest.raises(ClixmlError, match=str(error.args[0])[:20]):
            decode(data)
    else:
        assert decode(data) == want


def test_who_looks_at_all_of_each_object_gets_the_next_ones_built() -> None:
    data = document(*[ROOT.replace(TYPES, TYPES if number == 0 else '<TNRef RefId="0" />') for number in range(20)])

    late = [is_written(all_at_once(value)) for value in read(io.BytesIO(data))]

    assert late == [True] * 8 + [False] * 12
    assert [is_written(value) for value in read(io.BytesIO(data))] == [True] * 20
    assert list(read(io.BytesIO(data))) == [value for _, value in decode_stream(data)]


def test_a_message_is_read_so_as_well() -> None:
    value = decode_message(ROOT.encode())

    assert is_written(value)
    assert to_json([value]) == to_json([v for _, v in decode_stream(document(ROOT))])


def test_messages_are_built_late_or_at_once_as_the_caller_says() -> None:
    late, now = (decode_messages([ROOT.encode()], at_once=at_once) for at_once in (False, True))

    assert [is_written(value) for value in (*late, *now)] == [True, False]
    assert late == now


def is_written(value: Value) -> bool:
    return isinstance(value, PSObject) and any(isinstance(members, WrittenMembers) for members in (value.props, value.ms))


def one_by_one(value: Value) -> Value:
    """The value, its members looked at by name, from the last to the first."""
    if isinstance(value, PSObject):
        for members in (value.ms, value.props):
            for name in reversed(list(members)):
                assert members[name] is members[name]
    return value


def all_at_once(value: Value) -> Value:
    if isinstance(value, PSObject):
        for members in (value.props, value.ms):
            assert [name for name, _ in members.items()] == list(members)
    return value
