"""What a command writes in, what a client receives of it out: a queue that waits on both sides.

A command that writes faster than its client receives is held back, so that it fills no memory.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Final

from psbridge.simulator.server.wsman_fault import ABORTED, ANSWER_TOO_LARGE, WsmanFault

__all__ = ["AnswerLost", "Outbox", "OutboxClosed", "Taken"]

# What a command may have written that nobody has received yet.
_CAPACITY: Final = 2 << 20
# Bytes of a Stream element around its base64, and of an answer around its streams.
_STREAM: Final = 150
_ANSWER: Final = 2_000


class OutboxClosed(Exception):
    """What is written now would not be received: the command was closed, or has said its last."""


class AnswerLost(Exception):
    """Whoever receives loses the connection: the fault `dropped-connection`."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one Receive brings: (stream, bytes) in order; `exit_code` stands when nothing more will come."""

    pieces: tuple[tuple[str, bytes], ...]
    exit_code: int | None = None

    @property
    def done(self) -> bool:
        """Whether the command has nothing more to say."""
        return self.exit_code is not None


class Outbox:
    """The output of one command, or of a shell itself. `divisible`: a piece may come in parts (text may, a PSRP fragment not)."""

    def __init__(self, *, divisible: bool = False) -> None:
        self._divisible = divisible
        self._changed = threading.Condition()
        self._pieces: deque[tuple[str, bytes]] = deque()
        self._held = 0
        self._exit_code: int | None = None
        self._closed = self._lost = False

    def put(self, *pieces: bytes, stream: str = "stdout", exit_code: int | None = None, wait: bool = True) -> None:
        """Write pieces, none of them without the others; with an exit code they are the last. Waits while too much is held.

        Raises OutboxClosed, also after the last.
        """
        with self._changed:
            self._changed.wait_for(lambda: not wait or self._held < _CAPACITY or self._over)
            if self._over:
                raise OutboxClosed
            self._pieces.extend((stream, piece) for piece in pieces)
            self._held += sum(map(len, pieces))
            self._exit_code = exit_code
            self._changed.notify_all()

    def finish(self, exit_code: int = 0) -> None:
        """Nothing more will come. Raises OutboxClosed."""
        self.put(exit_code=exit_code, wait=False)

    def lose(self) -> None:
        """Let whoever receives lose the connection."""
        with self._changed:
            self._lost = True
            self._changed.notify_all()

    def close(self) -> None:
        """Nobody will receive any more."""
        with self._changed:
            self._closed = True
            self._pieces.clear()
            self._held = 0
            self._changed.notify_all()

    def take(self, max_envelope: int, seconds: float) -> Taken:
        """What is there, as much as fits into an answer; waits so long for the first piece.

        Nothing, and no exit code: time is up. Raises AnswerLost, and WsmanFault when the command was closed meanwhile or a piece
        does not fit.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._pieces or self._exit_code is not None or self._closed or self._lost, seconds)
            if self._lost:
                raise AnswerLost
            if self._closed:
                raise WsmanFault(ABORTED)
            pieces = tuple(self._packed(max_envelope - _ANSWER))
            if self._pieces and not pieces:
                raise WsmanFault(ANSWER_TOO_LARGE, max_envelope)
            self._changed.notify_all()
            return Taken(pieces, None if self._pieces else self._exit_code)

    @property
    def _over(self) -> bool:
        return self._closed or self._exit_code is not None

    def _packed(self, room: int) -> list[tuple[str, bytes]]:
        packed: list[tuple[str, bytes]] = []
        while self._pieces:
            stream, piece = self._pieces[0]
            fits = max((room - _STREAM) // 4 * 3, 0)
            if len(piece) <= fits:
                self._pieces.popleft()
            elif self._divisible and fits:
                self._pieces[0] = (stream, piece[fits:])
                piece = piece[:fits]
            else:
                break
            packed.append((stream, piece))
            self._held -= len(piece)
            room -= _STREAM + (len(piece) + 2) // 3 * 4
        return packed
