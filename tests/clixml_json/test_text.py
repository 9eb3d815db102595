"""The JSON text: its form, what it shows, and what is refused."""

from __future__ import annotations

from datetime import datetime

import pytest

from psbridge.clixml_json import JsonReader, JsonWriter, from_text, plain, to_text
from psbridge.errors import InputError, ValueTypeError
from psbridge.psobject import Byte, DateTime, Int64, Kind, MemberSet, PSObject, SecureString, Single, Value

PARTS = "id, types, toString, base, list, stack, queue, dict, ordered, props, notes, shares"


def written(value: Value) -> str:
    return to_text(JsonWriter().node(value))


def read(text: str) -> Value:
    return JsonReader().value(from_text(text))


def test_an_object_reads_well() -> None:
    size = PSObject(("Deserialized.Size",), to_string="2 GB", props={"Value": Int64(2147483648)})
    mailbox = PSObject(ms={"Name": "Jürgen", "Size": size, "Again": size, "Tags": PSObject(kind=Kind.LIST, items=["a", 1])})
    assert written(mailbox) == (
        '{"id":0,"notes":{"Name":"Jürgen",'
        '"Size":{"id":1,"types":["Deserialized.Size"],"toString":"2 GB","props":{"Value":{"I64":"2147483648"}}},'
        '"Again":{"ref":1},"Tags":{"id":2,"list":["a",1]}}}'
    )


def test_what_cannot_be_seen_is_escaped_and_comes_back() -> None:
    hostile = "\x1b[2J\x7f\x9b\u202e\u200b\ufeff\u2028\ud800\U000e0041\n\tü中\U0001f600"
    text = written(hostile)
    assert text == r'"\u001b[2J\u007f\u009b\u202e\u200b\ufeff\u2028\ud800\udb40\udc41\n\tü中' + '\U0001f600"'
    assert read(text) == hostile


def test_names_that_cannot_be_seen_are_escaped_too() -> None:
    assert written(PSObject(ms={"a\x1b": 1})) == r'{"id":0,"notes":{"a\u001b":1}}'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "This is no JSON at line 1, column 1: Expecting value"),
        ('{"a": 1,\n}', "This is no JSON at line 2, column 1: Expecting property name enclosed in double quotes"),
        ('{"notes": {"A": 1, "A": 2}}', "This JSON has the name 'A' twice in one object"),
        ("NaN", 'NaN is no JSON; write {"Db": "NaN"}'),
        ("[" * 100_000, "This JSON is nested too deeply"),
        ("[1]", 'a list stands as {"list": [...]}. What was written with --plain cannot be read back'),
        ('{"ref": 3}', "ref: no object before it has the id 3"),
        ('{"I64": 5}', "I64: expected a string, found 5"),
        ('{"I64": "0x10"}', "I64: '0x10' is no value of I64"),
        ('{"DT": "2018-02-30T00:00:00"}', "DT: '2018-02-30T00:00:00' is no value of DT"),
        ('{"DT": "2018-02-03T24:00:00"}', "DT: '2018-02-03T24:00:00' is no value of DT"),
        ('{"TS": "1:00"}', "TS: '1:00' is no value of TS"),
        ('{"C": "ab"}', "C: 'ab' is no value of C"),
        ('{"Sg": "1e400"}', "Sg: '1e400' is no value of Sg"),
        ('{"D": "NaN"}', "D: 'NaN' is no value of D"),
        ('{"Db": "1e400"}', "Db: '1e400' is no value of Db"),
        ('{"BA": "a"}', "BA: 'a' is no value of BA"),
        ('{"id": true}', "id: expected a whole number, found True"),
        ('{"types": ["a", 1]}', "types: expected a string, found 1"),
        ('{"list": {}}', "expected a list, found {}"),
        ('{"dict": [[1]]}', "[0]: expected [key, value], found [1]"),
        ('{"list": [], "base": 1}', "an object has one content only"),
        ('{"shares": ["props"]}', "shares: an object shares props or notes, with a base that is an object and stands before"),
        ('{"PR": {"activity": "a"}}', None),
        ('{"notes": {"A": {"list": [1, {"ref": 9}]}}}', "notes.A[1].ref: no object before it has the id 9"),
        (
            '{"Name": "x"}',
            f"Name: an object has no such part; it has {PARTS}. What was written with --plain cannot be read back",
        ),
        ('{"base": ' * 150 + "1" + "}" * 150, None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(text: str, problem: str | None) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    if problem is not None:
        assert str(caught.value) == problem


def test_parts_in_another_order_mean_the_same() -> None:
    text = '{"notes":{"B":{"ref":1}},"props":{"A":{"toString":"a","id":1}},"toString":"x","id":0}'
    value = read(text)
    assert isinstance(value, PSObject)
    assert value["B"] is value["A"]


def test_a_value_that_no_clixml_holds_is_refused_with_its_place() -> None:
    with pytest.raises(ValueTypeError) as caught:
        written(PSObject(ms={"A": PSObject(kind=Kind.LIST, items=[1, {}])}))  # type: ignore[list-item]
    assert str(caught.value) == "A value of type dict cannot be sent as JSON (.A[1]): CLIXML has no such type"


def test_a_secret_that_is_known_is_never_written() -> None:
    with pytest.raises(ValueTypeError) as caught:
        written(SecureString.of("hunter2"))
    assert "hunter2" not in str(caught.value)


def test_plain_json_is_names_and_values() -> None:
    enum = PSObject.wrapping(1, ("Deserialized.Kind", "Deserialized.System.Enum"), to_string="UserMailbox")
    mailbox = PSObject(
        ("Deserialized.Mailbox",),
        props={"Name": "adapted", "Kind": enum, "Size": PSObject(to_string="2 GB")},
        ms={
            "Name": "note",
            "When": DateTime.of(datetime.fromisoformat("2018-07-01T12:00")),
            "Bytes": b"ab",
            "Ratio": Single(0.1),
            "Big": Int64(2**62),
            "Small": Byte(1),
            "Endless": float("inf"),
            "Tags": PSObject(kind=Kind.QUEUE, items=[1, None, True]),
            "Line": PSObject.wrapping("text", ms={"PSPath": "x"}),
            "Table": PSObject(kind=Kind.DICT, entries=[("a", 1), (1, 2), ("1", 3)]),
            "Set": MemberSet({"One": 1}),
            "Secret": SecureString("6100"),
        },
    )
    assert plain(mailbox) == {
        "Kind": "UserMailbox",
        "Size": "2 GB",
        "Name": "note",
        "When": "2018-07-01T12:00:00",
        "Bytes": "YWI=",
        "Ratio": 0.1,
        "Big": 2**62,
        "Small": 1,
        "Endless": "Infinity",
        "Tags": [1, None, True],
        "Line": "text",
        "Table": {"a": 1, "1": 2, "1 (2)": 3},
        "Set": {"One": 1},
        "Secret": "System.Security.SecureString",
    }


def test_plain_json_ends_with_rings_and_with_objects_that_double_at_every_level() -> None:
    ring = PSObject(("Deserialized.Ring",), ms={})
    ring.ms = {"Self": ring, "Name": "r"}
    assert plain(ring) == {"Self": "Ring", "Name": "r"}
    doubled = PSObject(ms={"Name": "leaf"})
    for _ in range(40):
        doubled = PSObject(ms={"A": doubled, "B": doubled})
    assert len(to_text(plain(doubled))) < 1_000_000
