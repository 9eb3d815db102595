"""One worker process: what is due in, carried on by threads of this process, until it is told to stop.

Procrastinate dispatches: one task that looks at one run, and defers itself to the time at which the run wants to be looked at
again. Beside it the workers sweep in turn: what the journal says is due, and no job stands for (a worker died), gets one. What is
on its way goes before what was not begun: somebody waits for it, or a deadline runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import procrastinate
import psycopg
from procrastinate.exceptions import AlreadyEnqueued

from psbridge.engine import Engine, Failed, Operator, Playbook, Settings, Waiting
from psbridge.engine.endpoints import Endpoints
from psbridge.engine.passing import playbook_of
from psbridge.errors import JournalDamaged
from psbridge.fleet.bench import Benches
from psbridge.fleet.jobs import JOBS, Jobs, make_job_tables
from psbridge.fleet.pace import PacedEndpoints
from psbridge.fleet.slots import Slots
from psbridge.fleet.store import FleetStore
from psbridge.fleet.troubles import Troubles, first_line
from psbridge.journal.postgres import CHANNEL, Notice
from psbridge.log import logger
from psbridge.profile import Limits

__all__ = ["Worker", "WorkerSettings"]

_TASK: Final = "psbridge.advance"
logging.getLogger("procrastinate").addHandler(logging.NullHandler())
# Seconds until a run that found no free slot is looked at again.
_NO_SLOT: Final = timedelta(seconds=1)
# Procrastinate's priorities: the higher goes first.
_BEGUN, _NEW = 1, 0
# Seconds between two tries to work again, after the database could not be reached: the first, and the longest.
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How a worker works.

    - `concurrency`: runs that are carried on at the same time.
    - `sweep`: seconds between two looks into the journal; `batch`: runs that one of them hands out at most.
    - `idle`: seconds for which sessions are kept between two runs.
    """

    concurrency: int = 4
    sweep: float = 2.0
    idle: float = 2.0
    batch: int = 200
    engine: Settings = field(default_factory=Settings)


class Worker:
    """A worker for one tenant; `make_endpoints` opens its sessions, `tell` is for what a person must know. Raises what FleetStore
    raises.
    """

    def __init__(
        self,
        where: str,
        playbooks: Mapping[str, Playbook],
        make_endpoints: Callable[[], Endpoints],
        *,
        tenant: str,
        limits: Limits | None = None,
        settings: WorkerSettings | None = None,
        password: str | None = None,
        tell: Callable[[str], object] = logger.warning,
    ) -> None:
        self._where, self._password, self._tenant, self._tell = where, password, tenant, tell
        self._playbooks, self._make = playbooks, make_endpoints
        self._limits = Limits() if limits is None else limits
        self._settings = WorkerSettings() if settings is None else settings
        # A connection for each thread, one for its heartbeat, and one for what the worker does itself.
        connections = 2 * self._settings.concurrency + 2
        self._store = FleetStore(where, tenant=tenant, limits=self._limits, password=password, connections=connections)
        lease = self._settings.engine.lease
        caps = {str(name): cap for name, cap in self._limits.sessions.items()}
        self._slots = Slots(self._store.connection, tenant, caps, lease=2 * lease)
        self._benches = Benches(self._slots, self._paced, idle=self._settings.idle)
        self._jobs = Jobs(tenant)
        make_job_tables(where, password)
        self._app = self._application()
        self._stopping = threading.Event()
        self._refused: dict[str, str] = {}
        self._troubles, self._damaged = Troubles(tell), set[str]()
        self._wanted, self._refusal = asyncio.Event(), asyncio.Event()

    @property
    def path(self) -> str:
        """Where the journal is, for messages."""
        return self._store.path

    def run(self) -> None:
        """Work until the process is told to end (SIGINT, SIGTERM) or drained; what is under way comes to its next rest first.

        When a server refuses who we are it takes no further run, because each would sign in again and may lock the account, and
        waits to be told to end: who started it again at once would have it sign in again, too. Its runs stay due.
        """
        # psycopg does not work with Windows' default loop.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self._serve())

    def stop(self) -> None:
        """Take no further run; `run` returns when what is under way has come to rest. May come from any thread."""
        self._stopping.set()

    async def _serve(self) -> None:
        asyncio.get_running_loop().set_exception_handler(_told)
        with _on_signals(self.stop):
            await self._carry_on()

    async def _carry_on(self) -> None:
        async with self._app.open_async():
            threads = ThreadPoolExecutor(self._settings.concurrency, thread_name_prefix="psbridge-run")
            self._threads = threads
            side = [asyncio.create_task(task()) for task in (self._sweep, self._listen, self._keep)]
            work = asyncio.create_task(self._work())
            side += [asyncio.create_task(end(work)) for end in (self._end_when_told, self._end_when_refused)]
            try:
                await work
            except asyncio.CancelledError:
                if not (self._stopping.is_set() or self._refused):
                    raise
                await asyncio.to_thread(self._stopping.wait)
            finally:
                self._stopping.set()
                for task in side:
                    task.cancel()
                await asyncio.gather(*side, return_exceptions=True)
                threads.shutdown()
                self._benches.close()
                self._store.close()

    async def _work(self) -> None:
        """Take jobs until told to end; begin anew after the database was away, or when this worker was taken for dead."""
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            begun = time.monotonic()
            try:
                await self._app.run_worker_async(
                    queues=[self._jobs.queue],
                    concurrency=self._settings.concurrency,
                    fetch_job_polling_interval=1.0,
                    delete_jobs="always",
                    install_signal_handlers=False,
                )
            except (psycopg.Error, procrastinate.exceptions.ProcrastinateException) as error:
                pause = _FIRST_PAUSE if time.monotonic() - begun > _LONGEST_PAUSE else min(2 * pause, _LONGEST_PAUSE)
                # Procrastinate's own error says no more than that there is one.
                self._tell(f"No jobs can be taken; tried again in {pause:.0f} s: {first_line(error.__cause__ or error)}")
                await asyncio.sleep(pause)
            else:
                return

    async def _end_when_told(self, work: asyncio.Task[None]) -> None:
        await asyncio.to_thread(self._stopping.wait)
        work.cancel()

    async def _end_when_refused(self, work: asyncio.Task[None]) -> None:
        await self._refusal.wait()
        work.cancel()
        for name, error in self._refused.items():
            self._tell(f"[{name}] refused us: {error}")
        self._tell("This worker takes no further run. See to the cause, look with psbridge doctor, end it, and start it again.")

    def _application(self) -> procrastinate.App:
        connector = procrastinate.PsycopgConnector(conninfo=self._where, kwargs=self._secret(), configure=_among_the_jobs)
        app = procrastinate.App(connector=connector)

        @app.task(name=_TASK, queue=self._jobs.queue)
        async def advance(run_id: str) -> None:
            later = await asyncio.get_running_loop().run_in_executor(self._threads, self._advance, run_id)
            if self._refused:
                self._refusal.set()
            if later is not None:
                await self._defer_to(run_id, later)

        self._task = advance
        return app

    def _secret(self) -> dict[str, Any]:
        return {} if self._password is None else {"password": self._password}

    def _advance(self, run_id: str) -> _Later | None:
        """Carry one run on; when it is to be looked at again, None if a signal, a person or the sweep wakes it."""
        if self._refused:
            return None
        try:
            record = self._store.run(run_id)
            playbook = playbook_of(record, self._playbooks)
            bench = self._benches.take(() if playbook is None else playbook.needed(record.inputs))
            if bench is None:
                later = self._store.clock.now() + _NO_SLOT
                # As it was handed out: else those that wait would never let a new run pass that needs no such slot.
                return _Later(later, self._jobs.slot_lock_of(run_id), _BEGUN if record.epoch else _NEW)
            broken = True
            try:
                engine = Engine(self._store, self._playbooks, bench, tenant=self._tenant, settings=self._settings.engine)
                outcome = engine.advance(run_id)
                broken = False
                self._refused.update(engine.refused)
            finally:
                self._benches.give_back(bench, broken=broken)
        except JournalDamaged as error:
            self._damaged.add(run_id)
            self._troubles.of_run(run_id, error, "This worker leaves it as it is; the others go on.")
            return None
        except Exception as error:  # noqa: BLE001 - whatever it is, a person must see it: Procrastinate would keep it to itself
            self._troubles.of_run(run_id, error, "It is tried again when its lease is over.")
            return None
        if isinstance(outcome, Operator | Failed):
            self._troubles.needs_a_person(run_id, outcome)
        # Only who put the run down makes the job that takes it up again: else each doubled job would double again.
        return _Later(outcome.until, self._jobs.lock_of(run_id, at=outcome.until)) if isinstance(outcome, Waiting) else None

    async def _defer(self, run_id: str, *, begun: bool) -> None:
        with contextlib.suppress(AlreadyEnqueued):
            lock, priority = self._jobs.lock_of(run_id), _BEGUN if begun else _NEW
            await self._task.configure(queueing_lock=lock, priority=priority).defer_async(run_id=run_id)

    async def _defer_to(self, run_id: str, later: _Later) -> None:
        """A job for later never stands in the way of one for now."""
        with contextlib.suppress(AlreadyEnqueued):
            job = self._task.configure(schedule_at=later.at, queueing_lock=later.lock, priority=later.priority)
            await job.defer_async(run_id=run_id)

    async def _sweep(self) -> None:
        """Look into the journal for what is due: at once when somebody says so, and every few seconds anyway."""
        while True:
            try:
                brake, due = await asyncio.to_thread(self._look)
                if brake:
                    self.stop()
                    return
                for run_id, begun in due.items():
                    await self._defer(run_id, begun=begun)
                self._troubles.back("sweep")
            except Exception as error:  # noqa: BLE001 - a worker that sweeps no more would leave dead workers' runs where they are
                self._troubles.away("sweep", error)
            self._wanted.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), self._settings.sweep)

    def _look(self) -> tuple[bool, dict[str, bool]]:
        """Whether to stop, and the runs that are due and have no job, where it is this worker's turn to hand them out.

        All at once would try to queue the same runs, and all but one in vain; a little less than the period, because none is
        exact, and a worker that dies in its turn is followed by another.
        """
        if self._store.brake.draining:
            return True, {}
        if not self._store.turn_to_sweep(0.8 * self._settings.sweep):
            return False, {}
        with self._store.connection.write() as tx:
            self._jobs.tidy(tx)
        with self._store.connection.read() as tx:
            return False, self._jobs.lacking(tx, self._store.clock.now(), self._settings.batch, but=tuple(self._damaged))

    async def _listen(self) -> None:
        """An approval, an answer, a retry: the journal says so when it has committed it. What is new is found by the sweep."""
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(self._where, autocommit=True, **self._secret())
                async with connection:
                    await connection.execute(f"LISTEN {CHANNEL}".encode())
                    self._wanted.set()
                    self._troubles.back("listen")
                    async for notice in connection.notifies():
                        told = Notice.read(notice.payload)
                        if told is not None and told.tenant == self._tenant:
                            await self._defer(told.run_id, begun=True)
            except (psycopg.Error, procrastinate.exceptions.ProcrastinateException) as error:
                self._troubles.away("listen", error)
                await asyncio.sleep(self._settings.sweep)

    async def _keep(self) -> None:
        """Keep the slots of this worker, and give up sessions that nobody needs, or whose slot is lost."""
        every = min(1.0, self._settings.engine.lease.total_seconds() / 3)
        while True:
            await asyncio.sleep(every)
            try:
                try:
                    await asyncio.to_thread(self._slots.renew)
                finally:
                    await asyncio.to_thread(self._benches.tidy)
                self._troubles.back("slots")
            except Exception as error:  # noqa: BLE001 - a worker that keeps its slots no more would have more sessions than it may
                self._troubles.away("slots", error)

    def _paced(self) -> Endpoints:
        if not self._limits.calls_per_minute:
            return self._make()
        per_minute = {str(name): limit for name, limit in self._limits.calls_per_minute.items()}
        return PacedEndpoints(self._make(), self._store.connection, self._tenant, per_minute, self._store.clock.sleep)


async def _among_the_jobs(connection: psycopg.AsyncConnection[Any]) -> None:
    """Procrastinate names no schema. A pooler refuses a connection that asks for one when it is opened."""
    await connection.execute(f"SET search_path = {JOBS}".encode())
    await connection.commit()


@contextlib.contextmanager
def _on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Ctrl+C and SIGTERM call `stop`, whatever the worker is at: also while it winds down and takes no further run.

    A second one does what it would do in any program. Windows' loops know no signals, nor does another thread than the first.
    """
    if os.name == "nt" or threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)

    def told() -> None:
        restore()
        stop()

    for number in before:
        loop.add_signal_handler(number, told)
    try:
        yield
    finally:
        restore()


def _told(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A job whose end could not be written down, because the database was away, is no news worth a traceback."""
    error = context.get("exception")
    if isinstance(error, psycopg.Error | procrastinate.exceptions.ProcrastinateException):
        logger.warning("the end of a job could not be told: {}", error)
    else:
        loop.default_exception_handler(context)


@dataclass(frozen=True, slots=True)
class _Later:
    """When a run is looked at again; of one lock there is one job."""

    at: datetime
    lock: str
    priority: int = _BEGUN
