"""The client's half of a runspace pool: commands in, packets out; packets in, events out.

Pure: no I/O, no clock, no randomness. A carrier (the stdio of a process, WS-Man) moves the packets and has its own words
for the rest: how a pipeline is announced, stopped and closed. Source: [MS-PSRP] 3.1, the client's details.

Two classes of error say whose fault it is: ProtocolError is the server's, InputError (with ValueTypeError and
KeysMissing) is the caller's, and then nothing is to be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from psbridge.clixml import decode_message, encode_message
from psbridge.errors import ClixmlError, InputError, ProtocolError, ValueTypeError
from psbridge.psobject import PSObject, Version
from psbridge.psrp.bodies import PlainCommand, ScriptText, create_pipeline, init_runspace_pool, public_key, session_capability
from psbridge.psrp.enums import number
from psbridge.psrp.events import Event, HostCalled, KeyRequested, KeysExchanged, PipelineEnded, PoolChanged, RecordCame
from psbridge.psrp.fragments import PACKET_SIZE, Defragmenter, Fragmenter
from psbridge.psrp.host import HostCall
from psbridge.psrp.messages import NO_ID, RECORDS, Destination, Message, MessageType, PipelineState, PoolState
from psbridge.psrp.secure_text import ClearText, KeysMissing, SecureStringCipher

if TYPE_CHECKING:
    from psbridge.psrp.crypto import SessionKeyPair

__all__ = ["PROTOCOL", "RunspacePool"]

PROTOCOL: Final = "2.4"
_CLEAR_TEXT_SINCE: Final = (2, 4)
_FINAL: Final = frozenset({PipelineState.STOPPED, PipelineState.COMPLETED, PipelineState.FAILED})
_OVER: Final = frozenset({PoolState.CLOSED, PoolState.BROKEN})

# Which state may follow which when the server says so ([MS-PSRP] 3.1.5.4.9).
_MOVES: Final[Mapping[PoolState, frozenset[PoolState]]] = {
    PoolState.NEGOTIATION_SENT: _OVER,
    PoolState.NEGOTIATION_SUCCEEDED: frozenset({PoolState.OPENING, PoolState.OPENED, PoolState.CLOSING}) | _OVER,
    PoolState.OPENING: frozenset({PoolState.OPENED, PoolState.CLOSING}) | _OVER,
    PoolState.OPENED: frozenset({PoolState.CLOSING}) | _OVER,
    PoolState.CLOSING: _OVER,
}

_BEFORE_OPENED: Final = frozenset(
    {
        MessageType.APPLICATION_PRIVATE_DATA,
        MessageType.PUBLIC_KEY_REQUEST,
        MessageType.RUNSPACEPOOL_HOST_CALL,
        MessageType.RUNSPACEPOOL_INIT_DATA,
        MessageType.RUNSPACEPOOL_STATE,
        MessageType.RUNSPACE_AVAILABILITY,
        MessageType.USER_EVENT,
    }
)
_WHEN_OPENED: Final = (
    _BEFORE_OPENED | RECORDS | {MessageType.ENCRYPTED_SESSION_KEY, MessageType.PIPELINE_STATE, MessageType.PIPELINE_HOST_CALL}
)
# What the server may send in which state of the pool ([MS-PSRP] 3.1.5.4).
_EXPECTED: Final[Mapping[PoolState, frozenset[MessageType]]] = {
    PoolState.BEFORE_OPEN: frozenset(),
    PoolState.NEGOTIATION_SENT: frozenset({MessageType.SESSION_CAPABILITY, MessageType.RUNSPACEPOOL_STATE}),
    PoolState.NEGOTIATION_SUCCEEDED: _BEFORE_OPENED,
    PoolState.OPENING: _BEFORE_OPENED,
    PoolState.OPENED: _WHEN_OPENED,
    PoolState.CLOSING: _WHEN_OPENED,
    PoolState.CLOSED: frozenset(),
    PoolState.BROKEN: frozenset(),
}


class RunspacePool:
    """One runspace pool, seen from the client. Not for use by several threads at once.

    `state` is the pool's; `protocol` the version that both sides speak, (0, 0) before it is agreed;
    `private_data` the raw body of APPLICATION_PRIVATE_DATA.
    """

    def __init__(self, pool_id: UUID, *, protocol: str = PROTOCOL, packet_size: int = PACKET_SIZE) -> None:
        self.pool_id = pool_id
        self.state = PoolState.BEFORE_OPEN
        self.protocol = (0, 0)
        self.private_data = b""
        self._offered = protocol
        self._fragmenter = Fragmenter(packet_size)
        self._defragmenter = Defragmenter()
        self._pipelines: dict[UUID, PipelineState] = {}
        self._keys: SessionKeyPair | None = None
        self._cipher: SecureStringCipher | None = None

    @property
    def missing(self) -> int:
        """How many of the server's object ids were skipped: a suspicion that a message was lost."""
        return self._defragmenter.missing

    @property
    def unfinished(self) -> int:
        """How many of the server's messages have begun and not ended."""
        return self._defragmenter.unfinished

    @property
    def packet_size(self) -> int:
        """The most bytes of a packet; a carrier that learns more about its server may change it."""
        return self._fragmenter.size

    @packet_size.setter
    def packet_size(self, size: int) -> None:
        self._fragmenter.size = size

    @property
    def cipher(self) -> SecureStringCipher | None:
        """What encrypts and decrypts SecureStrings here; None while keys are needed and not exchanged."""
        return self._cipher

    def open(self) -> list[bytes]:
        """Begin: SESSION_CAPABILITY and INIT_RUNSPACEPOOL."""
        self._require(PoolState.BEFORE_OPEN, "the pool can be opened")
        self.state = PoolState.NEGOTIATION_SENT
        return self._packets(
            self._message(MessageType.SESSION_CAPABILITY, session_capability(self._offered)),
            self._message(MessageType.INIT_RUNSPACEPOOL, init_runspace_pool()),
        )

    def create_pipeline(self, pipeline_id: UUID, commands: Sequence[PlainCommand]) -> list[bytes]:
        """Begin a pipeline.

        Raises ValueTypeError for a value that cannot travel, KeysMissing for a SecureString before keys are exchanged,
        and InputError where the pool is not open or the id is taken. The machine is then as it was.
        """
        self._require(PoolState.OPENED, "a pipeline can begin")
        if pipeline_id == NO_ID or pipeline_id in self._pipelines:
            raise InputError(f"the pipeline id {pipeline_id} is taken")
        try:
            message = self._message(MessageType.CREATE_PIPELINE, create_pipeline(commands), pipeline_id)
        except ValueTypeError as error:
            raise _blame(error, commands) from error
        self._pipelines[pipeline_id] = PipelineState.RUNNING
        return self._packets(message)

    def forget(self, pipeline_id: UUID) -> None:
        """Drop what is known of a pipeline; nothing may come for it any more."""
        self._pipelines.pop(pipeline_id, None)

    def refuse(self, call: HostCall) -> list[bytes]:
        """Answer a host call with an error; never with a value."""
        kind = MessageType.RUNSPACEPOOL_HOST_RESPONSE if call.pipeline_id is None else MessageType.PIPELINE_HOST_RESPONSE
        return self._packets(self._message(kind, call.refusal(), call.pipeline_id or NO_ID))

    def exchange_keys(self, keys: SessionKeyPair) -> list[bytes]:
        """Send the public key; KeysExchanged reports the session key ([MS-PSRP] 3.1.5.4.3, 3.1.5.4.4)."""
        self._require(PoolState.OPENED, "keys can be exchanged")
        self._keys = keys
        return self._packets(self._message(MessageType.PUBLIC_KEY, public_key(keys.public_blob)))

    def receive(self, packet: bytes) -> list[Event]:
        """Take a packet; give what its messages say. Raises ProtocolError, and then the pool is of no more use."""
        events: list[Event] = []
        for data in self._defragmenter.feed(packet):
            event = self._take(Message.unpack(data))
            if event is not None:
                events.append(event)
        return events

    def _take(self, message: Message) -> Event | None:
        if message.destination is not Destination.CLIENT:
            raise ProtocolError(f"{message.kind.name} is addressed to a server; what we hear may be our own echo")
        if message.pool_id not in (self.pool_id, NO_ID):
            raise ProtocolError(f"{message.kind.name} is for the pool {message.pool_id}; ours is {self.pool_id}")
        if message.kind not in _EXPECTED.get(self.state, frozenset()):
            raise ProtocolError(f"{message.kind.name} came while the pool was {self.state.name}")
        if message.kind in RECORDS:
            state = self._state_of(message)
            return None if state in _FINAL else RecordCame(message.pipeline_id, message.kind, message.body)
        handle = _HANDLERS.get(message.kind)
        return handle(self, message) if handle else None

    def _capability(self, message: Message) -> None:
        value = self._read(message).get("protocolversion")
        if not isinstance(value, Version):
            raise ProtocolError("SESSION_CAPABILITY names no protocolversion ([MS-PSRP] 2.2.2.1)")
        theirs, ours = _version(value), _version(self._offered)
        if theirs[0] != ours[0]:
            raise ProtocolError(f"the server speaks PSRP {value}; psbridge speaks {self._offered}")
        self.protocol = min(theirs, ours)
        self.state = PoolState.NEGOTIATION_SUCCEEDED
        if self.protocol >= _CLEAR_TEXT_SINCE:
            self._cipher = ClearText()

    def _application_data(self, message: Message) -> None:
        self.private_data = message.body

    def _pool_state(self, message: Message) -> Event | None:
        told = number(self._read(message).get("RunspaceState"))
        state = _POOL_STATES.get(told) if told is not None else None
        if state is None or state not in _MOVES[self.state]:
            raise ProtocolError(f"RUNSPACEPOOL_STATE tells {told} while the pool is {self.state.name}")
        self.state = state
        return PoolChanged(state, message.body if state is PoolState.BROKEN else b"")

    def _pipeline_state(self, message: Message) -> Event | None:
        told = number(self._read(message).get("PipelineState"))
        state = _PIPELINE_STATES.get(told) if told is not None else None
        if state is None:
            raise ProtocolError(f"PIPELINE_STATE tells {told}, which [MS-PSRP] 2.2.3.5 does not know")
        if self._state_of(message) in _FINAL:
            return None
        self._pipelines[message.pipeline_id] = state
        return PipelineEnded(message.pipeline_id, state, message.body) if state in _FINAL else None

    def _host_call(self, message: Message) -> Event | None:
        pipeline_id = None
        if message.kind is MessageType.PIPELINE_HOST_CALL:
            pipeline_id = message.pipeline_id
            if self._state_of(message) in _FINAL:
                return None
        return HostCalled(HostCall.of(pipeline_id, self._read(message)))

    def _key_request(self, _: Message) -> Event:
        return KeyRequested()

    def _session_key(self, message: Message) -> Event:
        encrypted = self._read(message).get("EncryptedSessionKey")
        if self._keys is None or not isinstance(encrypted, str):
            raise ProtocolError("ENCRYPTED_SESSION_KEY came without a key in it, or without a public key sent before it")
        self._cipher = self._keys.session_cipher(encrypted)
        return KeysExchanged()

    def _state_of(self, message: Message) -> PipelineState:
        state = self._pipelines.get(message.pipeline_id)
        if state is None:
            raise ProtocolError(f"{message.kind.name} is for the pipeline {message.pipeline_id}, which does not exist")
        return state

    def _read(self, message: Message) -> PSObject:
        try:
            value = decode_message(message.body)
        except ClixmlError as error:
            raise ProtocolError(f"{message.kind.name} cannot be read: {error}") from error
        if not isinstance(value, PSObject):
            raise ProtocolError(f"{message.kind.name} holds no object")
        return value

    def _message(self, kind: MessageType, body: PSObject, pipeline_id: UUID = NO_ID) -> bytes:
        encoded = encode_message(body, secure=self._protect)
        return Message(Destination.SERVER, kind, self.pool_id, pipeline_id, encoded).pack()

    def _packets(self, *messages: bytes) -> list[bytes]:
        return self._fragmenter.packets(messages)

    def _protect(self, plain: str) -> str:
        if self._cipher is None:
            raise KeysMissing("a SecureString cannot be sent before keys are exchanged; call exchange_keys first")
        return self._cipher.encrypt(plain)

    def _require(self, state: PoolState, what: str) -> None:
        if self.state is not state:
            raise InputError(f"the pool is {self.state.name}; {what} only while it is {state.name}")


def _blame(error: ValueTypeError, commands: Sequence[PlainCommand]) -> ValueTypeError:
    """Name the parameter whose value cannot travel; the encoder saw the whole message only."""
    for name, parameters in commands:
        for parameter, value in parameters.items():
            try:
                _encode_alone(value)
            except ValueTypeError as culprit:
                return ValueTypeError(
                    culprit.value_type,
                    culprit.reason,
                    where=f"{'the script' if isinstance(name, ScriptText) else name} -{parameter}",
                )
    return error


def _called(name: str) -> str:
    return "the script" if isinstance(name, ScriptText) else name


def _encode_alone(value: object) -> None:
    """Encode one parameter as deep as it lies in a message. Raises ValueTypeError if it cannot travel."""
    encode_message(create_pipeline([("Test-Value", {"Value": value})]), secure=lambda _: "")


def _version(text: str) -> tuple[int, int]:
    major, minor = text.split(".")[:2]
    return int(major), int(minor)


_POOL_STATES: Final = {int(one): one for one in PoolState}
_PIPELINE_STATES: Final = {int(one): one for one in PipelineState}
_HANDLERS: Final[Mapping[MessageType, Callable[[RunspacePool, Message], Event | None]]] = {
    MessageType.SESSION_CAPABILITY: RunspacePool._capability,  # noqa: SLF001 - the table belongs to the class
    MessageType.APPLICATION_PRIVATE_DATA: RunspacePool._application_data,  # noqa: SLF001 - as above
    MessageType.RUNSPACEPOOL_STATE: RunspacePool._pool_state,  # noqa: SLF001 - as above
    MessageType.PIPELINE_STATE: RunspacePool._pipeline_state,  # noqa: SLF001 - as above
    MessageType.RUNSPACEPOOL_HOST_CALL: RunspacePool._host_call,  # noqa: SLF001 - as above
    MessageType.PIPELINE_HOST_CALL: RunspacePool._host_call,  # noqa: SLF001 - as above
    MessageType.PUBLIC_KEY_REQUEST: RunspacePool._key_request,  # noqa: SLF001 - as above
    MessageType.ENCRYPTED_SESSION_KEY: RunspacePool._session_key,  # noqa: SLF001 - as above
}
