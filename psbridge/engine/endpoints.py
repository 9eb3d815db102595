"""What the engine asks of sessions: pipelines in, Replies out. psbridge.endpoints.Endpoints is one such thing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol, runtime_checkable

from psbridge.command import Pipeline
from psbridge.reply import Reply

__all__ = [
    "Endpoints",
    "EngineSession",
    "NoEndpoints",
    "ScarceEndpoints",
    "StreamingSession",
    "TimedSession",
    "TurnSession",
    "deadline_of",
    "reserve",
    "take_turn",
]


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


@runtime_checkable
class TurnSession(EngineSession, Protocol):
    """A session whose calls have turns; psbridge.session.Session is one. The engine takes one before each call."""

    def turn(self, *, wait: bool) -> None:
        """Take the turn of the next call, and forget a stop that was for an earlier one.

        All waiting belongs here: afterwards the engine looks whether the run is still its own, and `ask` sends at once, or not at
        all where `stop` came in between. Without `wait` the turn is counted and not waited for.
        """
        ...


def take_turn(session: EngineSession, *, wait: bool) -> None:
    """Take a session's turn, if it has turns."""
    if isinstance(session, TurnSession):
        session.turn(wait=wait)


@runtime_checkable
class TimedSession(EngineSession, Protocol):
    """A session that says how long it waits for an answer; psbridge.session.Session is one."""

    @property
    def deadline(self) -> float:
        """Seconds after which a call is ended. The server may go on with it for as long."""
        ...


def deadline_of(session: EngineSession) -> float:
    """How long a session waits for an answer, in seconds; zero where it does not say."""
    return session.deadline if isinstance(session, TimedSession) else 0.0


class Endpoints(Protocol):
    """Where sessions come from."""

    def session(self, endpoint: str) -> EngineSession:
        """The session of one endpoint, made when it is first asked for. Raises ProfileError.

        The engine asks again directly before it sends: where sessions are scarce, SlotLost says that ours may be one too many.
        """
        ...

    def close(self) -> None:
        """Disconnect every session; the engine calls it when a run ends, or waits for longer than a moment."""
        ...


@runtime_checkable
class ScarceEndpoints(Endpoints, Protocol):
    """Endpoints at which there may be no session for us now. The engine asks for all that a run needs before it takes the run."""

    def reserve(self, endpoints: Collection[str]) -> bool:
        """Make sure of a session at each of these, all or none, until `close`; False if that cannot be had now."""
        ...


def reserve(where: Endpoints, endpoints: Collection[str]) -> bool:
    """Make sure of sessions, if they are scarce there."""
    return not isinstance(where, ScarceEndpoints) or where.reserve(endpoints)


class NoEndpoints:
    """For an engine that only approves, lists or cancels."""

    def session(self, endpoint: str) -> EngineSession:
        """There is none; raises KeyError."""
        raise KeyError(endpoint)

    def close(self) -> None:
        """Nothing is open."""
