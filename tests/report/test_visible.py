"""Nothing that a cmdlet says can steer the terminal that shows it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psbridge.report.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Test Duplicate", "Test Duplicate"),
        ("\x1b[2J\x1b]0;title\x07", "\u241b[2J\u241b]0;title\u2407"),
        ("a\x00b\x7fc\x9b31m", "a\u2400b\u2421c<U+009B>31m"),
        ("over\rwritten", "over\u240dwritten"),
        ("one\r\ntwo\nthree\tfour", "one\r\ntwo\nthree\tfour"),
        ("photo\u202egpj.exe", "photo<U+202E>gpj.exe"),
        ("\u2066x\u2069\u200f\u061c", "<U+2066>x<U+2069><U+200F><U+061C>"),
        ("ad\u200bmin\ufeff\u00ad", "ad<U+200B>min<U+FEFF><U+00AD>"),
        ("half \ud83d", "half <U+D83D>"),
        ("tag \U000e0041", "tag <U+E0041>"),
        ("caf\u00e9 \u4e2d\u6587 \U0001f600", "caf\u00e9 \u4e2d\u6587 \U0001f600"),
    ],
)
def test_what_cannot_be_seen_gets_a_mark(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters(exclude_categories=[])))
def test_no_control_character_and_no_override_is_left(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    left = {letter for letter in shown.replace("\r\n", "\n") if unicodedata.category(letter) in ("Cc", "Cs")}
    assert left <= {"\n", "\t"}
    assert not {
        letter for letter in shown if unicodedata.bidirectional(letter) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI")
    }
    assert visible(shown) == shown
