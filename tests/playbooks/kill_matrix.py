"""Every playbook, killed at every point, against every far end: `python -m tests.playbooks.kill_matrix`.

    python -m tests.playbooks.kill_matrix [PLAYBOOK[/SCENARIO] ...] [--far FAR] [--points all|matter|writes] [--jobs N]

FAR is `here` (the simulator in this process), `wire` (the simulator over WS-Man, which also kills its client in the middle of a
call) or `engine` (the real engine); without it all three are played. A table of what was found is printed, as in README.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from playbooks.duplicate_mailbox import scan
from tests.playbooks.kills import Calm, Verdict, World, around_writes, killed, that_matter, undisturbed, unlike
from tests.playbooks.live_tenant import LiveSessions
from tests.playbooks.scenario import Scenario, all_scenarios
from tests.playbooks.sent import writes
from tests.playbooks.worlds import Here, OnTheEngine, OverTheWire, WireServer, swift

__all__ = ["FARS", "KILLED", "Found", "Much", "Point", "Stage", "label", "points_of", "stage_at", "sweep"]

Point: TypeAlias = int | tuple[int, str]
Much: TypeAlias = Literal["all", "matter", "writes"]

FARS: Final = ("here", "wire", "engine")
# Beside the main scenario of each playbook: the other ways of OPTION #0, and the whole way of OPTION #3.
_PREFIX: Final = f"psbridge-kills-{os.getpid()}-"
_WAYS: Final = frozenset(
    {
        *(("duplicate-mailbox-delete-account", name) for name in ("batch", "move", "archive", "sync-by-hand")),
        ("duplicate-mailbox-remove-license", "cleared"),
        ("duplicate-mailbox-validation-error", "option-3"),
        ("mobile-phone-set", "taken"),
        ("mobile-phone-override", "seen-by-the-operator"),
    }
)
# What is read into tables has no recording of a scenario, so it is none of the others.
_SCAN: Final = Scenario(name="scan", playbook=scan.playbook, inputs={}, seed="scan", unchanged=True)
KILLED: Final = tuple(
    swift(scenario)
    for scenario in (*all_scenarios(), _SCAN)
    if scenario.sweep or scenario is _SCAN or (scenario.playbook.name, scenario.name) in _WAYS
)


def label(scenario: Scenario) -> str:
    """What a scenario is called."""
    return f"{scenario.playbook.name}/{scenario.name}"


class Stage:
    """One kind of far end, which gives a new world for each run."""

    def __init__(self, far: str, folder: Path, *, sessions: LiveSessions | None = None, server: WireServer | None = None) -> None:
        self.far, self.folder, self._sessions, self._server = far, folder, sessions, server
        self._runs = 0

    def world(self, scenario: Scenario, *, own: bool = False) -> World:
        """A new organisation; the one before is gone. `own`: the dying process starts PowerShell for itself."""
        if self._sessions is not None:
            return OnTheEngine(scenario, self._sessions, own=own)
        return Here(scenario) if self._server is None else OverTheWire(scenario, self._server)

    def place(self) -> Path:
        """A new folder for a journal."""
        self._runs += 1
        folder = self.folder / f"run-{self._runs}"
        folder.mkdir()
        return folder

    def close(self) -> None:
        """End what was started."""
        for one in (self._sessions, self._server):
            if one is not None:
                one.close()

    def undisturbed(self, scenario: Scenario) -> Calm:
        """A run that nobody kills."""
        return undisturbed(scenario, self.world(scenario), self.place())

    def killed(self, scenario: Scenario, calm: Calm, point: Point) -> Verdict:
        """A run that is killed at a point, and carried on."""
        return killed(scenario, self.world(scenario), self.place(), calm, point)


def points_of(calm: Calm, far: str, much: Much) -> list[Point]:
    """Where a run is killed: at every point that is unlike the one before, at those that matter, or around the writes only.

    Over the wire a choice has only what the far end does: each write, taken or done.
    """
    inside: list[Point] = list(_CHOOSE[much](calm.points))
    if far != "wire":
        return inside
    names = [name.removeprefix("before call ") for name in calm.points if name.startswith("before call ")]
    calls = [number for number, name in enumerate(names, 1) if much == "all" or writes(name)]
    from_there: list[Point] = [(number, when) for number in calls for when in ("taken", "done")]
    return inside + from_there if much == "all" else from_there


_CHOOSE: Final[Mapping[Much, Callable[[Sequence[str]], list[int]]]] = {
    "all": unlike,
    "matter": that_matter,
    "writes": around_writes,
}


@contextmanager
def stage_at(far: str, *, pwsh: str = "") -> Iterator[Stage]:
    """A kind of far end, with the processes that it needs."""
    with tempfile.TemporaryDirectory(dir=_memory()) as made:
        folder = Path(made)
        stage = _staged(far, folder, pwsh)
        try:
            yield stage
        finally:
            stage.close()


@dataclass(frozen=True, slots=True)
class Found:
    """A line of the table: a scenario at a far end, how many points its run has, and what the kills came to."""

    scenario: str
    far: str
    points: int
    verdicts: tuple[Verdict, ...]

    def __str__(self) -> str:
        kills = sum(not verdict.complaints for verdict in self.verdicts)
        figures = [
            *(sum(len(getattr(verdict, name)) for verdict in self.verdicts) for name in ("lost", "repeated", "different")),
            sum(verdict.again for verdict in self.verdicts),
        ]
        cells = (self.scenario, self.far, self.points, len(self.verdicts), kills, *figures)
        return f"| {' | '.join(map(str, cells))} |"


HEADER: Final = """\
| playbook/scenario | far end | points | kills | carried on | evidence lost | destroyed twice | other ends | harmless repeats |
|---|---|--:|--:|--:|--:|--:|--:|--:|"""


def sweep(scenario: Scenario, far: str, *, much: Much, pool: ProcessPoolExecutor, shards: int, pwsh: str) -> Found:
    """Kill a scenario's run at its points, in several processes."""
    asked = [(label(scenario), far, much, shard, shards, pwsh) for shard in range(shards)]
    parts = list(pool.map(_shard, asked))
    return Found(label(scenario), far, parts[0][0], tuple(verdict for _, verdicts in parts for verdict in verdicts))


def _shard(asked: tuple[str, str, Much, int, int, str]) -> tuple[int, list[Verdict]]:
    """A scenario holds functions, which do not travel between processes; its name does."""
    name, far, much, shard, shards, pwsh = asked
    (scenario,) = (one for one in KILLED if label(one) == name)
    stage = _kept(far, pwsh)
    calm = stage.undisturbed(scenario)
    points = points_of(calm, far, much)
    every = len(calm.points) + (2 * calm.calls if far == "wire" else 0)
    return every, [stage.killed(scenario, calm, point) for point in points[shard::shards]]


@cache
def _kept(far: str, pwsh: str) -> Stage:
    """The stage of this process; what it has started ends with it, because its standard input does."""
    return _staged(far, Path(tempfile.mkdtemp(dir=_memory(), prefix=_PREFIX)), pwsh)


def _staged(far: str, folder: Path, pwsh: str) -> Stage:
    sessions = server = None
    if far == "engine":
        (folder / "live").mkdir()
        sessions = LiveSessions(folder / "live", pwsh)
    elif far == "wire":
        (folder / "wire").mkdir()
        server = WireServer(folder / "wire")
    return Stage(far, folder, sessions=sessions, server=server)


def _memory() -> str | None:
    """Where the journals lie: in memory, where there is such a place; a kill loses nothing that the system has taken."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and what is wrong; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.playbooks.kill_matrix")
    parser.add_argument("playbooks", nargs="*", metavar="PLAYBOOK", help="its name, or name/scenario; without one all of them")
    parser.add_argument("--far", choices=FARS, action="append", help="which far end; without one all of them")
    parser.add_argument("--points", choices=get_args(Much), default="all", help="which points; all if you name none")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    given = parser.parse_args(arguments)
    chosen = [one for one in KILLED if not given.playbooks or {one.playbook.name, label(one)} & set(given.playbooks)]
    if not chosen:
        parser.error(f"there is no such scenario; there are: {', '.join(label(one) for one in KILLED)}")
    pwsh = os.environ.get("PSBRIDGE_PWSH", "pwsh")
    found = []
    print(HEADER)
    try:
        for far in given.far or FARS:
            with ProcessPoolExecutor(given.jobs) as pool:
                for scenario in chosen:
                    found.append(sweep(scenario, far, much=given.points, pool=pool, shards=given.jobs, pwsh=pwsh))
                    print(found[-1], flush=True)
    finally:
        for left in Path(_memory() or tempfile.gettempdir()).glob(f"{_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
    wrong = [(one, verdict) for one in found for verdict in one.verdicts if verdict.wrong]
    for one, verdict in wrong:
        print(f"WRONG {one.scenario} at {one.far}, killed {verdict.point}:")
        print("\n".join(f"    {line[:600]}" for line in verdict.wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
