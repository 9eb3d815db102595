"""Every form of a report's lines tells the same, in either style of quotes, in any culture's times, as entry or as text."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from playbooks.migration.log import LogLine, Tells, log_of, log_text
from playbooks.migration.moments import order_of, stamp_in
from playbooks.migration.stalls import stalls_in
from psbridge.models import Reading
from psbridge.psobject import DateTime, DateTimeKind, PSObject, Value
from tests.playbooks.migration.second_document import SecondDocument
from tests.playbooks.migration.statistics import a_list

BEGAN = "7/3/2018 2:22:35 PM"


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def one(text: str, began: str = BEGAN) -> LogLine:
    (line,) = log_text(f"{began} [CO2PR07MB2711] {text}")
    return line


def entry(text: str | None, **properties: Value) -> PSObject:
    moment = DateTime(DateTime.of(at("2018-07-03 14:22:35")).ticks, DateTimeKind.UTC)
    return PSObject(props={"CreationTime": moment, "ServerName": "CO2PR07MB2711", "Message": text, **properties})


def report(*entries: Value, text: str | None = None) -> Reading:
    return Reading(PSObject(to_string=text, props={"Entries": a_list(entries)}))


@pytest.mark.documents
def test_the_documents_log_is_read_line_by_line(documents: Path) -> None:
    log = log_text(SecondDocument.of(documents).log)
    assert [line.tells for line in log] == [
        Tells.PAUSED,
        Tells.PICKED_UP,
        Tells.OTHER,  # the shard mailbox
        Tells.CONNECTED,
        Tells.CONNECTED,
        Tells.CONTINUED,
        Tells.STAGE,
        Tells.STAGE,
        Tells.COPY,
        Tells.PAUSED,
        Tells.PICKED_UP,
        Tells.OTHER,
        Tells.CONNECTED,
        Tells.CONNECTED,
        Tells.CONTINUED,
        Tells.STAGE,
        Tells.STAGE,
    ]
    assert {line.server for line in log} == {"CO2PR07MB2711"}
    assert [(line.stage, line.percent) for line in log if line.tells is Tells.STAGE] == [
        ("LoadingMessages", 20),
        ("CopyingMessages", 85),
        ("LoadingMessages", 20),
        ("CopyingMessages", 89),
    ]
    (copied,) = (line for line in log if line.tells is Tells.COPY)
    assert (copied.items, copied.of_items, copied.bytes, copied.of_bytes) == (17097, 21426, 1394743256, 1611958891)
    assert {line.reason for line in log if line.tells is Tells.PAUSED} == {"StalledDueToTarget_DiskLatency"}


QUOTES = ["''", "\u2018\u2019", "\u201c\u201d", '""', "\u00ab\u00bb", "  "]


@pytest.mark.parametrize("quotes", QUOTES)
def test_a_pause_is_known_by_its_state_and_its_time_whatever_the_quotes(quotes: str) -> None:
    left, right = tuple(quotes)
    line = one(
        f"The job has been paused temporarily due to unfavorable server health, with request throttling state: "
        f"{left}StalledDueToSource_MailboxLock{right}. It will automatically resume after {left}7/3/2018 2:23:35 PM{right}."
    )
    assert (line.tells, line.reason, line.resumes) == (
        Tells.PAUSED,
        "StalledDueToSource_MailboxLock",
        at("2018-07-03 14:23:35"),
    )


@pytest.mark.parametrize("quotes", QUOTES)
def test_the_pick_up_and_the_connections_are_known_in_either_style(quotes: str) -> None:
    left, right = tuple(quotes)
    if quotes.isspace():
        return
    service = (
        f"The service {left}CO2.prod.outlook.com{right} (15.20.930.16 ServerCaps:FFFFFF, ProxyCaps:0F) is examining the request."
    )
    assert one(service).tells is Tells.PICKED_UP
    target = (
        f"Connected to target mailbox {left}live.domain.com\\f28f (Primary){right}, database {left}DB{right}, "
        f"Mailbox server {left}CO2{right} Version 15.20 (Build 930.0)."
    )
    assert one(target).tells is Tells.CONNECTED


RELINQUISHING = (
    "Relinquishing job because of large delays due to unfavorable server health or budget limitations with a request throttling "
    "state 'StalledDueToTarget_Processor'."
)
CONSTRAINT = (
    "Move for mailbox '/o=Labs/cn=user' is stalled because DataMoveReplicationConstraint is not satisfied for the database "
    "'DB' (agent MailboxDatabaseReplication). Failure Reason: Database does not satisfy SecondCopy. "
    "Will wait until 7/3/2018 2:52:35 PM."
)


@pytest.mark.parametrize(
    ("text", "tells", "reason"),
    [
        (
            RELINQUISHING,
            Tells.RELINQUISHED,
            "StalledDueToTarget_Processor",
        ),
        (
            CONSTRAINT,
            Tells.WAITS_FOR_REPLICATION,
            "DataMoveReplicationConstraint",
        ),
        ("Request is no longer stalled and will continue.", Tells.NO_LONGER_STALLED, ""),
        ("Request processing continued, stage CopyingMessages.", Tells.CONTINUED, ""),
        ("Stage: IncrementalSync. Percent complete: 95.", Tells.STAGE, ""),
        (
            "Transient error SourceMailboxAlreadyBeingMovedTransientException has occurred. The system will retry (1/60).",
            Tells.FAILURE,
            "SourceMailboxAlreadyBeingMovedTransientException",
        ),
        ("Request is complete.", Tells.OTHER, ""),
        # A German service says the same; the identifiers and the numbers stay.
        (
            "Der Auftrag ruht, Status: \u201eStalledDueToTarget_MdbReplication\u201c. Weiter nach 03.07.2018 14:23:35.",
            Tells.PAUSED,
            "StalledDueToTarget_MdbReplication",
        ),
        ("Phase: CopyingMessages. Prozent abgeschlossen: 85.", Tells.STAGE, ""),
        (
            "Kopierfortschritt: 17097/21426 Nachrichten, 1,299 GB (1.394.743.256 Bytes)/1,501 GB (1.611.958.891 Bytes), 30/67.",
            Tells.COPY,
            "",
        ),
    ],
)
def test_every_other_form_of_the_field_notes_is_known(text: str, tells: Tells, reason: str) -> None:
    line = one(text)
    assert (line.tells, line.reason) == (tells, reason)


def test_a_wait_for_replication_says_until_when() -> None:
    line = one("Move ... DataMoveReplicationConstraint is not satisfied. Will wait until 7/3/2018 2:52:35 PM.")
    assert line.resumes == at("2018-07-03 14:52:35")


def test_amounts_of_a_copy_are_read_in_any_cultures_groups() -> None:
    for shown in ("1,394,743,256", "1.394.743.256", "1\u202f394\u202f743\u202f256", "1'394'743'256", "1394743256"):
        line = one(f"Copy progress: 1/2 messages, 1.299 GB ({shown} bytes)/1.501 GB ({shown} bytes), 30/67 folders completed.")
        assert (line.tells, line.bytes, line.of_bytes) == (Tells.COPY, 1394743256, 1394743256)


@pytest.mark.parametrize(
    ("shown", "moment"),
    [
        ("7/3/2018 2:22:35 PM", at("2018-07-03 14:22:35")),
        ("7/3/2018 2:22:35\u202fPM", at("2018-07-03 14:22:35")),
        ("7/3/2018 12:22:35 AM", at("2018-07-03 00:22:35")),
        ("7/3/2018 12:22:35 PM", at("2018-07-03 12:22:35")),
        ("13/3/2018 14:22:35", at("2018-03-13 14:22:35")),
        ("03.07.2018 14:22:35", at("2018-07-03 14:22:35")),
        ("2018-07-03 14:22:35", at("2018-07-03 14:22:35")),
        ("2018-07-03T14:22:35", at("2018-07-03 14:22:35")),
        ("3-7-2018 14:22:35", at("2018-07-03 14:22:35")),
    ],
)
def test_a_time_is_read_as_its_culture_writes_it(shown: str, moment: datetime) -> None:
    assert one("text", shown).at == moment


def test_the_order_of_day_and_month_is_that_in_which_the_log_runs_forward() -> None:
    days = [stamp_in(shown) for shown in ("1/7/2018 23:59:00", "2/7/2018 00:01:00", "13/7/2018 00:01:00")]
    assert order_of([day for day in days if day is not None]) == "dmy"
    backwards = [stamp_in(shown) for shown in ("12/7/2018 23:59:00", "1/8/2018 00:01:00")]
    assert order_of([day for day in backwards if day is not None]) == "dmy"


@pytest.mark.parametrize("shown", ["99/99/2018 1:00:00 PM", "7/3/2018 25:00:00", "30/30/30 1:00:00"])
def test_a_time_that_does_not_exist_is_no_time_and_no_crash(shown: str) -> None:
    assert one("text", shown).at is None


@pytest.mark.timeout(20)  # a net for a search that never ends, not a measure
@pytest.mark.parametrize(
    "piece", ["1", "1/", "'", "7/3/2018 ", "(Primary)'", "Stage LoadingMessages ", "A", "1/2 m, ", "StalledDueTo", "["]
)
def test_a_line_of_anything_and_of_any_length_is_read_to_its_end(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    line = one(text)
    assert (line.at, line.server) == (at("2018-07-03 14:22:35"), "CO2PR07MB2711")
    assert line.text.strip() == text.strip()


def test_a_line_without_a_time_goes_on_with_the_one_before() -> None:
    first, second = log_text("7/3/2018 2:22:35 PM [A] Fatal error\n   at X\n   at Y\n7/3/2018 2:22:36 PM [B] next")
    assert first.text == "Fatal error\n   at X\n   at Y"
    assert (second.server, second.text) == ("B", "next")


def test_entries_are_read_by_their_own_time_and_server() -> None:
    (line,) = log_of(report(entry("Stage: CopyingMessages. Percent complete: 85.")))
    assert (line.at, line.server, line.stage, line.percent) == (
        at("2018-07-03 14:22:35"),
        "CO2PR07MB2711",
        "CopyingMessages",
        85,
    )


def test_an_entry_with_a_failure_is_one_whatever_its_text_says() -> None:
    failure = PSObject(props={"FailureType": "MapiExceptionNetworkError"})
    lines = log_of(report(entry("Erreur.", Failure=failure), entry("Erreur.", Flags="Failure, Fatal")))
    assert [(line.tells, line.reason) for line in lines] == [(Tells.FAILURE, "MapiExceptionNetworkError"), (Tells.FAILURE, "")]


def test_entries_that_the_depth_made_texts_are_read_as_such() -> None:
    lines = log_of(report("7/3/2018 2:22:35 PM [A] Stage: CopyingMessages. Percent complete: 1.", "7/3/2018 2:22:36 PM [A] x"))
    assert [line.percent for line in lines] == [1, None]


def test_a_report_that_is_only_a_text_is_read_as_its_lines() -> None:
    assert [line.text for line in log_of(Reading("7/3/2018 2:22:35 PM [A] x\n7/3/2018 2:22:36 PM [A] y"))] == ["x", "y"]
    assert log_of(None) == ()


PAUSE = "Job paused: 'StalledDueToTarget_DiskLatency'. Resumes after '{}'."


@pytest.mark.parametrize("planned", ["7/3/2018 2:23:35 PM", "3/7/2018 14:23:35", "03.07.2018 14:23:35", "7/3/2018 7:23:35 AM"])
def test_the_planned_end_is_soon_after_the_pause_in_whatever_order_and_zone_it_is_shown(planned: str) -> None:
    (line,) = log_of(report(entry(PAUSE.format(planned))))
    assert line.resumes == at("2018-07-03 14:23:35")


def test_a_planned_end_that_fits_nowhere_is_not_known() -> None:
    (line,) = log_of(report(entry(PAUSE.format("1/1/2030 2:23:35 PM"))))
    assert (line.tells, line.resumes) == (Tells.PAUSED, None)


def log(*lines: tuple[str, str]) -> tuple[LogLine, ...]:
    return log_text("\n".join(f"7/3/2018 {time} [A] {text}" for time, text in lines))


def test_a_stall_ends_with_the_first_line_that_shows_work() -> None:
    (stall,) = stalls_in(
        log(
            ("2:00:00 PM", PAUSE.format("7/3/2018 2:01:00 PM")),
            ("2:03:00 PM", "Something else."),
            ("2:05:00 PM", "Stage: LoadingMessages. Percent complete: 20."),
            ("2:09:00 PM", "Stage: CopyingMessages. Percent complete: 40."),
        )
    )
    assert (stall.late, stall.lasted) == (timedelta(minutes=4), timedelta(minutes=5))
    assert (stall.loaded_again, stall.copying_again) == (True, timedelta(minutes=4))


def test_a_stall_directly_after_a_stall_was_picked_up_by_then() -> None:
    first, second = stalls_in(
        log(("2:00:00 PM", PAUSE.format("7/3/2018 2:01:00 PM")), ("2:02:00 PM", PAUSE.format("7/3/2018 2:03:00 PM")))
    )
    assert (first.late, first.loaded_again) == (timedelta(minutes=1), False)
    assert (second.resumed, second.late, second.lasted) == (None, None, None)


def test_a_copy_progress_that_fell_back_is_what_was_copied_again() -> None:
    copy = "Copy progress: 1/9 messages, 1 GB ({:,} bytes)/2 GB (2,000 bytes), 1/2 folders completed."
    (stall,) = stalls_in(
        log(
            ("2:00:00 PM", copy.format(1500)),
            ("2:00:00 PM", PAUSE.format("7/3/2018 2:01:00 PM")),
            ("2:05:00 PM", copy.format(600)),
        )
    )
    assert stall.bytes_copied_again == 900


@pytest.mark.parametrize(
    ("reason", "side"),
    [("StalledDueToTarget_DiskLatency", "target"), ("StalledDueToSource_Processor", "source"), ("StalledDueToHA", "")],
)
def test_the_side_of_a_stall_is_in_its_name(reason: str, side: str) -> None:
    (stall,) = stalls_in(log(("2:00:00 PM", f"'{reason}' '7/3/2018 2:01:00 PM'")))
    assert stall.side == side


def test_a_planned_end_that_lies_hours_behind_the_pick_up_was_shown_in_another_zone() -> None:
    stall, *_ = stalls_in(
        log(("2:00:00 PM", PAUSE.format("7/3/2018 11:01:00 PM")), ("2:06:30 PM", "Stage: CopyingMessages. Percent complete: 40."))
    )
    assert (stall.planned, stall.late) == (at("2018-07-03 14:01:00"), timedelta(minutes=5, seconds=30))


def test_a_pick_up_a_moment_before_its_time_is_told_as_it_is() -> None:
    stall, *_ = stalls_in(
        log(("2:00:00 PM", PAUSE.format("7/3/2018 2:01:00 PM")), ("2:00:30 PM", "Stage: CopyingMessages. Percent complete: 40."))
    )
    assert stall.late == timedelta(seconds=-30)
