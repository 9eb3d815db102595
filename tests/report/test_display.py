"""One value as one text. The random tables and lists hold it against the engine; these are the cases by name."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from psbridge.psobject import DateTime, Int64, Kind, PSObject, SecureString, Single, TimeSpan, Value, XmlDocument
from psbridge.report.display import display, plain_text, shown_names
from psbridge.report.screen import Screen


def _list(*items: Value) -> PSObject:
    return PSObject(kind=Kind.LIST, items=list(items))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "True"),
        (Int64(-5), "-5"),
        (0.1 + 0.2, "0.3"),
        (1e15, "1E+15"),
        (1e-7, "1E-07"),
        (-0.0, "-0"),
        (float("inf"), "Infinity"),
        (float("nan"), "NaN"),
        (Single(0.1), "0.1"),
        (Decimal("2.50"), "2.50"),
        (DateTime.of(datetime(2018, 7, 15, 15, 51, 45, tzinfo=UTC)), "07/15/2018 15:51:45"),
        (DateTime(0), "01/01/0001 00:00:00"),
        (TimeSpan(937840000000), "1.02:03:04"),
        (UUID(int=0), "00000000-0000-0000-0000-000000000000"),
        (SecureString.of("hunter2"), "System.Security.SecureString"),
        (XmlDocument("<a />"), "#document"),
        (b"\x01\x02\x03\x04\x05", "{1, 2, 3, 4\u2026}"),
        (_list(), "{}"),
        (_list(1, 2, 3, 4), "{1, 2, 3, 4}"),
        (_list(0, 0, 0, 0, 0), "{0, 0, 0, 0\u2026}"),
        (_list(None, _list(1, 2), _list(_list(1))), "{$null, 1 2, System.Collections.ArrayList}"),
        (PSObject(kind=Kind.DICT, entries=[("a", 1), ("b", 0.1)]), "{[a, 1], [b, 0.1]}"),
        (PSObject(kind=Kind.DICT, entries=[("a", 2 / 3)]), "{[a, 0.6666666666666666]}"),
        (PSObject.wrapping(1, ("Deserialized.System.Enum",), to_string="UserMailbox"), "UserMailbox"),
        (PSObject.wrapping(5, ms={"note": 1}), "5"),
        (PSObject(("X",), to_string="99 GB", props={"a": 1}), "99 GB"),
        (PSObject(ms={"q": 1, "r": _list(1)}), "@{q=1; r=System.Collections.ArrayList}"),
        (PSObject(), ""),
        ("a\x1b[2J", "a\u241b[2J"),
        (_list("a\u202eb"), "{a<U+202E>b}"),
    ],
)
def test_a_value_is_shown_as_powershell_shows_it(value: Value, text: str) -> None:
    assert display(value, Screen()) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.5, "1.50"),
        (0.125, "0.12"),
        (0.375, "0.38"),
        (2.675, "2.67"),
        (-0.001, "-0.00"),
        (1e20, "100000000000000000000.00"),
        (float("nan"), "NaN"),
        (Decimal("0.125"), "0.13"),
        (Decimal("-0.001"), "0.00"),
        (5, "5"),
        (_list(0.125), "{0.125}"),
    ],
)
def test_in_a_table_of_its_own_columns_powershell_rounds_to_two_places(value: Value, text: str) -> None:
    assert display(value, Screen(), two_places=True) == text


def test_a_ring_ends() -> None:
    ring = _list()
    wrapper = PSObject.wrapping(ring)
    ring.items = [ring, wrapper]
    assert display(ring, Screen()) == "{System.Collections.ArrayList System.Collections.ArrayList, System.Collections.ArrayList}"
    itself = PSObject.wrapping(None)
    itself.base = itself
    assert (display(itself, Screen()), plain_text(itself)) == ("", "")
    bag = PSObject(ms={"self": None})
    bag.ms = {"self": bag, "list": ring}
    assert display(bag, Screen()) == "@{self=; list=System.Collections.ArrayList}"


def test_notes_come_first_and_hide_properties_of_the_same_name() -> None:
    assert shown_names(PSObject(props={"B": 1, "A": 2}, ms={"N": 3, "a": 9})) == ["N", "a", "B"]
