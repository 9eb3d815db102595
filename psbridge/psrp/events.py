"""What the machine reports of the messages that came in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from psbridge.psrp.host import HostCall
from psbridge.psrp.messages import MessageType, PipelineState, PoolState

__all__ = ["Event", "HostCalled", "KeyRequested", "KeysExchanged", "PipelineEnded", "PoolChanged", "RecordCame"]


@dataclass(frozen=True, slots=True)
class PoolChanged:
    """The pool has another state. `reason` is the raw body of the message where the state is BROKEN, else empty."""

    state: PoolState
    reason: bytes = b""


@dataclass(frozen=True, slots=True)
class RecordCame:
    """A pipeline wrote a record; `body` is its raw CLIXML, empty for a null output."""

    pipeline_id: UUID
    kind: MessageType
    body: bytes


@dataclass(frozen=True, slots=True)
class PipelineEnded:
    """A pipeline is COMPLETED, FAILED or STOPPED; `body` is the raw message with the error that ended it."""

    pipeline_id: UUID
    state: PipelineState
    body: bytes


@dataclass(frozen=True, slots=True)
class HostCalled:
    """The server calls the host; see `HostCall.wants_answer`."""

    call: HostCall


@dataclass(frozen=True, slots=True)
class KeyRequested:
    """The server wants the client's public key: answer with `exchange_keys`."""


@dataclass(frozen=True, slots=True)
class KeysExchanged:
    """The session key is there; SecureStrings can be sent."""


Event = PoolChanged | RecordCame | PipelineEnded | HostCalled | KeyRequested | KeysExchanged
