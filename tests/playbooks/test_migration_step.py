"""The migration step alone, in the simulated organisation: waited for, started, followed, completed, or put before a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from playbooks.duplicate_mailbox.deadline import Deadline
from playbooks.duplicate_mailbox.migration import INPUTS, OUTLINE, check_inputs, migrate
from psbridge.clock import SkippingClock
from psbridge.cmdlets import get_mail_user, get_mailbox
from psbridge.command import SWITCH, Pipeline
from psbridge.endpoints import Endpoints
from psbridge.engine import Done, Engine, Failed, Input, NotDue, Operator, Outcome, Playbook, Run, Waiting
from psbridge.journal import Kind, SqliteStore
from psbridge.journal.records import LEFT_OUT
from psbridge.reply import Reply
from psbridge.simulator import SimulatedOrganisation
from psbridge.simulator.state import Fault, Move
from psbridge.transports.simulated import SimulatedTransport

USER = "testmailuser@domain.com"
GUID = "5b000000-0000-4000-8000-000000000076"
OTHER = "f28fad8a-546d-4965-8bcd-94806d53967d"
RUN = "0a1b2c3d4e5f"
END = Deadline(UUID(OTHER), datetime(2019, 1, 1, tzinfo=UTC))
NAMED = f"The soft-deleted mailbox {OTHER} is lost for good at 2019-01-01 00:00 UTC. Until then it must be merged."
BATCH = {"migration": "batch", "migration_endpoint": "Hybrid endpoint", "delivery_domain": "domain.mail.onmicrosoft.com"}
THEIRS = {"SourceEndpoint": "Hybrid endpoint", "TargetDeliveryDomain": "domain.mail.onmicrosoft.com"}
BINDING = "ParameterBindingException,Microsoft.Exchange.Management.RecipientTasks.NewMoveRequest"
NOT_FOUND = "ManagementObjectNotFoundException,Microsoft.Exchange.Management.RecipientTasks.GetMoveRequest"
MOVE = {"migration": "move", "remote_host": "mail.domain.com", "delivery_domain": "domain.mail.onmicrosoft.com"}


def body(run: Run) -> Mapping[str, object]:
    check_inputs(run)
    user = run.evidence("mail-user", "exo", get_mail_user(USER), need=("external_directory_object_id",))
    local = run.read("local", "onprem", get_mailbox(USER)).one()
    moved = migrate(run, user, local, requires=("mail-user",), end=END)
    return {"guid": str(moved.mailbox.exchange_guid)}


PLAYBOOK = Playbook("migrating", "1", "", (Input("identity"), *INPUTS), ("exo", "onprem"), OUTLINE, body)


class Scene:
    """One organisation, one run, and what a person does on the way."""

    def __init__(self, folder: Path, seed: str = "option-0", transport: type[SimulatedTransport] = SimulatedTransport) -> None:
        self.organisation = SimulatedOrganisation.from_seed(seed)
        self.clock = SkippingClock(self.organisation.state.now)
        endpoints = Endpoints(lambda endpoint: transport(self.organisation, endpoint, self.clock))
        self.engine = Engine(SqliteStore(folder / "journal.db"), {"migrating": PLAYBOOK}, endpoints, clock=self.clock)

    def begin(self, **inputs: str) -> None:
        self.engine.start("migrating", {"identity": USER, **inputs}, run_id=RUN)

    def advance(self, on_wait: Callable[[str], object] = lambda _: None) -> Outcome:
        for _ in range(2000):
            outcome = self.engine.advance(RUN)
            match outcome:
                case Waiting() | NotDue() if self.engine.pending_approvals(RUN):
                    (asked,) = self.engine.pending_approvals(RUN)
                    self.engine.approve(RUN, asked.key, asked.sha)
                case Waiting(until=until, why=why):
                    on_wait(why)
                    self.clock.sleep(max(0.0, (until - self.clock.now()).total_seconds()))
                case NotDue(until=until):
                    self.clock.sleep(max(0.0, (until - self.clock.now()).total_seconds()))
                case _:
                    return outcome
        raise AssertionError("it does not end")

    def operator(self, cmdlet: str, **parameters: object) -> None:
        """Somebody else does this at the far end."""
        reply = SimulatedTransport(self.organisation, "exo", self.clock).run(Pipeline.of(cmdlet, **parameters))
        assert reply.state == "Completed", reply

    @property
    def writes(self) -> list[str]:
        return [e.command for e in self.engine.entries(RUN) if e.kind in {"destroy", "change"} and e.state == "done"]

    @property
    def left_out(self) -> list[str]:
        """Why a write was not sent, for each that was left out."""
        return [e.body["why"] for e in self.engine.entries(RUN) if (e.kind, e.state) == (Kind.DESTROY, LEFT_OUT)]

    def over_and_removed(self) -> None:
        """Twelve hours later the move has completed, and is removed."""
        self.clock.sleep(12 * 3600)
        self.operator("Get-MoveRequest", Identity=USER)
        assert self.move().status == "Completed"
        self.operator("Remove-MoveRequest", Identity=USER, Confirm=False)

    def move(self) -> Any:
        (move,) = self.organisation.state.moves
        return move


@pytest.mark.parametrize(
    ("inputs", "cmdlets"),
    [(BATCH, ["New-MigrationBatch", "Complete-MigrationBatch"]), (MOVE, ["New-MoveRequest", "Resume-MoveRequest"])],
    ids=["batch", "move"],
)
def test_a_migration_that_the_run_starts_is_completed_when_it_is_synced(
    inputs: dict[str, str], cmdlets: list[str], tmp_path: Path
) -> None:
    scene = Scene(tmp_path)
    scene.begin(**inputs)
    assert scene.advance() == Done({"guid": GUID})
    assert [command.split()[0] for command in scene.writes] == cmdlets
    keys = [e.key for e in scene.engine.entries(RUN) if (e.kind, e.state) == ("approval", "granted")]
    assert keys == ["start-migration", "complete-migration"]


def test_one_that_somebody_began_is_followed_and_left_to_them_to_complete(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.operator(
        "New-MoveRequest", Identity=USER, Remote=SWITCH, RemoteHostName="mail.domain.com", SuspendWhenReadyToComplete=SWITCH
    )
    scene.begin(**BATCH)
    waits = 0

    def complete_late(why: str) -> None:
        nonlocal waits
        waits += 1
        assert "the migration of" in why
        if waits == 20:
            assert scene.move().status == "Synced"
            scene.operator("Resume-MoveRequest", Identity=USER)

    assert scene.advance(complete_late) == Done({"guid": GUID})
    assert scene.writes == []
    assert waits >= 20


def test_one_whose_request_its_owner_removes_when_it_is_over_is_found_by_its_mailbox(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.operator("New-MoveRequest", Identity=USER, Remote=SWITCH, RemoteHostName="mail.domain.com")
    scene.begin()

    def clean_up(why: str) -> None:
        assert "the migration of" in why
        scene.over_and_removed()

    assert scene.advance(clean_up) == Done({"guid": GUID})


def test_one_that_nobody_has_begun_is_waited_for(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.begin()
    done: list[str] = []

    def migrate_once(why: str) -> None:
        assert "to be migrated (New-MigrationBatch or New-MoveRequest)" in why
        if not done:
            done.append(why)
            scene.operator("New-MoveRequest", Identity=USER, Remote=SWITCH, RemoteHostName="mail.domain.com")

    assert scene.advance(migrate_once) == Done({"guid": GUID})
    assert scene.writes == []


@pytest.mark.parametrize("inputs", [BATCH, MOVE], ids=["batch", "move"])
def test_a_migration_that_fails_is_put_before_a_person_and_goes_on_after_the_answer(
    inputs: dict[str, str], tmp_path: Path
) -> None:
    scene = Scene(tmp_path)
    scene.begin(**inputs)

    def spoil(_: str) -> None:
        if scene.move().status in {"Queued", "Syncing"}:
            scene.move().status, scene.move().error = "Failed", "the source is unreachable"

    asked = scene.advance(spoil)
    assert isinstance(asked, Operator), asked
    assert asked.why.startswith("The migration has the status Failed: ")
    assert f"unreachable. {NAMED}" in asked.why
    assert "-ApproveSkippedItems" in asked.question or "-SkippedItemApprovalTime" in asked.question
    scene.move().status = "Stopped"
    scene.operator("Resume-MoveRequest", Identity=USER)
    scene.engine.signal(RUN, asked.signal, "again")
    assert scene.advance() == Done({"guid": GUID})


def test_items_that_would_be_lost_need_an_answer_before_the_switch(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.begin(**BATCH)

    def doubtful(_: str) -> None:
        scene.move().data_consistency_score = "Investigate"

    asked = scene.advance(doubtful)
    assert isinstance(asked, Operator), asked
    assert "DataConsistencyScore is Investigate" in asked.why
    assert NAMED in asked.why
    scene.engine.signal(RUN, asked.signal, "look again")
    again = scene.advance()
    assert isinstance(again, Operator)
    assert again.signal != asked.signal
    scene.operator("Set-MigrationUser", Identity=USER, ApproveSkippedItems=SWITCH)
    scene.engine.signal(RUN, again.signal, "complete")
    judged = scene.advance()
    assert isinstance(judged, Operator)
    assert "The migration is judged: differs." in judged.why
    assert "the data consistency score is Investigate" in judged.why
    assert NAMED in judged.why
    scene.engine.signal(RUN, judged.signal, "no")
    still = scene.advance()
    assert isinstance(still, Operator)
    assert still.signal == "migration-differs-2"
    scene.engine.signal(RUN, still.signal, "go on")
    assert scene.advance() == Done({"guid": GUID})


def test_one_that_hangs_for_two_days_is_put_before_a_person(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.organisation.state.settings.move_sync_seconds = 5 * 24 * 3600
    scene.begin(**MOVE)
    asked = scene.advance(lambda _: scene.clock.sleep(8 * 3600))
    assert isinstance(asked, Operator), asked
    assert "Waited for the migration of testmailuser@domain.com until" in asked.why
    assert "CopyingMessages" in asked.why
    for _ in range(2):
        scene.engine.retry(RUN)
        ended = scene.advance(lambda _: scene.clock.sleep(8 * 3600))
    assert ended == Done({"guid": GUID})


@pytest.mark.parametrize(
    ("inputs", "missing"), [({"migration": "batch"}, "migration_endpoint"), ({"migration": "move"}, "remote")]
)
def test_a_migration_that_could_not_be_started_stops_the_run_at_its_beginning(
    inputs: dict[str, str], missing: str, tmp_path: Path
) -> None:
    scene = Scene(tmp_path)
    scene.begin(**inputs)
    outcome = scene.advance()
    assert isinstance(outcome, Failed)
    assert missing in outcome.error
    assert not outcome.changed


def test_a_batch_that_somebody_makes_while_the_approval_lies_open_is_seen_before_its_move_is_there(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    late = Fault("terminating-error", cmdlet="Get-MoveRequest", call=2, message="It is not there yet.", error_id=NOT_FOUND)
    scene.organisation.state.faults.append(late)
    scene.begin(**BATCH)
    while not scene.engine.pending_approvals(RUN):
        scene.engine.advance(RUN)
    addresses = f"EmailAddress\r\n{USER}\r\n".encode()
    scene.operator("New-MigrationBatch", Name="Theirs", CSVData=addresses, AutoStart=SWITCH, AutoComplete=SWITCH, **THEIRS)
    assert scene.advance() == Done({"guid": GUID})
    (left_out,) = scene.left_out
    assert "left out, nothing was sent: a migration user with the status " in left_out
    assert "a move request" not in left_out
    assert scene.writes == []


def test_a_batch_that_bears_the_run_s_own_name_is_not_made_again_and_is_the_run_s_to_complete(tmp_path: Path) -> None:
    """The journal was put back from a copy, or an earlier attempt is shown only now."""
    scene = Scene(tmp_path)
    scene.begin(**BATCH)
    approval_of(scene, "start-migration")
    addresses = f"EmailAddress\r\n{USER}\r\n".encode()
    scene.operator("New-MigrationBatch", Name=f"psb-{RUN}", CSVData=addresses, AutoStart=SWITCH, **THEIRS)
    assert scene.advance() == Done({"guid": GUID})
    assert scene.left_out == []
    assert [entry.state for entry in scene.engine.entries(RUN) if entry.key == "start-migration-now"][-1] == "observed"
    assert [command.split()[0] for command in scene.writes] == ["Complete-MigrationBatch"]


def test_a_migration_by_hand_after_this_run_s_was_refused_is_followed_by_a_retry(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    refusal = Fault("terminating-error", cmdlet="New-MoveRequest", call=1, message="Not now.", error_id=BINDING)
    scene.organisation.state.faults.append(refusal)
    scene.begin(**MOVE)
    assert isinstance(scene.advance(), Failed)
    scene.operator("New-MoveRequest", Identity=USER, Remote=SWITCH, RemoteHostName="mail.domain.com")
    scene.engine.retry(RUN)
    assert scene.advance() == Done({"guid": GUID})
    assert len(scene.left_out) == 1
    assert scene.writes == []


def test_one_that_is_over_by_the_time_the_run_would_start_it_is_found_by_its_mailbox(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.begin(**MOVE)
    while not scene.engine.pending_approvals(RUN):
        scene.engine.advance(RUN)
    scene.operator("New-MoveRequest", Identity=USER, Remote=SWITCH, RemoteHostName="mail.domain.com")
    scene.over_and_removed()
    assert scene.advance() == Done({"guid": GUID})
    assert scene.left_out == ["left out, nothing was sent: it is a mailbox by now."]


def test_the_run_s_own_migration_that_is_removed_once_it_was_completed_is_found_by_its_mailbox(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.begin(**MOVE)

    def clean_up(_: str) -> None:
        if "Resume-MoveRequest" in " ".join(scene.writes) and scene.organisation.state.moves:
            scene.over_and_removed()

    assert scene.advance(clean_up) == Done({"guid": GUID})
    assert scene.organisation.state.moves == []


def approval_of(scene: Scene, key: str) -> None:
    """Go on until this approval is asked for."""
    for _ in range(200):
        outcome = scene.engine.advance(RUN)
        asked = scene.engine.pending_approvals(RUN)
        if [one.key for one in asked] == [key]:
            return
        for one in asked:
            scene.engine.approve(RUN, one.key, one.sha)
        assert isinstance(outcome, Waiting | NotDue), outcome
        if not asked:
            scene.clock.sleep(max(0.0, (outcome.until - scene.clock.now()).total_seconds()))
    raise AssertionError(key)


def test_a_migration_of_the_run_that_others_complete_and_remove_is_found_by_its_mailbox(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.begin(**MOVE)
    approval_of(scene, "complete-migration")
    scene.operator("Resume-MoveRequest", Identity=USER)
    scene.over_and_removed()
    assert scene.advance() == Done({"guid": GUID})
    assert scene.left_out == ["left out, nothing was sent: it is there no longer."]
    assert [command.split()[0] for command in scene.writes] == ["New-MoveRequest"]


def test_one_that_others_complete_and_remove_before_the_run_looks_again_is_found_too(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.begin(**MOVE)

    def completed(_: str) -> None:
        if scene.organisation.state.moves and scene.move().status != "Completed":
            scene.clock.sleep(12 * 3600)
            scene.operator("Get-MoveRequest", Identity=USER)
            scene.operator("Resume-MoveRequest", Identity=USER)
            scene.over_and_removed()

    assert scene.advance(completed) == Done({"guid": GUID})


@pytest.mark.parametrize("inputs", [BATCH, MOVE], ids=["batch", "move"])
def test_one_that_somebody_removes_before_its_end_is_begun_again_after_a_question(inputs: dict[str, str], tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.begin(**inputs)
    approval_of(scene, "complete-migration")
    scene.organisation.state.moves.clear()
    scene.organisation.state.migrations.clear()
    asked = scene.advance()
    assert isinstance(asked, Operator), asked
    assert asked.signal == "migration-gone"
    assert asked.why.endswith(f"somebody has removed it. {NAMED}")
    scene.engine.signal(RUN, asked.signal, "again")
    assert scene.advance() == Done({"guid": GUID})
    begun, completed = [command for command in scene.writes if f"psb-{RUN}-2" in command or "Resume" in command]
    assert begun.startswith(("New-MigrationBatch", "New-MoveRequest"))
    assert completed.startswith(("Complete-MigrationBatch", "Resume-MoveRequest"))


def test_somebody_s_that_is_cancelled_is_asked_about_and_then_the_run_begins_its_own(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.begin(**MOVE)
    approval_of(scene, "start-migration")
    scene.operator("New-MoveRequest", Identity=USER, Remote=SWITCH, RemoteHostName="mail.domain.com")
    asked = scene.advance(lambda _: scene.organisation.state.moves.clear())
    assert isinstance(asked, Operator), asked
    assert asked.signal == "migration-gone"
    scene.engine.signal(RUN, asked.signal, "again")
    assert scene.advance() == Done({"guid": GUID})
    assert [command.split()[0] for command in scene.writes] == ["New-MoveRequest", "Resume-MoveRequest"]


def test_a_batch_that_somebody_puts_in_the_place_of_the_run_s_is_theirs_to_complete(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.begin(**BATCH)
    approval_of(scene, "complete-migration")
    scene.organisation.state.moves.clear()
    scene.organisation.state.migrations.clear()
    addresses = f"EmailAddress\r\n{USER}\r\n".encode()
    scene.operator("New-MigrationBatch", Name="Theirs", CSVData=addresses, AutoStart=SWITCH, **THEIRS)
    scene.clock.sleep(3600)

    def they_complete(_: str) -> None:
        scene.operator("Complete-MigrationBatch", Identity="Theirs", Confirm=False)

    assert scene.advance(they_complete) == Done({"guid": GUID})
    assert [command.split()[0] for command in scene.writes] == ["New-MigrationBatch"]
    (why,) = scene.left_out
    assert "of the batch Theirs." in why


def test_what_of_an_earlier_migration_comes_to_light_only_then_must_be_removed_all_the_same(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.begin(**MOVE)
    while not scene.engine.pending_approvals(RUN):
        scene.engine.advance(RUN)
    an_old_move(scene, OTHER)
    asked = scene.advance()
    assert isinstance(asked, Operator), asked
    assert "in the way of a new migration stands the migration user" in asked.why
    scene.organisation.state.moves.clear()
    scene.engine.signal(RUN, asked.signal, "again")
    assert scene.advance() == Done({"guid": GUID})
    assert [command.split()[0] for command in scene.writes] == ["New-MoveRequest", "Resume-MoveRequest"]


def test_a_new_mailbox_instead_of_the_migrated_one_stops_the_run(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.begin()

    def license_it(_: str) -> None:
        (person,) = [one for one in scene.organisation.state.cloud if one.user_principal_name == USER]
        person.kind, person.exchange_guid = "UserMailbox", UUID(int=9)

    outcome = scene.advance(license_it)
    assert isinstance(outcome, Failed)
    assert "A licence has made a new, empty mailbox." in outcome.error


def an_old_move(scene: Scene, mailbox: str) -> Move:
    """What a batch of before has left: the documents' own, with its report."""
    (old,) = [move for move in SimulatedOrganisation.from_seed("migration").state.moves if move.status == "Completed"]
    old.identity, old.mailbox_guid = USER, UUID(mailbox)
    scene.organisation.state.moves.append(old)
    return old


def verdicts(scene: Scene) -> list[str]:
    return [str(entry.body["text"]) for entry in scene.engine.entries(RUN) if entry.key == "migration-verdict"]


@pytest.mark.parametrize("mailbox", [OTHER, GUID], ids=["of another mailbox", "of this one, which came back since"])
def test_the_report_of_an_earlier_migration_is_not_told_as_this_one_s(mailbox: str, tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    an_old_move(scene, mailbox)
    scene.begin()
    told: list[str] = []

    def migrate_once(why: str) -> None:
        if not told:
            told.append(why)
            scene.operator("New-MoveRequest", Identity=USER, Remote=SWITCH, RemoteHostName="mail.domain.com")

    assert scene.advance(migrate_once) == Done({"guid": GUID})
    assert f"in the way of one stands the migration user {USER} (Completed, of the mailbox {mailbox})" in told[0]
    (verdict,) = verdicts(scene)
    assert "The migration is judged: verified." in verdict
    assert "15,317 items" not in verdict  # the documents'


def test_a_report_of_another_mailbox_alone_proves_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    an_old_move(scene, OTHER)
    (person,) = [one for one in scene.organisation.state.cloud if one.user_principal_name == USER]
    scene.begin()

    def migrate_with_another_tool(_: str) -> None:
        person.kind = "UserMailbox"

    assert scene.advance(migrate_with_another_tool) == Done({"guid": GUID})
    assert verdicts(scene) == [
        f"The migration left no report of the mailbox {GUID}: it is not verified that every item has arrived."
    ]


@pytest.mark.parametrize("inputs", [BATCH, MOVE], ids=["batch", "move"])
def test_what_an_earlier_migration_has_left_must_be_removed_before_one_is_started(inputs: dict[str, str], tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    old = an_old_move(scene, OTHER)
    scene.begin(**inputs)
    asked = scene.advance()
    assert isinstance(asked, Operator), asked
    assert f"Nobody migrates the mailbox {GUID}" in asked.why
    assert f"Remove-MigrationUser -Identity {USER}; Remove-MoveRequest -Identity" in asked.question
    scene.engine.signal(RUN, asked.signal, "removed")
    mistyped = scene.advance()
    assert isinstance(mistyped, Operator)
    scene.engine.signal(RUN, mistyped.signal, "again")
    still = scene.advance()
    assert isinstance(still, Operator)
    assert (asked.signal, mistyped.signal, still.signal) == ("old-migration", "old-migration-2", "old-migration-look-3")
    assert scene.writes == []
    scene.organisation.state.moves.remove(old)
    scene.engine.signal(RUN, still.signal, "again")
    assert scene.advance() == Done({"guid": GUID})
    assert len(scene.writes) == 2


def test_a_migration_that_ends_while_the_run_asks_about_it_is_no_old_one(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    old = an_old_move(scene, GUID)
    (person,) = [one for one in scene.organisation.state.cloud if one.user_principal_name == USER]
    scene.begin(**BATCH)
    asked = scene.advance()
    assert isinstance(asked, Operator), asked
    person.kind = "UserMailbox"
    scene.engine.signal(RUN, asked.signal, "again")
    assert scene.advance() == Done({"guid": GUID})
    assert scene.writes == []
    assert old in scene.organisation.state.moves
    assert "15,317 items" in verdicts(scene)[0]


class CleanedUp(SimulatedTransport):
    """The statistics come as they are while the batch of a completed migration is removed (field-notes 5.1)."""

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        reply = super().run(pipeline, deadline=deadline)
        if pipeline.commands[0].name != "Get-MigrationUserStatistics":
            return reply
        removing = (replace(one, clixml=one.clixml.replace(b">Completed<", b">Removing<")) for one in reply.records)
        return replace(reply, records=tuple(removing))


@pytest.mark.parametrize("skipped", [0, 2])
def test_a_migration_that_is_removed_after_its_end_is_no_failed_one(skipped: int, tmp_path: Path) -> None:
    scene = Scene(tmp_path, transport=CleanedUp)
    (person,) = [one for one in scene.organisation.state.cloud if one.user_principal_name == USER]
    scene.begin()

    def migrate_and_clean_up(_: str) -> None:
        person.kind = "UserMailbox"
        an_old_move(scene, GUID).skipped_items = skipped

    outcome = scene.advance(migrate_and_clean_up)
    (verdict,) = verdicts(scene)
    assert verdict.startswith("The migration is judged: not verified. The status is Removing, but")
    if skipped:
        assert isinstance(outcome, Operator), outcome
        assert outcome.signal == "migration-differs"
        assert "2 items were skipped" in outcome.why
    else:
        assert outcome == Done({"guid": GUID})
