"""A journal and playbooks in; `advance` carries a run on until it ends or must wait, and says which.

One plain object without globals: a process may hold several, and anything that can call a function and schedule it
again can be the caller (engine-notes 1.1).
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from psbridge.clixml import redact as redact_clixml
from psbridge.clock import Clock
from psbridge.engine.actor import system_actor
from psbridge.engine.context import Context, Settings
from psbridge.engine.desk import Desk, cancellation
from psbridge.engine.endpoints import Endpoints, NoEndpoints, ScarceEndpoints, reserve
from psbridge.engine.heartbeat import Heartbeat
from psbridge.engine.ledger import Ledger
from psbridge.engine.outcome import Busy, Done, Failed, Finished, NotDue, Outcome, Waiting, outcome_of
from psbridge.engine.passing import Pass, cancelled_by, playbook_of
from psbridge.engine.plan import Plan, ScratchPaper, planned
from psbridge.engine.playbook import Playbook
from psbridge.engine.refusals import Refusals
from psbridge.engine.steps import way_out
from psbridge.engine.tables import Tables
from psbridge.errors import InputError, JournalBusy, JournalError, LeaseLost, SlotLost, Throttled
from psbridge.journal import Entry, Lease, NewRun, Redact, RunRecord, Status, Store, next_reminder, standing, warning_text
from psbridge.profile import default_journal_path

__all__ = ["Engine"]

_RUN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
# A lease that is lost this often in one call is lost by more than a clock that jumps.
_JUMPS_BORNE: Final = 10
# How soon a caller looks again for what others may be done with at any moment: the journal, or a session.
_SOON: Final = timedelta(seconds=5)
# Reconnecting costs seconds; sessions outlive a wait that is not longer than this.
_SHORT_WAIT: Final = timedelta(minutes=2)
_OWN_ID: Final = "Give the new run an id of its own."


def _nobody(_: Entry) -> None:
    """Nobody watches."""


class Engine(Desk):
    """Runs playbooks over one journal.

    - `playbooks`: by name; an old version that runs still need stands beside the newest as `name@version`.
    - `tenant`: part of what an approval names, and of the locks on objects.
    - `settings`: lease, cmdlet timeout and other times.
    - `actor`: who gives approvals and answers; asks the operating system.
    - `redact`: takes the secrets out of CLIXML before it is kept.
    - `tables`: the folder for the tables of runs that read long lists; by default beside the journal, or on this machine.
    - `watch`: told of each entry when it is in the journal, and of each look of a plan; it must not raise.
    """

    def __init__(  # noqa: PLR0913 - the settings of an engine; all but two have a default
        self,
        store: Store,
        playbooks: Mapping[str, Playbook],
        endpoints: Endpoints | None = None,
        *,
        clock: Clock | None = None,
        tenant: str = "",
        settings: Settings | None = None,
        actor: Callable[[], str] = system_actor,
        redact: Redact = redact_clixml,
        tables: Path | None = None,
        watch: Callable[[Entry], None] = _nobody,
    ) -> None:
        super().__init__(store, clock=clock, actor=actor)
        self._playbooks = playbooks
        self._endpoints: Endpoints = NoEndpoints() if endpoints is None else endpoints
        self._tenant = tenant
        self._settings = Settings() if settings is None else settings
        self._redact = redact
        self._tables = _beside(store.path) if tables is None else tables
        self._shown = watch
        self._refusals = Refusals()
        # New for each engine: two processes of one name would keep each other's dead runs alive.
        self._owner = uuid4().hex

    def start(self, playbook: str, inputs: Mapping[str, str], *, run_id: str | None = None) -> str:
        """Begin a run and give its id; nothing is sent before it is advanced. Raises InputError.

        With a `run_id` that is there already, of the same playbook, tenant and inputs, nothing happens. The version does not
        count: a run goes on in the one that it was begun in, and it is that one's defaults that are filled in.
        """
        chosen, new_id = self._playbook(playbook), self._checked(run_id)
        try:
            filled = chosen.filled(inputs)
        except InputError:
            # Of a run that is there already they may be another version's.
            if run_id is None or (run := self._begun(new_id)) is None:
                raise
        else:
            new = NewRun(new_id, chosen.name, chosen.version, self._tenant, filled, self._actor())
            run = self._store.create(new, now=self._clock.now())
        self._must_be_the_same(run, chosen.name, inputs)
        return run.run_id

    def advance(self, run_id: str) -> Outcome:
        """Carry a run on as far as it goes now. Raises InputError for an unknown run, JournalError for a journal that fails.

        Done, Waiting, Operator and Failed are what was committed. Busy, NotDue and Finished say why nothing was done.
        """
        run = self._store.run(run_id)
        if run.status.ended and not self._due(run):
            return _finished(run)
        if run.tenant != self._tenant:
            raise InputError(
                f"run {run_id} is of the tenant {run.tenant!r}, and this engine works in {self._tenant!r}; nothing was sent"
            )
        if run.status.halted and self._due(run):
            return self._reminded(run)
        try:
            with self.working():
                return self._carry_on(run_id) if self._reserved(run) else self._no_session(run)
        except JournalBusy as busy:
            return Busy(busy.holder, self._clock.now() + _SOON)

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Be the one worker of the journal for a while; `advance` does it by itself. Raises JournalBusy."""
        since = f"{self._clock.now():%Y-%m-%d %H:%M:%S} UTC"
        with self._store.worker(f"{self._actor()}, process {os.getpid()}, since {since}"):
            yield

    @property
    def refused(self) -> Mapping[str, str]:
        """The endpoints that have refused who we are, each with the error, and have answered nothing since.

        Carry no other run on that needs one of these: it would sign in again with the same, and that may lock the account.
        """
        return self._refusals.told

    def due(self) -> list[str]:
        """The runs that `advance` can carry on now: ready, time come, or left behind by a worker that is gone."""
        with contextlib.ExitStack() as stack:
            # Only the worker can tell that another one is gone; where there is one at work, its leases count.
            with contextlib.suppress(JournalBusy):
                stack.enter_context(self.working())
            return self._store.due(now=self._clock.now(), monotonic=self._clock.monotonic())

    def plan(self, playbook: str, inputs: Mapping[str, str], *, run_id: str | None = None) -> Plan:
        """Say what a run would do: looks go out live, writes are only collected, nothing is kept (-WhatIf).

        Raises what a run would stop with: Stopped, CmdletError, TransportError, InputError; Throttled where no session is free.
        """
        chosen = self._playbook(playbook)
        new_id = self._checked(run_id)
        filled = chosen.filled(inputs)
        if not reserve(self._endpoints, chosen.needed(filled)):
            raise Throttled(
                f"no session is free at {' or '.join(chosen.needed(filled))}: others have as many as the limits allow"
            )
        paper = ScratchPaper(new_id, self._clock, self._watch)
        folder = tempfile.TemporaryDirectory(prefix="psbridge-plan-")
        context = Context(
            run_id=new_id,
            tenant=self._tenant,
            inputs=filled,
            changed=False,
            ledger=Ledger([]),
            writer=paper,
            endpoints=self._endpoints,
            clock=self._clock,
            redact=self._redact,
            settings=self._settings,
            tables=Tables(Path(folder.name) / "plan.db"),
        )
        try:
            return planned(chosen, context, paper)
        finally:
            context.tables.close()
            folder.cleanup()
            self._endpoints.close()

    def _playbook(self, name: str) -> Playbook:
        if name not in self._playbooks:
            raise InputError(f"There is no playbook {name!r}; there are: {', '.join(sorted(self._playbooks)) or 'none'}")
        return self._playbooks[name]

    def _checked(self, run_id: str | None) -> str:
        chosen = uuid4().hex[:12] if run_id is None else run_id
        if not _RUN_ID.fullmatch(chosen):
            raise InputError(f"{chosen!r} is no run id; letters, digits and hyphens, at most 40")
        return chosen

    def _begun(self, run_id: str) -> RunRecord | None:
        try:
            return self._store.run(run_id)
        except InputError:
            return None

    def _must_be_the_same(self, run: RunRecord, playbook: str, given: Mapping[str, str]) -> None:
        there = f"There is a run {run.run_id!r} already, of {run.playbook} {run.version}"
        if run.tenant != self._tenant:
            raise InputError(f"{there} in the tenant {run.tenant!r}, and this engine works in {self._tenant!r}. {_OWN_ID}")
        if run.playbook != playbook:
            raise InputError(f"{there}, not of {playbook}. {_OWN_ID}")
        installed = playbook_of(run, self._playbooks)
        # The defaults of a version that is gone are known no more: then only what was given is compared.
        defaults = run.inputs if installed is None else installed.defaults
        asked = {**defaults, **given}
        if other := sorted(name for name in {*asked, *run.inputs} if asked.get(name) != run.inputs.get(name)):
            raise InputError(f"{there} with other inputs ({', '.join(other)}). {_OWN_ID}")

    def _carry_on(self, run_id: str) -> Outcome:
        run, lease = self._acquire(run_id)
        for _ in range(_JUMPS_BORNE):
            if lease is None:
                break
            try:
                outcome = self._work(run, lease)
            except (LeaseLost, SlotLost):
                if not reserve(self._endpoints, self._needed(run)):
                    return self._no_session(run)
                # If nobody took it over the clock only jumped: from the top, where an intent is verified.
                run, lease = self._acquire(run_id)
            else:
                self._close_after(outcome)
                return outcome
        if run.status is Status.WAITING and run.wake_at is not None:
            return NotDue(run.wake_at)
        if isinstance(self._endpoints, ScarceEndpoints):
            # Somebody else has it, or has ended it: nobody may have to wait for sessions that were meant for it.
            self._endpoints.close()
        return _finished(run) if run.status.ended else outcome_of(run)

    def _reserved(self, run: RunRecord) -> bool:
        """Whether there are sessions for the run; one that will not be taken needs none."""
        return not self._due(run) or reserve(self._endpoints, self._needed(run))

    def _due(self, run: RunRecord) -> bool:
        now = self._clock.now()
        if run.status is Status.RUNNING:
            return self._store.stale(run, now=now, monotonic=self._clock.monotonic())
        waits = run.status is Status.WAITING or run.status.halted
        return run.status is Status.READY or (waits and run.wake_at is not None and run.wake_at <= now)

    def _needed(self, run: RunRecord) -> tuple[str, ...]:
        playbook = playbook_of(run, self._playbooks)
        return () if playbook is None else playbook.needed(run.inputs)

    def _no_session(self, run: RunRecord) -> Busy:
        return Busy("", self._clock.now() + _SOON, f"no session is free at {' or '.join(self._needed(run))}")

    def _reminded(self, run: RunRecord) -> Outcome:
        """Nothing is done but to tell of a halted run once more: a warning of it stands, and has a time."""
        now, entries = self._clock.now(), self._store.entries(run.run_id)
        told = " ".join(warning_text(warning) for warning in standing(entries))
        return outcome_of(self._store.remind(run.run_id, now=now, question=told, wake_at=next_reminder(entries, now)))

    def _acquire(self, run_id: str) -> tuple[RunRecord, Lease | None]:
        now, monotonic = self._clock.now(), self._clock.monotonic()
        lease = self._settings.lease
        return self._store.acquire(
            run_id,
            owner=self._owner,
            now=now,
            until=now + lease,
            monotonic=monotonic,
            monotonic_until=monotonic + lease.total_seconds(),
        )

    def _work(self, run: RunRecord, lease: Lease) -> Outcome:
        """Go through the playbook, again and again as long as signals come meanwhile."""
        used: list[Any] = []
        refused: dict[str, Any] = {}

        def stop_sessions() -> None:
            for session in used:
                session.stop()

        try:
            with Heartbeat(self._store, lease, self._clock, self._settings.lease, stop_sessions, self._watch) as heartbeat:
                while True:
                    outcome = self._pass(run, lease, heartbeat, used, refused)
                    if outcome is not None:
                        return outcome
        except SlotLost:
            self._put_down(lease)
            raise
        except JournalError:
            self._endpoints.close()
            raise
        except BaseException:
            self._put_down(lease)
            raise

    def _put_down(self, lease: Lease) -> None:
        """Whatever ends us, the next one need not wait for the lease; an intent stays an intent."""
        with contextlib.suppress(JournalError):
            self._store.release(lease, now=self._clock.now())
        self._endpoints.close()

    def _pass(
        self, run: RunRecord, lease: Lease, heartbeat: Heartbeat, used: list[Any], refused: dict[str, Any]
    ) -> Outcome | None:
        kept = self._store.whole(run.run_id)
        told = cancelled_by(kept.entries, kept.signals)
        context = Context(
            run_id=run.run_id,
            tenant=run.tenant,
            inputs=run.inputs,
            changed=kept.run.changed,
            ledger=Ledger(kept.entries),
            writer=heartbeat,
            endpoints=self._endpoints,
            clock=self._clock,
            redact=self._redact,
            settings=self._settings,
            approvals=kept.approvals,
            signals=kept.signals,
            sessions=used,
            refused=refused,
            tables=Tables(self._tables / f"{run.run_id}.db"),
        )
        try:
            way = Pass(run, self._playbooks, context)
            end = way.go() if told is None else way.cancelled(cancellation(told.who, kept.entries))
        finally:
            context.tables.close()
        if end.pause is None and end.status is None:
            return None
        reminder = None if told else context.ledger.next_reminder(self._clock.now())
        if end.pause is not None:
            if end.held_back:
                # Nothing is held meanwhile, such as a scheduler for all users; it is made again when the step may begin.
                way_out(context)
            pause = replace(end.pause, wake_at=reminder) if end.pause.status.halted else end.pause
            after = self._store.suspend(lease, pause, now=self._clock.now(), seen=len(kept.signals))
        else:
            way_out(context)
            status = end.status or Status.FAILED
            wake_at = reminder if status.halted else None
            after = self._store.finish(
                lease, now=self._clock.now(), status=status, why=end.why, result=end.result, wake_at=wake_at
            )
        return None if after.status is Status.RUNNING else outcome_of(after)

    def _watch(self, entry: Entry) -> None:
        self._refusals.take(entry)
        self._shown(entry)

    def _close_after(self, outcome: Outcome) -> None:
        if not (isinstance(outcome, Waiting) and outcome.until - self._clock.now() <= _SHORT_WAIT):
            self._endpoints.close()


def _beside(journal: str) -> Path:
    """The folder for tables beside a journal that is a file; for a database, its own where this machine's journal would be."""
    if Path(journal).exists():
        return Path(f"{journal}.tables")
    # Two databases may have runs of one id, such as the number of a ticket.
    return default_journal_path().with_name("tables") / sha256(journal.encode()).hexdigest()[:16]


def _finished(run: RunRecord) -> Finished:
    outcome = outcome_of(run)
    recorded = outcome if isinstance(outcome, Done | Failed) else Failed(run.why, run.changed)
    return Finished(recorded, run.ended_at or run.started_at)
