"""A result, taken apart."""

from __future__ import annotations

from typing import Any

import pytest

from psbridge.report.html.found import MOST_CARDS, MOST_ROWS, Grid, Items, Section, found_in


def test_values_come_first_and_what_matters_before_the_rest() -> None:
    found = found_in(
        {"account": "a", "findings": 0, "gb_per_hour": 2.42, "empty": "", "none": None, "verdict": "verified", "sure": True}
    )
    assert found.values == (
        ("Findings", "0"), ("Verdict", "verified"), ("Account", "a"), ("Gb per hour", "2.42"), ("Sure", "yes"),
    )  # fmt: skip
    assert found.parts == ()


def test_rows_of_simple_values_are_a_table_with_numbers_to_the_right() -> None:
    (part,) = found_in({"folders": [{"items": 10_188, "folder": "/Inbox"}, {"items": None, "folder": "/Sent"}]}).parts
    assert part == Grid("Folders", ("Folder", "Items"), (("/Inbox", "10,188"), ("/Sent", "")), (False, True))


@pytest.mark.parametrize("row", [{f"column{number}": number for number in range(9)}, {"name": "a", "inner": [{"deep": 1}]}])
def test_rows_that_no_table_can_hold_are_shown_one_below_the_other(row: dict[str, Any]) -> None:
    (part,) = found_in({"rows": [row]}).parts
    assert isinstance(part, Section)
    assert len(part.parts) == 1


def test_what_is_very_long_is_cut_and_told() -> None:
    items, grid, cards = found_in(
        {
            "a": ["x"] * (MOST_ROWS + 5),
            "b": [{"n": 1}] * (MOST_ROWS + 6),
            "c": [{"n": [[1]]}] * (MOST_CARDS + 7),
        }
    ).parts
    assert isinstance(items, Items)
    assert (len(items.texts), items.more) == (MOST_ROWS, 5)
    assert isinstance(grid, Grid)
    assert (len(grid.rows), grid.more) == (MOST_ROWS, 6)
    assert isinstance(cards, Section)
    assert (len(cards.parts), cards.more) == (MOST_CARDS, 7)


def test_a_result_that_goes_very_deep_ends_as_text() -> None:
    deep: Any = "end"
    for _ in range(200):
        deep = {"inner": deep}
    part: Any = found_in(deep)
    while isinstance(part, Section):
        (part,) = part.parts
    assert isinstance(part, Items)
    assert part.texts[0].endswith('"end"' + "}" * part.texts[0].count("{"))
