"""The merge of OPTION #0 beside requests that others have made, and where it does not bring everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest

from playbooks.duplicate_mailbox import deadline
from playbooks.duplicate_mailbox.capture import Captured
from playbooks.duplicate_mailbox.merge import merge
from playbooks.duplicate_mailbox.restore_requests import Earlier, Part, best
from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.outcome_codes import code_of
from psbridge.cmdlets import get_mailbox
from psbridge.cmdlets.directory import directory_of
from psbridge.command import SWITCH
from psbridge.endpoints import Endpoints
from psbridge.engine import Done, Engine, Failed, Input, Operator, Outcome, Playbook, Run, Waiting
from psbridge.journal import Kind, SqliteStore
from psbridge.models import Mailbox, MailboxRestoreRequest, MailboxRestoreRequestStatistics
from psbridge.models.values import EnumName
from psbridge.simulator import load_seed
from psbridge.simulator.state import Ending, Fault
from psbridge.simulator.state.ids import NO_GUID
from tests.playbooks.change import Change, settings, user
from tests.playbooks.far_ends import Simulated
from tests.playbooks.option_zero import CAPTURED, RUN, TARGET, USER
from tests.playbooks.playing import Meanwhile, Played, Skipping, engine_for, play
from tests.playbooks.scenario import Happening
from tests.playbooks.scenarios.duplicate_mailbox_delete_account import (
    ARCHIVE,
    COMPLETE,
    LOCAL_ARCHIVE,
    MIGRATED,
    done,
    requested_by_hand,
)
from tests.simulator.rehearsal import Rehearsal

OTHER = UUID("5b000000-0000-4000-8000-0000000000ee")
NOT_FOUND = "ManagementObjectNotFoundException,Microsoft.Exchange.Management.RecipientTasks.GetMailboxRestoreRequest"
BINDING = "ParameterBindingException,Microsoft.Exchange.Management.RecipientTasks.NewMailboxRestoreRequest"
OURS = f"testduplicate\\psb-{RUN}"

# One request for the whole mailbox, as its statistics show it.
WHOLE: dict[str, Any] = {
    "source_exchange_guid": UUID(CAPTURED),
    "target_exchange_guid": UUID(TARGET),
    "source_root_folder": "",
    "target_root_folder": "",
    "source_is_archive": False,
    "target_is_archive": False,
    "conflict_resolution_option": "KeepSourceItem",
    "associated_messages_copy_option": "Copy",
    "exclude_dumpster": False,
    "include_folders": (),
    "exclude_folders": (),
}
SOURCE = Mailbox.model_construct(exchange_guid=UUID(CAPTURED), archive_guid=UUID(ARCHIVE))
INTO = Mailbox.model_construct(exchange_guid=UUID(TARGET), archive_guid=UUID(LOCAL_ARCHIVE))
MAILBOX = Part("", "psb-1", SOURCE, INTO)
TO_ARCHIVE = Part("archive-", "psb-1-archive", SOURCE, INTO, from_archive=True, to_archive=True)
TO_FOLDER = Part("archive-", "psb-1-archive", SOURCE, INTO, from_archive=True, folder="Archive of the cloud mailbox")
OF_ARCHIVE = {"source_is_archive": True, "target_is_archive": True}


def earlier(number: int = 0, status: str = "Completed", **differs: Any) -> Earlier:
    """A request of somebody else."""
    request = MailboxRestoreRequest.model_construct(identity=f"testduplicate\\MailboxRestore{number}", status=EnumName(status))
    return Earlier(request, MailboxRestoreRequestStatistics.model_construct(**WHOLE | differs))


@pytest.mark.parametrize(
    ("differs", "told"),
    [
        ({"source_root_folder": "Inbox"}, "SourceRootFolder Inbox"),
        ({"target_root_folder": "/Old"}, "TargetRootFolder /Old"),
        ({"target_is_archive": True}, "TargetIsArchive True"),
        ({"include_folders": ("Inbox", "#Calendar#")}, "IncludeFolders Inbox, #Calendar#"),
        ({"exclude_folders": ("Sent Items",)}, "ExcludeFolders Sent Items"),
        ({"content_filter": "Subject -like 'July*'"}, "ContentFilter Subject -like 'July*'"),
        ({"exclude_dumpster": True}, "ExcludeDumpster"),
        ({"associated_messages_copy_option": "DoNotCopy"}, "AssociatedMessagesCopyOption DoNotCopy"),
        ({"conflict_resolution_option": "KeepTargetItem"}, "ConflictResolutionOption KeepTargetItem"),
        ({"target_exchange_guid": OTHER}, f"TargetExchangeGuid {OTHER}"),
    ],
)
def test_a_request_that_copies_less_or_elsewhere_is_not_the_merge(differs: dict[str, Any], told: str) -> None:
    assert best([earlier(**differs)], MAILBOX) is None
    assert earlier(**differs).falls_short(MAILBOX) == (told,)
    assert best([earlier(**differs), earlier(1)], MAILBOX) == earlier(1)


@pytest.mark.parametrize(
    ("part", "fits"),
    [
        (MAILBOX, {"source_root_folder": "/", "target_root_folder": "\\", "conflict_resolution_option": "KeepAll"}),
        (TO_ARCHIVE, OF_ARCHIVE),
        (TO_ARCHIVE, {**OF_ARCHIVE, "source_exchange_guid": UUID(ARCHIVE), "target_exchange_guid": UUID(LOCAL_ARCHIVE)}),
        (TO_FOLDER, {"source_is_archive": True, "target_root_folder": "/archive of the cloud mailbox"}),
    ],
)
def test_a_request_that_brings_the_whole_is_the_merge(part: Part, fits: dict[str, Any]) -> None:
    assert best([earlier(**fits)], part) == earlier(**fits)


@pytest.mark.parametrize(
    ("part", "differs"),
    [
        (MAILBOX, OF_ARCHIVE),
        (MAILBOX, {"source_exchange_guid": OTHER}),
        (TO_ARCHIVE, {}),
        (TO_ARCHIVE, {"source_is_archive": True}),
        (TO_FOLDER, OF_ARCHIVE),
        (TO_FOLDER, {"source_is_archive": True}),
    ],
)
def test_mailbox_and_archive_are_two_things(part: Part, differs: dict[str, Any]) -> None:
    assert best([earlier(**differs)], part) is None


def test_a_completed_request_is_followed_before_one_under_way_and_that_before_one_that_has_stopped() -> None:
    order = ["Completed", "InProgress", "CompletedWithWarning", "Suspended", "Failed"]
    requests = [earlier(number, status) for number, status in enumerate(order)]
    while requests:
        assert best(requests[::-1], MAILBOX) == requests[0]
        del requests[0]


def test_a_request_without_statistics_is_no_merge_and_is_named() -> None:
    unknown = Earlier(earlier().request, None)
    assert unknown.may_concern(MAILBOX)
    assert best([unknown], MAILBOX) is None
    assert unknown.falls_short(MAILBOX) == ("no statistics",)


# From here on in the simulator: the merge alone, of a user whose account was purged and whose mailbox was migrated.


def body(run: Run) -> Mapping[str, object]:
    cloud = run.evidence("exchange-guid", "exo", get_mailbox(UUID(CAPTURED), soft_deleted_mailbox=True), need=("exchange_guid",))
    target = run.evidence("target-guid", "exo", get_mailbox(UUID(TARGET)), need=("exchange_guid",))
    account = run.read("account", "directory", directory_of("msonline").get_user(USER)).one()
    return merge(run, Captured(cloud, target, account), target, deadline.watch(run, cloud))


MERGING = Playbook("merging", "1", "", (Input("identity"),), ("exo", "directory"), (), body)


class Scene:
    """One organisation, one run, and what others do."""

    def __init__(self, folder: Path, *, playbook: Playbook = MERGING, migrated: bool = True, **cloud: Any) -> None:
        tenant = load_seed("option-0")
        if cloud:
            user("cloud", USER, **cloud).simulated(tenant)
        user("onPremises", USER, archiveGuid=LOCAL_ARCHIVE).simulated(tenant)
        self.there = Rehearsal(tenant)
        self.there.state.migrations.clear()
        self.there.delete()
        self.there.purge()
        self.there.synchronise()
        self.there.wait(minutes=1)
        if migrated:
            self.migrate()
        self.playbook = playbook
        endpoints = Endpoints(self.there.transports.__getitem__)
        store = SqliteStore(folder / "journal.db")
        self.engine = Engine(store, {playbook.name: playbook}, endpoints, clock=self.there.clock)

    def migrate(self) -> None:
        """Somebody migrates the mailbox."""
        self.there.objects("exo", "New-MoveRequest", Identity=USER, Remote=SWITCH, **MOVED)
        self.there.wait(minutes=30)

    def requested(self, number: int = 1, **differs: Any) -> None:
        """Somebody makes restore requests into the migrated mailbox."""
        for _ in range(number):
            call = {"SourceMailbox": CAPTURED, "TargetMailbox": TARGET, "AllowLegacyDNMismatch": SWITCH, **differs}
            self.there.objects("exo", "New-MailboxRestoreRequest", **call)

    def removed(self, identity: str) -> None:
        """Somebody removes a restore request."""
        self.there.objects("exo", "Remove-MailboxRestoreRequest", Identity=identity, Confirm=False)

    @property
    def names(self) -> list[str]:
        """Of the requests that are there."""
        return [one.name for one in self.there.state.restore_requests]

    def keys(self, key: str) -> bool:
        """Whether the run came to a step."""
        return any(one.key == key for one in self.engine.entries(RUN))

    def played(
        self,
        meanwhile: Callable[[], object] = lambda: None,
        *,
        when_asked: Mapping[str, Callable[[], object]] = MappingProxyType({}),
    ) -> Outcome:
        """Carry the run on to its end; `meanwhile` happens once, when it waits for a request, `when_asked` before an approval."""
        if not self.engine.runs():
            self.engine.start(self.playbook.name, {"identity": USER}, run_id=RUN)
        happened = False
        for _ in range(50):
            outcome = self.engine.advance(RUN)
            if not isinstance(outcome, Waiting):
                return outcome
            for asked in self.engine.pending_approvals(RUN):
                when_asked.get(asked.key, lambda: None)()
                self.engine.approve(RUN, asked.key, asked.sha)
            if "the restore request to complete" in outcome.why and not happened:
                happened = True
                meanwhile()
            if "the restore request to " in outcome.why:
                self.there.wait(minutes=1)
        raise AssertionError("it does not end")

    def ends(self, **how: Any) -> None:
        """The last request will end so."""
        self.there.state.restore_requests[-1].outcome = Ending(**how)

    def told(self, kind: Kind, key: str) -> str:
        """The first text of an entry."""
        body = next(one.body for one in self.engine.entries(RUN) if (one.kind, one.key) == (kind, key))
        return str(body.get("text") or body.get("says"))

    @property
    def warning(self) -> str:
        """The warning of the deadline, if it stands."""
        return " ".join(self.engine.warnings(RUN))


MOVED = {"RemoteHostName": "mail.domain.com", "TargetDeliveryDomain": "domain.mail.onmicrosoft.com"}


@pytest.mark.parametrize("status", ["CompletedWithWarning", "Completed"])
def test_skipped_items_leave_the_warning_standing_and_are_findings(status: str, tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    outcome = scene.played(lambda: scene.ends(status=status, bad_items=3))
    assert isinstance(outcome, Done)
    assert outcome.result["merge"] == status
    assert code_of(outcome) is ExitCode.FINDINGS
    for said in ("is lost for good at 2018-08-14", f"{OURS} is {status}: 3 items skipped (3 bad, 0 too large)", "-IncludeReport"):
        assert said in scene.warning


def test_a_whole_merge_lifts_the_warning_and_has_no_findings(tmp_path: Path) -> None:
    scene = Scene(tmp_path, archiveGuid=ARCHIVE)
    outcome = scene.played()
    assert outcome == Done({"merge": "Completed", "request": OURS, "archive": "Completed", "archive_request": f"{OURS}-archive"})
    assert scene.warning == ""


def test_an_approval_that_nobody_gives_asks_the_operator_seven_three_and_one_day_before_the_end(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    deleted = datetime(2018, 7, 15, 15, 45, tzinfo=UTC)
    scene.there.wait(days=20)
    scene.engine.start(scene.playbook.name, {"identity": USER}, run_id=RUN)
    for days in (23, 27, 29, 30):
        waits = scene.engine.advance(RUN)
        assert isinstance(waits, Waiting)
        (asked,) = scene.engine.pending_approvals(RUN)
        assert f"he soft-deleted mailbox {CAPTURED} is lost for good at 2018-08-14" in asked.says
        scene.there.clock.sleep((waits.until - scene.there.clock.now()).total_seconds())
        told = scene.engine.advance(RUN)
        assert isinstance(told, Operator)
        assert told.why.startswith("Nobody approved merge-mailbox until ")
        assert (scene.there.clock.now() - deleted).days == days
        assert asked.says.endswith(scene.warning)
        scene.engine.retry(RUN)


def test_a_request_for_a_part_is_named_and_the_run_makes_its_own(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.requested(SourceRootFolder="Inbox")
    outcome = scene.played()
    assert isinstance(outcome, Done)
    assert outcome.result["request"] == OURS
    assert "testduplicate\\MailboxRestore (Queued): SourceRootFolder Inbox." in scene.told(Kind.NOTE, "other-requests")


def test_a_request_that_went_to_the_mail_user_before_it_was_migrated_is_no_merge(tmp_path: Path) -> None:
    scene = Scene(tmp_path, migrated=False)
    scene.requested()
    scene.migrate()
    outcome = scene.played()
    assert isinstance(outcome, Done)
    assert outcome.result["request"] == OURS
    note = scene.told(Kind.NOTE, "other-requests")
    assert "testduplicate\\MailboxRestore (Failed): made at 2018-07-15" in note
    assert "before the mailbox was there" in note


@pytest.mark.parametrize("number", [9, 10])
def test_the_tenth_request_of_a_mailbox_is_made_and_no_eleventh(number: int, tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.requested(number, SourceRootFolder="Inbox")
    outcome = scene.played()
    if number < 10:
        assert isinstance(outcome, Done), outcome
    else:
        assert isinstance(outcome, Failed), outcome
        assert "Stopped at the mailbox has room for another restore request. Found: 10 requests" in outcome.error
        assert len(scene.there.state.restore_requests) == 10
        assert "Until then it must be merged." in scene.warning


def test_requests_whose_statistics_are_not_found_count_among_the_ten(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.requested(10, SourceRootFolder="Inbox")
    first, second, *_ = scene.there.state.restore_requests
    second.name = first.name  # so that the name gives the statistics of neither
    outcome = scene.played()
    assert isinstance(outcome, Failed), outcome
    assert "Found: 10 requests" in outcome.error


def test_a_followed_request_that_somebody_removes_is_no_merge_and_a_retry_makes_one(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.requested()
    theirs = scene.there.state.restore_requests[0].identity
    outcome = scene.played(lambda: scene.there.objects("exo", "Remove-MailboxRestoreRequest", Identity=theirs, Confirm=False))
    assert isinstance(outcome, Failed)
    assert "Stopped at the restore request that is followed is still there." in outcome.error
    scene.engine.retry(RUN)
    outcome = scene.played()
    assert isinstance(outcome, Done)
    assert outcome.result["request"] == OURS


@pytest.mark.parametrize(
    ("answer", "merge", "findings", "requests"), [("merged", "Removed", 1, []), ("request", "Completed", 0, [f"psb-{RUN}"])]
)
def test_a_request_of_the_run_that_somebody_removes_is_put_before_a_person_who_can_go_on(
    answer: str, merge: str, findings: int, requests: list[str], tmp_path: Path
) -> None:
    scene = Scene(tmp_path)
    outcome = scene.played(lambda: scene.removed(OURS))
    assert isinstance(outcome, Operator), outcome
    assert outcome.signal == "restore-request-gone"
    assert "is lost for good at 2018-08-14" in outcome.why
    scene.engine.signal(RUN, outcome.signal, "no")
    again = scene.played()
    assert isinstance(again, Operator), again
    scene.engine.signal(RUN, again.signal, answer)
    outcome = scene.played()
    assert isinstance(outcome, Done), outcome
    assert (outcome.result["merge"], outcome.result.get("findings", 0)) == (merge, findings)
    assert ("is lost for good at 2018-08-14" in scene.warning) == bool(findings)
    assert scene.names == requests
    # Reminders and questions are no failures of the run (limit stop_after_failures).
    assert {one.state for one in scene.engine.entries(RUN) if one.kind is Kind.OPERATOR} == {"asked"}


def reminders_in_days(scene: Scene, days: int) -> list[int]:
    """Nobody does anything for so many days; how many days before the end somebody is reminded of the run."""
    end = datetime(2018, 8, 14, 16, 0, tzinfo=UTC)
    for _ in range(days * 24):
        scene.there.wait(hours=1)
        if scene.engine.due():
            assert isinstance(scene.engine.advance(RUN), Operator | Failed)
    told = [one for one in scene.engine.entries(RUN) if one.state == "reminded"]
    assert all("is lost for good at 2018-08-14" in one.body["question"] for one in told)
    return [round((end - one.at).total_seconds() / 86400) for one in told]


def test_a_question_that_nobody_answers_is_put_again_as_the_end_comes_near(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    assert isinstance(scene.played(lambda: scene.removed(OURS)), Operator)
    assert reminders_in_days(scene, 32) == [7, 3, 1, 0]
    assert isinstance(scene.played(), Operator)


def test_a_merge_that_failed_and_that_nobody_sees_to_is_told_again_as_the_end_comes_near(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.requested()
    theirs = scene.there.state.restore_requests[0].identity
    outcome = scene.played(lambda: scene.removed(str(theirs)))
    assert isinstance(outcome, Failed)
    assert reminders_in_days(scene, 32) == [7, 3, 1, 0]
    assert not scene.names, "to be told of it sends nothing"


def test_a_request_that_is_not_shown_at_once_is_waited_for(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    not_found = Fault("terminating-error", cmdlet="Get-MailboxRestoreRequest", call=3, message="Not yet.", error_id=NOT_FOUND)
    scene.there.state.faults.append(not_found)
    outcome = scene.played()
    assert isinstance(outcome, Done), outcome
    assert outcome.result["request"] == OURS
    assert scene.keys("restore-is-there")
    assert scene.names == [f"psb-{RUN}"]


def test_with_an_archive_too_a_followed_request_that_is_removed_is_made_by_a_retry(tmp_path: Path) -> None:
    scene = Scene(tmp_path, archiveGuid=ARCHIVE)
    scene.requested()
    theirs = scene.there.state.restore_requests[0].identity
    assert isinstance(scene.played(lambda: scene.removed(theirs)), Failed)
    scene.engine.retry(RUN)
    outcome = scene.played()
    assert isinstance(outcome, Done), outcome
    assert scene.names == [f"psb-{RUN}", f"psb-{RUN}-archive"]


def test_a_request_that_somebody_makes_while_the_approval_lies_open_is_followed(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    outcome = scene.played(when_asked={"merge-mailbox": scene.requested})
    assert isinstance(outcome, Done), outcome
    assert outcome.result["merge"] == "Completed"
    assert outcome.result["request"] == scene.there.state.restore_requests[0].identity != OURS
    assert [(one.key, one.state) for one in scene.engine.entries(RUN) if one.kind is Kind.DESTROY][-1] == (
        "restore-request",
        "left out",
    )


def whole_run(folder: Path, *changes: Change, happenings: tuple[Happening, ...]) -> tuple[Played, Simulated]:
    """OPTION #0 from its beginning, with what others do meanwhile."""
    scenario = done("overtaken", *changes, happenings=(*MIGRATED, *happenings))
    far = Simulated(scenario)
    return play(scenario, far, folder), far


def test_a_request_that_bears_the_run_s_own_name_is_not_made_again(tmp_path: Path) -> None:
    """The journal was put back from a copy, or an earlier attempt is shown only now."""
    scene = Scene(tmp_path)
    outcome = scene.played(when_asked={"merge-mailbox": lambda: scene.requested(Name=f"psb-{RUN}")})
    assert isinstance(outcome, Done), outcome
    assert outcome.result["request"] == OURS
    assert scene.names == [f"psb-{RUN}"]
    assert [one.state for one in scene.engine.entries(RUN) if one.key == "restore-request" and one.kind is Kind.DESTROY] == [
        "observed"
    ]


def test_somebody_s_request_after_the_x500_address_was_written_is_followed(tmp_path: Path) -> None:
    theirs = Happening(after="Set-RemoteMailbox", simulated=by_address)
    played, far = whole_run(tmp_path, settings(allowLegacyDnMismatch="refused"), happenings=(theirs,))
    (request,) = far.rehearsal.state.restore_requests
    assert isinstance(played.outcome, Done), played.outcome
    assert played.outcome.result["request"] == request.identity != OURS
    assert [(one.key, one.state) for one in played.entries if one.kind is Kind.DESTROY][-2:] == [
        ("x500-address-now", "done"),
        ("restore-request", "left out"),
    ]


def by_address(there: Rehearsal) -> None:
    """Somebody makes the request, as one could before the switch was refused."""
    there.state.settings.allow_legacy_dn_mismatch = "accepted"
    requested_by_hand(there)
    there.state.settings.allow_legacy_dn_mismatch = "refused"


def test_somebody_s_request_for_the_archive_between_the_run_s_two_is_followed(tmp_path: Path) -> None:
    theirs = Happening(after="New-MailboxRestoreRequest", simulated=of_the_archive)
    archives = user("cloud", USER, archiveGuid=ARCHIVE), user("onPremises", USER, archiveGuid=LOCAL_ARCHIVE)
    played, far = whole_run(tmp_path, *archives, happenings=(theirs,))
    made = sorted(request.identity for request in far.rehearsal.state.restore_requests)
    assert isinstance(played.outcome, Done), played.outcome
    assert sorted([played.outcome.result["request"], played.outcome.result["archive_request"]]) == made
    assert len(made) == 2


def of_the_archive(there: Rehearsal) -> None:
    """Somebody merges the archive."""
    requested_by_hand(there, SourceIsArchive=SWITCH, TargetIsArchive=SWITCH)


def test_theirs_that_goes_away_again_is_replaced_by_the_run_s_own(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    asked = {"merge-mailbox": scene.requested}
    outcome = scene.played(lambda: scene.removed(scene.there.state.restore_requests[0].identity), when_asked=asked)
    assert isinstance(outcome, Failed), outcome
    assert "Retry this run: it looks for requests once more" in outcome.error
    scene.engine.retry(RUN)
    outcome = scene.played()
    assert isinstance(outcome, Done), outcome
    assert outcome.result["request"] == OURS
    assert scene.keys("restore-request-2")


def test_another_request_under_the_name_of_the_followed_one_is_not_taken_for_it(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.requested()
    whole = scene.there.state.restore_requests[0].identity

    def narrowed() -> None:
        scene.removed(whole)
        scene.requested(SourceRootFolder="Inbox")
        assert scene.there.state.restore_requests[0].identity == whole

    outcome = scene.played(narrowed)
    assert isinstance(outcome, Failed), outcome
    assert f"Found: another one has its name: {whole}." in outcome.error
    scene.engine.retry(RUN)
    outcome = scene.played()
    assert isinstance(outcome, Done), outcome
    assert outcome.result["request"] == OURS


def test_after_a_refusal_a_request_made_by_hand_is_followed_by_a_retry(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    refusal = Fault("terminating-error", cmdlet="New-MailboxRestoreRequest", call=2, message="Not now.", error_id=BINDING)
    scene.there.state.faults.append(refusal)
    assert isinstance(scene.played(), Failed)
    scene.requested()
    scene.engine.retry(RUN)
    outcome = scene.played()
    assert isinstance(outcome, Done), outcome
    assert outcome.result["request"] == scene.there.state.restore_requests[0].identity != OURS


EXPANDING = {"AutoExpandingArchiveEnabled": True}
GROWN = {**EXPANDING, "MailboxLocations": ["1;a;Primary;x;y", "1;b;MainArchive;x;y", "1;c;AuxArchive;x;y"]}
NAMED = "WARNING: the archive expands by itself (AutoExpandingArchiveEnabled True, "


@pytest.mark.parametrize(("properties", "code"), [({}, 0), (EXPANDING, 0), (GROWN, 6)])
def test_an_archive_that_expands_by_itself_is_named_before_the_merge(
    properties: dict[str, Any], code: int, tmp_path: Path
) -> None:
    scene = Scene(tmp_path, archiveGuid=ARCHIVE, properties=properties)
    assert code_of(scene.played()) == code
    assert (NAMED in scene.told(Kind.APPROVAL, "merge-mailbox")) == bool(properties)
    assert ("1 auxiliary archives seen" in scene.warning) == (code == 6)


def test_an_archive_that_expands_by_itself_is_named_before_the_account_is_deleted(tmp_path: Path) -> None:
    expands = user("cloud", USER, archiveGuid=ARCHIVE, properties=EXPANDING)
    far = Simulated(done("expands", expands))
    with SqliteStore(tmp_path / "journal.db") as store:
        engine = engine_for(COMPLETE, store, Skipping(far, [], Meanwhile(far)), far.clock)
        engine.start(COMPLETE.playbook.name, COMPLETE.inputs, run_id=RUN)
        engine.advance(RUN)
        said = {one.key: str(one.body) for one in engine.entries(RUN) if one.kind in {Kind.APPROVAL, Kind.NOTE}}
    assert NAMED in said["remove-account"]
    assert NAMED in said["kept-besides"]


# A new run of OPTION #0, where the journal of the one that purged the account is lost.
BY_HAND = f"New-MailboxRestoreRequest -SourceMailbox {CAPTURED} -TargetMailbox {TARGET} -AllowLegacyDNMismatch"


@pytest.mark.parametrize(
    ("migrated", "guard"), [(False, "nothing of this was done before"), (True, "the mailbox was not migrated before")]
)
def test_a_new_run_after_the_purge_gives_the_whole_commands(migrated: bool, guard: str, tmp_path: Path) -> None:
    scene = Scene(tmp_path, playbook=COMPLETE.playbook, migrated=migrated, archiveGuid=ARCHIVE)
    outcome = scene.played()
    assert isinstance(outcome, Failed)
    assert f"Stopped at {guard}." in outcome.error
    assert f"in Exchange Online ({BY_HAND}), and for its archive ({BY_HAND} -SourceIsArchive -TargetIsArchive)." in outcome.error
    assert f"(Set-RemoteMailbox -Identity {USER} -EmailAddresses @{{'add'='X500:/o=ExchangeLabs/" in outcome.error
    assert not outcome.changed


def test_where_nobody_knows_the_target_it_stands_as_a_placeholder_that_no_cmdlet_takes(tmp_path: Path) -> None:
    scene = Scene(tmp_path, playbook=COMPLETE.playbook, migrated=False, archiveGuid=ARCHIVE)
    mail_user = scene.there.recipient()
    assert mail_user is not None
    mail_user.exchange_guid = NO_GUID
    scene.there.local().kind = "User"
    outcome = scene.played()
    assert isinstance(outcome, Failed)
    assert "-TargetMailbox '<ExchangeGuid of the migrated mailbox>' -AllowLegacyDNMismatch" in outcome.error
