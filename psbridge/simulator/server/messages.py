"""The body of a PSRP message in, its fragments out ([MS-PSRP] 2.2.1 and 2.2.4); and the kind of a fragment's message."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Final
from uuid import UUID

from psbridge.simulator.runspace.records import Stream

__all__ = ["FRAGMENT_SIZE", "STREAMS", "MessageType", "PipelineState", "contents", "fragments", "message", "readable"]

# The fragments of a real server, over any carrier, have at most 32,768 bytes (remoting-notes 4.3).
FRAGMENT_SIZE: Final = 32_768
_HEADER: Final = struct.Struct(">QQBI")
_TO_CLIENT: Final = 1
# Where a message's body begins: after destination, kind, pool and pipeline.
_BODY: Final = 40
_START, _END = 1, 2


class MessageType(IntEnum):
    """The messages that the simulator writes itself ([MS-PSRP] 2.2.1)."""

    RUNSPACEPOOL_STATE = 0x00021005
    PIPELINE_OUTPUT = 0x00041004
    ERROR_RECORD = 0x00041005
    PIPELINE_STATE = 0x00041006
    DEBUG_RECORD = 0x00041007
    VERBOSE_RECORD = 0x00041008
    WARNING_RECORD = 0x00041009
    PROGRESS_RECORD = 0x00041010
    INFORMATION_RECORD = 0x00041011
    PIPELINE_HOST_CALL = 0x00041100


class PipelineState(IntEnum):
    """The final states that it tells ([MS-PSRP] 2.2.3.5)."""

    STOPPED = 3
    COMPLETED = 4
    FAILED = 5


# SET_MAX_RUNSPACES and SET_MIN_RUNSPACES.
_SETTING_RUNSPACES: Final = frozenset({0x00021002, 0x00021003})


STREAMS: Final[Mapping[Stream, MessageType]] = {
    "output": MessageType.PIPELINE_OUTPUT,
    "error": MessageType.ERROR_RECORD,
    "warning": MessageType.WARNING_RECORD,
    "verbose": MessageType.VERBOSE_RECORD,
    "debug": MessageType.DEBUG_RECORD,
    "information": MessageType.INFORMATION_RECORD,
    "progress": MessageType.PROGRESS_RECORD,
}


def message(kind: MessageType, pool: UUID, pipeline: UUID, body: bytes) -> bytes:
    """One message from the server to the client."""
    return struct.pack("<iI", _TO_CLIENT, kind) + pool.bytes_le + pipeline.bytes_le + body


def fragments(object_id: int, content: bytes, size: int = FRAGMENT_SIZE) -> Iterator[bytes]:
    """Cut a message into fragments of at most so many bytes, header included."""
    room = size - _HEADER.size
    pieces = range(0, max(len(content), 1), room)
    for number, start in enumerate(pieces):
        piece = content[start : start + room]
        flags = (_START if number == 0 else 0) | (_END if start + room >= len(content) else 0)
        yield _HEADER.pack(object_id, number, flags, len(piece)) + piece


def contents(payload: bytes) -> Iterator[bytes]:
    """The messages in a payload whose fragments are whole ones, each with the mark that a real server's bodies begin with."""
    position = 0
    while position < len(payload):
        *_, length = _HEADER.unpack_from(payload, position)
        position += _HEADER.size + length
        content = payload[position - length : position]
        yield content[:_BODY] + codecs.BOM_UTF8 + content[_BODY:].removeprefix(codecs.BOM_UTF8)


def readable(payload: bytes) -> bytes:
    """What a client sends, as psrpcore reads it: pypsrp writes `CI` in two small messages; names have no case in PowerShell."""
    kind = int.from_bytes(payload[_HEADER.size + 4 : _HEADER.size + 8], "little")
    return payload.replace(b'N="CI"', b'N="ci"') if kind in _SETTING_RUNSPACES else payload
