"""Every playbook, killed at every point, against every far end: `python -m tests.playbooks.kill_matrix`.

    python -m tests.playbooks.kill_matrix [PLAYBOOK[/SCENARIO] ...] [--far FAR] [--points POINTS] [--later HOURS] [--database]

POINTS are `all`, `matter` or `writes`. FAR is `here` (the simulator in this process), `wire` (the simulator over WS-Man, which
also kills its client in the middle of a call) or `engine` (the real engine); without it all three are played. The journal is a
file, or with `--database` one in a real PostgreSQL that is started for it. A table of what was found is printed, as in README.md.
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
from typing import Final, Literal, TypeAlias

from tests.playbooks.kills import (
    DATABASE,
    Calm,
    Verdict,
    World,
    around_writes,
    killed,
    of_its_own,
    that_matter,
    undisturbed,
    unlike,
)
from tests.playbooks.live_tenant import LiveSessions
from tests.playbooks.scenario import Scenario, all_scenarios
from tests.playbooks.sent import writes
from tests.playbooks.worlds import Here, OnTheEngine, OverTheWire, WireServer, swift
from tests.postgres_server import PostgresServer, postgres_programs, postgres_server

__all__ = ["FARS", "KILLED", "Found", "Much", "Point", "Stage", "label", "points_of", "sweep"]

Point: TypeAlias = int | tuple[int, str]
Much: TypeAlias = Literal["all", "matter", "writes", "own"]

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
KILLED: Final = tuple(
    swift(scenario) for scenario in all_scenarios() if scenario.sweep or (scenario.playbook.name, scenario.name) in _WAYS
)


def label(scenario: Scenario) -> str:
    """What a scenario is called."""
    return f"{scenario.playbook.name}/{scenario.name}"


class Stage:
    """One kind of far end, which gives a new world for each run."""

    def __init__(
        self,
        far: str,
        folder: Path,
        *,
        sessions: LiveSessions | None = None,
        server: WireServer | None = None,
        databases: Callable[[], str] | None = None,
    ) -> None:
        self.far, self.folder, self._sessions, self._server, self.databases = far, folder, sessions, server, databases

    def world(self, scenario: Scenario, *, own: bool = False) -> World:
        """A new organisation; the one before is gone. `own`: the dying process starts PowerShell for itself."""
        if self._sessions is not None:
            return OnTheEngine(scenario, self._sessions, own=own)
        return Here(scenario) if self._server is None else OverTheWire(scenario, self._server)

    def close(self) -> None:
        """End what was started."""
        for one in (self._sessions, self._server):
            if one is not None:
                one.close()

    def undisturbed(self, scenario: Scenario) -> Calm:
        """A run that nobody kills."""
        with self._place() as folder:
            return undisturbed(scenario, self.world(scenario), folder)

    def killed(self, scenario: Scenario, calm: Calm, point: Point, *, later: float = 0.0, own: bool = False) -> Verdict:
        """A run that is killed at a point, and carried on, at once or so many hours later."""
        with self._place() as folder:
            return killed(scenario, self.world(scenario, own=own), folder, calm, point, later=later)

    @contextmanager
    def _place(self) -> Iterator[Path]:
        """A folder for one journal."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            if self.databases is not None:
                (Path(folder) / DATABASE).write_text(self.databases())
            yield Path(folder)


def points_of(calm: Calm, far: str, much: Much, main: Sequence[str] = ()) -> list[Point]:
    """Where a run is killed: at every point that is unlike the one before, at those that matter, or around the writes only.

    `own`: around the writes and questions that are not among the points `main` of the playbook's main scenario. Over the wire a
    choice has only what the far end does: each write, taken or done.
    """
    inside: list[Point] = list(of_its_own(calm.points, main) if much == "own" else _CHOOSE[much](calm.points))
    if far != "wire":
        return inside
    names = [name.removeprefix("before call ") for name in calm.points if name.startswith("before call ")]
    calls = [number for number, name in enumerate(names, 1) if much == "all" or writes(name)]
    from_there: list[Point] = [(number, when) for number in calls for when in ("taken", "done")]
    return inside + from_there if much == "all" else from_there


_CHOOSE: Final[Mapping[str, Callable[[Sequence[str]], list[int]]]] = {
    "all": unlike,
    "matter": that_matter,
    "writes": around_writes,
}


@dataclass(frozen=True, slots=True)
class Found:
    """A line of the table: a scenario at a far end, how many points its run has, and what the kills came to."""

    scenario: str
    far: str
    points: int
    verdicts: tuple[Verdict, ...]
    in_database: bool = False

    def __str__(self) -> str:
        kills = sum(not verdict.complaints for verdict in self.verdicts)
        figures = [
            *(sum(len(getattr(verdict, name)) for verdict in self.verdicts) for name in ("lost", "repeated", "different")),
            sum(verdict.again for verdict in self.verdicts),
        ]
        far = f"{self.far}, database" if self.in_database else self.far
        cells = (self.scenario, far, self.points, len(self.verdicts), kills, *figures)
        return f"| {' | '.join(map(str, cells))} |"


HEADER: Final = """\
| playbook/scenario | far end | points | kills | carried on | evidence lost | destroyed twice | other ends | harmless repeats |
|---|---|--:|--:|--:|--:|--:|--:|--:|"""


@dataclass(frozen=True, slots=True)
class How:
    """How a scenario is played: the far end, which points, so many hours until a killed run is carried on."""

    far: str
    much: Much
    later: float
    pwsh: str
    server: PostgresServer | None = None


def sweep(scenario: Scenario, how: How, pool: ProcessPoolExecutor, shards: int) -> Found:
    """Kill a scenario's run at its points, in several processes."""
    parts = list(pool.map(_shard, [(label(scenario), how, shard, shards) for shard in range(shards)]))
    return Found(
        label(scenario),
        how.far,
        parts[0][0],
        tuple(verdict for _, verdicts in parts for verdict in verdicts),
        how.server is not None,
    )


def _shard(asked: tuple[str, How, int, int]) -> tuple[int, list[Verdict]]:
    """A scenario holds functions, which do not travel between processes; its name does."""
    name, how, shard, shards = asked
    (scenario,) = (one for one in KILLED if label(one) == name)
    stage = _kept(how.far, how.pwsh)
    stage.databases = None if how.server is None else how.server.new_database
    calm = stage.undisturbed(scenario)
    points = points_of(calm, how.far, how.much)
    every = len(calm.points) + (2 * calm.calls if how.far == "wire" else 0)
    return every, [stage.killed(scenario, calm, point, later=how.later) for point in points[shard::shards]]


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
    parser.add_argument("--points", choices=list(_CHOOSE), default="all", help="which points; all if you name none")
    parser.add_argument("--later", type=float, default=0.0, help="hours until a killed run is carried on; 0 if you name none")
    parser.add_argument("--database", action="store_true", help="keep the journals in PostgreSQL")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    given = parser.parse_args(arguments)
    chosen = [one for one in KILLED if not given.playbooks or {one.playbook.name, label(one)} & set(given.playbooks)]
    if not chosen:
        parser.error(f"there is no such scenario; there are: {', '.join(label(one) for one in KILLED)}")
    wrong = False
    print(HEADER)
    try:
        with _journals(wanted=given.database) as server:
            for far in given.far or FARS:
                how = How(far, given.points, given.later, os.environ.get("PSBRIDGE_PWSH", "pwsh"), server)
                with ProcessPoolExecutor(given.jobs) as pool:
                    for scenario in chosen:
                        wrong |= _told(sweep(scenario, how, pool, given.jobs))
    finally:
        for left in Path(_memory() or tempfile.gettempdir()).glob(f"{_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
    return 1 if wrong else 0


@contextmanager
def _journals(*, wanted: bool) -> Iterator[PostgresServer | None]:
    """The server of the journals, if they are not in files."""
    programs = postgres_programs()
    if not wanted:
        yield None
    elif programs is None:
        sys.exit("there is no PostgreSQL on this machine")
    else:
        with postgres_server(programs) as server:
            yield server


def _told(found: Found) -> bool:
    """Print a line of the table, and what is wrong beside it; gives whether anything is."""
    print(found, flush=True)
    wrong = [verdict for verdict in found.verdicts if verdict.wrong]
    for verdict in wrong:
        lines = "\n".join(f"    {line[:600]}" for line in verdict.wrong)
        print(f"WRONG {found.scenario} at {found.far}, killed {verdict.point}:\n{lines}", file=sys.stderr, flush=True)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
