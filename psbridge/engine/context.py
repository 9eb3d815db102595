"""What the steps of one pass share: the run, its ledger, the clock, the sessions, and the only way to write and to look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar

from psbridge.clock import Clock
from psbridge.cmdlets.call import Call
from psbridge.command import canonical
from psbridge.engine.answer import Answer, answer_of
from psbridge.engine.endpoints import Endpoints, EngineSession, StreamingSession, deadline_of, take_turn
from psbridge.engine.ledger import Ledger
from psbridge.engine.tables import Tables
from psbridge.errors import AuthenticationFailed, ClixmlError, ConnectionLost, ConnectRefused, InputError, TransportError
from psbridge.journal import Approval, Draft, Entry, Kind, Redact, Signal, reply_from_json, reply_to_json
from psbridge.journal.records import write_time
from psbridge.models import Model
from psbridge.reply import Reply, State

__all__ = ["NO_TERMS", "Context", "Settings", "Terms", "Writer", "call_document", "must_read", "must_write"]

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Settings:
    """Times, all with the reason for their defaults in engine-notes sections 3 and 5.

    - `lease`: how long a run stays ours without a renewal; while a write is under way it is `cmdlet_timeout` and this.
    - `cmdlet_timeout`: how long a server may go on with a cmdlet after its answer was lost; where a session's deadline is longer,
      that counts.
    - `settle`: how long a change may take to be seen everywhere.
    - `approval`: how long a run waits to be approved.
    - `attempts`: how often a write is sent, if each time it was proved not to have happened.
    - `patience`: how often in a row a look-up may fail on its way before a person is asked.
    """

    lease: timedelta = timedelta(seconds=60)
    cmdlet_timeout: timedelta = timedelta(minutes=15)
    settle: timedelta = timedelta(minutes=5)
    approval: timedelta = timedelta(days=7)
    attempts: int = 3
    patience: int = 10


DEFAULT: Final = Settings()


@dataclass(frozen=True, slots=True)
class Terms:
    """What an entry is written under: evidence that must be kept, objects that nobody else may touch, how long the lease
    must last from now beyond its usual time.
    """

    requires: Sequence[str] = ()
    objects: Sequence[str] = ()
    hold: timedelta | None = None


NO_TERMS: Final = Terms()


class Writer(Protocol):
    """Where entries go: the journal under a lease, or a plan's scratch paper."""

    def append(self, draft: Draft, terms: Terms) -> Entry:
        """Write one entry. Raises what Store.append raises."""
        ...

    def held(self) -> None:
        """Raises LeaseLost if the run is no longer ours."""
        ...

    def unwatched(self) -> AbstractContextManager[None]:
        """Show nothing of what is written inside the block before its end: whoever watches must not hold up what is sent."""
        ...


@dataclass(slots=True)
class Context:
    """One pass of one run. `at_once`: what is looked at now must not be old when something is sent, so looks wait for no turn.

    `refused`: the endpoints that refused the sign-in since the run was taken up. They are asked nothing more: each sign-in with
    the same credentials counts, and may lock the account.
    """

    run_id: str
    tenant: str
    inputs: Mapping[str, str]
    changed: bool
    ledger: Ledger
    writer: Writer
    endpoints: Endpoints
    clock: Clock
    redact: Redact
    settings: Settings = DEFAULT
    approvals: Sequence[Approval] = ()
    signals: Sequence[Signal] = ()
    before_look: Callable[[str], None] = lambda _: None
    at_once: bool = False
    sessions: list[EngineSession] = field(default_factory=list)
    refused: dict[str, AuthenticationFailed | ConnectRefused] = field(default_factory=dict)
    holds: dict[str, tuple[str, Call[Any]]] = field(default_factory=dict)
    tables: Tables = field(default_factory=lambda: Tables(None))

    def now(self) -> datetime:
        """The time."""
        return self.clock.now()

    def add(
        self,
        key: str,
        kind: Kind,
        state: str,
        body: Mapping[str, Any],
        *,
        attempt: int = 1,
        digest: str = "",
        terms: Terms = NO_TERMS,
    ) -> Entry:
        """Write an entry; it is on the disk when this returns."""
        return self.ledger.add(self.writer.append(Draft(key, kind, state, attempt, digest, body), terms))

    def session(self, endpoint: str) -> EngineSession:
        """The session of an endpoint, remembered so that it can be stopped when the run is lost."""
        session = self.endpoints.session(endpoint)
        if session not in self.sessions:
            self.sessions.append(session)
        return session

    def session_in_turn(self, endpoint: str) -> EngineSession:
        """The session of an endpoint when our turn there has come. Nothing waits between this and what is sent next.

        Raises AuthenticationFailed or ConnectRefused again where the endpoint has refused the sign-in just now.
        """
        self._not_refused(endpoint)
        session = self.session(endpoint)
        take_turn(session, wait=not self.at_once)
        return session

    def cmdlet_timeout(self, session: EngineSession) -> timedelta:
        """How long the server may go on with what is sent there: at least as long as its answer is waited for."""
        return max(self.settings.cmdlet_timeout, timedelta(seconds=deadline_of(session)))

    def held(self, endpoint: str) -> None:
        """Raises LeaseLost if the run is no longer ours, SlotLost if the session there is not: nothing may be sent."""
        self.writer.held()
        self.endpoints.session(endpoint)

    def asked(self, endpoint: str, ask: Callable[[], Reply]) -> Reply:
        """What an endpoint answers to what `ask` sends there; a refused sign-in is remembered."""
        try:
            return ask()
        except (AuthenticationFailed, ConnectRefused) as error:
            self.refused[endpoint] = error
            raise

    def fetch(self, key: str, endpoint: str, call: Call[Any], purpose: str) -> dict[str, Any]:
        """Send a call that only reads; gives what an entry keeps of it: the call and the Reply.

        Where no usable Reply comes, that is written down as a look, and raised: TransportError, ClixmlError.
        """
        return self._fetched(key, endpoint, call, purpose, lambda session: session.ask(call.pipeline, reads=True))

    def gather(
        self, key: str, endpoint: str, call: Call[Any], purpose: str, begin: Callable[[], Callable[[bytes], object]]
    ) -> dict[str, Any]:
        """Send a call that only reads a long list; as `fetch`, but each object goes to what `begin` gives, and none is kept."""

        def ask(session: EngineSession) -> Reply:
            if not isinstance(session, StreamingSession):
                raise InputError(f"The session of {endpoint} hands no lists over object by object; {call} was not sent")
            return session.stream(call.pipeline, begin)

        return self._fetched(key, endpoint, call, purpose, ask)

    def _fetched(
        self, key: str, endpoint: str, call: Call[Any], purpose: str, ask: Callable[[EngineSession], Reply]
    ) -> dict[str, Any]:
        must_read(call)
        self._not_refused(endpoint)
        self.before_look(str(call))
        self.writer.held()
        body: dict[str, Any] = {"call": call_document(endpoint, call), "sent_at": write_time(self.now()), "purpose": purpose}
        try:
            session = self.session_in_turn(endpoint)
            self.held(endpoint)
            body["sent_at"] = write_time(self.now())
            reply = self.asked(endpoint, lambda: ask(session))
            if reply.state is State.STOPPED:
                raise ConnectionLost(f"{call} was stopped before it ended", endpoint=endpoint, may_have_run=False)
            body["reply"] = reply_to_json(reply, self.redact)
        except (TransportError, ClixmlError) as error:
            state = "lost" if isinstance(error, TransportError) else "failed"
            self.add(key, Kind.LOOK, state, {**body, "error": error_document(error)})
            raise
        return body

    def _not_refused(self, endpoint: str) -> None:
        if endpoint in self.refused:
            raise self.refused[endpoint]

    def answer(self, body: Mapping[str, Any], endpoint: str, call: Call[M]) -> Answer[M]:
        """The answer that an entry's body holds: the same now and whenever the run is gone through again.

        Raises CmdletError, ClixmlError, ShapeError.
        """
        return answer_of(reply_from_json(body["reply"]), call, endpoint)


def call_document(endpoint: str, call: Call[Any]) -> dict[str, Any]:
    """What an entry keeps of a call: where, as text for people, and in the canonical form that hashes are made of."""
    return {"endpoint": endpoint, "text": str(call), "canonical": canonical(call.pipeline)}


def error_document(error: BaseException) -> dict[str, str]:
    """What an entry keeps of an exception."""
    return {"type": type(error).__name__, "text": str(error)}


def must_read(call: Call[Any]) -> None:
    """Refuse a call that changes anything where only a look-up is meant."""
    if call.writes:
        raise InputError(f"{call} changes something; a step that reads must not send it")


def must_write(call: Call[Any]) -> None:
    """Refuse a look-up, or more than one cmdlet, where a write is meant: one cmdlet, one effect, one outcome."""
    if not call.writes:
        raise InputError(f"{call} only reads; ask for it with a step that reads")
    if len(call.pipeline.commands) != 1:
        raise InputError(f"{call} is more than one cmdlet; a step that writes sends exactly one")
