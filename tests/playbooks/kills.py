"""A process that kills itself at a chosen point of a run: before or after every journal write and every remote call."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
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

__all__ = ["Points", "Scene", "count_points", "killed_at", "killed_with_its_sessions", "resumed"]

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


@dataclass(frozen=True, slots=True)
class Scene:
    """A run's folder, the tenant, and how an endpoint of it is reached."""

    folder: Path
    tenant: LiveTenant
    transport: Callable[[str], Transport]


def count_points(scene: Scene) -> list[str]:
    """The names of all points of an undisturbed run."""
    points = Points()
    _play(scene, points)
    return points.passed


def killed_at(point: int, scene: Scene) -> bool:
    """Carry the run on in a process that dies at a point; False if it ended before it came there.

    The sessions stay with this process: what a kill leaves behind is the journal and the tenant, and to start PowerShell
    anew for each point costs ten times what the point does.
    """
    here, there = multiprocessing.Pipe()
    # fork: the child begins where the parent is, without importing everything again.
    process = multiprocessing.get_context("fork").Process(target=_play_over, args=(scene, Points(point), here, there))
    process.start()
    there.close()
    _serve(here, scene)
    return _ended(process) == -signal.SIGKILL


def killed_with_its_sessions(point: int, scene: Scene) -> bool:
    """The same with sessions that the dying process has opened itself."""
    process = multiprocessing.get_context("fork").Process(target=_play_alone, args=(scene, Points(point)))
    process.start()
    return _ended(process) == -signal.SIGKILL


def resumed(scene: Scene) -> Outcome:
    """Carry the run on to its end, undisturbed."""
    return _play(scene, Points())


def _play(scene: Scene, points: Points) -> Outcome:
    KillingStore.points = points
    store = KillingStore(scene.folder / "journal.db")
    endpoints = KeptOpen(lambda name: KillingTransport(scene.transport(name), points))
    clock = SkippingClock(BEGIN)
    engine = engine_for(store, endpoints, clock)
    try:
        return carry_on(engine, begin(engine), clock, migrated_once(scene.tenant))
    finally:
        endpoints.really_close()
        store.close()


class KeptOpen(Endpoints):
    """Sessions that outlive the waits of a run, so that a kill costs no more than it must; see `really_close`."""

    def close(self) -> None:
        """Keep them open."""

    def really_close(self) -> None:
        """End them."""
        super().close()


def _play_over(scene: Scene, points: Points, here: Connection, there: Connection) -> None:
    here.close()
    _play(replace(scene, transport=lambda name: _Asking(name, there)), points)


def _play_alone(scene: Scene, points: Points) -> None:
    _play(replace(scene, transport=lambda name: transport_for(name, scene.tenant.endpoint_profile(name))), points)


class _Asking(Transport):
    """Has the parent run what it is to run."""

    def __init__(self, endpoint: str, parent: Connection) -> None:
        self._endpoint, self._parent = endpoint, parent

    def open(self) -> None:
        """The parent's session is open."""

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        self._parent.send((self._endpoint, pipeline, deadline))
        reply: Reply = self._parent.recv()
        return reply

    def stop(self) -> None:
        """Nothing is stopped here."""

    def close(self) -> None:
        """The session is the parent's."""


def _serve(child: Connection, scene: Scene) -> None:
    """Run what the child asks for, until it is gone."""
    with child:
        while True:
            try:
                endpoint, pipeline, deadline = child.recv()
            except (EOFError, ConnectionResetError):
                return
            reply = scene.transport(endpoint).run(pipeline, deadline=deadline)
            with contextlib.suppress(BrokenPipeError):
                child.send(reply)


def _ended(process: BaseProcess) -> int | None:
    process.join(100)
    if process.is_alive():
        process.kill()
        process.join()
        raise AssertionError("the killed run hangs")
    return process.exitcode
