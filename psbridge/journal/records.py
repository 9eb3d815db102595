"""What a journal holds, as values: runs, entries, approvals, signals, leases; and the hashes that chain and seal them.

An entry is never changed. Each carries the hash of the one before it, and the run carries the last hash and the
count, so that a lost, changed or reordered entry is seen (engine-notes 1.1).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from psbridge.journal.replies import reply_from_json
from psbridge.reply import Reply

__all__ = [
    "GENESIS",
    "LEFT_OUT",
    "SIMULATED",
    "STEPS",
    "WRITES",
    "Approval",
    "Draft",
    "Entry",
    "Kind",
    "Lease",
    "NewRun",
    "Pause",
    "RunRecord",
    "Signal",
    "Status",
    "Tally",
    "WholeRun",
    "chained",
    "dump",
    "linked",
    "read_time",
    "sealed",
    "write_time",
]

GENESIS: Final = "0" * 64
# How the name of a simulated organisation's tenant begins.
SIMULATED: Final = "simulated "


class Status(StrEnum):
    """Where a run stands."""

    READY = "ready"
    RUNNING = "running"
    WAITING = "waiting"
    OPERATOR = "operator"
    DONE = "done"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether the run is over."""
        return self in {Status.DONE, Status.FAILED}

    @property
    def halted(self) -> bool:
        """Whether only a person carries it on: then a `wake_at` is when that person is reminded."""
        return self in {Status.OPERATOR, Status.FAILED}


class Kind(StrEnum):
    """What an entry tells."""

    START = "start"
    READ = "read"
    GATHER = "gather"
    TABLE = "table"
    EVIDENCE = "evidence"
    GUARD = "guard"
    APPROVAL = "approval"
    DESTROY = "destroy"
    CHANGE = "change"
    POLL = "poll"
    ASK = "ask"
    NOTE = "note"
    LOOK = "look"
    VERIFY = "verify"
    WARNING = "warning"
    RETRY = "retry"
    OPERATOR = "operator"
    END = "end"


STEPS: Final = frozenset(
    {Kind.READ, Kind.EVIDENCE, Kind.GUARD, Kind.APPROVAL, Kind.DESTROY, Kind.CHANGE, Kind.POLL, Kind.ASK, Kind.NOTE}
    | {Kind.GATHER, Kind.TABLE}
)
WRITES: Final = frozenset({Kind.DESTROY, Kind.CHANGE})
# The state of a write that was not sent, because somebody else does what it was for.
LEFT_OUT: Final = "left out"


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run's seal holds beside its row: as which it was begun, from 1, and what belongs to it in other tables."""

    number: int
    approvals: int = 0
    signals: int = 0
    objects: int = 0


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run as the journal knows it; `signal` names what it waits for, `why` and `question` are for people.

    `tally` is None for a run that was begun before these things were counted.
    """

    run_id: str
    playbook: str
    version: str
    tenant: str
    inputs: Mapping[str, str]
    started_at: datetime
    started_by: str
    status: Status = Status.READY
    wake_at: datetime | None = None
    signal: str = ""
    why: str = ""
    question: str = ""
    result: Mapping[str, Any] | None = None
    changed: bool = False
    ended_at: datetime | None = None
    owner: str = ""
    reign: str = ""
    lease_until: datetime | None = None
    lease_monotonic: float = 0.0
    epoch: int = 0
    entries: int = 0
    head: str = GENESIS
    tally: Tally | None = None

    @property
    def simulated(self) -> bool:
        """Whether it works in a simulated organisation, whose time need not be now; no real tenant has such a name."""
        return self.tenant.startswith(SIMULATED)


@dataclass(frozen=True, slots=True)
class NewRun:
    """What a run begins with."""

    run_id: str
    playbook: str
    version: str
    tenant: str
    inputs: Mapping[str, str]
    started_by: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it is written. What `body` may hold: see Entry."""

    key: str
    kind: Kind
    state: str
    attempt: int = 1
    input_hash: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a run's journal.

    `body` is JSON. Where a cmdlet was concerned it holds `call` (endpoint, text, canonical), `reply` when an answer
    came, `error` (type, text) when none came, and `sent_at`. The rest depends on the kind.
    """

    run_id: str
    seq: int
    key: str
    kind: Kind
    state: str
    attempt: int
    input_hash: str
    at: datetime
    epoch: int
    body: Mapping[str, Any]
    previous: str
    hash: str

    @property
    def endpoint(self) -> str:
        """Where the cmdlet was sent; empty for an entry without one."""
        return str(self.body.get("call", {}).get("endpoint", ""))

    @property
    def command(self) -> str:
        """The command line as one would type it; empty for an entry without one."""
        return str(self.body.get("call", {}).get("text", ""))

    @property
    def canonical(self) -> object:
        """The pipeline in canonical JSON, as its hash was made."""
        return self.body.get("call", {}).get("canonical")

    @property
    def reply(self) -> Reply | None:
        """The answer, secrets removed; None where none came."""
        document = self.body.get("reply")
        return None if document is None else reply_from_json(document)

    @property
    def error(self) -> str:
        """Why no answer came; empty where one came."""
        return str(self.body.get("error", {}).get("text", ""))

    @property
    def sent(self) -> bool:
        """Whether this entry tells of a cmdlet that was sent: with its answer, or with the loss of it.

        An intent is not counted: its outcome is the next destroy or change entry of the same key, and where that is
        missing the cmdlet may have been sent.
        """
        return "call" in self.body and ("reply" in self.body or "error" in self.body)


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody's consent to exactly what `sha` was made of."""

    run_id: str
    key: str
    sha: str
    who: str
    given_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Signal:
    """A word from outside to one run; `seq` grows within the run."""

    run_id: str
    seq: int
    name: str
    text: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WholeRun:
    """All that is kept of one run, as it was at one moment."""

    run: RunRecord
    entries: list[Entry]
    approvals: list[Approval]
    signals: list[Signal]


@dataclass(slots=True)
class Lease:
    """The right to carry a run on. `until` and `monotonic` move when it is renewed."""

    run_id: str
    owner: str
    epoch: int
    until: datetime
    monotonic: float


@dataclass(frozen=True, slots=True)
class Pause:
    """Why and until when a run is put down; `status` is WAITING or OPERATOR, which has a `wake_at` where it is reminded of.

    `went_wrong` is false where an operator is only reminded, or nobody was there to approve: that is no failure of the run.
    """

    status: Status
    why: str
    wake_at: datetime | None = None
    signal: str = ""
    question: str = ""
    went_wrong: bool = True


def dump(document: object) -> str:
    """JSON in one form only, in ASCII, so that equal documents are equal texts."""
    return json.dumps(document, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def chained(draft: Draft, *, run_id: str, seq: int, at: str, epoch: int, previous: str, body: str) -> str:
    """The hash of an entry, over everything in it and the hash before."""
    parts = [run_id, seq, draft.key, draft.kind.value, draft.state, draft.attempt, draft.input_hash, at, epoch, body, previous]
    return hashlib.sha256(dump(parts).encode()).hexdigest()


def linked(head: str, run_id: str) -> str:
    """The hash of the runs that were begun, with one more."""
    return sealed("runs", [head, run_id])


def sealed(table: str, values: Sequence[object]) -> str:
    """The hash of a row that may change: a flipped bit on the disk is seen, a person with write access is not stopped."""
    return hashlib.sha256(dump([table, *values]).encode()).hexdigest()


def write_time(moment: datetime) -> str:
    """Text in UTC of fixed width: it sorts as the times do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_time(text: str) -> datetime:
    """Read what `write_time` wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)
