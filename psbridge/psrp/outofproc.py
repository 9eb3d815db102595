"""Lines of PSRP over stdio in, packets out; and back, byte for byte.

One line of XML for each packet: `<Data Stream='Default' PSGuid='...'>base64</Data>`, `<Command PSGuid='...' />` and so on.
Source: no specification; PowerShell's own client and server of background jobs, as recorded (remoting-notes 4.3, 9.1).
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from psbridge.errors import ProtocolError
from psbridge.psrp.messages import NO_ID

__all__ = ["LineReader", "Packet", "Stream", "Tag"]

_LONGEST_LINE: Final = 16 * 1024 * 1024  # a Data line of PowerShell has 43,800 bytes at most


class Tag(StrEnum):
    """The kinds of lines. Each of the first four is acknowledged by the one below it."""

    DATA = "Data"
    COMMAND = "Command"
    SIGNAL = "Signal"
    CLOSE = "Close"
    DATA_ACK = "DataAck"
    COMMAND_ACK = "CommandAck"
    SIGNAL_ACK = "SignalAck"
    CLOSE_ACK = "CloseAck"


class Stream(StrEnum):
    """What a Data line carries: messages, or answers to host calls."""

    DEFAULT = "Default"
    PROMPT_RESPONSE = "PromptResponse"


@dataclass(frozen=True, slots=True)
class Packet:
    """One line. `psguid` is the pipeline's id, or zero for the pool; `data` holds fragments, in a Data line only."""

    tag: Tag
    psguid: UUID = NO_ID
    data: bytes = b""
    stream: Stream = Stream.DEFAULT

    def render(self) -> bytes:
        """Give the line with its line feed."""
        if self.tag is not Tag.DATA:
            return f"<{self.tag} PSGuid='{self.psguid}' />\n".encode("ascii")
        head = f"<Data Stream='{self.stream}' PSGuid='{self.psguid}'>".encode("ascii")
        return b"".join((head, binascii.b2a_base64(self.data, newline=False), b"</Data>\n"))

    @classmethod
    def parse(cls, line: bytes) -> Packet:
        """Read a line without its line feed; raises ProtocolError for what no PowerShell writes."""
        data = _DATA.match(line)
        if data and line.endswith(_DATA_END):
            stream, psguid = data.groups()
            content = _unbase64(line[data.end() : -len(_DATA_END)])
            return cls(Tag.DATA, UUID(psguid.decode()), content, _STREAMS[stream])
        plain = _PLAIN.fullmatch(line)
        if plain:
            tag, psguid = plain.groups()
            return cls(_TAGS[tag], UUID(psguid.decode()))
        raise ProtocolError(f"a line is no packet: {_shown(line)}")


class LineReader:
    """Bytes in, whole lines out, however the bytes are split. Raises ProtocolError for a line that does not end."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._held = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """Give the lines that this chunk completes, without LF and CR."""
        head, *more = chunk.split(b"\n")
        self._rest.append(head)
        self._held += len(head)
        if not more:
            if self._held > _LONGEST_LINE:
                raise ProtocolError(f"a line has more than {_LONGEST_LINE} bytes and no end")
            return []
        lines = [b"".join(self._rest), *more[:-1]]
        self._rest, self._held = [more[-1]], len(more[-1])
        return [line.removesuffix(b"\r") for line in lines]


def _unbase64(text: bytes) -> bytes:
    try:
        content = binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error as error:
        raise ProtocolError(f"a Data line is no base64: {error}") from error
    if not content:
        raise ProtocolError("a Data line is empty")
    return content


def _shown(line: bytes) -> str:
    text = line[:80].decode("utf-8", "replace")
    return f"{text!r}{'...' if len(line) > 80 else ''}"


_DATA_END: Final = b"</Data>"
_GUID: Final = rb"'([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})'"
_DATA: Final = re.compile(rb"<Data Stream='(Default|PromptResponse)' PSGuid=" + _GUID + rb">")
_PLAIN: Final = re.compile(rb"<(Command|Signal|Close|DataAck|CommandAck|SignalAck|CloseAck) PSGuid=" + _GUID + rb" />")
_TAGS: Final = {tag.encode(): tag for tag in Tag}
_STREAMS: Final = {stream.encode(): stream for stream in Stream}
