"""Every playbook killed: nothing is lost, nothing destructive is done twice, and it ends as if it had not been killed.

Here the points that matter are played: around every write, approval, wait and evidence. All points at every far end:
PSBRIDGE_KILLS=all, or `python -m tests.playbooks.kill_matrix`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from psbridge.discovery import find_playbooks
from psbridge.engine import Run
from tests.playbooks.kill_matrix import FARS, KILLED, Much, Stage, label, points_of
from tests.playbooks.kills import killed, of_its_own, that_matter, undisturbed, unlike
from tests.playbooks.live_tenant import LiveSessions
from tests.playbooks.scenario import Scenario
from tests.playbooks.worlds import Here, WireServer
from tests.postgres_server import PostgresServer

ALL = os.environ.get("PSBRIDGE_KILLS") == "all"
DELETE = "duplicate-mailbox-delete-account/option-0"
WITHOUT_MERGE = "duplicate-mailbox-validation-error/without-merge"
MAIN = {scenario.playbook.name: label(scenario) for scenario in KILLED if scenario.sweep}
# How much is played of which scenario. The engine plays the two long ones, so of what shares their steps only the rest is left.
CHOSEN: dict[tuple[str, str], Much] = {
    **{("here", name): "writes" for name in MAIN.values() if name not in {DELETE, WITHOUT_MERGE}},
    **{("here", label(scenario)): "own" for scenario in KILLED if not scenario.sweep},
    # It sends what the main scenario does; the cloud takes it.
    ("here", "mobile-phone-set/taken"): "writes",
    **{("wire", name): "writes" for name in ("duplicate-mailbox-remove-license/option-1", "mobile-phone-bypass/on")},
    **{("engine", name): "matter" for name in MAIN.values()},
    **{("engine", name): "writes" for name in (DELETE, WITHOUT_MERGE)},
}
if ALL:
    CHOSEN = {(far, label(scenario)): "all" for far in FARS for scenario in KILLED}
# The points of a long run are dealt out to as many tests, so that they can go side by side.
_SIDE_BY_SIDE: dict[Much, int] = {"all": 8, "matter": 2, "writes": 1, "own": 1}
SHARDS = {place: _SIDE_BY_SIDE[much] for place, much in CHOSEN.items()}
CASES = [(far, name, shard) for (far, name), shards in SHARDS.items() for shard in range(shards)]


@pytest.fixture(scope="session")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WireServer]:
    with WireServer(tmp_path_factory.mktemp("wire")) as server:
        yield server


@pytest.fixture
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    far = request.getfixturevalue("far")
    sessions: LiveSessions | None = request.getfixturevalue("live_sessions") if far == "engine" else None
    return Stage(far, tmp_path, sessions=sessions, server=request.getfixturevalue("wire") if far == "wire" else None)


@pytest.mark.timeout(0 if ALL else 300)
@pytest.mark.parametrize(("far", "name", "shard"), CASES)
def test_a_run_that_is_killed_anywhere_ends_as_if_it_had_not_been(far: str, name: str, shard: int, stage: Stage) -> None:
    scenario = named(name)
    calm = stage.undisturbed(scenario)
    much = CHOSEN[far, name]
    main = stage.undisturbed(named(MAIN[scenario.playbook.name])).points if much == "own" else ()
    points = points_of(calm, far, much, main)
    verdicts = [stage.killed(scenario, calm, point) for point in points[shard :: SHARDS[far, name]]]
    assert verdicts
    assert {verdict.point: verdict.wrong for verdict in verdicts if verdict.wrong} == {}


def test_a_journal_in_a_database_bears_the_same_kills(postgres: PostgresServer, tmp_path: Path) -> None:
    scenario = named("duplicate-mailbox-remove-license/option-1")
    stage = Stage("here", tmp_path, databases=postgres.new_database)
    calm = stage.undisturbed(scenario)
    verdicts = [stage.killed(scenario, calm, point) for point in points_of(calm, "here", "writes")]
    assert verdicts
    assert {verdict.point: verdict.wrong for verdict in verdicts if verdict.wrong} == {}


def test_every_playbook_is_killed_at_every_far_end_that_is_played() -> None:
    assert {scenario.playbook.name for scenario in KILLED} == {name for name in find_playbooks(None) if "@" not in name}


@pytest.mark.parametrize("name", ["after call Remove-MsolUser", "before call New-MailboxRestoreRequest"])
def test_sessions_that_die_with_the_run_make_no_difference(name: str, tmp_path: Path, live_sessions: LiveSessions) -> None:
    scenario = named(DELETE)
    stage = Stage("engine", tmp_path, sessions=live_sessions)
    calm = stage.undisturbed(scenario)
    assert stage.killed(scenario, calm, calm.points.index(name) + 1, own=True).wrong == ()


def test_the_points_of_option_0_are_before_and_after_every_write_and_every_call(tmp_path: Path) -> None:
    calm = Stage("here", tmp_path).undisturbed(named(DELETE))
    assert len(calm.points) > 200
    assert {name.split()[0] for name in calm.points} == {"before", "after"}
    assert [name for name in calm.points if "Remove-MsolUser" in name] == [
        "before call Remove-MsolUser",
        "after call Remove-MsolUser",
    ] * 2
    chosen = that_matter(calm.points)
    assert set(chosen) < set(unlike(calm.points))
    assert {name for name in calm.points if name.startswith("before append destroy")} <= {calm.points[n - 1] for n in chosen}


def test_what_is_a_scenarios_own_is_told_by_its_steps_and_its_questions() -> None:
    def step(key: str) -> list[str]:
        return [f"{when} {what}" for what in (f"append destroy {key} intent", "call New-Thing") for when in ("before", "after")]

    question = ["before append ask what asked", "after append ask what asked", "before suspend what", "after suspend what"]
    assert of_its_own([*step("first"), *question, *step("second")], step("first")) == [5, 11, 12]
    assert of_its_own(step("first"), step("first")) == []


def test_the_matrix_sees_an_effect_that_comes_twice(tmp_path: Path) -> None:
    """A playbook whose looks are blind repeats what was done."""

    def blind(run: Run) -> Mapping[str, object]:
        real = run.destroy
        run.destroy = lambda *a, verify, before=None, **k: real(*a, verify=lambda _: False, **k)  # type: ignore[method-assign]
        return body(run)

    scenario = named(DELETE)
    body = scenario.playbook.body
    careless = replace(scenario, playbook=replace(scenario.playbook, body=blind))
    wrong = {}
    for one in (scenario, careless):
        calm = undisturbed(one, Here(one), place(tmp_path, f"calm-{one is careless}"))
        # The first is with -WhatIf.
        point = max(number for number, name in enumerate(calm.points, 1) if name == "after call New-MailboxRestoreRequest")
        wrong[one is careless] = killed(one, Here(one), place(tmp_path, f"killed-{one is careless}"), calm, point)
    assert wrong[False].wrong == ()
    assert [line.partition(":")[0] for line in wrong[True].repeated] == ["2 effects, not 1"]


def test_the_matrix_sees_evidence_that_is_gone_and_another_end(tmp_path: Path) -> None:
    scenario = named(DELETE)
    calm = undisturbed(scenario, Here(scenario), place(tmp_path, "calm"))
    more = replace(calm.left, outcome="Done: {}", evidence={**calm.left.evidence, "more": {}})
    verdict = killed(scenario, Here(scenario), place(tmp_path, "killed"), replace(calm, left=more), len(calm.points))
    assert [line.partition(":")[0] for line in verdict.wrong] == ["the evidence more", "the outcome"]


def test_a_run_that_ends_before_its_point_was_not_killed(tmp_path: Path) -> None:
    scenario = named("mobile-phone-set/taken")
    calm = undisturbed(scenario, Here(scenario), place(tmp_path, "calm"))
    longer = replace(calm, points=(*calm.points, "after everything"))
    assert killed(scenario, Here(scenario), place(tmp_path, "killed"), longer, len(longer.points)).complaints == (
        "it ended before it came there",
    )


def named(name: str) -> Scenario:
    (scenario,) = (one for one in KILLED if label(one) == name)
    return scenario


def place(root: Path, name: str) -> Path:
    folder = root / name
    folder.mkdir()
    return folder
