"""What a WinRS process says in, how far its run has come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final
from uuid import uuid4

from psbridge.clixml import decode_stream
from psbridge.command import Pipeline
from psbridge.errors import ClixmlError, ProtocolError
from psbridge.transports.deadline import Deadline
from psbridge.transports.winrm_answer import Answer
from psbridge.transports.winrm_bootstrap import request
from psbridge.transports.winrm_link import Received

__all__ = ["WinRsCall"]

_SHOWN: Final = 300
_MOST_STDERR: Final = 100_000


class WinRsCall:
    """One run: the request, the answer so far, and what has been asked of the process."""

    def __init__(self, pipelines: Sequence[Pipeline], output: Callable[[bytes], object] | None = None) -> None:
        mark = uuid4().hex
        self.request = request(mark, pipelines)
        self.answer = Answer(mark, len(pipelines), output)
        self.command = ""
        self.pending: Future[Received] | None = None
        self.stderr = bytearray()
        self.exit_code: int | None = None
        self.stop_asked = False
        self.stopping = False
        self.leave = Deadline(None)

    @property
    def may_have_run(self) -> bool:
        """Whether the pipeline may have had its effect: not if PowerShell has ended, said why or what else it did, but not
        that this began. Silence proves nothing: a killed process may have taken its last words with it.
        """
        spoke = self.stderr or self.answer.begun
        return self.exit_code is None or self.answer.main_begun or not spoke

    @property
    def said(self) -> str:
        """What PowerShell wrote beside its records before it ended, for people."""
        return _readable(bytes(self.stderr)) or self.answer.rest

    def take(self, received: Received) -> None:
        """Keep what came. Raises ProtocolError."""
        self.stderr += received.stderr[: _MOST_STDERR - len(self.stderr)]
        self.exit_code = received.exit_code
        try:
            self.answer.feed(received.stdout)
        except ProtocolError as error:
            raise ProtocolError(error.problem, may_have_run=self.may_have_run) from error


def _readable(stderr: bytes) -> str:
    """What PowerShell wrote to its standard error: CLIXML of the lines, where the script was encoded."""
    if b"#< CLIXML" not in stderr:
        return " ".join(stderr.decode("utf-8", "replace").split())[:_SHOWN]
    try:
        texts = [str(value) for stream, value in decode_stream(stderr[stderr.index(b"#< CLIXML") :]) if stream == "Error"]
    except ClixmlError:
        return ""
    return " ".join("".join(texts).split())[:_SHOWN]
