"""A scenario in; what became of it with every fault of the simulator at every call out: `python -m tests.playbooks.fault_sweep`.

    python -m tests.playbooks.fault_sweep PLAYBOOK[/SCENARIO] [--sample] [--jobs N]

A struck run must end done, waiting for a person, or failed with a reason. When the fault is over, the run must be carried to its
end by `retry`, by the truthful answer to its question, or by a new run. A guard may stop it instead, and say why, as long as
nothing destructive had its effect. No destructive effect may come twice in one run, and no content may be lost that the
documents' way keeps (`contents_of`).
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Final

from psbridge.command import Pipeline
from psbridge.engine import Done, Engine, Failed, Operator, Outcome
from psbridge.errors import ConnectionLost, EndpointRefused, Throttled, TransportError
from psbridge.journal import Kind, SqliteStore
from psbridge.reply import Reply
from psbridge.simulator.seed import state_to_json
from psbridge.simulator.state import Fault, Tenant
from psbridge.simulator.state.fault import CALL_FAULTS
from psbridge.transports.base import Transport
from tests.playbooks.contents import contents_of
from tests.playbooks.far_ends import Simulated
from tests.playbooks.playing import Meanwhile, Skipping, carry_on, engine_for
from tests.playbooks.scenario import RUN, Scenario, scenarios_of
from tests.playbooks.sent import Sent, writes

__all__ = ["Blow", "Verdict", "all_blows", "calls_of", "sample", "strike"]

# Faults that only say something: one of them at a call stands for all of them in a sample.
TELLING: Final = frozenset({"warning", "verbose", "debug", "information", "progress"})
# What the tenant itself does: name, seconds.
TENANT_FAULTS: Final = (
    ("late-replication", 600),
    ("late-replication", 3 * 3600),
    ("failed-restore", 0),
    ("stalled-migration", 6 * 3600),
    ("group-licence", 0),
    ("group-licence", 30),
    ("group-licence", 600),
)
# A refused request reaches the engine as one of two errors (psbridge.transports.faults); the other two kinds are as the first.
REFUSED: Final = frozenset({"too-many-requests", "access-denied"})
# What strikes every call of a cmdlet in a sample: one of these.
LASTING: Final = frozenset({"error", "dropped-connection", "hang", "access-denied"})
# After these nobody knows whether the call had its effect.
LOSING: Final = frozenset({"dropped-connection", "hang"})
SEED: Final = 20180715
READS_SAMPLED: Final = 8


@dataclass(frozen=True, slots=True)
class Blow:
    """One fault: at call number `call` of a cmdlet (0: at every call until it is seen to), or of the tenant (no cmdlet)."""

    kind: str
    cmdlet: str = ""
    call: int = 0
    after: bool = False
    seconds: int = 0

    def __str__(self) -> str:
        if not self.cmdlet:
            return f"{self.kind} of {self.seconds} s"
        which = f"call {self.call}" if self.call else "every call"
        return f"{self.kind} {'after' if self.after else 'before'} {which} of {self.cmdlet}"


@dataclass(slots=True)
class Verdict:
    """What became of a struck run: how each attempt to carry it on ended, and what is wrong with that."""

    blow: Blow
    ends: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def way(self) -> str:
        """The ends in one line, without their texts."""
        return " -> ".join(end.partition(":")[0] for end in self.ends)


def calls_of(scenario: Scenario) -> Counter[str]:
    """How often an undisturbed run calls each cmdlet."""
    return Counter(call.cmdlet for call in _undisturbed(scenario))


def _undisturbed(scenario: Scenario) -> list[Sent]:
    """What a run sends that nothing strikes."""
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        attempt = _Attempt(scenario, None, Path(folder))
        attempt.go(RUN)
        attempt.close()
        return attempt.sent


def all_blows(scenario: Scenario) -> Iterator[Blow]:
    """Every fault at every call, before and after its effect; and at all calls of a cmdlet until the fault is seen to."""
    for cmdlet, count in sorted(calls_of(scenario).items()):
        for call in (*range(1, count + 1), 0):
            for kind in sorted(CALL_FAULTS | REFUSED):
                yield Blow(kind, cmdlet, call)
                yield Blow(kind, cmdlet, call, after=True)
    for kind, seconds in TENANT_FAULTS:
        yield Blow(kind, seconds=seconds)


def sample(scenario: Scenario) -> list[Blow]:
    """What the tests play, always the same: of a branch its own writes only."""
    return _at_own_writes(scenario) if scenario.branch else _at_every_write(scenario)


def _at_own_writes(scenario: Scenario) -> list[Blow]:
    """Each write that the main scenario does not have: lost before its effect, lost after it, and one fault of the others."""
    others = [(kind, after) for kind in sorted((CALL_FAULTS | REFUSED) - TELLING - LOSING) for after in (False, True)]
    chosen: list[Blow] = []
    for cmdlet, call in _own_writes(scenario):
        lots = random.Random(f"{SEED} {scenario.name} {cmdlet}")
        lost = [(lots.choice(sorted(LOSING)), after) for after in (False, True)]
        chosen += [Blow(kind, cmdlet, call, after) for kind, after in (*lost, lots.choice(others))]
    return chosen


def _own_writes(scenario: Scenario) -> list[tuple[str, int]]:
    """Cmdlet and number of each call of a write that the playbook's main scenario does not make."""
    known, counted = _main_writes(scenario.playbook.name), Counter[str]()
    own: list[tuple[str, int]] = []
    for call in _undisturbed(scenario):
        counted[call.cmdlet] += 1
        if call.writes and _form(call) not in known:
            own.append((call.cmdlet, counted[call.cmdlet]))
    return own


@cache
def _main_writes(playbook: str) -> frozenset[tuple[str, frozenset[str]]]:
    (main,) = (scenario for scenario in scenarios_of(playbook) if scenario.sweep)
    return frozenset(_form(call) for call in _undisturbed(main) if call.writes)


def _form(call: Sent) -> tuple[str, frozenset[str]]:
    """What tells one write from another: its cmdlet, and which parameters it has."""
    return call.cmdlet, frozenset(call.parameters)


def _at_every_write(scenario: Scenario) -> list[Blow]:
    """Every write with every fault, one that only says something standing for all; of the others a few.

    A fault that lasts until it is seen to strikes each cmdlet once.
    """
    lots = random.Random(SEED)
    chosen: list[Blow] = []
    reads: list[Blow] = []
    alike: dict[tuple[str, int, bool], list[Blow]] = {}
    for blow in all_blows(scenario):
        read = bool(blow.cmdlet) and not writes(blow.cmdlet)
        if blow.cmdlet and not blow.call:
            if blow.kind in LASTING:
                alike.setdefault((blow.cmdlet, 0, blow.after and not read), []).append(blow)
        elif read:
            reads.append(blow)
        elif blow.kind in TELLING:
            alike.setdefault((blow.cmdlet, blow.call, False), []).append(blow)
        else:
            chosen.append(blow)
    chosen += [lots.choice(some) for some in alike.values()]
    return chosen + lots.sample(reads, min(READS_SAMPLED, len(reads)))


def strike(scenario: Scenario, blow: Blow) -> Verdict:
    """Play the scenario with one fault, see to the fault, and carry the run on to its end."""
    verdict = Verdict(blow)
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        attempt = _Attempt(scenario, blow, Path(folder))
        try:
            _carry_to_the_end(attempt, verdict)
        except Exception:  # noqa: BLE001 - a bug at one fault is a complaint with its traceback, and must not hide hundreds of others
            verdict.complaints.append(traceback.format_exc())
        verdict.complaints += attempt.complaints()
        attempt.close()
    return verdict


def _carry_to_the_end(attempt: _Attempt, verdict: Verdict) -> None:
    outcome = _noted(verdict, attempt.go(RUN))
    if isinstance(outcome, Done):
        return
    attempt.see_to_the_fault()
    for carry in (attempt.again, attempt.answer, attempt.again):
        outcome = _noted(verdict, carry(RUN))
        if isinstance(outcome, Done):
            return
    if isinstance(outcome, Failed):
        outcome = _noted(verdict, attempt.go("b" + RUN[1:]))
    if isinstance(outcome, Operator) or (isinstance(outcome, Failed) and "Stopped at " not in outcome.error):
        verdict.complaints.append("neither a retry nor a new run gets on, and no guard says why")
    elif isinstance(outcome, Failed) and attempt.destroyed():
        verdict.complaints.append("neither a retry nor a new run gets on, and what was destroyed is left so")


def _noted(verdict: Verdict, outcome: Outcome) -> Outcome:
    reason = {Failed: "error", Operator: "why"}.get(type(outcome), "")
    told = str(getattr(outcome, reason)) if reason else ""
    verdict.ends.append(f"{type(outcome).__name__}: {told}")
    if not isinstance(outcome, Done | Failed | Operator):
        verdict.complaints.append(f"ends as {outcome}")
    elif reason and not told.strip():
        verdict.complaints.append(f"ends as {type(outcome).__name__} without a reason")
    return outcome


class _Attempt:
    """A tenant with one fault, a journal, and the runs that are carried on in it."""

    def __init__(self, scenario: Scenario, blow: Blow | None, folder: Path) -> None:
        self._scenario = scenario
        self._far = _Struck(scenario, blow)
        self.sent: list[Sent] = []
        self._meanwhile = Meanwhile.of(scenario, self._far)
        self._endpoints = Skipping(self._far, self.sent, self._meanwhile)
        self._store = SqliteStore(folder / "journal.db")
        self._engine: Engine = engine_for(scenario, self._store, self._endpoints, self._far.clock)
        self._before = contents_of(self._far.state())

    def go(self, run_id: str) -> Outcome:
        """Begin a run, and carry it on."""
        self._far.run_id = run_id
        self._engine.start(self._scenario.playbook.name, self._scenario.inputs, run_id=run_id)
        return carry_on(self._engine, run_id, self._far.clock, self._meanwhile)

    def again(self, run_id: str) -> Outcome:
        """Retry a run."""
        self._engine.retry(run_id)
        return carry_on(self._engine, run_id, self._far.clock, self._meanwhile)

    def answer(self, run_id: str) -> Outcome:
        """Answer what the run asks about a write, as a person does who has looked; or retry it where it asks nothing."""
        run = self._engine.run(run_id)
        asked = [entry for entry in self._engine.entries(run_id) if entry.kind is Kind.DESTROY and entry.key == run.signal]
        if not asked:
            return self.again(run_id)
        done = (run_id, asked[-1].command) in self._far.effects
        self._engine.signal(run_id, run.signal, "done" if done else "not done")
        return carry_on(self._engine, run_id, self._far.clock, self._meanwhile)

    def see_to_the_fault(self) -> None:
        """The cause is gone, and what it left behind is seen to as the run's remedy says."""
        self._far.see_to_it()

    def complaints(self) -> list[str]:
        """What was done twice, and what was lost."""
        lost = self._before - contents_of(self._far.state()) - self._scenario.loses
        found = [f"lost: {', '.join(sorted(lost))}"] if lost else []
        return found + [f"{count} effects of {command}" for (_, command), count in self.destroyed().items() if count > 1]

    def destroyed(self) -> Counter[tuple[str, str]]:
        """How often each destructive command of each run had its effect."""
        destructive = {
            (run.run_id, entry.command)
            for run in self._engine.runs()
            for entry in self._engine.entries(run.run_id)
            if entry.kind is Kind.DESTROY
        }
        return Counter(effect for effect in self._far.effects if effect in destructive)

    def close(self) -> None:
        """Let go of the journal's file."""
        self._endpoints.really_close()
        self._store.close()


class _Struck(Simulated):
    """The simulator with one fault; `effects` holds (run, command line) of each write that changed the tenant."""

    def __init__(self, scenario: Scenario, blow: Blow | None) -> None:
        super().__init__(scenario)
        _be_swift(self.state(), lasting=blow is not None and not blow.call)
        self.effects: list[tuple[str, str]] = []
        self.run_id, self.over = "", False
        self._blow = blow
        self._requests: Counter[str] = Counter()
        if blow is not None and blow.kind not in REFUSED:
            fault = Fault(blow.kind, cmdlet=blow.cmdlet, call=blow.call, after=blow.after)  # type: ignore[arg-type]
            fault.seconds = fault.seconds if blow.cmdlet else blow.seconds
            self.state().faults.append(fault)

    def transport(self, endpoint: str) -> Transport:
        return _Watching(super().transport(endpoint), self)

    def refusal(self, cmdlet: str) -> TransportError | None:
        """What the client makes of a request that the service refuses just now (psbridge.transports.faults)."""
        blow = self._blow
        if blow is None or self.over or blow.kind not in REFUSED or blow.cmdlet != cmdlet:
            return None
        self._requests[cmdlet] += 1
        if blow.call not in {0, self._requests[cmdlet]}:
            return None
        if blow.kind != "access-denied":
            return Throttled(blow.kind, may_have_run=blow.after, retry_after=30)
        return ConnectionLost(blow.kind, may_have_run=True) if blow.after else EndpointRefused(blow.kind)

    def see_to_it(self) -> None:
        """Take the fault away; resume a restore request that failed by it, take a licence back that a group gave."""
        self.over = True
        state = self.state()
        state.faults.clear()
        for request in state.restore_requests:
            if request.status == "Failed":
                self.rehearsal.objects("exo", "Resume-MailboxRestoreRequest", Identity=request.identity)
        for account in state.directory:
            for licence in [one for one in account.licenses if one.assigned_by_group is not None]:
                # Who owns the group takes the user out: then the licence can go.
                licence.assigned_by_group = None
                self.rehearsal.licence(account.user_principal_name, RemoveLicenses=licence.sku)
        self.rehearsal.wait(minutes=10)

    @property
    def after(self) -> bool:
        """Whether the fault strikes after the effect."""
        return self._blow is not None and self._blow.after

    def watched(self) -> bytes:
        """Everything that a cmdlet may change, as it is at this time."""
        # A cycle that the fault itself runs is no effect of the cmdlet.
        if self._blow is not None and self._blow.kind == "sync-cycle":
            return b""
        self.rehearsal.organisation.advance(self.clock.now())
        state = self.state()
        calls, faults = state.calls, state.faults
        state.calls, state.faults = {}, []
        try:
            return state_to_json(state)
        finally:
            state.calls, state.faults = calls, faults


class _Watching(Transport):
    """Sees the effect of each write, and refuses a request where the fault is one of requests."""

    def __init__(self, inner: Transport, far: _Struck) -> None:
        self._inner, self._far = inner, far

    def open(self) -> None:
        self._inner.open()

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        name = pipeline.commands[0].name
        refusal = self._far.refusal(name)
        if refusal is not None and not self._far.after:
            raise refusal
        reply = self._watched(pipeline, deadline) if writes(name) else self._inner.run(pipeline, deadline=deadline)
        if refusal is not None:
            raise refusal
        return reply

    def _watched(self, pipeline: Pipeline, deadline: float | None) -> Reply:
        before = self._far.watched()
        try:
            return self._inner.run(pipeline, deadline=deadline)
        finally:
            if self._far.watched() != before:
                self._far.effects.append((self._far.run_id, str(pipeline)))

    def stop(self) -> None:
        self._inner.stop()

    def close(self) -> None:
        self._inner.close()


def _be_swift(tenant: Tenant, *, lasting: bool) -> None:
    """Let what takes time take little: a look more or less changes nothing but the time of the sweep.

    Nobody migrates the mailbox before the run says that it waits for that, and a run needs an hour to ask for help where a
    fault lasts. A mailbox that is migrated while the run cannot see the mail user is beyond this sweep: the wait for the mail
    user then ends with an operator, again and again.
    """
    for migration in tenant.migrations:
        migration.after_minutes = 120 if lasting else 20
    tenant.settings.restore_queued_seconds = 1
    tenant.settings.restore_in_progress_seconds = 1


def _memory() -> str | None:
    """Where the journals of a sweep lie: in memory, where there is such a place."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Sweep through a playbook's scenarios that end as done, and tell what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.playbooks.fault_sweep")
    parser.add_argument("playbook", help="its name, or name/scenario")
    parser.add_argument("--sample", action="store_true", help="only what the tests run")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    given = parser.parse_args(arguments)
    playbook, _, name = given.playbook.partition("/")
    found = [one for one in scenarios_of(playbook) if one.simulator and (one.name == name if name else one.ends is Done)]
    if not found:
        parser.error(f"there is no such scenario that the simulator can play: {given.playbook}")
    choose = sample if given.sample else all_blows
    return max([_sweep(scenario, list(choose(scenario)), given.jobs) for scenario in found])


def _sweep(scenario: Scenario, blows: Sequence[Blow], jobs: int) -> int:
    with ProcessPoolExecutor(jobs) as pool:
        verdicts = list(pool.map(partial(_strike_named, scenario.playbook.name, scenario.name), blows, chunksize=8))
    ways = Counter(verdict.way for verdict in verdicts)
    sys.stdout.write(f"{scenario.playbook.name}/{scenario.name}: {len(verdicts)} faults\n")
    for way, count in ways.most_common():
        example = next(verdict for verdict in verdicts if verdict.way == way)
        sys.stdout.write(f"{count:6} {way}\n       e.g. {example.blow}\n")
        sys.stdout.writelines(f"         {end[:300]}\n" for end in example.ends)
    bad = [verdict for verdict in verdicts if verdict.complaints]
    for verdict in bad:
        sys.stdout.write(f"WRONG  {verdict.blow}: {verdict.way}\n")
        sys.stdout.writelines(f"         {line}\n" for line in (*verdict.complaints, *verdict.ends))
    return 1 if bad else 0


def _strike_named(playbook: str, name: str, blow: Blow) -> Verdict:
    """A scenario holds functions, which do not travel between processes; its name does."""
    (scenario,) = (one for one in scenarios_of(playbook) if one.name == name)
    return strike(scenario, blow)


if __name__ == "__main__":
    sys.exit(main())
