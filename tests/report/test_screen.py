"""Widths in cells."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from psbridge.report.screen import Screen, cells, head, tail


def test_wide_letters_take_two_cells() -> None:
    assert [cells(text) for text in ("", "abc", "\u00e9", "\u4e2d\u6587", "\uff46\u303f", "\U0001f600")] == [0, 3, 1, 4, 3, 2]


def test_half_a_wide_letter_is_never_taken() -> None:
    assert (head("\u4e2d\u6587", 3), tail("\u4e2d\u6587", 3)) == ("\u4e2d", "\u6587")


@given(st.text(), st.integers(0, 20))
def test_a_head_and_a_tail_fit_and_are_the_longest_that_do(text: str, limit: int) -> None:
    first, last = head(text, limit), tail(text, limit)
    assert text.startswith(first)
    assert text.endswith(last)
    assert cells(first) <= limit
    assert cells(last) <= limit
    assert len(first) == len(text) or cells(text[: len(first) + 1]) > limit


def test_the_last_column_of_a_console_stays_free() -> None:
    assert (Screen().columns, Screen(1).columns) == (119, 1)
