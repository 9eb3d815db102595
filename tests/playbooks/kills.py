"""A process that kills itself at a chosen point of a run: before or after every journal write and every remote call."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psbridge.clock import SkippingClock
from psbridge.command import Pipeline
from psbridge.endpoints import Endpoints, transport_for
from psbridge.engine import Outcome
from psbridge.journal import SqliteStore
from psbridge.reply import Reply
from psbridge.transports.base import Transport
from tests.playbooks.live_tenant import LiveTenant
from tests.playbooks.option_zero import BEGIN, begin, carry_on, engine_for, migrated_once

__all__ = ["Points", "count_points", "killed_at", "resumed"]

_WRITES = ("create", "acquire", "append", "suspend", "finish", "approve")


class Points:
    """Counts the points that a run passes; at the chosen one the process is gone, as if by kill -9."""

    def __init__(self, deadly: int | None = None) -> None:
        self.passed: list[str] = []
        self._deadly = deadly

    def at(self, name: str) -> None:
        """Pass a point, or die there."""
        self.passed.append(name)
        if self._deadly is not None and len(self.passed) == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)


class KillingStore(SqliteStore):
    """A journal with a point before and after each write."""

    points = Points()

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in _WRITES:
            return found
        points = type(self).points

        def watched(*arguments: Any, **named: Any) -> Any:
            points.at(f"before {name}")
            result = found(*arguments, **named)
            points.at(f"after {name}")
            return result

        return watched


class KillingTransport(Transport):
    """A transport with a point before and after each call."""

    def __init__(self, inner: Transport, points: Points) -> None:
        self._inner, self._points = inner, points

    def open(self) -> None:
        self._inner.open()

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        self._points.at(f"before {pipeline.commands[0].name}")
        reply = self._inner.run(pipeline, deadline=deadline)
        self._points.at(f"after {pipeline.commands[0].name}")
        return reply

    def stop(self) -> None:
        self._inner.stop()

    def close(self) -> None:
        self._inner.close()


class KeptOpen(Endpoints):
    """Sessions that outlive the waits of a run, so that a kill costs no more than it must; see `really_close`."""

    def close(self) -> None:
        """Keep them open."""

    def really_close(self) -> None:
        """End them."""
        super().close()


@dataclass(frozen=True, slots=True)
class _Scene:
    folder: Path
    tenant: LiveTenant


def _play(scene: _Scene, points: Points) -> Outcome:
    KillingStore.points = points
    store = KillingStore(scene.folder / "journal.db")
    endpoints = KeptOpen(lambda name: KillingTransport(transport_for(name, scene.tenant.endpoint_profile(name)), points))
    clock = SkippingClock(BEGIN)
    engine = engine_for(store, endpoints, clock)
    try:
        return carry_on(engine, begin(engine), clock, migrated_once(scene.tenant))
    finally:
        endpoints.really_close()
        store.close()


def count_points(folder: Path, tenant: LiveTenant) -> list[str]:
    """The names of all points of an undisturbed run."""
    points = Points()
    _play(_Scene(folder, tenant), points)
    return points.passed


def killed_at(point: int, folder: Path, tenant: LiveTenant) -> bool:
    """Carry the run on in a process that dies at a point; False if it ended before it came there."""
    return _in_a_process(lambda: _play(_Scene(folder, tenant), Points(point))) == -signal.SIGKILL


def resumed(folder: Path, tenant: LiveTenant) -> Outcome:
    """Carry the run on to its end, undisturbed."""
    return _play(_Scene(folder, tenant), Points())


def _in_a_process(work: Callable[[], object]) -> int | None:
    # fork: the child begins where the parent is, without importing everything again.
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(100)
    if process.is_alive():
        process.kill()
        process.join()
        raise AssertionError("the killed run hangs")
    return process.exitcode
