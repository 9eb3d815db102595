"""A runspace pool over stdio: calls in, lines to write out; bytes that were read in, events out.

Pure, like the pool that it carries. It knows when a line may be written: PowerShell's server gives every line to a thread
of its own, so a second Data line may overtake the first; one Data or Command at a time is on its way, and the next
waits for the ack (remoting-notes 4.3). A Signal and a Close wait for what was sent before them, and hold up nothing:
their acks come only when the pipeline has stopped, and it may ask its host until then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from psbridge.errors import ProtocolError
from psbridge.psrp.bodies import PlainCommand
from psbridge.psrp.events import Event
from psbridge.psrp.host import HostCall
from psbridge.psrp.messages import NO_ID
from psbridge.psrp.outofproc import LineReader, Packet, Stream, Tag
from psbridge.psrp.session import RunspacePool

if TYPE_CHECKING:
    from psbridge.psrp.crypto import SessionKeyPair

__all__ = ["Acknowledged", "Line", "StdioClient"]

_ACK_OF: Final[Mapping[Tag, Tag]] = {
    Tag.DATA: Tag.DATA_ACK,
    Tag.COMMAND: Tag.COMMAND_ACK,
    Tag.SIGNAL: Tag.SIGNAL_ACK,
    Tag.CLOSE: Tag.CLOSE_ACK,
}
_BLOCKING: Final = frozenset({Tag.DATA, Tag.COMMAND})
_NOISE_KEPT: Final = 20


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The server has taken a Signal or a Close."""

    tag: Tag
    psguid: UUID


@dataclass(frozen=True, slots=True)
class Line:
    """A line to be written now. `starts_pipeline`: with its bytes the server may begin to run commands."""

    data: bytes
    starts_pipeline: bool


class StdioClient:
    """The client's end of one `-s` process. `noise` keeps the last lines that were no packets (a profile's, say)."""

    def __init__(self, pool: RunspacePool) -> None:
        self.pool = pool
        self.noise: deque[bytes] = deque(maxlen=_NOISE_KEPT)
        self._reader = LineReader()
        self._outbox: deque[tuple[Packet, bool]] = deque()
        self._blocked_by: tuple[Tag, UUID] | None = None
        self._awaited: set[tuple[Tag, UUID]] = set()

    def open(self) -> None:
        """Open the pool."""
        self._queue_data(self.pool.open())

    def begin(self, pipeline_id: UUID, commands: Sequence[PlainCommand]) -> None:
        """Begin a pipeline; raises as RunspacePool.create_pipeline does, and then queues nothing."""
        packets = self.pool.create_pipeline(pipeline_id, commands)
        self._queue(Packet(Tag.COMMAND, pipeline_id))
        self._queue_data(packets, pipeline_id, starts_pipeline=True)

    def signal(self, pipeline_id: UUID) -> None:
        """Stop a pipeline; it is acknowledged when the pipeline has stopped."""
        self._queue(Packet(Tag.SIGNAL, pipeline_id))

    def close_pipeline(self, pipeline_id: UUID) -> None:
        """Close a pipeline that has ended; the pool itself cannot be closed before."""
        self._queue(Packet(Tag.CLOSE, pipeline_id))

    def close(self) -> None:
        """Close the pool."""
        self._queue(Packet(Tag.CLOSE))

    def refuse(self, call: HostCall) -> None:
        """Answer a host call with an error."""
        self._queue_data(self.pool.refuse(call), call.pipeline_id or NO_ID, stream=Stream.PROMPT_RESPONSE)

    def exchange_keys(self, keys: SessionKeyPair) -> None:
        """Send the public key."""
        self._queue_data(self.pool.exchange_keys(keys))

    def next_line(self) -> Line | None:
        """The line that may be written now; None while the server has to answer first, or nothing is left."""
        if not self._outbox or self._blocked_by:
            return None
        packet, starts_pipeline = self._outbox[0]
        if packet.tag is Tag.CLOSE and (Tag.SIGNAL_ACK, packet.psguid) in self._awaited:
            return None
        self._outbox.popleft()
        ack = _ACK_OF[packet.tag], packet.psguid
        if packet.tag in _BLOCKING:
            self._blocked_by = ack
        else:
            self._awaited.add(ack)
        return Line(packet.render(), starts_pipeline)

    def receive(self, chunk: bytes) -> list[Event | Acknowledged]:
        """Take what was read, in pieces of any size. Raises ProtocolError."""
        events: list[Event | Acknowledged] = []
        for line in self._reader.feed(chunk):
            if line.startswith(b"<"):
                events.extend(self._take(Packet.parse(line)))
            elif line.strip():
                self.noise.append(line[:500])
        return events

    def _take(self, packet: Packet) -> Sequence[Event | Acknowledged]:
        if packet.tag is Tag.DATA:
            return self.pool.receive(packet.data)
        ack = packet.tag, packet.psguid
        if ack == self._blocked_by:
            self._blocked_by = None
            return ()
        if ack not in self._awaited:
            raise ProtocolError(f"{packet.tag} for {packet.psguid} came; nothing was sent that it could acknowledge")
        self._awaited.remove(ack)
        if packet.tag is Tag.CLOSE_ACK:
            self.pool.forget(packet.psguid)
        return (Acknowledged(packet.tag, packet.psguid),)

    def _queue(self, packet: Packet) -> None:
        self._outbox.append((packet, False))

    def _queue_data(
        self,
        packets: Sequence[bytes],
        psguid: UUID = NO_ID,
        *,
        stream: Stream = Stream.DEFAULT,
        starts_pipeline: bool = False,
    ) -> None:
        self._outbox.extend((Packet(Tag.DATA, psguid, data, stream), starts_pipeline) for data in packets)
