"""The values: what they compare to, what they print, and that printing, comparing and dumping end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from psbridge.psobject import (
    LAST_TICK,
    TICKS_PER_SECOND,
    Char,
    DateTime,
    DateTimeKind,
    Int64,
    Kind,
    MemberSet,
    PSObject,
    SecureString,
    TimeSpan,
    UInt32,
    Value,
    dump,
)

DEEP = 3_000  # more than Python's stack would hold


def ring(length: int) -> PSObject:
    """Objects that each note the next one, the last one the first."""
    objects = [PSObject(("Deserialized.Ring",)) for _ in range(length)]
    for one, following in zip(objects, [*objects[1:], objects[0]], strict=True):
        one.ms = {"Next": following}
    return objects[0]


def chain(length: int, *, through: str) -> PSObject:
    """Objects nested one in the other."""
    inner = PSObject()
    for _ in range(length):
        if through == "base":
            inner = PSObject.wrapping(inner)
        elif through == "items":
            inner = PSObject(kind=Kind.LIST, items=[inner])
        else:
            inner = PSObject(props={"Inner": inner})
    return inner


@pytest.mark.parametrize("length", [1, 2, 5])
def test_rings_of_equal_shape_are_equal(length: int) -> None:
    assert ring(length) == ring(length)


def test_rings_that_differ_in_one_note_are_not_equal() -> None:
    one, other = ring(3), ring(3)
    other.ms = {**other.ms, "Extra": 1}

    assert one != other


@pytest.mark.parametrize("through", ["base", "items", "props"])
def test_deep_objects_are_compared_shown_and_dumped_without_using_up_the_stack(through: str) -> None:
    one, other = chain(DEEP, through=through), chain(DEEP, through=through)

    assert one == other
    assert str(one)
    assert repr(one) == "<PSObject untyped>"
    assert len(list(dump(one))) == DEEP + 1


def test_an_object_that_wraps_itself_has_a_text() -> None:
    itself = PSObject.wrapping(None)
    itself.base = itself

    assert str(itself) == "@{}"


def test_a_set_that_holds_itself_is_compared_and_dumped() -> None:
    members: dict[str, Value] = {}
    one = MemberSet(members)
    members["Self"] = one
    others: dict[str, Value] = {}
    other = MemberSet(others)
    others["Self"] = other

    assert one == other
    assert list(dump(one)) == ["#1 named set", "  Self: -> #1"]


def test_a_dump_shows_everything_and_names_what_occurs_again() -> None:
    shared = PSObject(("Deserialized.System.Net.IPAddress",), to_string="10.0.0.1")
    holder = PSObject(
        ("Deserialized.Contoso.Host", "Deserialized.System.Object"),
        props={"Address": shared, "Port": 443},
        ms={"Again": shared, "Set": MemberSet({"Inner": None}), "Password": SecureString.of("hunter2")},
        kind=Kind.LIST,
        items=[Char("a"), Int64(5)],
    )
    table = PSObject(kind=Kind.DICT, entries=[("key", PSObject.wrapping(Decimal("1.10")))])

    assert list(dump(holder, table)) == [
        "#1 Contoso.Host (list)",
        "  [0]: Char 'a'",
        "  [1]: Int64 5",
        "  Address: #2 System.Net.IPAddress '10.0.0.1'",
        "  Port: int 443",
        "  note Again: -> #2",
        "  note Set: #3 named set",
        "    Inner: null",
        "  note Password: SecureString SecureString(hidden)",
        "#4 untyped (dict)",
        "  [0] key: str 'key'",
        "  [0] value: #5 untyped",
        "    base: Decimal Decimal('1.10')",
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PSObject.wrapping(1), PSObject.wrapping(Int64(1))),
        (PSObject.wrapping(1), PSObject.wrapping(True)),
        (PSObject.wrapping("a"), PSObject.wrapping(Char("a"))),
        (PSObject.wrapping(Decimal("1.10")), PSObject.wrapping(Decimal("1.1"))),
        (PSObject.wrapping(None), PSObject()),
        (PSObject(props={"a": 1}), PSObject(ms={"a": 1})),
        (PSObject(props={"a": 1, "b": 2}), PSObject(props={"b": 2, "a": 1})),
        (PSObject(kind=Kind.LIST, items=[]), PSObject(kind=Kind.STACK, items=[])),
        (PSObject(kind=Kind.LIST, items=[1]), PSObject(kind=Kind.LIST, items=[1, 1])),
        (PSObject(kind=Kind.DICT, entries=[(1, 1)]), PSObject(kind=Kind.DICT, entries=[(1, 2)])),
        (PSObject(to_string=""), PSObject()),
        (PSObject(("A",)), PSObject(("B",))),
        (PSObject(ms={"a": MemberSet({"b": 1})}), PSObject(ms={"a": MemberSet({"b": 2})})),
    ],
    ids=str,
)
def test_what_differs_in_anything_is_not_equal(one: PSObject, other: PSObject) -> None:
    assert one != other
    assert one == one  # noqa: PLR0124 - the point


def test_nan_is_equal_to_nan() -> None:
    assert PSObject.wrapping(float("nan")) == PSObject.wrapping(float("nan"))


def test_a_name_is_found_in_any_case_and_a_note_wins_over_a_property() -> None:
    found = PSObject(props={"InstalledOn": "9/12/2016", "Id": 1}, ms={"installedon": "2016-09-12"})

    assert found["INSTALLEDON"] == "2016-09-12"
    assert found["InstalledOn"] == "9/12/2016"
    assert found.get("id") == 1
    assert "Nothing" not in found
    assert found.names() == ["Id", "installedon"]
    with pytest.raises(KeyError, match="Nothing"):
        found["Nothing"]


@pytest.mark.parametrize(
    ("types", "name"),
    [
        (("Deserialized.Selected.System.Diagnostics.Process",), "System.Diagnostics.Process"),
        (("Selected.X",), "X"),
        (("X",), "X"),
        ((), None),
    ],
)
def test_the_type_name_is_without_prefixes(types: tuple[str, ...], name: str | None) -> None:
    assert PSObject(types).type_name == name


@pytest.mark.parametrize("prefix", ["", "Deserialized."])
def test_an_enum_is_known_by_either_name(prefix: str) -> None:
    assert PSObject.wrapping(9, (f"{prefix}System.ConsoleColor", f"{prefix}System.Enum")).is_enum
    assert not PSObject.wrapping(9, (f"{prefix}System.Int32",)).is_enum


def test_only_lists_can_be_iterated() -> None:
    assert list(PSObject(kind=Kind.QUEUE, items=[1, 2])) == [1, 2]
    with pytest.raises(TypeError, match="is no list"):
        iter(PSObject())


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (PSObject(to_string="Ann"), "Ann"),
        (PSObject.wrapping(UInt32(5)), "5"),
        (PSObject.wrapping(PSObject.wrapping("inner")), "inner"),
        (PSObject(("Deserialized.A.B",)), "A.B"),
        (PSObject(props={"a": 1}, ms={"b": 2}), "@{a; b}"),
    ],
)
def test_the_text_of_an_object_is_what_it_shows_where_it_is_short(shown: PSObject, text: str) -> None:
    assert str(shown) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (DateTime(0), "0001-01-01T00:00:00"),
        (DateTime(637_135_310_451_234_567, DateTimeKind.UTC), "2020-01-02T03:04:05.1234567Z"),
        (DateTime(637_135_310_450_000_000, DateTimeKind.LOCAL, -450), "2020-01-02T03:04:05-07:30"),
        (DateTime(LAST_TICK), "9999-12-31T23:59:59.9999999"),
    ],
)
def test_a_moment_is_printed_as_clixml_writes_it(moment: DateTime, text: str) -> None:
    assert str(moment) == text


def test_a_local_moment_in_utc_stays_within_the_years_that_there_are() -> None:
    assert DateTime(0, DateTimeKind.LOCAL, 60).utc_ticks == 0
    assert DateTime(LAST_TICK, DateTimeKind.LOCAL, -60).utc_ticks == LAST_TICK
    assert DateTime(3600 * TICKS_PER_SECOND, DateTimeKind.LOCAL, 60).utc_ticks == 0


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2020, 1, 2, 3, 4, 5, 123456),  # noqa: DTZ001 - a moment without a zone is one of the kinds
        datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
        datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_a_python_moment_comes_back_as_the_same_moment(moment: datetime) -> None:
    assert DateTime.of(moment).to_datetime() == moment


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(days=1, hours=2, seconds=3, microseconds=4), "1.02:00:03.0000040"),
        (timedelta(seconds=-90), "-00:01:30"),
        (timedelta(0), "00:00:00"),
    ],
)
def test_a_duration_is_printed_as_dotnet_does_and_comes_back(span: timedelta, text: str) -> None:
    assert str(TimeSpan.of(span)) == text
    assert TimeSpan.of(span).to_timedelta() == span


@pytest.mark.parametrize("show", [repr, str, lambda secret: f"{secret}", lambda secret: "\n".join(dump(secret))])
def test_a_secure_string_is_never_shown(show: Callable[[SecureString], str]) -> None:
    assert "hunter2" not in show(SecureString.of("hunter2"))
    assert "68756e74" not in show(SecureString("68756e74"))
