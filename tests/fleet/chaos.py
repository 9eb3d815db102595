"""Workers killed and stopped at random until every run is done: `python -m tests.fleet.chaos`.

    python -m tests.fleet.chaos [--rounds N] [--runs N] [--workers N] [--kills N] [--seed S]

Each round has a database of its own and its runs' own far ends, in files whose effects are the judge: each destructive step once,
none left out, no evidence lost. A worker dies by kill -9 and is started anew; or it is stopped for longer than its lease, so that
others take its runs over, and is let go on. A line of a table is printed for each round, and what is wrong.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from psbridge.engine import Engine
from psbridge.fleet.store import FleetStore
from psbridge.journal import Kind, Status
from tests.fleet.working import PLAYBOOK, TENANT, far_end_of
from tests.postgres_server import PostgresServer, postgres_programs, postgres_server

__all__ = ["Round", "main", "played"]

HEADER: Final = """\
| round | runs | destructive steps | workers killed | workers stopped | seconds | done | lost | twice | evidence lost |
|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"""
_EFFECTS: Final = ("Remove-Account", "New-Request")
# Longer than the lease of the test's workers, which is 2 s.
_STOPPED: Final = 4.0
_IN_TIME: Final = 600.0


@dataclass(slots=True)
class Round:
    """What was done to the workers, and what came of the runs."""

    number: int
    runs: int
    killed: int = 0
    stopped: int = 0
    seconds: float = 0.0
    done: int = 0
    steps: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    without_evidence: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether every run is done, as if nobody had been killed."""
        wrong = self.lost or self.twice or self.without_evidence or self.problems
        return self.done == self.runs and not wrong

    def __str__(self) -> str:
        told = (self.killed, self.stopped, f"{self.seconds:.0f}", self.done)
        wrong = (len(self.lost), len(self.twice), len(self.without_evidence))
        return f"| {' | '.join(map(str, (self.number, self.runs, self.steps, *told, *wrong)))} |"


class _Workers:
    """Processes that are started again when they die."""

    def __init__(self, address: str, folder: Path, count: int) -> None:
        self._command = [sys.executable, "-m", "tests.fleet.working", address, str(folder), json.dumps({"slowness": 0.1})]
        self._errors = (folder / "errors").open("ab")
        self._alive = [self._started() for _ in range(count)]
        self._stopped: dict[int, float] = {}

    def kill(self, place: int) -> None:
        """Kill -9, and start another."""
        self._alive[place].kill()
        self._alive[place].wait()
        self._stopped.pop(place, None)
        self._alive[place] = self._started()

    def stop(self, place: int) -> None:
        """Let it stand still until `go_on`."""
        self._alive[place].send_signal(signal.SIGSTOP)
        self._stopped[place] = time.monotonic() + _STOPPED

    def go_on(self) -> None:
        """Those that have stood still for long enough go on, and believe that nothing has happened."""
        for place in [place for place, until in self._stopped.items() if time.monotonic() >= until]:
            self._alive[place].send_signal(signal.SIGCONT)
            del self._stopped[place]

    def close(self) -> None:
        """End them."""
        for worker in self._alive:
            worker.kill()
            worker.wait()
        self._errors.close()

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, cwd=Path(__file__).parents[2], stderr=self._errors)


def played(server: PostgresServer, folder: Path, number: int, *, runs: int, workers: int, kills: int, seed: int) -> Round:
    """Begin the runs, let the workers die, and look at what is there when all is done. Raises TimeoutError."""
    lots, found = random.Random(f"{seed} {number}"), Round(number, runs)
    address = server.new_database()
    with FleetStore(address, tenant=TENANT) as store:
        engine = Engine(store, {PLAYBOOK.name: PLAYBOOK}, tenant=TENANT, actor=lambda: "kim")
        people = [f"user-{place}" for place in range(runs)]
        for person in people:
            far_end_of(folder, person)
            engine.start(PLAYBOOK.name, {"identity": person}, run_id=person)
        begun, at_work = time.monotonic(), _Workers(address, folder, workers)
        try:
            while any(not run.status.ended for run in store.runs()):
                if time.monotonic() - begun > _IN_TIME:
                    raise TimeoutError(f"not done in {_IN_TIME:.0f} s: {(folder / 'errors').read_text()[-2000:]}")
                time.sleep(lots.uniform(0.2, 2.0))
                at_work.go_on()
                if found.killed + found.stopped < kills:
                    _strike(at_work, lots, workers, found)
        finally:
            at_work.close()
        found.seconds = time.monotonic() - begun
        _judge(store, folder, people, found)
    return found


def _strike(at_work: _Workers, lots: random.Random, workers: int, found: Round) -> None:
    place = lots.randrange(workers)
    if lots.random() < 0.2:
        at_work.stop(place)
        found.stopped += 1
    else:
        at_work.kill(place)
        found.killed += 1


def _judge(store: FleetStore, folder: Path, people: Sequence[str], found: Round) -> None:
    for person in people:
        effects = [line.split()[0] for line in far_end_of(folder, person).effects()]
        found.steps += len(effects)
        found.lost += [f"{person}: {name}" for name in _EFFECTS if name not in effects]
        found.twice += [f"{person}: {name}" for name in _EFFECTS if effects.count(name) > 1]
        kept = [entry for entry in store.entries(person) if (entry.kind, entry.state) == (Kind.EVIDENCE, "done")]
        found.without_evidence += [] if kept else [person]
    found.done = sum(run.status is Status.DONE for run in store.runs())
    found.problems += [str(problem) for problem in store.verify()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the rounds; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fleet.chaos")
    for name, many in (("rounds", 5), ("runs", 150), ("workers", 3), ("kills", 50)):
        parser.add_argument(f"--{name}", type=int, default=many, help=f"{many} if you name none")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    given = parser.parse_args(arguments)
    programs = postgres_programs()
    if programs is None:
        parser.error("there is no PostgreSQL on this machine")
    print(f"Seed {given.seed}\n{HEADER}", flush=True)
    wrong = []
    with postgres_server(programs) as server:
        for number in range(1, given.rounds + 1):
            with tempfile.TemporaryDirectory(prefix="psbridge-fleet-") as folder:
                asked = {name: getattr(given, name) for name in ("runs", "workers", "kills", "seed")}
                found = played(server, Path(folder), number, **asked)
            print(found, flush=True)
            if not found.is_right:
                complaints = (*found.lost, *found.twice, *found.without_evidence, *found.problems)
                wrong += [f"round {number}: {line}" for line in complaints]
    print("\n".join(f"WRONG {line}" for line in wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
