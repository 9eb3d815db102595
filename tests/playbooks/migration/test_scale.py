"""A report of 50,000 entries is a matter of seconds, and of the memory that its lines take."""

from __future__ import annotations

from datetime import datetime, timedelta

from playbooks.migration.report import report_of
from psbridge.models import Reading
from psbridge.psobject import DateTime, DateTimeKind, PSObject
from tests.playbooks.migration.statistics import a_list, folder, statistics

ENTRIES = 50_000
BEGAN = datetime.fromisoformat("2018-07-03 00:00:00")


def entry(number: int) -> PSObject:
    moment = BEGAN + timedelta(minutes=number)
    planned = f"{moment + timedelta(seconds=30):%m/%d/%Y %I:%M:%S %p}"
    texts = (
        f"Paused: 'StalledDueToTarget_DiskLatency'. It will automatically resume after '{planned}'.",
        "Stage: LoadingMessages. Percent complete: 20.",
        f"Copy progress: 1/2 messages, 1 KB ({1000 + number} bytes)/9 MB (9,000,000 bytes), 1/2 folders completed.",
        "Something else.",
    )
    created = DateTime(DateTime.of(moment).ticks, DateTimeKind.UTC)
    return PSObject(props={"CreationTime": created, "ServerName": "A", "Message": texts[number % len(texts)]})


def test_fifty_thousand_entries_are_reported_one_by_one() -> None:
    move = statistics(folder(), report={"Entries": a_list([entry(number) for number in range(ENTRIES)])})
    report = report_of(Reading.of(move))
    assert (report["log_lines"], len(report["stalls"])) == (ENTRIES, ENTRIES // 4)
    assert {stall["late"] for stall in report["stalls"]} == {"00:00:30"}
    assert report["verdict"] == "verified"
