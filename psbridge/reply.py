"""What a transport hands over: every record's raw CLIXML, in the order in which it came, and how the pipeline ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Record", "Reply", "State", "Stream"]


class Stream(StrEnum):
    """PowerShell's streams."""

    OUTPUT = "output"
    ERROR = "error"
    WARNING = "warning"
    VERBOSE = "verbose"
    DEBUG = "debug"
    INFORMATION = "information"
    PROGRESS = "progress"


class State(StrEnum):
    """How a pipeline ended ([MS-PSRP] 2.2.3.5). STOPPED says nothing about the effect."""

    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPED = "Stopped"


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its stream and the body of its PSRP message. An empty body is a null output (remoting-notes 9.3)."""

    stream: Stream
    clixml: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one pipeline.

    `reason` is the body of the PIPELINE_STATE message of a failed or stopped pipeline: it holds the ErrorRecord
    that ended it. Success is state COMPLETED without a record in the error stream, and nothing else.
    """

    state: State
    records: tuple[Record, ...] = ()
    reason: bytes | None = None

    def of(self, stream: Stream) -> list[bytes]:
        """The raw messages of one stream, in order."""
        return [record.clixml for record in self.records if record.stream is stream]
