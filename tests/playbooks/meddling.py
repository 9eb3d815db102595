"""A transport after whose calls something happens at the far end: the moment between two commands, made repeatable."""

from __future__ import annotations

from collections.abc import Callable

from psbridge.command import Pipeline
from psbridge.reply import Reply
from psbridge.transports.base import Transport

__all__ = ["Meddling"]


class Meddling(Transport):
    """Does what `inner` does; after each call of one cmdlet, `meddle` comes first."""

    def __init__(self, inner: Transport, after: str, meddle: Callable[[], object]) -> None:
        self._inner, self._after, self._meddle = inner, after, meddle

    def open(self) -> None:
        self._inner.open()

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        reply = self._inner.run(pipeline, deadline=deadline)
        if pipeline.commands[0].name == self._after:
            self._meddle()
        return reply

    def stop(self) -> None:
        self._inner.stop()

    def close(self) -> None:
        self._inner.close()
