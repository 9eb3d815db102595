"""The one seam between psbridge and PowerShell: a pipeline in, a Reply out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import ClassVar, Self

from psbridge.command import Pipeline
from psbridge.reply import Reply, Stream

__all__ = ["Transport"]


class Transport(ABC):
    """A way to run pipelines at one endpoint. Used by one thread at a time; only `stop` may come from another.

    A recorder and a player are transports too.
    """

    keeps_order: ClassVar[bool] = True
    """Whether the records of a Reply stand in the order in which they were written, also those of different streams."""
    keeps_session: ClassVar[bool] = True
    """Whether what one pipeline sets up (a connection, a variable) is there for the next."""

    @abstractmethod
    def open(self) -> None:
        """Connect; a second call does nothing. Raises StartError."""

    @abstractmethod
    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        """Run a pipeline to its end and give its Reply; opens first if that was not done.

        `deadline` is in seconds from now; a command that still runs is stopped then, and the call ends with it or a
        short grace later (None: the transport's own default).
        Raises ValueTypeError before anything is sent, and TransportError, whose `may_have_run` says
        whether the command may have had its effect. An error of the cmdlet is no exception here: see Reply.
        """

    def stream(self, pipeline: Pipeline, output: Callable[[bytes], object], *, deadline: float | None = None) -> Reply:
        """Run a pipeline as `run` does, but hand the message of each output object to `output`; the Reply has the other streams.

        `deadline` is in seconds without an object: a long list may take as long as it comes on. What `output` raises ends the
        pipeline, and is raised. Here the objects are handed over when all have come, as a recording must keep them anyhow;
        what leads to PowerShell hands each over as it comes and keeps none.
        """
        reply = self.run(pipeline, deadline=deadline)
        for body in reply.of(Stream.OUTPUT):
            output(body)
        others = tuple(record for record in reply.records if record.stream is not Stream.OUTPUT)
        return Reply(reply.state, others, reply.reason)

    @abstractmethod
    def stop(self) -> None:
        """Ask the running pipeline to stop; does nothing where none runs."""

    @abstractmethod
    def close(self) -> None:
        """Disconnect; never raises, and a second call does nothing."""

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
