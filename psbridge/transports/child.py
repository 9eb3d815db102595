"""A program's command in; what it writes out, as it comes; and lines for its standard input.

Three threads, because a pipe can be waited for with a limit on no other way that Windows knows: one reads standard
output, one standard error, one writes. None of them holds on to the Child, so a forgotten one ends its program.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Final

__all__ = ["Arrival", "Child", "Complaint", "Ended", "Output", "Poked"]

_CHUNK: Final = 1 << 16
_MOST_HELD: Final = 1 << 20
# Pieces of output that wait to be taken: with more the program must wait, so that a long list is never held whole.
_MOST_WAITING: Final = 32
# More than what a pipe can still hold when its program is gone.
_ALL_THE_REST: Final = 1_000
# A read costs more than what it brings if that is a small piece of a line; the next ones are there in a moment.
_SMALL: Final = 1 << 13
_PAUSE: Final = 0.0005
_STDERR_LINES: Final = 20
_STDERR_WIDTH: Final = 500
# A wait is cut into pieces: Windows lets Ctrl+C through between them only, and a program that died while somebody else
# holds its output open is noticed between them.
_SLICE: Final = 0.5
# What the server says when it could not read a message; it answers nothing else to it (remoting-notes 9.2).
_FATAL: Final = b"Remote transport error"


@dataclass(frozen=True, slots=True)
class Output:
    """Bytes of the standard output: whole lines and the beginning of the next one, or a part of a very long one."""

    chunk: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """There will be no more output: the program closed it, or is gone."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """The server says on its standard error that it cannot go on."""

    text: str


@dataclass(frozen=True, slots=True)
class Poked:
    """Another thread wants the waiting one to look up."""


Arrival = Output | Ended | Complaint | Poked


@dataclass(slots=True)
class _Writing:
    """What the writing thread tells of marked lines: whether a byte of one may have left."""

    begun: bool = False


class Child:
    """A running program with pipes. Raises OSError where it cannot be started."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path | None) -> None:
        self._process = _start(command, environment, folder)
        self._inbox: SimpleQueue[Arrival] = SimpleQueue()
        self._room = threading.Semaphore(_MOST_WAITING)
        self._lines: SimpleQueue[tuple[bytes, bool] | None] = SimpleQueue()
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES)
        self._writing = _Writing()
        self._reader = _thread(_read_output, self._process.stdout, self._inbox, self._room)
        self._listener = _thread(_read_errors, self._process.stderr, self._stderr, self._inbox)
        self._writer = _thread(_write, self._process.stdin, self._lines, self._writing)
        self._end = weakref.finalize(self, _kill, self._process, self._lines, self._room)

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._process.pid

    @property
    def stderr(self) -> str:
        """The last lines of the standard error."""
        if self._process.poll() is not None:
            self._listener.join(timeout=_SLICE)
        return "\n".join(self._stderr)

    def write(self, line: bytes, *, marked: bool = False) -> None:
        """Hand a line to the program; returns at once. What cannot be written is lost: the end of the output tells."""
        self._lines.put((line, marked))

    def clear_mark(self) -> None:
        """Forget marked lines that were written before."""
        self._writing.begun = False

    def get(self, seconds: float) -> Arrival | None:
        """What came next; None after `seconds` without anything."""
        while True:
            piece = min(seconds, _SLICE)
            with contextlib.suppress(Empty):
                return self._taken(self._inbox.get(timeout=piece) if piece > 0 else self._inbox.get_nowait())
            if self._process.poll() is not None:
                return self._last_words()
            seconds -= piece
            if seconds <= 0:
                return None

    def poke(self) -> None:
        """Wake the thread that waits in `get`; for use by another thread."""
        self._inbox.put(Poked())

    def leave(self, seconds: float) -> int | None:
        """Close the standard input, which ends a server, and give its exit code; after `seconds` it is killed (None)."""
        self._lines.put(None)
        code = self.wait(seconds)
        if code is None:
            self.kill()
        else:
            self._end.detach()  # what its cmdlets have started goes on, as after any PowerShell
        return code

    def wait(self, seconds: float) -> int | None:
        """The exit code; None if the program still runs after `seconds`."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(timeout=seconds)
        return None

    def kill(self) -> bool:
        """End the program now, if it still runs. Tell whether a byte of a marked line may have reached it."""
        self._end()
        self._writer.join(timeout=2.0)
        for thread in (self._reader, self._listener):
            thread.join(timeout=0.2)
        return self._writing.begun

    def _last_words(self) -> Arrival:
        """The program is gone: give what its output still holds, then its end, even if somebody keeps the pipe open."""
        self._reader.join(timeout=_SLICE)
        with contextlib.suppress(Empty):
            return self._taken(self._inbox.get_nowait())
        return Ended()

    def _taken(self, arrival: Arrival) -> Arrival:
        if isinstance(arrival, Output):
            self._room.release()
        return arrival


def _start(command: Sequence[str], environment: Mapping[str, str], folder: Path | None) -> subprocess.Popen[bytes]:
    # Ctrl+C at the console must not reach the child before it was asked to stop: a group or session of its own.
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP
    return subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        cwd=folder,
        env={**os.environ, **environment},
        creationflags=flags,
        start_new_session=True,
    )


def _thread(work: object, *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments, name="psbridge-child", daemon=True)  # type: ignore[arg-type]  # a function below
    thread.start()
    return thread


def _read_output(pipe: IO[bytes], inbox: SimpleQueue[Arrival], room: threading.Semaphore) -> None:
    # PowerShell writes a line in thirty pieces. Nobody can use a part of one, and each would wake the waiting thread.
    held: list[bytes] = []
    size = 0
    with pipe:
        while chunk := _chunk(pipe):
            held.append(chunk)
            size += len(chunk)
            if b"\n" in chunk or size > _MOST_HELD:
                room.acquire()
                inbox.put(Output(b"".join(held)))
                held, size = [], 0
            elif len(chunk) < _SMALL and sys.platform != "win32":  # there a pipe holds little, and its writer would wait
                time.sleep(_PAUSE)
    if held:
        inbox.put(Output(b"".join(held)))
    inbox.put(Ended())


def _read_errors(pipe: IO[bytes], kept: deque[str], inbox: SimpleQueue[Arrival]) -> None:
    rest = b""
    with pipe:
        while chunk := _chunk(pipe):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                _note(line, kept, inbox)
            rest = rest[-_CHUNK:]
    _note(rest, kept, inbox)


def _note(line: bytes, kept: deque[str], inbox: SimpleQueue[Arrival]) -> None:
    text = line[:_STDERR_WIDTH].decode("utf-8", "replace").strip()
    if text:
        kept.append(text)
    if _FATAL in line:
        inbox.put(Complaint(text))


def _chunk(pipe: IO[bytes]) -> bytes:
    try:
        return pipe.read(_CHUNK)
    except (OSError, ValueError):  # the pipe broke, or was closed under us: no more will come
        return b""


def _write(pipe: IO[bytes], lines: SimpleQueue[tuple[bytes, bool] | None], writing: _Writing) -> None:
    with contextlib.suppress(OSError), pipe:
        while (item := lines.get()) is not None:
            line, marked = item
            _write_all(pipe, line, marked, writing)


def _write_all(pipe: IO[bytes], line: bytes, marked: bool, writing: _Writing) -> None:  # noqa: FBT001 - a pair from the queue
    rest = memoryview(line)
    before = writing.begun
    while rest:
        writing.begun = writing.begun or marked
        try:
            rest = rest[pipe.write(rest) :]
        except OSError:
            if len(rest) == len(line):  # not one byte of this line left
                writing.begun = before
            raise


def _kill(process: subprocess.Popen[bytes], lines: SimpleQueue[tuple[bytes, bool] | None], room: threading.Semaphore) -> None:
    lines.put(None)
    # Nobody takes what is left: the reading thread must come to its end all the same.
    room.release(_ALL_THE_REST)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)  # with what it started: they hold its pipes
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=5.0)
