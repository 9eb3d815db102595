"""How far a request has come, and what a look found, in one line for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from psbridge.clixml import encode_message
from psbridge.journal import Entry, Kind, reply_to_json
from psbridge.psobject import PSObject, Value
from psbridge.reply import Record, Reply, State, Stream
from psbridge.report.durations import spoken
from psbridge.report.progress import progress_of, seen_in

AT = datetime(2018, 7, 15, 15, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        ({"Status": "Queued"}, "Queued"),
        ({"Status": "Synced", "StatusSummary": "Synced", "SyncedItemCount": 12}, "Synced, 12 items"),
        (
            {
                "Status": "InProgress",
                "StatusDetail": "CopyingMessages",
                "PercentComplete": 45,
                "BytesTransferred": "1.2 GB (1,288,490,189 bytes)",
                "EstimatedTransferSize": "2.7 GB (2,899,102,924 bytes)",
                "ItemsTransferred": 300,
                "EstimatedTransferItemCount": 700,
            },
            "InProgress (CopyingMessages), 45 %, 1.2 GB of 2.7 GB, 300 of 700 items",
        ),
        (
            {"Status": "Syncing", "PercentageComplete": 7, "BytesTransferred": "5 MB (5,242,880 bytes)", "SyncedItemCount": 0},
            "Syncing, 7 %, 5 MB, 0 items",
        ),
        ({"Name": "x"}, ""),
    ],
)
def test_a_request_is_told_by_the_numbers_that_it_has(properties: dict[str, Value], told: str) -> None:
    assert progress_of(PSObject(ms=properties)) == told


def look(*output: Value, state: str = "done") -> Entry:
    reply = Reply(State.COMPLETED, tuple(Record(Stream.OUTPUT, encode_message(value)) for value in output))
    body = {"reply": reply_to_json(reply, lambda clixml: clixml)}
    return Entry("r", 1, "k", Kind.LOOK, state, 1, "", AT, 1, body, "", "")


def test_a_look_is_told_by_what_there_is() -> None:
    assert seen_in(look(state="absent")) == "it is not there yet"
    assert seen_in(look()) == "0 objects"
    assert seen_in(look(PSObject(ms={"Name": "x", "RecipientTypeDetails": "UserMailbox"}))) == "x (UserMailbox)"
    assert seen_in(look(PSObject(ms={"Status": "Completed"}))) == "Completed"
    assert seen_in(look(1, 2)) == "2 objects"


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (timedelta(seconds=-1), "0 s"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(minutes=2), "2 min"),
        (timedelta(minutes=12, seconds=30), "12 min 30 s"),
        (timedelta(hours=1, seconds=59), "1 h"),
        (timedelta(days=29, hours=4, minutes=59), "29 d 4 h"),
    ],
)
def test_a_length_of_time_has_the_two_units_that_matter(length: timedelta, told: str) -> None:
    assert spoken(length) == told
