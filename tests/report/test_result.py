"""A run's result is shown whole: values as Format-List, lists of mappings as tables, sentences broken and never cut."""

from __future__ import annotations

from typing import Any

from psbridge.report.result import named_values, opened_by, result_lines
from psbridge.report.screen import Screen


def shown(result: dict[str, Any], width: int = 60) -> list[str]:
    return list(result_lines(result, Screen(width)))


def test_simple_values_stand_first_as_format_list_shows_them() -> None:
    assert shown({"merge": "Completed", "inner": {"a": 1}, "request": r"user\psb", "empty": "", "none": None, "no": []}) == [
        "merge   : Completed",
        r"request : user\psb",
        "",
        "inner:",
        "  a : 1",
    ]


def test_a_list_of_texts_is_not_cut() -> None:
    assert shown({"reasons": ["one two three four five six seven eight nine ten eleven twelve", "short"]}, 40) == [
        "",
        "reasons:",
        "  - one two three four five six seven",
        "    eight nine ten eleven twelve",
        "  - short",
    ]


def test_a_list_of_mappings_is_a_table_with_numbers_on_the_right() -> None:
    assert shown({"folders": [{"folder": "/Inbox", "items": 10188, "note": ""}, {"folder": "/Deleted", "items": 7}]}) == [
        "",
        "folders:",
        "  folder   items",
        "  ------   -----",
        "  /Inbox   10188",
        "  /Deleted     7",
    ]


def test_columns_that_do_not_fit_are_named_below_the_table() -> None:
    rows = [{"first": "a" * 20, "second": "b" * 20, "third": "c" * 20, "fourth": "d"}]
    *_, row, hidden = shown({"rows": rows})
    assert row == f"  {'a' * 20} {'b' * 20}"
    assert hidden == "  (not shown: third, fourth)"


def test_a_sentence_that_does_not_fit_makes_a_list_of_few_rows_and_is_left_out_of_many() -> None:
    row = {"name": "x" * 30, "n": 1, "means": "a sentence that is longer than forty cells are"}
    few = shown({"rows": [row, row]})
    assert few[2:6] == [f"  name  : {'x' * 30}", "  n     : 1", "  means : a sentence that is longer than forty cells are", ""]
    many = shown({"rows": [row] * 9})
    assert "means" not in many[2]
    assert many[-1] == "  (not shown: means)"


def test_of_very_many_rows_and_items_the_rest_is_counted() -> None:
    lines = shown({"rows": [{"n": number} for number in range(1234)], "texts": ["x"] * 101})
    assert "  ... and 1134 more rows" in lines
    assert lines[-1] == "  ... and 1 more items"


def test_nested_reports_are_shown_one_below_the_other() -> None:
    assert shown({"a": {"b": {"c": [1, 2]}}}) == ["", "a:", "", "  b:", "", "    c:", "      - 1", "      - 2"]


def test_nothing_in_a_result_steers_the_terminal() -> None:
    lines = "\n".join(shown({"\x1b[2Jname": "\x1b[31m", "list": ["\x1b", {"\x1b": ["\x1b"]}], "rows": [{"\x1b": "\x1b"}]}))
    assert "\x1b" not in lines


def test_an_empty_result_is_no_line() -> None:
    assert shown({}) == []


def test_a_result_of_simple_values_is_told_in_a_line() -> None:
    assert named_values({"merge": "Completed", "target": None}) == ["merge: Completed", "target: None"]
    assert named_values({"merge": "Completed", "inner": {"a": 1}}) == []
    assert list(opened_by("Done.", {"merge": "Completed"})) == ["Done. merge: Completed"]
    assert list(opened_by("Done.", {})) == ["Done."]
    assert list(opened_by("Done.", {"inner": {"a": 1}})) == ["Done.", "", "inner:", "  a : 1"]
