"""A scenario and a seed in; a run of it by the real command line, killed at random moments until it is done, judged out.

Each life of the run is a process. It is killed -9 itself, or one of the PowerShell processes beneath it is: then it must say so
and go on. Time passes only between two lives.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, TypeAlias

from psbridge.cli.exit_codes import ExitCode
from psbridge.engine import Desk, Done, Outcome
from psbridge.engine.outcome import outcome_of
from psbridge.journal import Entry, RunRecord, SqliteStore
from psbridge.journal.records import WRITES
from tests.chaos.far_ends import Account, FarEnd
from tests.playbooks.left_behind import LeftBehind, destructive, left_behind, plain
from tests.playbooks.scenario import RUN, Scenario

__all__ = ["Calm", "Report", "calm_round", "repeated", "wild_round"]

Victim: TypeAlias = Literal["psbridge", "beneath", ""]

_ROOT: Final = Path(__file__).parents[2]
# A run that needs more lives than that is stuck.
_LIVES: Final = 200
# So many kills, then it may end in peace.
_KILLS: Final = 40
_HANGS: Final = 300.0
# A life is struck in this part of its time: in the rest it says what it has done, and ends.
_MOST: Final = 0.8


@dataclass(frozen=True, slots=True)
class Calm:
    """A run that nobody kills, and how long its longest life was after everything was loaded."""

    left: LeftBehind
    effects: Counter[str]
    longest: float


@dataclass(slots=True)
class Report:
    """What became of a round: `lost` evidence, `repeated` destructive effects, `different` ends, and what else is wrong."""

    lives: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    lost: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """Everything that is wrong, in lines."""
        return [*self.complaints, *self.lost, *self.repeated, *self.different]


def calm_round(scenario: Scenario, far: FarEnd, folder: Path) -> Calm:
    """Carry a run to its end with nobody killed. Raises AssertionError where it does not end as the scenario says."""
    before = str(plain(far.state())).lower()
    carried = _Carried(scenario, far, folder, random.Random(0), 0.0, kills=0)
    carried.to_the_end()
    assert carried.report.complaints == [], carried.report.complaints
    return Calm(carried.left(before), carried.account().known, carried.longest)


def wild_round(scenario: Scenario, far: FarEnd, folder: Path, calm: Calm, seed: int, *, kills: int = _KILLS) -> Report:
    """Carry a run to its end, with at most so many kills on the way, and compare it with the calm one."""
    before = str(plain(far.state())).lower()
    carried = _Carried(scenario, far, folder, random.Random(seed), calm.longest, kills=kills)
    carried.to_the_end()
    report = carried.report
    if not report.complaints:
        differences = carried.left(before).differences(calm.left)
        report.lost += [line for line in differences if line.startswith("the evidence")]
        report.different += [line for line in differences if not line.startswith("the evidence")]
        report.repeated += repeated(carried.account(), destructive(carried.entries()), calm.effects)
    return report


def repeated(account: Account, names: Collection[str], meant: Counter[str]) -> list[str]:
    """The effects of these cmdlets that came more often, or less often, than they were meant to, in lines."""
    found = []
    for text in sorted(account.known.keys() | meant.keys()):
        least, unknown = account.known[text], account.unknown[text]
        if text.split("] ")[1].split()[0] in names and not least <= meant[text] <= least + unknown:
            found.append(f"{least} effects (and {unknown} unknown), not {meant[text]}: {text}")
    return found


class _Carried:
    """One run, life after life."""

    def __init__(self, scenario: Scenario, far: FarEnd, folder: Path, lot: random.Random, longest: float, *, kills: int) -> None:
        self.report = Report()
        self.longest = longest
        self._scenario, self._far, self._folder, self._lot, self._kills = scenario, far, folder, lot, kills
        self._profile = far.profile()
        self._seconds = (far.now() - datetime.now(UTC)).total_seconds()
        self._orphans: list[int] = []
        self._over: set[int] = set()
        self._kept: list[Entry] = []

    def to_the_end(self) -> None:
        """Life after life, until the run has ended or something is wrong."""
        while self.report.lives < _LIVES and not self.report.complaints:
            self.report.lives += 1
            victim = self._victim()
            self._far.until(self._now())
            code, told = self._life(victim)
            self._keep()
            if code == -signal.SIGKILL:
                continue
            if "Traceback" in told:
                self.report.complaints.append(f"it raises: {told[-1500:]}")
            run = self.run()
            if run is not None and run.status.ended and (code in {ExitCode.DONE, ExitCode.FINDINGS} or victim != "beneath"):
                break
            self._go_on(code, told, run)
        else:
            self.report.complaints.append(f"it is not over after {self.report.lives} lives")
        self._wait_for_orphans()
        run = self.run()
        complaint = "there is no run" if run is None else self._scenario.complaint(_told(run))
        self.report.complaints += [complaint] if complaint else []
        with SqliteStore(self._folder / "journal.db") as store:
            self.report.complaints += store.verify()

    def run(self) -> RunRecord | None:
        """The run, if it was begun."""
        if not (self._folder / "journal.db").exists():
            return None
        with SqliteStore.view(self._folder / "journal.db") as view:
            return next(iter(view.runs()), None)

    def entries(self) -> list[Entry]:
        """Its journal."""
        run = self.run()
        if run is None:
            return []
        with SqliteStore.view(self._folder / "journal.db") as view:
            return view.entries(run.run_id)

    def left(self, before: str) -> LeftBehind:
        """What it leaves behind."""
        run = self.run()
        assert run is not None
        self._far.settle(self._now())
        return left_behind(outcome_of(run), self.entries(), plain(self._far.state()), before, run_id=run.run_id)

    def account(self) -> Account:
        """What had its effect, of a run by the id that the scenarios' runs have."""
        run = self.run()
        assert run is not None
        return self._far.account().of(run.run_id, RUN)

    def _victim(self) -> Victim:
        if self.report.killed.total() >= self._kills:
            return ""
        return self._lot.choice(("psbridge", "beneath"))

    def _now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._seconds)

    def _life(self, victim: Victim) -> tuple[int, str]:
        """One process; gives its exit code and what it said."""
        ready, say_ready = os.pipe()
        environment = {
            **os.environ,
            "PYTHONPATH": str(_ROOT),
            "CHAOS_SECONDS": str(self._seconds),
            "CHAOS_READY": str(say_ready),
        }
        command = [sys.executable, "-m", "tests.chaos.life", *self._arguments()]
        with (self._folder / f"life-{self.report.lives}.txt").open("w+") as said:
            process = subprocess.Popen(
                command,
                cwd=_ROOT,
                env=environment,
                pass_fds=(say_ready,),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
            os.close(say_ready)
            os.read(ready, 1)
            os.close(ready)
            began = time.monotonic()
            self._strike(process, victim)
            code = process.wait(_HANGS)
            if code >= 0:
                self.longest = max(self.longest, time.monotonic() - began)
            said.seek(0)
            return code, said.read()

    def _arguments(self) -> list[str]:
        run = self.run()
        common = ["--yes", "--wait", "0", "--profile", str(self._profile)]
        if run is not None:
            return ["resume", run.run_id, *common]
        inputs = dict(self._scenario.inputs)
        identity = [inputs.pop("identity")] if "identity" in inputs else []
        options = [part for name, value in inputs.items() for part in ("--option", f"{name}={value}")]
        return ["run", self._scenario.playbook.name, *identity, *options, *common]

    def _strike(self, process: subprocess.Popen[bytes], victim: Victim) -> None:
        """Kill at a random moment of the life, if it lasts until then."""
        if not victim:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(self._lot.uniform(0.0, _MOST * self.longest))
            return
        beneath = _children(process.pid)
        self._orphans += beneath
        if victim == "psbridge":
            process.kill()
        elif beneath:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._lot.choice(beneath), signal.SIGKILL)
        else:
            return
        self.report.killed[victim] += 1

    def _keep(self) -> None:
        """What the journal held before must be there still, and a write that died in its process must be told."""
        entries = self.entries()
        if entries[: len(self._kept)] != self._kept:
            self.report.lost.append(f"entries of life {self.report.lives - 1} are gone")
        unknown = self._far.account().unknown.total()
        told = sum(entry.kind in WRITES and entry.state == "lost" for entry in entries)
        # Where psbridge was killed its PowerShell ends too, and only the next life can tell: it looks.
        if unknown > told + self.report.killed["psbridge"]:
            self.report.complaints.append(f"{unknown} writes died with their PowerShell; {told} are told as lost")
        self._kept = entries

    def _go_on(self, code: int, told: str, run: RunRecord | None) -> None:
        """Let pass what the run waits for, answer what it asks, try again what a dead PowerShell has stopped."""
        if run is None:
            self.report.complaints.append(f"it was not begun (exit code {code}): {told[-600:]}")
        elif code == ExitCode.WAITING:
            self._pass_until(run)
        elif code == ExitCode.OPERATOR and run.signal in self._scenario.answers:
            self._happen(run.signal)
            self._at_the_desk(lambda desk: desk.signal(run.run_id, run.signal, self._scenario.answers[run.signal]))
        elif code in {ExitCode.OPERATOR, ExitCode.FAILED} and self.report.killed["beneath"]:
            self.report.asked += 1
            self._at_the_desk(lambda desk: desk.retry(run.run_id))
        else:
            self.report.complaints.append(f"exit code {code}: {told[-600:]}")

    def _pass_until(self, run: RunRecord) -> None:
        # A server goes on with a cmdlet for a quarter of an hour at most: what was under way is over before that has passed.
        self._wait_for_orphans()
        self._happen(run.why)
        wait = 0.0 if run.wake_at is None else (run.wake_at - self._now()).total_seconds()
        # A look more or less changes nothing but the time of the test.
        self._seconds += max(wait, 600.0)
        self._far.until(self._now())

    def _happen(self, why: str) -> None:
        for number, happening in enumerate(self._scenario.happenings):
            if happening.when and happening.when in why and number not in self._over:
                self._over.add(number)
                self._far.happen(happening)

    def _at_the_desk(self, what: Callable[[Desk], object]) -> None:
        with SqliteStore(self._folder / "journal.db") as store:
            what(Desk(store, clock=_At(self._now())))

    def _wait_for_orphans(self) -> None:
        """Processes whose psbridge was killed end when they see that nobody is there."""
        for pid in self._orphans:
            with contextlib.suppress(ProcessLookupError):
                handle = os.pidfd_open(pid)
                try:
                    if not select.select([handle], [], [], _HANGS)[0]:
                        self.report.complaints.append(f"a PowerShell process outlives its psbridge for {_HANGS} s")
                finally:
                    os.close(handle)
        self._orphans.clear()


def _told(run: RunRecord) -> Outcome:
    """The outcome of a run, as if it had the id that the scenarios' runs have."""
    outcome = outcome_of(run)
    if isinstance(outcome, Done):
        return Done(json.loads(json.dumps(dict(outcome.result)).replace(run.run_id, RUN)))
    return outcome


@dataclass(frozen=True, slots=True)
class _At:
    """A clock that stands."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Time passes elsewhere."""


def _children(pid: int) -> list[int]:
    """The processes that a process has started and that still run."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = place.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(place.parent.name))
    return found
