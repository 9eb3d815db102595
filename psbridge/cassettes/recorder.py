"""Transports in, transports that also write a cassette out.

A recording never disturbs the run. The file is made before anything is sent, and a value that cannot be kept is
refused before it is sent; but what goes wrong after that (a full disk, an answer that cannot be redacted) spoils only
the recording: the run gets its answers, `problem` says what happened, and `finish` refuses to seal the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from psbridge import __version__, clixml
from psbridge.cassettes.failure import Failure
from psbridge.cassettes.interaction import Header, Interaction, recorded
from psbridge.cassettes.redact import Redactor, show
from psbridge.cassettes.tape import Tape
from psbridge.cassettes.writing import Writer
from psbridge.command import Pipeline
from psbridge.errors import CassetteError, ClixmlError, InputError, TransportError
from psbridge.reply import Reply
from psbridge.transports.base import Transport

__all__ = ["Clock", "Recording"]

Clock = Callable[[], datetime]


class Recording:
    """Record what goes through the transports of one run into one file, in the order in which the calls began.

    `clock` gives times with a zone; `metadata` are JSON values under free names (Cassette reads `playbook`, `run` and
    `inputs`). `replace` allows to overwrite an older cassette, and an unfinished recording, of this name.
    Raises CassetteError if the file cannot be made, InputError for a clock without a zone and metadata that are no JSON.

    As a context manager it finishes at the end of the block; after an exception it leaves the unfinished file.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        metadata: Mapping[str, object] | None = None,
        replace: bool = False,
        redact: Callable[[bytes], bytes] = clixml.redact,
    ) -> None:
        created = clock()
        if created.tzinfo is None:
            raise InputError("a recording needs a clock that gives times with a zone")
        self._writer = Writer(path, Header(created.isoformat(), __version__, metadata or {}), replace=replace)
        self._studio = _Studio(Tape(self._writer), Redactor(redact), clock)

    def wrap(self, endpoint: str, transport: Transport) -> Transport:
        """Give a transport that does what `transport` does, and records it under the name of the endpoint."""
        return _Recorder(self._studio, endpoint, transport)

    def note(self, **metadata: object) -> None:
        """Add metadata, before the first interaction is written. Raises CassetteError after it, InputError for no JSON."""
        if self._writer.count:
            raise CassetteError(str(self._writer.path), "metadata can be added before the first interaction only")
        header = self._writer.header
        self._writer.header = changed(header, metadata={**header.metadata, **metadata})

    @property
    def problem(self) -> str | None:
        """What spoiled the recording; None as long as it is whole."""
        return self._studio.tape.problem

    def finish(self) -> Path:
        """Seal the cassette and give it its name; a second call does nothing.

        Raises CassetteError if the recording was spoiled or a call is still going on; the partial file stays.
        """
        return self._studio.tape.finish()

    def abandon(self) -> None:
        """Stop recording and leave the unfinished file, which no reader takes for a cassette."""
        self._studio.tape.abandon()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if error is None:
                self.finish()
        finally:
            self.abandon()


@dataclass(frozen=True, slots=True)
class _Studio:
    """What all endpoints of a recording share."""

    tape: Tape
    redactor: Redactor
    clock: Clock


class _Recorder(Transport):
    """One endpoint of a recording."""

    def __init__(self, studio: _Studio, endpoint: str, transport: Transport) -> None:
        self._studio = studio
        self._transport = transport
        # Made now, so that a bad name of an endpoint is refused now.
        self._opening = Interaction(endpoint, (), "", Failure("StartError", {}))

    def open(self) -> None:
        """Connect. A failure is recorded; a success leaves no trace, because a run opens by itself."""
        with _Call(self._studio, self._opening) as call:
            self._transport.open()
            call.leaves_no_trace = True

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        """Run a pipeline and record what came of it. A value that cannot be recorded is a ValueTypeError, too."""
        shown = self._studio.redactor.pipeline(pipeline)
        asked = changed(self._opening, commands=recorded(shown), text=show(shown))
        with _Call(self._studio, asked) as call:
            call.reply = self._transport.run(pipeline, deadline=deadline)
            return call.reply

    def stop(self) -> None:
        """Ask the running pipeline to stop."""
        self._transport.stop()

    def close(self) -> None:
        """Disconnect."""
        self._transport.close()


class _Call:
    """One call while it lasts; at its end it goes onto the tape, whatever the end was."""

    def __init__(self, studio: _Studio, asked: Interaction) -> None:
        self._studio = studio
        self._asked = asked
        self.reply: Reply | None = None
        self.leaves_no_trace = False

    def __enter__(self) -> Self:
        self._place = self._studio.tape.begin()
        self._began = self._studio.clock()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # An InputError comes before anything is sent: nothing happened that a replay could repeat.
        if self.leaves_no_trace or isinstance(error, InputError):
            self._studio.tape.end(self._place, None)
            return
        answer = self._answer(error)
        if answer is not None:
            passed = (self._studio.clock() - self._began).total_seconds()
            self._studio.tape.end(self._place, changed(self._asked, answer=answer, seconds=max(0.0, round(passed, 3))))

    def _answer(self, error: BaseException | None) -> Reply | Failure | None:
        """The answer as it may be kept; None where there is none, and then the recording is spoiled."""
        try:
            if isinstance(error, TransportError):
                return self._studio.redactor.failure(Failure.of(error))
            if self.reply is not None:
                return self._studio.redactor.reply(self.reply)
        except (ClixmlError, ValueError) as problem:
            self._studio.tape.spoil(f"the answer to {self._asked} cannot be kept: {problem}")
        else:
            self._studio.tape.spoil(f"{self._asked} was broken off by {type(error).__name__}")
        return None
