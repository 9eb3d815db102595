"""The tenant-wide remedy: who is named before anything happens, what an approval covers, and what stops it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from playbooks.mobile_phone import bypass
from psbridge.engine import Done, Engine, Failed, Operator, Outcome, PendingApproval, Playbook, Waiting
from psbridge.journal import SqliteStore
from psbridge.simulator.generate import Makeup, generate
from psbridge.simulator.state import Tenant
from psbridge.transports.base import Transport
from tests.playbooks.far_ends import Live, Simulated
from tests.playbooks.live_tenant import LiveSessions
from tests.playbooks.meddling import Meddling
from tests.playbooks.playing import TENANT, Meanwhile, Skipping, carry_on, engine_for, play
from tests.playbooks.scenario import RUN, Scenario
from tests.playbooks.scenarios.mobile_phone import AUTHORITY_LOST, USER
from tests.playbooks.sent import Sent
from tests.simulator.rehearsal import Rehearsal

NAMED = f"{USER}: on-premises '0987654321', in the directory '1234567890'"


def scene(**inputs: str) -> Scenario:
    return Scenario(name="bypass", playbook=bypass.playbook, inputs=inputs, changes=AUTHORITY_LOST)


@pytest.fixture
def far() -> Simulated:
    return Simulated(scene())


@pytest.fixture
def sent() -> list[Sent]:
    return []


@pytest.fixture
def engine(far: Simulated, sent: list[Sent], tmp_path: Path) -> Iterator[Engine]:
    with SqliteStore(tmp_path / "journal.db") as store:
        yield engine_for(scene(), store, Skipping(far, sent, Meanwhile(far)), far.clock)


def asked(engine: Engine, **inputs: str) -> PendingApproval:
    """Begin a run and let it come to its approval."""
    engine.start(bypass.playbook.name, {"turn": "on", **inputs}, run_id=RUN)
    engine.advance(RUN)
    (approval,) = engine.pending_approvals(RUN)
    return approval


def read(sent: list[Sent]) -> set[object]:
    return {call.parameters["Identity"] for call in sent if call.cmdlet == "Get-ADSyncToolsDirSyncOverridesUser"}


def state(far: Simulated) -> Tenant:
    return far.state()


def test_only_those_whom_compare_names_are_read(engine: Engine, sent: list[Sent]) -> None:
    approval = asked(engine)
    assert read(sent) == {USER}
    assert "1 users change now" in approval.says
    assert NAMED in approval.says


def test_without_compare_everybody_who_is_synchronised_is_read(engine: Engine, sent: list[Sent]) -> None:
    asked(engine, compare="no")
    assert len(read(sent)) == 8
    assert not any(call.cmdlet == "Compare-ADSyncToolsDirSyncOverrides" for call in sent)


@pytest.mark.tenant
def test_where_compare_is_missing_everybody_is_read(tmp_path: Path, live_sessions: LiveSessions) -> None:
    """The real engine's tenant does not have the cmdlet."""
    far = Live(scene(), live_sessions)
    played = play(scene(turn="on", compare="yes"), far, tmp_path)
    assert isinstance(played.outcome, Done)
    assert played.outcome.result["differences"] == [NAMED]
    assert [call.cmdlet for call in played.sent].count(
        "Compare-ADSyncToolsDirSyncOverrides"
    ) == 3  # before and after the approval, and last
    assert len(read(list(played.sent))) == 8
    assert far.state()["settings"]["bypassDirSyncOverrides"] is True


def test_the_approval_holds_both_numbers_of_everybody_and_both_writes(engine: Engine) -> None:
    approval = asked(engine)
    shown = {name: fields["shown"] for name, fields in approval.evidence.items() if name != "features"}
    assert shown == {
        f"{USER} on-premises": "'0987654321'; further: (none)",
        f"{USER} in the directory": "'1234567890'; further: (none)",
    }
    assert [endpoint for endpoint, _ in approval.commands] == ["directory", "sync"]
    assert approval.commands[1][1] == "Start-ADSyncSyncCycle -PolicyType Initial"
    assert bypass.sha256_of(bypass_table("1234567890")) in approval.says


def bypass_table(directory: str) -> str:
    return f"UserPrincipalName,MobileInAD,MobileInAAD,OtherMobileInAD,OtherMobileInAAD\n{USER},0987654321,{directory},,\n"


def test_another_number_is_another_approval(tmp_path: Path) -> None:
    shas = set()
    for number in ("1234567890", "1234567891"):
        far = Simulated(scene())
        account = far.rehearsal.account(USER)
        assert account is not None
        account.mobile_phone = number
        with SqliteStore(tmp_path / f"{number}.db") as store:
            shas.add(asked(engine_for(scene(), store, Skipping(far, [], Meanwhile(far)), far.clock)).sha)
    assert len(shas) == 2


OTHER = "testduplicate@domain.com"


def written_in_the_cloud(far: Simulated, name: str, number: str) -> None:
    account = far.rehearsal.account(name)
    assert account is not None
    account.mobile_phone, account.mobile_authority = number, "cloud"


def approve(engine: Engine, asked: PendingApproval) -> Outcome:
    engine.approve(RUN, asked.key, asked.sha)
    return engine.advance(RUN)


@pytest.mark.parametrize("compare", ["yes", "no"])
@pytest.mark.parametrize("who", ["somebody-listed", "somebody-else", "on-premises"])
def test_what_changes_while_the_approval_lies_open_is_put_into_a_new_one(
    who: str, compare: str, engine: Engine, far: Simulated
) -> None:
    first = asked(engine, compare=compare)
    if who == "on-premises":
        far.rehearsal.local(USER).mobile = "42"
    else:
        written_in_the_cloud(far, USER if who == "somebody-listed" else OTHER, "42")
    assert isinstance(approve(engine, first), Waiting)
    (second,) = engine.pending_approvals(RUN)
    assert (second.key, second.sha == first.sha) == ("overwrite-all-2", False)
    assert "'42'" in second.says
    assert any("'42'" in fields.get("shown", "") for fields in second.evidence.values())
    assert state(far).settings.bypass_dir_sync_overrides is False
    (told,) = [entry for entry in engine.entries(RUN) if entry.key == "changed-since-approval-1"]
    assert "42" in str(told.body)
    assert isinstance(outcome := approve(engine, second), Done)
    assert outcome.result["changed"] == (2 if who == "somebody-else" else 1)
    assert "42" in str(outcome.result["differences"])


@pytest.mark.tenant
def test_on_the_real_engine_a_number_written_meanwhile_is_asked_about_too(tmp_path: Path, live_sessions: LiveSessions) -> None:
    far = Live(scene(), live_sessions)
    with SqliteStore(tmp_path / "journal.db") as store:
        engine = engine_for(scene(), store, Skipping(far, [], Meanwhile(far)), far.clock)
        first = asked(engine, compare="no")
        far.tenant.operator(f"Set-MsolUser -UserPrincipalName {OTHER} -MobilePhone 42")
        assert isinstance(approve(engine, first), Waiting)
        (second,) = engine.pending_approvals(RUN)
        assert "2 users change now" in second.says
        assert f"{OTHER}: on-premises (none), in the directory '42'" in second.says
        assert far.state()["settings"]["bypassDirSyncOverrides"] is False


def test_who_can_no_longer_be_compared_is_asked_about_too(engine: Engine, far: Simulated) -> None:
    first = asked(engine, compare="no")
    account = far.rehearsal.account(OTHER)
    assert account is not None
    account.user_principal_name = "elsewhere@domain.com"
    assert isinstance(approve(engine, first), Waiting)
    (second,) = engine.pending_approvals(RUN)
    assert "1 USERS COULD NOT BE COMPARED" in second.says
    assert "elsewhere@domain.com" in second.says


def test_who_changes_alike_on_both_sides_needs_no_other_approval(engine: Engine, far: Simulated) -> None:
    first = asked(engine, compare="no")
    written_in_the_cloud(far, OTHER, "42")
    far.rehearsal.local(OTHER).mobile = "42"
    approve(engine, first)
    assert state(far).settings.bypass_dir_sync_overrides is True


class _AfterTheLastLook(Simulated):
    """Somebody writes a number in the cloud when everybody has been compared for the second time, before the switch."""

    calls = 0

    def transport(self, endpoint: str) -> Transport:
        return Meddling(super().transport(endpoint), "Get-ADSyncToolsDirSyncOverridesUser", self._count)

    def _count(self) -> None:
        self.calls += 1
        if self.calls == 8:  # twice both sides of the one who differs, and twice as evidence
            written_in_the_cloud(self, OTHER, "42")


def test_the_last_look_before_the_switch_sees_everybody_and_a_retry_asks_again(tmp_path: Path) -> None:
    far = _AfterTheLastLook(scene())
    with SqliteStore(tmp_path / "journal.db") as store:
        engine = engine_for(scene(), store, Skipping(far, [], Meanwhile(far)), far.clock)
        outcome = approve(engine, asked(engine))
        assert isinstance(outcome, Failed)
        assert "Stopped at the numbers are the approved ones." in outcome.error
        assert f"{OTHER}: no difference, now on-premises" in outcome.error
        assert not outcome.changed
        assert state(far).settings.bypass_dir_sync_overrides is False
        engine.retry(RUN)
        engine.advance(RUN)
        (again,) = engine.pending_approvals(RUN)
        assert "2 users change now" in again.says
        assert isinstance(approve(engine, again), Done)


def test_a_run_of_version_1_that_has_switched_goes_on_in_version_1(tmp_path: Path) -> None:
    (before,) = bypass.playbook.earlier
    far = Simulated(scene())
    with SqliteStore(tmp_path / "journal.db") as store:

        def engine(known: dict[str, Playbook]) -> Engine:
            return Engine(store, known, Skipping(far, [], Meanwhile(far)), clock=far.clock, tenant=TENANT)

        old = engine({before.name: before})
        assert isinstance(approve(old, asked(old, sync="manual")), Operator)
        assert state(far).settings.bypass_dir_sync_overrides is True
        far.rehearsal.synchronise("Initial")
        new = engine({bypass.playbook.name: bypass.playbook, f"{before.name}@1": before})
        new.signal(RUN, "synchronise", "done")
        assert isinstance(new.advance(RUN), Done)
        assert new.run(RUN).version == "1"


def test_a_run_of_version_1_stops_at_a_number_that_it_did_not_list(tmp_path: Path) -> None:
    (before,) = bypass.playbook.earlier
    far = Simulated(scene())
    with SqliteStore(tmp_path / "journal.db") as store:
        engine = Engine(store, {before.name: before}, Skipping(far, [], Meanwhile(far)), clock=far.clock, tenant=TENANT)
        first = asked(engine)
        written_in_the_cloud(far, OTHER, "42")
        assert isinstance(outcome := approve(engine, first), Failed)
        assert "Stopped at the numbers are the approved ones." in outcome.error
        assert state(far).settings.bypass_dir_sync_overrides is False


def test_nothing_happens_without_the_approval(engine: Engine, far: Simulated, sent: list[Sent]) -> None:
    asked(engine)
    engine.advance(RUN)
    assert [call for call in sent if call.writes] == []
    assert state(far).settings.bypass_dir_sync_overrides is False


def test_many_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    far = Simulated(Scenario(name="many", playbook=bypass.playbook, inputs={}))
    far.rehearsal = Rehearsal(generate(26, Makeup(mobile_overrides=25)))
    with SqliteStore(tmp_path / "journal.db") as store:
        approval = asked(engine_for(scene(), store, Skipping(far, [], Meanwhile(far)), far.rehearsal.clock))
    assert "25 users change now" in approval.says
    assert "and 5 more" in approval.says
    assert len(approval.evidence) == 1 + 2 * 25


def test_the_plan_shows_the_hash_that_the_run_asks_for(engine: Engine, sent: list[Sent]) -> None:
    plan = engine.plan(bypass.playbook.name, {"turn": "on"})
    assert [call for call in sent if call.writes] == []
    assert asked(engine).sha == plan.approvals[0].sha


def test_switched_off_again_the_cloud_keeps_its_numbers(engine: Engine, far: Simulated) -> None:
    approval = asked(engine)
    engine.approve(RUN, approval.key, approval.sha)
    outcome = carry_on(engine, RUN, far.clock, Meanwhile(far))
    assert isinstance(outcome, Done)
    assert str(outcome.result["way_back"]).endswith(f"{USER} -MobilePhoneInAAD '1234567890'")
    engine.start(bypass.playbook.name, {"turn": "off"}, run_id="2")
    assert isinstance(carry_on(engine, "2", far.clock, Meanwhile(far)), Done)
    assert state(far).settings.bypass_dir_sync_overrides is False
