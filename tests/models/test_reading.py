"""Reading takes each property for itself: one that cannot be read is a problem with its place, and hides no other."""

from __future__ import annotations

import pytest

from psbridge.models import Reading, Untyped
from psbridge.psobject import Kind, PSObject, Value


def test_each_property_is_read_in_any_form_and_under_any_of_its_names() -> None:
    odd: dict[str, Value] = {
        "Size": "1 KB (1,024 bytes)",
        "OldName": "00:00:01",
        "Count": 7,
        "Yes": "True",
        "Status": "Completed",
        "Text": "x",
    }
    reading = Reading.of(Untyped.read(PSObject(props=odd)))
    duration = reading.duration("NewName", "OldName")
    assert (reading.size("Size"), duration and duration.ticks, reading.number("Count")) == (1024, 10_000_000, 7)
    assert (reading.truth("Yes"), reading.name("Status"), reading.text("Text")) == (True, "Completed", "x")
    assert (reading.size("Nothing"), reading.text("Nothing"), reading.children("Nothing"), reading.child("Nothing")) == (
        None,
        "",
        (),
        None,
    )
    assert reading.problems == []


def test_what_cannot_be_read_is_told_with_the_way_to_it_and_the_rest_is_read() -> None:
    row = PSObject(props={"Count": -1, "Good": 2})
    reading = Reading(PSObject(props={"Report": PSObject(props={"Rows": PSObject(kind=Kind.LIST, items=[row, row])})}))
    report = reading.child("Report")
    assert report is not None
    assert [(item.number("Count"), item.number("Good")) for item in report.children("Rows")] == [(None, 2), (None, 2)]
    assert [problem.partition(" is ")[0] for problem in reading.problems] == ["Report.Rows[0].Count", "Report.Rows[1].Count"]


@pytest.mark.parametrize("value", ["Unlimited", PSObject(props={"IsUnlimited": True}), -1, "NaN", float("nan")])
def test_a_size_without_an_end_is_no_size(value: object) -> None:
    reading = Reading(PSObject(props={"Size": value}))  # type: ignore[dict-item]  # what JSON or CLIXML may hold
    assert reading.size("Size") is None
    assert len(reading.problems) == 1


def test_beyond_the_depth_only_a_text_is_left() -> None:
    assert (Reading("a text").shown, Reading("a text").has_properties) == ("a text", False)
    assert Reading(PSObject(to_string="t", props={"A": 1})).has_properties
    assert Reading(None).shown == ""
