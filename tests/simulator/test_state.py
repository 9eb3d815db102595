"""Seeds, the state as JSON, registers, time, and the generator of large tenants."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from psbridge.errors import InputError
from psbridge.simulator import load_seed, named_seeds
from psbridge.simulator.generate import Makeup, generate
from psbridge.simulator.register import Register
from psbridge.simulator.seed import state_from_json, state_to_json
from psbridge.simulator.state.span import parse_span
from tests.simulator.rehearsal import DUPLICATE, Rehearsal


@pytest.mark.parametrize("name", named_seeds())
def test_every_seed_is_read_and_its_state_comes_back_from_json(name: str) -> None:
    state = load_seed(name)
    written = state_to_json(state)
    assert state_to_json(state_from_json(written)) == written
    assert state.on_premises
    assert state.description


def test_the_documents_have_a_seed_each() -> None:
    assert {"option-0", "option-1", "option-3", "migration", "mobile-phone", "documents"} <= set(named_seeds())


def test_the_same_commands_give_the_same_state() -> None:
    states = []
    for _ in range(2):
        scene = Rehearsal("option-0")
        scene.delete()
        scene.purge()
        scene.wait(days=3)
        states.append(state_to_json(scene.state))
    assert states[0] == states[1]


def test_a_run_can_be_carried_on_from_its_state() -> None:
    scene = Rehearsal("option-0")
    scene.delete()
    scene.purge()
    later = Rehearsal(state_from_json(state_to_json(scene.state)))
    for each in (scene, later):
        each.wait(days=3)
    assert state_to_json(scene.state) == state_to_json(later.state)


def test_a_state_that_was_kept_is_a_seed_too(tmp_path: Path) -> None:
    kept = tmp_path / "tenant.json"
    kept.write_bytes(state_to_json(load_seed("option-1")))
    assert state_to_json(load_seed(kept)) == kept.read_bytes()
    kept.write_text("{", encoding="utf-8")
    with pytest.raises(InputError):
        load_seed(kept)


def test_a_seed_with_mistakes_names_every_one(tmp_path: Path) -> None:
    seed = tmp_path / "mine.toml"
    seed.write_text('now = 2026-01-01T00:00:00Z\n[settings]\nquotes = "round"\n[[faults]]\nname = "flood"\n', encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_seed(seed)
    for place in ("settings.quotes", "faults.0.name"):
        assert place in str(refused.value)


@pytest.mark.parametrize(
    ("written", "ticks"), [("00:00:09.5015268", 95_015_268), ("6.04:36:17.0329441", 5_349_770_329_441), ("00:00:00", 0)]
)
def test_a_span_is_read_to_the_tick(written: str, ticks: int) -> None:
    assert parse_span(written).ticks == ticks
    assert str(parse_span(written)) == written


def test_a_register_finds_by_every_name_and_forgets_old_ones() -> None:
    people = [["Ann", "ann@contoso.com"], ["Bob", "ann@contoso.com"]]
    register = Register(people, lambda person: person)
    assert register.find("ANN") == [people[0]]
    assert register.find("ann@contoso.com") == people
    people[0][0] = "Anna"
    register.renamed(people[0])
    assert (register.find("ann"), register.find("anna")) == ([], [people[0]])
    register.remove(people[0])
    assert register.find("ann@contoso.com") == [["Bob", "ann@contoso.com"]]
    assert len(register) == 1


def test_the_scheduler_runs_every_30_minutes_and_not_while_it_is_paused() -> None:
    scene = Rehearsal()
    before = scene.state.sync.cycles
    scene.wait(hours=5)
    assert scene.state.sync.cycles - before == 10
    scene.objects("sync", "Set-ADSyncScheduler", SyncCycleEnabled=False)
    scene.wait(hours=5)
    scene.objects("sync", "Set-ADSyncScheduler", SyncCycleEnabled=True)
    assert scene.state.sync.cycles - before == 10
    scene.wait(minutes=31)
    assert scene.state.sync.cycles - before == 11


def test_a_second_cycle_is_refused_while_the_first_is_under_way() -> None:
    scene = Rehearsal()
    scene.state.sync.cycle_seconds = 120
    scene.synchronise()
    assert scene.one("sync", "Get-ADSyncScheduler")["SyncCycleInProgress"] is True
    assert "busy" in scene.error("sync", "Start-ADSyncSyncCycle").message
    scene.wait(minutes=3)
    scene.synchronise()


def test_a_cycle_exports_at_its_end_and_one_that_is_stopped_leaves_it_to_the_next() -> None:
    scene = Rehearsal()
    scene.state.sync.cycle_seconds = 120

    def number() -> str | None:
        account = scene.account("testmobile@domain.com")
        return None if account is None else account.mobile_phone

    scene.objects("onprem", "Set-User", Identity="testmobile@domain.com", MobilePhone="999")
    scene.synchronise()
    scene.wait(minutes=1)
    scene.objects("sync", "Stop-ADSyncSyncCycle")
    scene.wait(minutes=2)
    assert number() == "8035551212"
    scene.synchronise()
    assert number() == "8035551212"
    scene.wait(minutes=2)
    assert number() == "999"


def test_a_staging_server_exports_nothing() -> None:
    scene = Rehearsal()
    scene.state.sync.staging = True
    scene.delete()
    scene.purge()
    scene.synchronise("Initial")
    assert scene.account() is None


def test_a_generated_tenant_has_what_was_asked_for() -> None:
    state = generate(500, Makeup(duplicates=7, unclean=5, mobile_overrides=3))
    assert state_to_json(generate(500, Makeup(7, 5, 3))) == state_to_json(state)
    scene = Rehearsal(state)
    local = {user.user_principal_name for user in state.on_premises if user.kind == "UserMailbox"}
    twice = [one for one in state.cloud if one.is_mailbox and one.user_principal_name in local]
    assert (len(state.on_premises), len(twice)) == (500, 7)
    assert sum(one.previous_recipient_type_details == "UserMailbox" for one in state.cloud) == 5
    assert sum(account.mobile_authority == "cloud" for account in state.directory) == 3
    mailbox = scene.one("exo", "Get-Mailbox", Identity=twice[0].user_principal_name)
    account = scene.one("directory", "Get-MsolUser", UserPrincipalName=twice[0].user_principal_name)
    assert mailbox["ExternalDirectoryObjectId"] == str(account["ObjectId"])


def test_more_is_not_asked_for_than_there_is() -> None:
    with pytest.raises(InputError):
        generate(3, Makeup(duplicates=2, unclean=2))


def test_a_large_tenant_answers_at_once_and_its_days_pass_quickly() -> None:
    scene = Rehearsal(generate(5_000, Makeup(duplicates=100)))
    name = next(user.user_principal_name for user in scene.state.on_premises)
    scene.one("exo", "Get-Mailbox", Identity=name)
    scene.one("directory", "Get-MsolUser", UserPrincipalName=name)
    begun = time.process_time()
    for _ in range(20):
        scene.one("exo", "Get-Mailbox", Identity=name)
    scene.delete(name)
    scene.wait(days=30)
    scene.synchronise("Initial")
    scene.wait(minutes=1)
    assert scene.state.sync.cycles == 30 * 48 + 1
    # One look through everybody per call or cycle would take minutes.
    assert time.process_time() - begun < 5


def test_the_clock_of_a_caller_moves_the_organisation() -> None:
    scene = Rehearsal()
    scene.delete()
    scene.clock.sleep(timedelta(minutes=1).total_seconds())
    assert scene.error("exo", "Get-Mailbox", Identity=DUPLICATE).names("ManagementObjectNotFoundException")
