"""Lists, line by line as the real Format-List prints them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from psbridge.clixml.encode import encode
from psbridge.psobject import Kind, PSObject
from psbridge.report.format_list import format_list, matching
from psbridge.report.screen import Screen
from tests import real_engine
from tests.report import random_objects


def test_names_are_padded_to_the_longest_and_lists_stand_in_braces() -> None:
    mobile = PSObject(ms={"AlternateMobilePhones": PSObject(kind=Kind.LIST, items=[]), "Name": "x", "MobilePhone": "8035551212"})
    assert format_list(mobile, matching(mobile, "*mobile*"), Screen()) == [
        "AlternateMobilePhones : {}",
        "MobilePhone           : 8035551212",
    ]


@pytest.mark.documents
def test_a_folder_of_a_mailbox_verification_reads_as_in_the_document(documents: Path) -> None:
    text = (documents / "timmcmic-2018-07.txt").read_text(encoding="utf-8").replace("\u00a0", " ")
    printed = text[text.index("Source   ") :].split("\n\n")[0].splitlines()
    zeros = PSObject(kind=Kind.LIST, items=[0] * 9)
    folder = PSObject(ms={name: _value(value, zeros) for name, value in (line.split(" :", 1) for line in printed)})
    assert [line.rstrip() for line in format_list(folder, list(folder.ms), Screen())] == printed


def _value(text: str, zeros: PSObject) -> str | PSObject | None:
    return {"{0, 0, 0, 0\u2026}": zeros, "{}": PSObject(kind=Kind.LIST, items=[]), "": None}.get(text.strip(), text.strip())


def test_a_long_value_is_broken_between_words_and_stays_in_its_column() -> None:
    assert format_list(PSObject(ms={"Name": "one two three"}), ["Name"], Screen(17)) == ["Name : one two ", "       three"]
    assert format_list(PSObject(ms={"Name": "one two three"}), ["Name"], Screen(17, word_wrap=False)) == [
        "Name : one two t",
        "       hree",
    ]


def test_patterns_choose_in_the_order_of_the_object_and_without_regard_to_case() -> None:
    value = PSObject(ms={"b1": 1, "A1": 2}, props={"B2": 3, "a1": 4})
    assert matching(value, "b*", "a1", "?2") == ["b1", "B2", "A1"]


def test_a_screen_without_room_for_a_value_shows_nothing() -> None:
    assert format_list(PSObject(ms={"Name": "x"}), ["Name"], Screen(5)) == []


@pytest.mark.realps
@pytest.mark.parametrize(("width", "english"), [(119, True), (119, False), (60, True), (9, False)])
def test_a_hundred_random_lists_are_printed_as_the_engine_prints_them(realps: str, width: int, english: bool) -> None:
    random, screen = Random(width), Screen(width + 1, word_wrap=english)
    cases = []
    for _ in range(100):
        names = random_objects.names(random)
        cases.append((names, random_objects.rows(random, names)))
    asked = [(encode(rows), "| Format-List " + ",".join(f"'{name}'" for name in names)) for names, rows in cases]
    theirs = real_engine.printed(realps, asked, width=width, english=english)
    for (names, rows), expected in zip(cases, theirs, strict=True):
        ours = [line for row in rows for line in (*format_list(row, names, screen), "")]
        assert ["", *ours] == expected
