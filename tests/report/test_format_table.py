"""Tables, line by line as the real Format-Table prints them."""

from __future__ import annotations

from random import Random

import pytest

from psbridge.clixml.encode import encode
from psbridge.psobject import PSObject
from psbridge.report.format_table import Column, Table, columns_of
from psbridge.report.screen import Screen
from tests import real_engine
from tests.report import random_objects


def test_numbers_stand_on_the_right_and_what_is_too_wide_is_cut() -> None:
    rows = [PSObject(ms={"Size": 5, "Name": "x" * 30}), PSObject(ms={"Size": -12345, "Name": None})]
    table = Table(columns_of(rows[0], ["Size", "Name"]), rows, Screen(20), autosize=True)
    assert [*table.header(), *map(table.row, rows)] == [
        "  Size Name",
        "  ---- ----",
        "     5 xxxxxxxxxxx\u2026",
        "-12345 ",
    ]


def test_windows_powershell_cuts_with_three_dots() -> None:
    row = PSObject(ms={"ProhibitSendQuota": "49.5 GB (53,150,220,288 bytes)", "Count": 123456789})
    columns = [Column("ProhibitSendQuota", "ProhibitSendQuota", 20), Column("Count", "Count", 6, right=True)]
    assert Table(columns, [row], Screen(ellipsis="...")).row(row) == "49.5 GB (53,150,2... ...789"


def test_a_column_too_narrow_for_the_mark_is_cut_without_it() -> None:
    row = PSObject(ms={"A": "abc", "B": "xyz"})
    table = Table([Column("A", "A", 1), Column("B", "B", 3)], [row], Screen(ellipsis="..."))
    assert table.row(row) == "a xyz"


def test_what_does_not_fit_on_the_right_is_hidden() -> None:
    row = PSObject(ms={"A": "a" * 15, "B": "b" * 10, "C": "c"})
    table = Table(columns_of(row, ["A", "B", "C"]), [row], Screen(20), autosize=True)
    assert [*table.header(), table.row(row)] == ["A               B", "-               -  ", "aaaaaaaaaaaaaaa bb\u2026"]


def test_a_hostile_name_cannot_leave_its_cell() -> None:
    row = PSObject(ms={"Name": "a\x1b[2Jb\u202ec\nPS C:\\> Remove-Mailbox x", "\x1b[31mRed": 1})
    table = Table(columns_of(row, ["Name", "\x1b[31mRed"]), [row], Screen(), autosize=True)
    assert table.header()[0].split() == ["Name", "\u241b[31mRed"]
    assert table.row(row).split() == ["a\u241b[2Jb<U+202E>c\u2026", "1"]


@pytest.mark.realps
@pytest.mark.parametrize(("width", "english"), [(119, True), (119, False), (60, True), (25, True), (9, False)])
def test_a_hundred_random_tables_are_printed_as_the_engine_prints_them(realps: str, width: int, english: bool) -> None:
    random, screen = Random(width), Screen(width + 1, word_wrap=english)
    cases = []
    for _ in range(100):
        names = random_objects.names(random)
        cases.append((names, random_objects.rows(random, names)))
    asked = [(encode(rows), "| Format-Table " + ",".join(f"'{name}'" for name in names)) for names, rows in cases]
    theirs = real_engine.printed(realps, asked, width=width, english=english)
    for (names, rows), expected in zip(cases, theirs, strict=True):
        table = Table(columns_of(rows[0], names), rows, screen, autosize=True)
        assert ["", *table.header(), *map(table.row, rows), ""] == expected
