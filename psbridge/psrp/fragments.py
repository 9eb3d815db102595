"""PSRP messages in, packets of fragments out; and packets of fragments in, whole messages out.

Source: [MS-PSRP] 2.2.4: object id, fragment id, flags (1 the first, 2 the last fragment), length, then the bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Final

from psbridge.errors import ProtocolError

__all__ = ["PACKET_SIZE", "Defragmenter", "Fragmenter"]

PACKET_SIZE: Final = 32_768
_HEADER: Final = struct.Struct(">QQBI")
_FIRST: Final = 1
_LAST: Final = 2


class Fragmenter:
    """Messages in, packets out. A packet holds whole fragments and is never longer than `size` bytes.

    Small messages share a packet, as PowerShell's own client does it. The object ids count from 1.
    """

    def __init__(self, size: int = PACKET_SIZE) -> None:
        self.size = size
        self._object_id = 0

    def packets(self, messages: Iterable[bytes]) -> list[bytes]:
        """Cut the messages, in order; each takes the next object id."""
        packets: list[bytes] = []
        packet = bytearray()
        for message in messages:
            self._object_id += 1
            for fragment in self._fragments(self._object_id, message):
                if packet and len(packet) + len(fragment) > self.size:
                    packets.append(bytes(packet))
                    packet.clear()
                packet += fragment
        if packet:
            packets.append(bytes(packet))
        return packets

    def _fragments(self, object_id: int, message: bytes) -> Iterator[bytes]:
        room = self.size - _HEADER.size
        starts = range(0, len(message), room)
        for number, start in enumerate(starts):
            part = message[start : start + room]
            flags = (_FIRST if number == 0 else 0) | (_LAST if number == len(starts) - 1 else 0)
            yield _HEADER.pack(object_id, number, flags, len(part)) + part


class Defragmenter:
    """Packets in, whole messages out. Raises ProtocolError where a piece is missing, cut short or comes twice.

    `missing` counts the object ids that were skipped so far. That is a suspicion, no error: a server that keeps
    several pools in one process may number all their messages in one row.
    """

    def __init__(self) -> None:
        self._parts: dict[int, list[bytes]] = {}
        self._lowest: int | None = None
        self._highest = 0
        self._seen = 0

    @property
    def missing(self) -> int:
        """How many object ids lie between those that came and did not come themselves."""
        return 0 if self._lowest is None else self._highest - self._lowest + 1 - self._seen

    @property
    def unfinished(self) -> int:
        """How many messages have begun and not ended."""
        return len(self._parts)

    def feed(self, packet: bytes) -> list[bytes]:
        """Take one packet of whole fragments; give the messages that it completes."""
        done: list[bytes] = []
        position = 0
        while position < len(packet):
            if len(packet) - position < _HEADER.size:
                raise ProtocolError(f"a fragment's header is cut short: {len(packet) - position} of {_HEADER.size} bytes")
            object_id, number, flags, length = _HEADER.unpack_from(packet, position)
            start, position = position + _HEADER.size, position + _HEADER.size + length
            if position > len(packet):
                raise ProtocolError(
                    f"fragment {number} of object {object_id} is cut short: {len(packet) - start} of {length} bytes"
                )
            parts = self._expect(object_id, number, flags)
            parts.append(packet[start:position])
            if flags & _LAST:
                done.append(b"".join(self._parts.pop(object_id)))
        return done

    def _expect(self, object_id: int, number: int, flags: int) -> list[bytes]:
        parts = self._parts.get(object_id)
        expected = 0 if parts is None else len(parts)
        if number != expected or bool(flags & _FIRST) != (number == 0):
            raise ProtocolError(f"object {object_id}: fragment {number} (flags {flags}) came where fragment {expected} was due")
        if parts is None:
            parts = self._parts[object_id] = []
            self._lowest = object_id if self._lowest is None else min(self._lowest, object_id)
            self._highest = max(self._highest, object_id)
            self._seen += 1
        return parts
