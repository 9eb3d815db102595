"""OPTION #0 killed at every point, over real sessions: nothing is lost, nothing destructive is done twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from psbridge.engine import Done, Finished
from psbridge.journal import Kind, SqliteStore
from tests.playbooks.kills import Scene, count_points, killed_at, killed_with_its_sessions, resumed
from tests.playbooks.live_tenant import LiveSessions, LiveTenant
from tests.playbooks.option_zero import CAPTURED, RUN, TARGET

# The points of a run are dealt out to as many tests as there are shards, so that they can go side by side.
SHARDS = 8
ONCE = ("Remove-MsolUser", "New-MailboxRestoreRequest")
EVIDENCE = {"cloud-mailbox", "on-premises-mailbox", "account", "exchange-guid", "target-guid"}


def quick(tenant: dict[str, Any]) -> None:
    """A restore request that is over after a few looks: the twentieth look is killed like the second."""
    tenant["settings"].update(restoreQueuedSeconds=5, restoreInProgressSeconds=5)


def effects(tenant: LiveTenant) -> dict[str, Any]:
    """What a run leaves behind, without times and random ids."""
    state = tenant.state()
    return {
        "accounts": sorted((a["objectId"], a.get("deleted") is not None) for a in state["directory"]),
        "mailboxes": sorted(
            (p["userPrincipalName"], p["kind"], p.get("exchangeGuid"), bool(p.get("softDeleted"))) for p in state["cloud"]
        ),
        "requests": [request["name"] for request in state["restoreRequests"]],
    }


def unlike(points: list[str]) -> list[int]:
    """The points that leave something else behind: nothing is written or called between one's after and the next one's before."""
    assert all(name.startswith(("before ", "after ")) for name in points)
    return [number for number, name in enumerate(points, 1) if name.startswith("before ") or number == len(points)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, live_sessions: LiveSessions) -> tuple[list[str], dict[str, Any]]:
    """The points of a run that nobody kills, and what it leaves behind."""
    scene = fresh(tmp_path_factory.mktemp("undisturbed"), live_sessions)
    return count_points(scene), effects(scene.tenant)


def fresh(folder: Path, sessions: LiveSessions) -> Scene:
    tenant = sessions.tenant(change=quick)
    return Scene(folder, tenant, lambda name: sessions.transport(tenant, name))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_run_that_is_killed_anywhere_ends_as_if_it_had_not_been(
    shard: int, undisturbed: tuple[list[str], dict[str, Any]], tmp_path: Path, live_sessions: LiveSessions
) -> None:
    points, expected = undisturbed
    assert len(points) > 100
    for point in unlike(points)[shard::SHARDS]:
        folder = tmp_path / str(point)
        folder.mkdir()
        scene = fresh(folder, live_sessions)
        what = f"killed {points[point - 1]} (point {point})"
        assert killed_at(point, scene), what
        ends_as_if_it_had_not_been_killed(scene, expected, what)


@pytest.mark.parametrize("name", ["after Remove-MsolUser", "before New-MailboxRestoreRequest"])
def test_sessions_that_die_with_the_run_make_no_difference(
    name: str, undisturbed: tuple[list[str], dict[str, Any]], tmp_path: Path, live_sessions: LiveSessions
) -> None:
    points, expected = undisturbed
    scene = fresh(tmp_path, live_sessions)
    assert killed_with_its_sessions(points.index(name) + 1, scene)
    ends_as_if_it_had_not_been_killed(scene, expected, name)


def ends_as_if_it_had_not_been_killed(scene: Scene, expected: dict[str, Any], what: str) -> None:
    outcome = resumed(scene)
    # A run that was killed after its last word is over already.
    outcome = outcome.outcome if isinstance(outcome, Finished) else outcome
    assert isinstance(outcome, Done), f"{what}: {outcome}"
    assert outcome.result["merge"] == "Completed", what
    assert effects(scene.tenant) == expected, what
    begun = [
        (line["command"], "RemoveFromRecycleBin" in line["parameters"]) for line in scene.tenant.log() if line["event"] == "begin"
    ]
    assert [call for call in begun if call[0] in ONCE] == [
        ("Remove-MsolUser", False),
        ("Remove-MsolUser", True),
        ("New-MailboxRestoreRequest", False),
    ], what
    with SqliteStore.view(scene.folder / "journal.db") as view:
        kept = {entry.key: entry.body["shown"] for entry in view.entries(RUN) if entry.kind is Kind.EVIDENCE}
    assert set(kept) == EVIDENCE, what
    assert (kept["exchange-guid"]["exchange_guid"], kept["target-guid"]["exchange_guid"]) == (CAPTURED, TARGET), what
