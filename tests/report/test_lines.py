"""Breaking lines: nothing gets lost, nothing is too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psbridge.report.lines import break_lines
from psbridge.report.screen import Screen, cells

TEXT = st.text(st.sampled_from("ab \t\n\u4e2d"))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("one two three", ["one two ", "three"]),
        ("one\r\ntwo\n\nthree", ["one", "two", "", "three"]),
        ("longerthanten x", ["longerthan", "ten x"]),
        ("a longerthanten", ["a longerth", "anten"]),
        ("words      x", ["words     ", " x"]),
        ("\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d", ["\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d", "\u4e2d"]),
    ],
)
def test_lines_are_broken_between_words_and_long_words_anywhere(text: str, lines: list[str]) -> None:
    assert break_lines(text, 10, Screen()) == lines


def test_without_word_wrap_lines_are_broken_anywhere() -> None:
    assert break_lines("one two three", 5, Screen(word_wrap=False)) == ["one t", "wo th", "ree"]


@given(TEXT, st.integers(2, 12), st.booleans())
def test_no_line_is_too_long_and_no_letter_is_lost(text: str, width: int, word_wrap: bool) -> None:
    lines = break_lines(text, width, Screen(word_wrap=word_wrap))
    assert all(cells(line) <= width for line in lines)
    assert "".join(lines) == text.replace("\n", "")
