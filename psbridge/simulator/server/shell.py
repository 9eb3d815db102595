"""The seam between the WS-Man dispatcher and a kind of shell: PSRP's, and WinRS's.

The dispatcher knows envelopes, shells by their id, quotas, idle times and waiting. A kind of shell opens a Shell for a Create; a
Shell starts commands, takes their input, and writes what they say into outboxes, from whatever thread it likes.
"""

from __future__ import annotations

import threading
import xml.etree.ElementTree as ET
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from psbridge.simulator.organisation import RunPipeline
from psbridge.simulator.server.outbox import Outbox
from psbridge.simulator.server.wsman_fault import COMMAND_NOT_FOUND, WsmanFault

__all__ = ["TERMINATE", "CommandLine", "Input", "Opening", "Shell", "ShellKind"]

TERMINATE: Final = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/signal/Terminate"


@dataclass(frozen=True, slots=True)
class Opening:
    """A Create: `run` runs pipelines at the endpoint; `element` is the rsp:Shell with its open content."""

    endpoint: str
    run: RunPipeline
    resource_uri: str
    shell_id: UUID
    element: ET.Element
    options: Mapping[str, str]
    max_envelope: int


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A Command. `command_id` is the client's, where it named one."""

    command: str
    arguments: tuple[str, ...]
    command_id: UUID | None
    options: Mapping[str, str]
    max_envelope: int


@dataclass(frozen=True, slots=True)
class Input:
    """One stream of a Send: for a command, or for the shell itself. `end`: nothing more follows on this stream."""

    command_id: UUID | None
    stream: str
    data: bytes
    end: bool


class Shell(ABC):
    """One shell; requests for it come from several threads at once. Every method may raise WsmanFault.

    `output_streams` are the names that a client may ask for.
    """

    output_streams: str = "stdout"
    input_streams: str = "stdin"

    def __init__(self) -> None:
        self._outboxes: dict[UUID | None, Outbox] = {}
        self._table = threading.Lock()

    @abstractmethod
    def command(self, line: CommandLine) -> UUID:
        """Begin a command, and give its id. It runs on after this; what it says goes to the outbox that `_opened` made."""

    @abstractmethod
    def send(self, given: Input) -> None:
        """Take input."""

    @abstractmethod
    def signal(self, command_id: UUID | None, code: str) -> None:
        """Stop a command, or close it: `code` is TERMINATE or whatever else the client sent."""

    def close(self) -> None:
        """The shell is deleted, or was idle for too long: every outbox is closed, so that whoever writes or receives ends."""
        with self._table:
            outboxes, self._outboxes = list(self._outboxes.values()), {}
        for outbox in outboxes:
            outbox.close()

    def outbox(self, command_id: UUID | None) -> Outbox:
        """What a command, or the shell itself, has to say. Raises WsmanFault for a command that is not there."""
        with self._table:
            outbox = self._outboxes.get(command_id)
        if outbox is None:
            raise WsmanFault(COMMAND_NOT_FOUND, str(command_id).upper())
        return outbox

    def has_command(self, command_id: UUID) -> bool:
        """Whether a command is there, running or not, that was not closed."""
        with self._table:
            return command_id in self._outboxes

    @property
    def open_commands(self) -> int:
        """How many commands were not closed yet; they count against the quota of operations."""
        with self._table:
            return sum(command_id is not None for command_id in self._outboxes)

    def _opened(self, command_id: UUID | None, outbox: Outbox) -> Outbox:
        """Register the outbox of a new command, or of the shell itself."""
        with self._table:
            self._outboxes[command_id] = outbox
        return outbox

    def _closed(self, command_id: UUID | None) -> None:
        """Close and forget a command's outbox; one that is not there is no mistake."""
        with self._table:
            outbox = self._outboxes.pop(command_id, None)
        if outbox is not None:
            outbox.close()


class ShellKind(Protocol):
    """Opens shells of one kind."""

    def knows(self, resource_uri: str) -> bool:
        """Whether this kind has shells of this resource URI at all."""
        ...

    def open(self, opening: Opening) -> Shell:
        """Open a shell. Raises WsmanFault."""
        ...
