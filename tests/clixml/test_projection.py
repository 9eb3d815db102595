"""A projection gives the named members of each top-level object, equal to those of the whole."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from psbridge.clixml import read
from psbridge.clixml.names import fold
from psbridge.errors import ClixmlError
from psbridge.psobject import PSObject, Value
from tests.clixml.decoding import document
from tests.clixml.streaming import decoded, documents, outcome
from tests.powershell_corpus import to_json


@pytest.mark.corpus
def test_the_named_members_are_those_of_the_whole_over_the_corpus(corpus: Path) -> None:
    members = 0
    for name, data in documents(corpus):
        want, error = decoded(data)
        for every in (2, 3):
            chosen = names(want or [])[::every]
            got, seen = outcome(read(io.BytesIO(data), properties=[text.upper() for text in chosen]))
            assert seen == error, name
            if want is not None:
                expected = [described(value, chosen) for value in want]
                assert [described(value, None) for value in got] == expected, name
                members += sum(len(value["ms"]) + len(value["props"]) for value in expected if "ms" in value)
    assert members > 10_000


PLAIN_RUN = '<B N="b">true</B><Nil N="c" /><Obj N="d" RefId="3"><LST><S>x</S></LST></Obj>'
RUN = '<B N="b">true</B><Nil N="c" /><Obj N="d" RefId="3"><TNRef RefId="0" /><LST><S>x</S></LST></Obj>'


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        ('<B N="x">True</B>', "the text is no System.Boolean"),
        ("<S>x</S>", "a member of Props has no N"),
        ('<I32 N="x">5000000000</I32>', "the text is no System.Int32"),
        ('<DT N="x">2023-02-29T00:00:00</DT>', "the calendar has no such day"),
        ('<G N="x">1fb17c23</G>', "the text is no System.Guid"),
        ('<S N="x">\x01</S>', "the character U\\+0001"),
        ('<S N="x">a]]>b</S>', "not well-formed"),
        ('<S N="x">&nbsp;</S>', "undefined entity"),
        ('<S N="x">\uffff</S>', "the character U\\+FFFF"),
        ('<Obj N="x"><TNRef RefId="7" /></Obj>', "no type list has the RefId '7'"),
        ('<Obj N="x"><Nil /></Obj>', "Nil is no value"),
        ('<Obj N="x"><MS><S N="">x</S></MS></Obj>', "a note's name is empty"),
        ('<Ref N="x" RefId="9" />', "no object has the RefId '9'"),
    ],
)
def test_what_is_wrong_in_a_run_that_nobody_wants_is_found(member: str, reason: str) -> None:
    root = f'<Obj RefId="1"><TN RefId="0"><T>A</T></TN><Props>{RUN}{{}}{RUN}<S N="wanted">y</S></Props></Obj>'
    sound, broken = (document(root.format(one)) for one in ("", member))

    [value] = read(io.BytesIO(sound), properties=["Wanted"])
    assert isinstance(value, PSObject)
    assert value.props == {"wanted": "y"}
    with pytest.raises(ClixmlError, match=reason):
        list(read(io.BytesIO(broken), properties=["Wanted"]))


def test_an_object_in_a_run_that_is_referred_to_later_is_kept_and_the_rest_is_passed_over() -> None:
    referred = '<Obj N="e" RefId="5"><MS><S N="k">v</S></MS></Obj>'
    first = f'<Obj RefId="1"><TN RefId="0"><T>A</T></TN><Props>{RUN}{referred}{RUN}</Props></Obj>'
    second = f'<Obj RefId="2"><TNRef RefId="0" /><Props>{RUN}<Ref N="Wanted" RefId="5" />{RUN}</Props></Obj>'

    _, value = read(io.BytesIO(document(first, second)), properties=["wanted"])

    assert isinstance(value, PSObject)
    assert value.props == {"Wanted": PSObject(ms={"k": "v"})}


@pytest.mark.parametrize("wanted", ["Alias", "ALIAS", "alias", "Al"])
def test_a_wanted_member_is_no_part_of_a_run_in_whatever_case_and_however_its_name_is_written(wanted: str) -> None:
    written = '<S N="alias">a</S><S N="AliasX">b</S><S N="Al">c</S><S N="_x0041_lias2">d</S>'
    data = document(f'<Obj RefId="1"><MS>{PLAIN_RUN}{written}<I32 N="last">1</I32></MS></Obj>')

    [value] = read(io.BytesIO(data), properties=[wanted, "Alias2"])

    assert isinstance(value, PSObject)
    assert value.ms == ({"Al": "c"} if wanted == "Al" else {"alias": "a"}) | {"Alias2": "d"}


def names(values: list[Value]) -> list[str]:
    """The names of the members of top-level objects."""
    objects = [value for value in values if isinstance(value, PSObject)]
    return list(dict.fromkeys(name for value in objects for part in (value.props, value.ms) for name in part))


def described(value: Value, chosen: list[str] | None) -> dict[str, Any]:
    """A top-level value's parts in JSON, each for itself; of its members the chosen ones only."""
    if not isinstance(value, PSObject):
        return {"value": to_json([value])}
    folded = None if chosen is None else {fold(name) for name in chosen}
    return {"types": value.types, "to_string": value.to_string} | {
        part: {name: to_json([member]) for name, member in members.items() if folded is None or fold(name) in folded}
        for part, members in (("props", value.props), ("ms", value.ms))
    }


def test_a_wanted_reference_into_a_member_that_is_not_wanted_resolves() -> None:
    inner = '<Obj N="In" RefId="1"><TN RefId="0"><T>A</T></TN><MS><S N="Name">inner</S></MS></Obj>'
    data = document(
        f'<Obj RefId="0"><MS><Obj N="Skipped" RefId="9"><MS>{inner}</MS></Obj><Ref N="Wanted" RefId="1" /></MS></Obj>',
        '<Obj RefId="2"><MS><Obj N="wanted" RefId="3"><TNRef RefId="0" /></Obj></MS></Obj>',
        '<Obj RefId="4"><MS><Ref N="Wanted" RefId="0" /></MS></Obj>',
    )
    first, second, third = read(io.BytesIO(data), properties=["WANTED"])

    assert isinstance(first, PSObject)
    assert isinstance(second, PSObject)
    assert isinstance(third, PSObject)
    assert list(first.ms) == ["Wanted"]
    assert to_json([first["Wanted"]])[0]["ms"] == [["Name", {"t": "S", "v": "inner"}]]  # type: ignore[index]  # an object
    assert second["Wanted"].types == ("Deserialized.A",)  # type: ignore[union-attr]  # an object
    assert list(third["Wanted"].ms) == ["Skipped", "Wanted"]  # type: ignore[union-attr]  # an object


def test_an_object_in_a_top_level_one_keeps_the_notes_that_the_two_share() -> None:
    data = document(
        '<Obj RefId="0"><Obj RefId="1" /><MS><S N="Other">o</S><S N="Wanted">w</S></MS></Obj>',
        '<Obj><MS><Ref N="Wanted" RefId="1" /></MS></Obj>',
    )
    around, later = read(io.BytesIO(data), properties=["Wanted"])

    assert isinstance(around, PSObject)
    assert isinstance(later, PSObject)
    assert list(around.ms) == ["Wanted"]
    assert list(around.base.ms) == ["Other", "Wanted"]  # type: ignore[union-attr]  # an object
    assert later["Wanted"] is around.base


@pytest.mark.parametrize(
    ("skipped", "reason"),
    [
        ('<I32 N="X">x</I32>', "System.Int32"),
        ('<Ref N="X" RefId="7" />', "no object has the RefId '7' here"),
        ('<Obj N="X"><TNRef RefId="7" /></Obj>', "no type list has the RefId '7' here"),
        ('<Obj N="X"><MS><S>nameless</S></MS></Obj>', "a member of MS has no N"),
        ('<Obj N="X"><MS><S N="">a</S></MS></Obj>', "a note's name is empty"),
        ('<Obj N="X"><Nil /></Obj>', "Nil is no value that an object can wrap"),
        ('<Obj N="X"><LST><MS /></LST></Obj>', "MS is no value"),
        ('<Obj N="X"><LST><S>a</S></MS></LST></Obj>', "mismatched tag"),
        ("<S>nameless</S>", "a member of MS has no N"),
        ('<S N="">a</S>', "a note's name is empty"),
    ],
)
def test_what_is_not_wanted_is_refused_as_the_decoder_refuses_it(skipped: str, reason: str) -> None:
    data = document("<I32>1</I32>", f"<Obj><MS>{skipped}</MS></Obj>")
    got, error = outcome(read(io.BytesIO(data), properties=["Other"]))

    assert got == [1]
    assert error == decoded(data)[1]
    assert reason in str(error)


def test_nesting_is_limited_in_what_is_not_wanted_too() -> None:
    for depth in range(40, 60):
        for opening, closing in (("<Obj><LST>", "</LST></Obj>"), ('<Obj><MS><S N="b">b</S></MS>', "</Obj>")):
            deep = opening * depth + closing * depth
            data = document(f'<Obj><MS><Obj N="X">{deep}</Obj></MS></Obj>')
            assert outcome(read(io.BytesIO(data), properties=["Other"]))[1] == decoded(data)[1]
