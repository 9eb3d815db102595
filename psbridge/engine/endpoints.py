"""What the engine asks of sessions: pipelines in, Replies out. psbridge.endpoints.Endpoints is one such thing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from psbridge.command import Pipeline
from psbridge.reply import Reply

__all__ = ["Endpoints", "EngineSession", "NoEndpoints", "StreamingSession"]


class EngineSession(Protocol):
    """A session as the engine uses it; psbridge.session.Session is one."""

    def ask(self, pipeline: Pipeline, *, reads: bool) -> Reply:
        """Run a pipeline. A write is sent once; raises TransportError and ValueTypeError."""
        ...

    def stop(self) -> None:
        """Ask the running pipeline to stop; may come from another thread."""
        ...


@runtime_checkable
class StreamingSession(EngineSession, Protocol):
    """A session that can hand a long list over; psbridge.session.Session is one. Only `gather` needs it."""

    def stream(self, pipeline: Pipeline, begin: Callable[[], Callable[[bytes], object]]) -> Reply:
        """Run a pipeline that only reads and hand each object over as it comes; `begin` before each attempt."""
        ...


class Endpoints(Protocol):
    """Where sessions come from."""

    def session(self, endpoint: str) -> EngineSession:
        """The session of one endpoint, made when it is first asked for. Raises ProfileError."""
        ...

    def close(self) -> None:
        """Disconnect every session; the engine calls it when a run ends, or waits for longer than a moment."""
        ...


class NoEndpoints:
    """For an engine that only approves, lists or cancels."""

    def session(self, endpoint: str) -> EngineSession:
        """There is none; raises KeyError."""
        raise KeyError(endpoint)

    def close(self) -> None:
        """Nothing is open."""
