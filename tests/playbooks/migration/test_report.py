"""The document's numbers come out, of its own text and of the real engine's export; odd input is told, and is never a crash."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playbooks.migration.folders import Weight
from playbooks.migration.known import stall_named
from playbooks.migration.report import report_of
from playbooks.migration.verdict import Judgement, judge
from psbridge.clixml import decode, decode_message
from psbridge.models import Model, Reading, Untyped
from psbridge.psobject import LAST_TICK, DateTime, PSObject, UInt64, Value
from tests.playbooks.migration.second_document import SecondDocument
from tests.playbooks.migration.statistics import a_list, folder, statistics

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "clixml"


def reported(model: Model) -> dict[str, Any]:
    """A report as the journal keeps it."""
    report: dict[str, Any] = json.loads(json.dumps(report_of(Reading.of(model))))
    return report


def exported() -> Untyped:
    (value,) = decode((FIXTURES / "Get-MigrationUserStatistics" / "exported.clixml").read_bytes())
    return Untyped.read(value)


def sent(name: str) -> Untyped:
    return Untyped.read(decode_message((FIXTURES / name).read_bytes().splitlines()[0]))


@pytest.fixture(params=["the document's text", "the real engine's export", "the real engine's answer"])
def report(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The completed migration, from each source."""
    if request.param == "the document's text":
        document = SecondDocument.of(request.getfixturevalue("documents"))
        return reported(document.statistics())
    if request.param == "the real engine's export":
        return reported(exported())
    return reported(sent("Get-MigrationUserStatistics/completed.clixml"))


def test_2668722884_bytes_were_sent_for_1612092317_estimated_1655_times(report: dict[str, Any]) -> None:
    data = report["data"]
    assert (data["transferred_bytes"], data["estimated_bytes"], data["ratio"]) == (2668722884, 1612092317, 1.655)
    assert (data["transferred"], data["estimated"]) == ("2.485 GB (2,668,722,884 bytes)", "1.501 GB (1,612,092,317 bytes)")
    assert data["excess_bytes"] == 1056630567


def test_it_was_stalled_for_81_minutes_in_61_in_progress(report: dict[str, Any]) -> None:
    durations = report["durations"]
    assert durations["queued"] == "00:00:08.5213717"
    assert durations["in_progress"] == "01:01:30.1987283"
    assert durations["synced"] == "00:00:00"
    assert durations["stalled"] == "01:21:09.3851867"
    assert durations["stalled_for_each_in_progress"] == 1.32


def test_the_pick_ups_were_5_m_03_s_and_7_m_45_s_late(report: dict[str, Any]) -> None:
    assert [(stall["planned"], stall["resumed"], stall["late"], stall["lasted"]) for stall in report["stalls"]] == [
        ("2018-07-03 14:23:35", "2018-07-03 14:28:38", "00:05:03", "00:06:03"),
        ("2018-07-03 14:42:04", "2018-07-03 14:49:49", "00:07:45", "00:08:45"),
    ]
    assert {stall["reason"] for stall in report["stalls"]} == {"StalledDueToTarget_DiskLatency"}
    assert [stall["loaded_again"] for stall in report["stalls"]] == [True, True]
    assert [(stall["percent_before"], stall["percent_after"]) for stall in report["stalls"]] == [(None, 20), (85, 20)]


def test_what_was_done_again_after_each_stall_is_told(report: dict[str, Any]) -> None:
    assert report["after_each_stall"] == [
        (
            "2018-07-03 14:22:35: picked up 00:05:03 late, the messages were loaded again, "
            "copying was reported 00:12:26 after the pick-up"
        ),
        (
            "2018-07-03 14:41:04: picked up 00:07:45 late, the messages were loaded again, from 85 % back to 20 %, "
            "copying was reported 00:10:16 after the pick-up"
        ),
    ]


def test_10188_and_5129_items_are_verified_though_their_bytes_differ(report: dict[str, Any]) -> None:
    assert report["verdict"] == "verified"
    assert [(row["folder"], row["source_items"], row["target_items"]) for row in report["folders"]] == [
        ("/Top of Information Store/Inbox", 10188, 10188),
        ("/Top of Information Store/Deleted Items", 5129, 5129),
    ]
    assert [row["bytes_ratio"] for row in report["folders"]] == [1.27, 2.02]


def test_the_efficiency_is_below_the_healthy_band_and_the_target_holds_it_up(report: dict[str, Any]) -> None:
    speed = report["speed"]
    assert (speed["efficiency_percent"], speed["efficiency"]) == (60.4, "below the healthy 75 to 100 %")
    assert speed["gb_per_hour"] == 2.42
    assert speed["bottleneck"] == "target"
    assert "2 of 2 stalls in the log: StalledDueToTarget_DiskLatency" in speed["bottleneck_by"]


def test_why_they_differ_is_told_from_the_log(report: dict[str, Any]) -> None:
    why = " ".join(report["data"]["why_they_differ"])
    assert "1,056,630,567 bytes more than estimated were sent" in why
    assert "2 interruptions; after 2 of them the messages were loaded again" in why
    assert "The log shows 00:14:48 of the 01:21:09.3851867" in why
    assert "Exchange 2010" in why
    assert report["unread"] == []


def test_the_reason_of_the_stalls_is_explained(report: dict[str, Any]) -> None:
    (reason,) = report["stall_reasons"]
    assert reason["reason"] == "DiskLatency"
    assert "1795706" in reason["source"]


@pytest.mark.documents
def test_the_synced_migration_of_the_document_is_read_too(documents: Path) -> None:
    portal = SecondDocument.of(documents).portal("Synced")
    report = reported(sent("Get-MigrationUserStatistics/synced.clixml"))
    assert report["verdict"] == "under way"
    assert report["data"]["transferred"] == portal["Data migrated"]
    durations = report["durations"]
    assert [durations[name] for name in ("queued", "in_progress", "synced", "stalled")] == [
        portal[f"{name} duration"] for name in ("Queued", "In-progress", "Synced", "Stalled")
    ]


@pytest.mark.parametrize(
    ("names", "stalled"),
    [
        (
            {"TotalStalledDueToMdbReplicationDuration": "00:10:00", "TotalStalledDueToContentIndexingDuration": "00:05:00"},
            "00:15:00",
        ),
        ({"TotalStalledDueToHADuration": "00:10:00", "TotalStalledDueToCIDuration": "00:05:00"}, "00:15:00"),
        ({"TotalStalledDueToReadCpu": "PT10M", "TotalStalledDueToWriteUnknown": 3000000000}, "00:15:00"),
        ({"TotalStalledDuration": "00:20:00", "TotalStalledDueToReadCpu": "00:10:00"}, "00:20:00"),
    ],
)
def test_both_generations_of_names_and_all_forms_of_durations_are_known(names: dict[str, Any], stalled: str) -> None:
    durations = reported(statistics(**names))["durations"]
    assert durations["stalled"] == stalled


@pytest.mark.parametrize(
    "size",
    [
        1612092317,
        UInt64(1612092317),
        1612092317.0,
        "1.501 GB (1,612,092,317 bytes)",
        "1,501 GB (1.612.092.317 bytes)",
        PSObject(("Deserialized.Microsoft.Exchange.Data.ByteQuantifiedSize",), to_string="1.501 GB (1,612,092,317 bytes)"),
        PSObject(props={"IsUnlimited": False, "Value": "1.501 GB (1,612,092,317 bytes)"}),
    ],
)
def test_all_forms_of_sizes_are_known(size: Value) -> None:
    data = reported(statistics(BytesTransferred=size, EstimatedTotalTransferSize=size))["data"]
    assert (data["transferred_bytes"], data["estimated_bytes"], data["ratio"]) == (1612092317, 1612092317, 1.0)
    assert data["why_they_differ"] == ["They are nearly the same: the move was hardly interrupted."]


def test_a_move_request_adds_mailbox_and_archive_unless_only_one_is_moved() -> None:
    sizes: dict[str, Any] = {"TotalMailboxSize": 1000, "TotalArchiveSize": 500, "BytesTransferred": 3000}
    for flags, estimated in (
        ("CrossOrg, Pull", 1500),
        ("CrossOrg, MoveOnlyArchiveMailbox", 500),
        ("MoveOnlyPrimaryMailbox", 1000),
    ):
        assert reported(statistics(**sizes, Flags=flags))["data"]["estimated_bytes"] == estimated


def test_a_side_that_takes_most_of_the_time_is_the_bottleneck() -> None:
    def provider(time: str) -> PSObject:
        return PSObject(props={"TotalDuration": time})

    session = PSObject(props={"SourceProviderInfo": provider("00:50:00"), "DestinationProviderInfo": provider("00:10:00")})
    move = statistics(report={"SessionStatistics": session}, TotalInProgressDuration="01:00:00")
    speed = reported(move)["speed"]
    assert (speed["bottleneck"], speed["bottleneck_by"]) == (
        "source",
        ["83% of the time in progress was spent in calls to the source (more than 80% is a bottleneck)"],
    )


def test_where_a_side_is_depends_on_the_direction_which_a_move_request_tells() -> None:
    stalled: dict[str, Any] = {"TotalStalledDueToWriteCpu": "00:10:00"}
    for workload, where in (("Onboarding", "Exchange Online"), ("Offboarding", "on-premises"), (None, "")):
        assert reported(statistics(**stalled, WorkloadType=workload))["speed"]["where"].startswith(where)


@pytest.mark.parametrize("side", ["Target", "Source"])
def test_every_reason_of_the_field_notes_is_explained_with_its_source(side: str) -> None:
    reasons = "DiskLatency MdbReplication MdbAvailability Processor MDBFull MailboxCapacityExceeded MailboxLock UnknownReason"
    for reason in f"{reasons} EndpointCapacityExceeded BigFunnel ContentIndexing".split():
        known = stall_named(f"StalledDueTo{side}_{reason}")
        assert known is not None, reason
        assert known.source
    for older in ("HA", "CI", "ReadCpu", "WriteThrottle", "ReadUnknown"):
        assert stall_named(f"StalledDueTo{older}") is not None, older
    assert stall_named("StalledDueToSomethingNew") is None


def test_a_tiny_mailbox_is_not_scored() -> None:
    speed = reported(statistics(BytesTransferred=9000, EstimatedTotalTransferSize=1000))["speed"]
    assert speed["efficiency"] == "not scored: the mailbox is smaller than 0.1 GB"


def test_failures_are_counted_by_kind_and_explained_where_they_are_known() -> None:
    def failure(kind: str | None, message: str = "") -> PSObject:
        return PSObject(props={"FailureType": kind, "Message": message, "FailureSide": "Source"})

    listed = a_list([failure("MapiFxProxyTransientException"), failure("MapiFxProxyTransientException"), failure(None, "Bad.")])
    failures = reported(statistics(report={"Failures": listed}, StatusDetail="FailedOther"))["failures"]
    assert [(one["failure"], one["count"], one["side"]) for one in failures] == [
        ("MapiFxProxyTransientException", 2, "Source"),
        ("(without a name)", 1, "Source"),
        ("FailedOther", 1, ""),
    ]
    assert "destination did not answer in time" in failures[0]["means"]
    assert failures[1]["means"] == "no source explains this failure"


def test_items_that_were_left_behind_are_counted_without_their_subjects() -> None:
    item = PSObject(props={"Kind": "CorruptItem", "FolderName": "Inbox", "Subject": "Very private"})
    report = reported(statistics(report={"BadItems": a_list([item, item])}))
    assert report["left_behind"] == [{"kind": "CorruptItem", "folder": "Inbox", "items": 2}]
    assert "private" not in json.dumps(report)


@pytest.mark.parametrize(
    "size", ["Unlimited", "NaN", float("nan"), float("inf"), -1, "-1 B (-1 bytes)", 2**70, "1.5 GB", PSObject()]
)
def test_a_size_that_is_none_is_told_and_nothing_is_worked_out_from_it(size: Value) -> None:
    report = reported(statistics(folder(), BytesTransferred=size, EstimatedTotalTransferSize=1000))
    assert report["data"]["transferred_bytes"] is None
    assert report["data"]["ratio"] is None
    assert any(problem.startswith("BytesTransferred is") for problem in report["unread"])
    assert report["verdict"] == "verified"


@pytest.mark.parametrize("span", ["-01:00:00", "NaN", "soon", 2**80, 1.5, PSObject(props={"Ticks": "x"})])
def test_a_duration_that_is_none_is_told(span: Value) -> None:
    report = reported(statistics(folder(), TotalInProgressDuration=span, BytesTransferred=5))
    assert "in_progress" not in report["durations"]
    assert report["speed"]["gb_per_hour"] is None
    assert len(report["unread"]) == 1


def test_nothing_is_divided_by_zero() -> None:
    move = statistics(
        BytesTransferred=0, EstimatedTotalTransferSize=0, TotalInProgressDuration="00:00:00", TotalStalledDuration=0
    )
    report = reported(move)
    assert (report["data"]["ratio"], report["speed"]["efficiency_percent"], report["speed"]["gb_per_hour"]) == (None, None, None)


def test_what_cannot_be_read_is_told_with_the_way_to_it_and_not_without_end() -> None:
    rows = [folder(MismatchedFlagsCount="many") for _ in range(50)]
    report = reported(statistics(*rows))
    assert report["unread"][0].startswith("Report.MailboxVerification[0].MismatchedFlagsCount is System.String 'many'")
    assert report["unread"][-1] == "and 30 more"


MOVE = (
    *(
        "Status",
        "StatusDetail",
        "Report",
        "BytesTransferred",
        "EstimatedTotalTransferSize",
        "TotalInProgressDuration",
        "Identity",
    ),
    *(
        "TotalStalledDuration",
        "PercentageComplete",
        "DataConsistencyScore",
        "SkippedItemCount",
        "SourceVersion",
        "Error",
        "Flags",
    ),
)
INSIDE = ("Entries", "MailboxVerification", "Failures", "BadItems", "SessionStatistics", "TargetThrottles")
FOLDER = ("Source", "Target", "Corrupt", "FolderIsMissing", "MismatchedFlagsCount", "FolderSourcePath", "SourceFAI")
ENTRY = ("CreationTime", "ServerName", "Message", "Flags", "Failure", "LocalizedString")
LINES = (
    "'StalledDueToTarget_X' '7/3/2018 2:23:35 PM'",
    "'StalledDueToY' '31/12/9999 23:59:59'",
    "StalledDueToZ 1/1/0001 1:00:00",
    "Copy progress: 1/2 m, 1 (1 b)/2 (2 b)",
    "Stage: LoadingMessages. Percent complete: 999.",
)
TEXTS = st.sampled_from(
    (
        "",
        "Completed",
        "Failed",
        "10 [1 KB (1,024 bytes)]",
        "x [y]",
        "00:10:00",
        "Unlimited",
        "NaN",
        "True",
        "\ud800\x00\u202e",
        *LINES,
    )
)
MOMENTS = st.sampled_from((0, LAST_TICK, 636662101550000000)).map(DateTime)
SIMPLE = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), TEXTS, MOMENTS, st.binary(max_size=3))


def some(names: Sequence[str], values: st.SearchStrategy[Any] = SIMPLE) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names), values, max_size=4)


def lists(items: st.SearchStrategy[Any]) -> st.SearchStrategy[PSObject]:
    return st.lists(items, max_size=3).map(a_list)


ENTRIES = lists(st.builds(lambda moment, odd: PSObject(props={"CreationTime": moment, **odd}), MOMENTS, some(ENTRY)) | SIMPLE)
FOLDERS = lists(st.builds(lambda odd: PSObject(props={**folder().props, **odd}), some(FOLDER)) | SIMPLE)
ODD = st.one_of(
    SIMPLE, lists(SIMPLE), st.builds(lambda props: PSObject(props=props), some(("TotalDuration", "Kind", "CpuThrottle")))
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some(MOVE, ODD), some(INSIDE, ODD), ENTRIES, FOLDERS)
def test_whatever_came_the_report_is_json_and_nothing_is_verified_by_accident(
    odd: dict[str, Any], inside: dict[str, Any], entries: PSObject, folders: PSObject
) -> None:
    move = statistics(report={"Entries": entries, "MailboxVerification": folders, **inside}, **odd)
    report = reported(move)
    verdict = judge(move)
    assert report["verdict"] == verdict.judgement
    assert verdict.reasons
    if verdict.judgement is Judgement.VERIFIED:
        assert verdict.folders
        assert all(one.source is not None and one.target is not None for one in verdict.folders)
        assert not any(finding.weight is not Weight.NOTE for finding in verdict.findings)
