"""The tables of PSRP's messages and states, and the 40 bytes in front of every message body.

Source: [MS-PSRP] 2.2.1 (header and types), 2.2.3.4 and 2.2.3.5 (states). Numbers and names are the protocol's own.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final
from uuid import UUID

from psbridge.errors import ProtocolError

__all__ = ["NO_ID", "RECORDS", "Destination", "Message", "MessageType", "PipelineState", "PoolState"]

BOM: Final = b"\xef\xbb\xbf"
NO_ID: Final = UUID(int=0)
_HEADER: Final = struct.Struct("<II16s16s")


class Destination(IntEnum):
    """Whom a message is for ([MS-PSRP] 2.2.1)."""

    CLIENT = 1
    SERVER = 2


class MessageType(IntEnum):
    """What a message is ([MS-PSRP] 2.2.1); beside each, the section of [MS-PSRP] that describes its body."""

    SESSION_CAPABILITY = 0x00010002  # 2.2.2.1
    INIT_RUNSPACEPOOL = 0x00010004  # 2.2.2.2
    PUBLIC_KEY = 0x00010005  # 2.2.2.3
    ENCRYPTED_SESSION_KEY = 0x00010006  # 2.2.2.4
    PUBLIC_KEY_REQUEST = 0x00010007  # 2.2.2.5
    CONNECT_RUNSPACEPOOL = 0x00010008  # 2.2.2.29
    SET_MAX_RUNSPACES = 0x00021002  # 2.2.2.6
    SET_MIN_RUNSPACES = 0x00021003  # 2.2.2.7
    RUNSPACE_AVAILABILITY = 0x00021004  # 2.2.2.8
    RUNSPACEPOOL_STATE = 0x00021005  # 2.2.2.9
    CREATE_PIPELINE = 0x00021006  # 2.2.2.10
    GET_AVAILABLE_RUNSPACES = 0x00021007  # 2.2.2.11
    USER_EVENT = 0x00021008  # 2.2.2.12
    APPLICATION_PRIVATE_DATA = 0x00021009  # 2.2.2.13
    GET_COMMAND_METADATA = 0x0002100A  # 2.2.2.14
    RUNSPACEPOOL_INIT_DATA = 0x0002100B  # 2.2.2.30
    RESET_RUNSPACE_STATE = 0x0002100C  # 2.2.2.31
    RUNSPACEPOOL_HOST_CALL = 0x00021100  # 2.2.2.15
    RUNSPACEPOOL_HOST_RESPONSE = 0x00021101  # 2.2.2.16
    PIPELINE_INPUT = 0x00041002  # 2.2.2.17
    END_OF_PIPELINE_INPUT = 0x00041003  # 2.2.2.18
    PIPELINE_OUTPUT = 0x00041004  # 2.2.2.19
    ERROR_RECORD = 0x00041005  # 2.2.2.20
    PIPELINE_STATE = 0x00041006  # 2.2.2.21
    DEBUG_RECORD = 0x00041007  # 2.2.2.22
    VERBOSE_RECORD = 0x00041008  # 2.2.2.23
    WARNING_RECORD = 0x00041009  # 2.2.2.24
    PROGRESS_RECORD = 0x00041010  # 2.2.2.25
    INFORMATION_RECORD = 0x00041011  # 2.2.2.26
    PIPELINE_HOST_CALL = 0x00041100  # 2.2.2.27
    PIPELINE_HOST_RESPONSE = 0x00041101  # 2.2.2.28


RECORDS: Final = frozenset(
    {
        MessageType.PIPELINE_OUTPUT,
        MessageType.ERROR_RECORD,
        MessageType.DEBUG_RECORD,
        MessageType.VERBOSE_RECORD,
        MessageType.WARNING_RECORD,
        MessageType.PROGRESS_RECORD,
        MessageType.INFORMATION_RECORD,
    }
)


class PoolState(IntEnum):
    """The state of a runspace pool ([MS-PSRP] 2.2.3.4)."""

    BEFORE_OPEN = 0
    OPENING = 1
    OPENED = 2
    CLOSED = 3
    CLOSING = 4
    BROKEN = 5
    NEGOTIATION_SENT = 6
    NEGOTIATION_SUCCEEDED = 7
    CONNECTING = 8
    DISCONNECTED = 9


class PipelineState(IntEnum):
    """The state of a pipeline ([MS-PSRP] 2.2.3.5)."""

    NOT_STARTED = 0
    RUNNING = 1
    STOPPING = 2
    STOPPED = 3
    COMPLETED = 4
    FAILED = 5
    DISCONNECTED = 6


@dataclass(frozen=True, slots=True)
class Message:
    """One PSRP message. `body` is CLIXML without the byte order mark; it may be empty."""

    destination: Destination
    kind: MessageType
    pool_id: UUID
    pipeline_id: UUID
    body: bytes

    def pack(self) -> bytes:
        """Give the bytes of the message, with the mark that PowerShell writes in front of a body."""
        header = _HEADER.pack(self.destination, self.kind, self.pool_id.bytes_le, self.pipeline_id.bytes_le)
        marked = not self.body or self.body.startswith(BOM)
        return b"".join((header, b"" if marked else BOM, self.body))

    @classmethod
    def unpack(cls, data: bytes) -> Message:
        """Read a whole message; raises ProtocolError for a short one or one of unknown kind or destination."""
        if len(data) < _HEADER.size:
            raise ProtocolError(f"a PSRP message has {len(data)} bytes; its header alone needs {_HEADER.size}")
        destination, kind, pool, pipeline = _HEADER.unpack_from(data)
        if destination not in _DESTINATIONS:
            raise ProtocolError(f"a PSRP message is for destination {destination}; [MS-PSRP] 2.2.1 knows 1 and 2")
        if kind not in _KINDS:
            raise ProtocolError(f"a PSRP message has the type 0x{kind:08X}, which [MS-PSRP] 2.2.1 does not know")
        start = _HEADER.size + (len(BOM) if data.startswith(BOM, _HEADER.size) else 0)
        return cls(_DESTINATIONS[destination], _KINDS[kind], UUID(bytes_le=pool), UUID(bytes_le=pipeline), data[start:])


_DESTINATIONS: Final = {int(one): one for one in Destination}
_KINDS: Final = {int(one): one for one in MessageType}
