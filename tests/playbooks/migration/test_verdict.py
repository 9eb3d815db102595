"""Whether everything has arrived is judged by counts, buckets and flags, never by bytes, and only by what can be read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from playbooks.migration.folders import Weight
from playbooks.migration.states import Phase, phase_of
from playbooks.migration.verdict import Judgement, judge
from psbridge.clixml import decode
from psbridge.models import Model, MoveRequestStatistics, Untyped
from psbridge.psobject import PSObject
from tests.playbooks.migration.second_document import SecondDocument
from tests.playbooks.migration.statistics import a_list, folder, statistics

EXPORTED = Path(__file__).resolve().parents[3] / Path("fixtures/clixml/Get-MigrationUserStatistics/exported.clixml")


@pytest.mark.documents
def test_the_documents_folders_are_verified_with_10188_and_5129_items_though_their_bytes_differ(documents: Path) -> None:
    verdict = judge(SecondDocument.of(documents).statistics())
    assert verdict.judgement is Judgement.VERIFIED
    assert [folder.target.items for folder in verdict.folders if folder.target] == [10188, 5129]
    assert [round(folder.byte_ratio or 0, 2) for folder in verdict.folders] == [1.27, 2.02]
    assert verdict.findings == ()
    assert verdict.items == 15317


def test_the_real_engines_export_is_verified() -> None:
    (exported,) = decode(EXPORTED.read_bytes())
    verdict = judge(Untyped.read(exported))
    assert verdict.is_verified
    assert verdict.reasons == ("The status is Completed; all 2 folders of the verification have arrived, 15,317 items by count.",)


@pytest.mark.parametrize(
    ("properties", "weight", "says"),
    [
        ({"FolderIsMissing": True}, Weight.LOSS, "FolderIsMissing"),
        ({"FolderIsMisplaced": True}, Weight.LOOK, "FolderIsMisplaced"),
        ({"MismatchedFlagsCount": 3}, Weight.LOOK, "the flags of 3 items differ"),
        ({"MissingItemsInTargetBucket": "2 [9 KB (9,216 bytes)]"}, Weight.LOSS, "2 items are missing"),
        ({"MissingItemsInTargetBucket": None, "Missing": "2 [9 KB (9,216 bytes)]"}, Weight.LOSS, "2 items are missing"),
        ({"Corrupt": "1 [9 KB (9,216 bytes)]"}, Weight.LOSS, "1 items were left behind (Corrupt)"),
        ({"Large": "1 [9 KB (9,216 bytes)]"}, Weight.LOSS, "1 items were left behind (Large)"),
        ({"Skipped": "4 [9 KB (9,216 bytes)]"}, Weight.LOSS, "4 items were left behind (Skipped)"),
        ({"target": "9 [1 KB (1,024 bytes)]"}, Weight.LOSS, "1 of them are in no bucket"),
        ({"target": "11 [1 KB (1,024 bytes)]"}, Weight.LOOK, "1 of them are in no bucket"),
        (
            {"SourceFAI": "3 [1 KB (1,024 bytes)]", "TargetFAI": "2 [1 KB (1,024 bytes)]"},
            Weight.LOOK,
            "3 folder associated items",
        ),
        ({"Source": "-1 [0 B (0 bytes)]"}, Weight.LOOK, "no count for Source"),
        ({"MismatchedFlagsCount": "NaN"}, Weight.LOOK, "MismatchedFlagsCount is System.String 'NaN'"),
        ({"Corrupt": "Unlimited"}, Weight.LOOK, "Corrupt 'Unlimited' cannot be read"),
    ],
)
def test_a_folder_that_has_not_arrived_whole_is_a_finding(properties: dict[str, Any], weight: Weight, says: str) -> None:
    verdict = judge(statistics(folder(), folder(**properties)))
    assert verdict.judgement is Judgement.DIFFERS
    assert verdict.findings[0].weight is weight
    assert says in verdict.findings[0].says
    assert verdict.findings[0].folder == "/Top of Information Store/Inbox"


def test_items_that_a_bucket_explains_are_not_counted_a_second_time() -> None:
    row = folder(target="7 [1 KB (1,024 bytes)]", Corrupt="1 [1 KB (1,024 bytes)]", Skipped="2 [1 KB (1,024 bytes)]")
    assert [finding.says for finding in judge(statistics(row)).findings] == [
        "1 items were left behind (Corrupt)",
        "2 items were left behind (Skipped)",
    ]


def test_items_that_only_the_target_has_are_told_and_do_no_harm() -> None:
    row = folder(target="12 [1 KB (1,024 bytes)]", NonMRSSyncedExtraItemsInTargetBucket="2 [1 KB (1,024 bytes)]")
    verdict = judge(statistics(row))
    assert verdict.is_verified
    assert [(finding.weight, finding.says) for finding in verdict.findings] == [
        (Weight.NOTE, "2 more items are in the target (NonMRSSynced)")
    ]


@pytest.mark.parametrize("count", ["10", "10 [NaN]", "10 [1 KB (1.024 bytes)]", "10 [-1 B (-1 bytes)]"])
def test_the_count_decides_whatever_became_of_the_bytes(count: str) -> None:
    assert judge(statistics(folder(count, count))).is_verified


@pytest.mark.parametrize(
    ("status", "judgement"),
    [
        ("Completed", Judgement.VERIFIED),
        ("CompletedWithWarnings", Judgement.DIFFERS),
        ("CompletedWithWarning", Judgement.DIFFERS),
        ("Synced", Judgement.UNDER_WAY),
        ("Syncing", Judgement.UNDER_WAY),
        ("StalledDueToTarget_DiskLatency", Judgement.UNDER_WAY),
        ("RelinquishedWlmStall", Judgement.UNDER_WAY),
        ("AutoSuspended", Judgement.UNDER_WAY),
        ("Suspended", Judgement.UNDER_WAY),
        ("Failed", Judgement.FAILED),
        ("FailedBadItemLimit", Judgement.FAILED),
        ("CompletionFailed", Judgement.FAILED),
        ("Corrupted", Judgement.FAILED),
        ("Canceled", Judgement.FAILED),
        ("Removing", Judgement.UNPROVED),
        ("Removed", Judgement.UNPROVED),
        ("SomethingNew", Judgement.UNPROVED),
        ("", Judgement.UNPROVED),
        (None, Judgement.UNPROVED),
        (17, Judgement.UNPROVED),
    ],
)
def test_only_a_completed_move_can_be_verified(status: str | None, judgement: Judgement) -> None:
    assert judge(statistics(folder(), Status=status)).judgement is judgement


@pytest.mark.parametrize("status", ["Removing", "Removed"])
def test_what_is_removed_may_have_completed_before(status: str) -> None:
    """Completed batches are removed, too: nobody may take from it on which side the mailbox is."""
    verdict = judge(statistics(folder(), Status=status, StatusDetail="Completed", PercentComplete=100))
    (reason,) = verdict.reasons
    assert reason == (
        f"The status is {status}, but it is not verified: a move is removed after its completion as well as before it. Look on "
        "which side the mailbox is (Get-Mailbox) before anything is given up."
    )
    assert judge(statistics(folder(), StatusDetail=status)).is_verified


def test_what_was_left_behind_is_told_of_a_move_that_is_removed_too() -> None:
    verdict = judge(statistics(folder(Corrupt="1 [1 KB (1,024 bytes)]"), Status="Removing"))
    assert verdict.judgement is Judgement.UNPROVED
    assert "1 items were left behind (Corrupt)" in verdict.reasons[1]
    assert verdict.needs_a_look


@pytest.mark.parametrize(
    ("report", "says"),
    [
        (None, "Ask for the statistics with -IncludeReport"),
        ("7/3/2018 2:22:35 PM [SERVER] text", "only its text came"),
        (PSObject(props={"Entries": None, "MailboxVerification": None}), "the report has no verification"),
        (
            PSObject(props={"MailboxVerification": a_list(["Folder: /Inbox, 10 [1 KB (1,024 bytes)]"])}),
            "the report has no verification",
        ),
    ],
)
def test_completion_alone_proves_nothing(report: PSObject | str | None, says: str) -> None:
    verdict = judge(statistics(Report=report))
    assert verdict.judgement is Judgement.UNPROVED
    assert says in verdict.reasons[0]


NOTHING = "0 [0 B (0 bytes)]"


@pytest.mark.parametrize(
    ("properties", "says"),
    [
        ({"ItemsTransferred": 3}, "3 items"),
        ({"EstimatedTotalTransferCount": 15317}, "15,317 items"),
        ({"EstimatedTotalTransferSize": "1.501 GB (1,612,092,317 bytes)"}, "1,612,092,317 bytes"),
        ({"BytesTransferred": "2.485 GB (2,668,722,884 bytes)"}, "2,668,722,884 bytes"),
    ],
)
def test_a_verification_that_counts_nothing_of_a_mailbox_that_was_not_empty_verifies_nothing(
    properties: dict[str, Any], says: str
) -> None:
    verdict = judge(statistics(folder(NOTHING, NOTHING), **properties))
    assert verdict.judgement is Judgement.UNPROVED
    assert f"not verified: the verification counts no item, and the statistics tell of {says}" in verdict.reasons[0]


def test_an_empty_mailbox_is_verified_where_both_sides_were_counted() -> None:
    nothing: dict[str, Any] = {
        "ItemsTransferred": 0,
        "EstimatedTotalTransferCount": 0,
        "EstimatedTotalTransferSize": "300 KB (307,200 bytes)",
    }
    verdict = judge(statistics(folder(NOTHING, NOTHING), folder(NOTHING, NOTHING), **nothing))
    assert verdict.is_verified
    assert verdict.items == 0


def test_an_export_in_which_every_count_is_zero_is_not_verified() -> None:
    text = EXPORTED.read_text(encoding="utf-8-sig")
    zero = re.sub(r"(<I(?:32|64)(?: N=\"[^\"]*\")?>)-?\d+<", r"\g<1>0<", text)
    (exported,) = decode(re.sub(r"\d+ \[[^\]]*\]", NOTHING, zero).encode())
    verdict = judge(Untyped.read(exported))
    assert len(verdict.folders) == 2
    assert verdict.judgement is Judgement.UNPROVED


@pytest.mark.parametrize(
    ("score", "judgement"),
    [
        ("Perfect", Judgement.VERIFIED),
        ("Good", Judgement.VERIFIED),
        ("Investigate", Judgement.DIFFERS),
        ("Poor", Judgement.DIFFERS),
        ("Splendid", Judgement.DIFFERS),
    ],
)
def test_the_data_consistency_score_is_heard(score: str, judgement: Judgement) -> None:
    verdict = judge(statistics(folder(), DataConsistencyScore=score))
    assert verdict.judgement is judgement
    assert any(score in reason for reason in verdict.reasons) or score == "Perfect"


def test_skipped_bad_and_large_items_are_losses_even_where_no_folder_tells_of_them() -> None:
    verdict = judge(statistics(folder(), SkippedItemCount=1, BadItemsEncountered=2, LargeItemsEncountered=3))
    assert verdict.judgement is Judgement.DIFFERS
    assert [finding.says.split(" (")[1].rstrip(")") for finding in verdict.findings] == [
        "SkippedItemCount",
        "BadItemsEncountered",
        "LargeItemsEncountered",
    ]


@pytest.mark.parametrize(
    ("properties", "says"),
    [
        ({"SkippedItemCount": "many"}, "SkippedItemCount is System.String 'many'"),
        ({"BadItemsEncountered": -1}, "BadItemsEncountered is System.Int32 '-1'"),
        ({"HasUnapprovedSkippedItems": "perhaps"}, "HasUnapprovedSkippedItems is"),
        ({"StatusDetail": "FailedOther"}, "contradicts the status"),
    ],
)
def test_what_may_tell_of_a_loss_and_cannot_be_read_is_never_taken_for_none(properties: dict[str, Any], says: str) -> None:
    verdict = judge(statistics(folder(), **properties))
    assert verdict.judgement is Judgement.DIFFERS
    assert says in verdict.findings[0].says


def test_extra_items_can_hide_missing_ones_where_no_row_tells_of_those() -> None:
    row = folder(MissingItemsInTargetBucket=None, DuplicatedItemsInTargetBucket="2 [1 KB (1,024 bytes)]")
    assert judge(statistics(row)).judgement is Judgement.DIFFERS


def test_a_row_of_which_only_a_text_is_left_proves_nothing_of_its_folder() -> None:
    rows = a_list([folder(), "Folder: /Drafts, 10 [1 KB (1,024 bytes)]"])
    verdict = judge(statistics(Report=PSObject(props={"MailboxVerification": rows})))
    assert verdict.judgement is Judgement.DIFFERS
    assert "nothing is proved of this folder" in verdict.findings[0].says


def test_any_model_of_a_move_can_be_judged() -> None:
    move: Model = MoveRequestStatistics.parse(statistics(folder()).raw, "Get-MoveRequestStatistics")
    assert judge(move).is_verified


@pytest.mark.parametrize("odd", [None, "text", 17, PSObject(), PSObject(props={"Report": 4.5, "Status": PSObject()})])
def test_what_is_no_statistics_at_all_is_not_proved_and_no_crash(odd: Any) -> None:
    assert judge(Untyped.read(odd)).judgement is Judgement.UNPROVED


def test_every_state_of_the_field_notes_is_known() -> None:
    users = (
        "Completed, CompletedWithWarnings, Completing, CompletionFailed, CompletionSynced, Corrupted, Failed, IncrementalFailed, "
        "IncrementalStopped, IncrementalSynced, IncrementalSyncing, Provisioning, ProvisionUpdating, Queued, Removing, Starting, "
        "Stopped, Stopping, Synced, Syncing, Validating"
    )
    requests = (
        "Queued, InProgress, InitializingMove, InitialSeeding, CreatingMailbox, CreatingFolderHierarchy, "
        "CreatingInitialSyncCheckpoint, LoadingMessages, CopyingMessages, Completion, IncrementalSync, Finalization, "
        "DataReplicationWait, ADUpdate, Cleanup, Stalled, StalledDueToHA, TransientFailure, NetworkFailure, MDBOffline, "
        "ProxyBackoff, ServerBusyBackoff, Suspended, AutoSuspended, InitialSeedingComplete, Idle, Relinquished, "
        "RelinquishedWlmStall, Failed, FailedStuck, Completed, CompletedWithWarnings, Canceled, Removed, CompletionInProgress, "
        "Retrying, CompletedWithWarning, WaitingForJobPickup, WaitJob"
    )
    unknown = [name for name in f"{users}, {requests}".split(", ") if phase_of(name) is Phase.UNKNOWN]
    assert unknown == []
