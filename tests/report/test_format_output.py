"""What the console prints for a pipeline's output, by its kind; the real engine is asked for the same."""

from __future__ import annotations

from base64 import b64decode
from datetime import datetime
from random import Random
from uuid import UUID

import pytest

from psbridge.clixml.decode import decode
from psbridge.clixml.encode import encode
from psbridge.psobject import Char, DateTime, Kind, PSObject, Value
from psbridge.report.display import shown_names
from psbridge.report.format_list import format_list
from psbridge.report.format_output import Written, format_output
from psbridge.report.screen import Screen
from tests import real_engine
from tests.report import random_objects

MOMENT = DateTime.of(datetime.fromisoformat("2018-07-15T15:51:45"))
TABLE = PSObject(
    ("System.Collections.Specialized.OrderedDictionary",),
    kind=Kind.ORDERED,
    entries=[("Name", "x"), ("Level", PSObject(kind=Kind.LIST, items=[1, 2]))],
)


def _row(**values: Value) -> PSObject:
    return PSObject(ms=values)


@pytest.mark.parametrize(
    ("output", "lines"),
    [
        ([], []),
        ([None], []),
        (["a\nb", 5, True, 1.5, Char("x")], ["a", "b", "5", "True", "1.5", "x"]),
        ([_row(A=1, B="x")], ["", "A B", "- -", "1 x", ""]),
        ([_row(A=1), "text", _row(A=2)], ["", "A", "-", "1", "text", "2", ""]),
        (["text", _row(A=1)], ["text", "", "A", "-", "1", ""]),
        ([_row(A=1, B=2, C=3, D=4, E=5)] * 2, ["", *(["A : 1", "B : 2", "C : 3", "D : 4", "E : 5", ""] * 2)]),
        ([_row(A=1), _row(B=2)], ["", "A", "-", "1", " ", ""]),
        ([PSObject(("X",), to_string="1.501 GB (1,612,092,317 bytes)")], ["1.501 GB (1,612,092,317 bytes)"]),
        ([PSObject.wrapping(5, ms={"note": 1})], ["5"]),
        ([PSObject(kind=Kind.LIST, items=[1, "a"])], ["1", "a"]),
        ([b"\x01\x02"], ["1", "2"]),
        ([TABLE], ["", f"{'Name':31}Value", f"{'----':31}-----", f"{'Name':31}x", f"{'Level':31}{{1, 2}}", ""]),
        ([UUID(int=5)], ["", "Guid", "----", str(UUID(int=5)), ""]),
        ([MOMENT, MOMENT], ["", "Sunday, 15 July 2018 15:51:45", "Sunday, 15 July 2018 15:51:45", ""]),
    ],
)
def test_each_kind_of_output_is_printed_in_its_own_way(output: list[Value], lines: list[str]) -> None:
    assert format_output(output, Screen()) == lines


def test_a_warning_stands_where_it_came() -> None:
    lines = format_output([Written(("WARNING: a",)), _row(A=1), Written(("WARNING: b",)), _row(A=2)], Screen())
    assert lines == ["WARNING: a", "", "A", "-", "1", "WARNING: b", "2", ""]


def test_the_name_of_the_computer_is_shown_where_the_object_asks_for_it() -> None:
    remote: dict[str, Value] = {"A": 1, "PSComputerName": "server", "RunspaceId": UUID(int=1)}
    assert format_output([_row(**remote, PSShowComputerName=False)], Screen())[1] == "A RunspaceId"
    assert "PSComputerName" in format_output([_row(**remote, PSShowComputerName=True)], Screen())[1]


def test_a_ring_of_wrappers_prints_nothing() -> None:
    ring = PSObject.wrapping(None)
    ring.base = ring
    assert format_output([ring], Screen()) == []


def test_a_hostile_string_is_printed_without_its_power() -> None:
    assert format_output(["\x1b[2J\x1b[HPS C:\\>"], Screen()) == ["\u241b[2J\u241b[HPS C:\\>"]


@pytest.mark.realps
def test_three_hundred_outputs_of_objects_and_texts_are_printed_as_the_engine_prints_them(realps: str) -> None:
    random = Random(1807)
    outputs = [[_anything(random) for _ in range(random.randint(1, 5))] for _ in range(300)]
    theirs = real_engine.printed(realps, [(encode(output), "") for output in outputs])
    for output, expected in zip(outputs, theirs, strict=True):
        assert format_output(output, Screen()) == expected


@pytest.mark.realps
def test_dates_ids_and_dictionaries_are_printed_as_the_engine_prints_them(realps: str) -> None:
    outputs: list[list[Value]] = [
        [MOMENT] * 2,
        [UUID(int=5)] * 2,
        [TABLE],
        [TABLE, TABLE],
        [UUID(int=5), "text"],
        ["text", TABLE],
    ]
    theirs = real_engine.printed(realps, [(encode(output), "") for output in outputs])
    assert [format_output(output, Screen()) for output in outputs] == theirs


@pytest.mark.tenant
def test_every_object_of_a_tenant_is_listed_as_the_engine_lists_it(exchange_like: str) -> None:
    text = real_engine.said(exchange_like, _TENANT)
    listed = 0
    for line in text.split():
        clixml, expected = (b64decode(part) for part in line.split(":"))
        (value,) = decode(clixml)
        assert isinstance(value, PSObject)
        lines = format_list(value, shown_names(value), Screen(word_wrap=False))
        assert ["", *lines, ""] == expected.decode().split("\n")[:-1]
        listed += 1
    assert listed >= 9


_TENANT = """
$objects = & {
    Get-Mailbox testduplicate; Get-MailUser testmailuser; Get-User testmobile
    Get-MsolUser -UserPrincipalName testduplicate@domain.com
    Get-MsolUser -UserPrincipalName testerror@domain.com; Get-MigrationUserStatistics synced.user@domain.com -IncludeReport
    Switch-TenantEndpoint onprem
    Get-Mailbox testduplicate; Get-User testmobile; Get-RemoteMailbox testmobile
}
foreach ($object in $objects) {
    $clixml = [Management.Automation.PSSerializer]::Serialize($object, 2)
    $text = -join $(foreach ($line in [Management.Automation.PSSerializer]::Deserialize($clixml) |
        Format-List * | Out-String -Stream -Width 119) { "$line`n" })
    $(foreach ($part in $clixml, "$text|") { [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($part)) }) -join ':'
}
"""


def _anything(random: Random) -> Value:
    kind = random.random()
    if kind < 0.6:
        names = random.sample(random_objects.NAMES, random.choice([1, 2, 4, 5, 6]))
        return PSObject(ms={name: random.choice([1, "x", None, True, "word " * random.randint(1, 40)]) for name in names})
    texts: list[Value] = [
        "text",
        "two\nlines",
        5,
        1.5,
        None,
        True,
        Char("a"),
        PSObject(("X", "System.Object"), to_string="99 GB"),
    ]
    return random.choice([*texts, PSObject.wrapping(5, ms={"n": 1})])
