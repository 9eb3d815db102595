"""The tenant-wide remedy: who is named before anything happens, what an approval covers, and what stops it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from playbooks.mobile_phone import bypass
from psbridge.engine import Done, Engine, Failed, PendingApproval
from psbridge.journal import SqliteStore
from psbridge.simulator.generate import Makeup, generate
from psbridge.simulator.state import Tenant
from tests.playbooks.far_ends import Live, Simulated
from tests.playbooks.live_tenant import LiveSessions
from tests.playbooks.playing import Meanwhile, Skipping, carry_on, engine_for, play
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
    assert [call.cmdlet for call in played.sent].count("Compare-ADSyncToolsDirSyncOverrides") == 1
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


@pytest.mark.parametrize("side", ["on-premises", "directory"])
def test_a_number_that_changed_after_the_approval_stops_the_run_before_anything_happens(
    side: str, engine: Engine, far: Simulated
) -> None:
    approval = asked(engine)
    if side == "directory":
        account = far.rehearsal.account(USER)
        assert account is not None
        account.mobile_phone = "42"
    else:
        far.rehearsal.local(USER).mobile = "42"
    engine.approve(RUN, approval.key, approval.sha)
    outcome = engine.advance(RUN)
    assert isinstance(outcome, Failed)
    assert "Stopped at the numbers are the captured ones." in outcome.error
    assert not outcome.changed
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
