"""A PSRP shell over WS-Man: a runspace pool whose pipelines are the shell's commands ([MS-PSRP] 3.2.5.3).

The pool's first fragments are the open content of a Create, a pipeline's are the arguments of a Command, the rest comes by Send.
Every pipeline is answered by a thread of its own.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID, uuid4

from psbridge.simulator.runspace.records import Dropped
from psbridge.simulator.server.messages import FRAGMENT_SIZE
from psbridge.simulator.server.outbox import Outbox, OutboxClosed
from psbridge.simulator.server.session import NO_PIPELINE, MalformedPsrp, Packet, ServerSession
from psbridge.simulator.server.shell import CommandLine, Input, Opening, Shell
from psbridge.simulator.server.soap import NAMESPACES, decoded
from psbridge.simulator.server.wsman_fault import NO_CONFIGURATION, PLUGIN_FAILED, PROTOCOL_VERSION, SCHEMA, WsmanFault

__all__ = ["CONFIGURATIONS", "PsrpKind"]

_PREFIX: Final = "http://schemas.microsoft.com/powershell/"
# The session configurations of each endpoint: Exchange has its own; elsewhere it is PowerShell with modules.
CONFIGURATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "onprem": ("Microsoft.Exchange",),
    "exo": ("Microsoft.Exchange", "Microsoft.PowerShell"),
    "directory": ("Microsoft.PowerShell",),
    "sync": ("Microsoft.PowerShell",),
}
# The one code that PowerShell takes as a stop (sic); it closes the command at any other (remoting-notes 3).
_STOP: Final = "powershell/signal/crtl_c"
# Bytes of an envelope around the base64 of one fragment.
_SOAP: Final = 2_500


class PsrpKind:
    """Opens runspace pools."""

    def knows(self, resource_uri: str) -> bool:
        """Whether it is a session configuration."""
        return resource_uri.lower().startswith(_PREFIX)

    def open(self, opening: Opening) -> Shell:
        """Open a pool. Raises WsmanFault for a configuration that the endpoint has not, and for what is no PSRP."""
        known = CONFIGURATIONS[opening.endpoint]
        if opening.resource_uri[len(_PREFIX) :].lower() not in {name.lower() for name in known}:
            raise WsmanFault(NO_CONFIGURATION, opening.resource_uri, f"This endpoint has: {', '.join(known)}. ")
        version = opening.options.get("protocolversion", "")
        if not re.fullmatch(r"2\.\d+", version):
            raise WsmanFault(PROTOCOL_VERSION, version or "(none)")
        first = opening.element.findtext("ps:creationXml", None, NAMESPACES)
        if first is None:
            raise WsmanFault(SCHEMA, "a shell of PowerShell has a creationXml.")
        return _PsrpShell(opening, decoded(first, "creationXml"))


class _PsrpShell(Shell):
    output_streams = "stdout"
    input_streams = "stdin pr"

    def __init__(self, opening: Opening, first: bytes) -> None:
        super().__init__()
        self._session = ServerSession(opening.run, opening.endpoint)
        self._broken: MalformedPsrp | None = None
        self._resize(opening.max_envelope)
        self._opened(None, Outbox())
        self._take(NO_PIPELINE, first)

    def command(self, line: CommandLine) -> UUID:
        command_id = line.command_id or uuid4()
        if command_id == NO_PIPELINE or self.has_command(command_id):
            raise WsmanFault(SCHEMA, f"the CommandId {command_id} cannot be used, or not again.")
        first = decoded("".join(line.arguments), "the arguments of a command")
        self._resize(line.max_envelope)
        self._opened(command_id, Outbox())
        self._session.begin(command_id)
        try:
            self._take(command_id, first)
        except WsmanFault:
            self._end(command_id)
            raise
        return command_id

    def send(self, given: Input) -> None:
        self.outbox(given.command_id)  # it must be there
        self._take(given.command_id or NO_PIPELINE, given.data)

    def signal(self, command_id: UUID | None, code: str) -> None:
        if command_id is None:
            raise WsmanFault(SCHEMA, "a Signal is for a command.")
        if code == _STOP:
            outbox = self.outbox(command_id)
            for packet in self._session.stop(command_id):
                with contextlib.suppress(OutboxClosed):
                    outbox.put(*packet.pieces, exit_code=0, wait=False)
        else:
            self._end(command_id)

    def close(self) -> None:
        self._session.end_all()
        super().close()

    def _take(self, pipeline: UUID, data: bytes) -> None:
        """Take fragments; what they ask of a pipeline is done by a thread, for it may write more than fits into memory."""
        if self._broken is None:
            try:
                events = self._session.take(pipeline, data)
            except MalformedPsrp as error:
                self._broken = error  # what follows cannot be told from the rest of this
                self.close()
        if self._broken is not None:
            raise WsmanFault(PLUGIN_FAILED, self._broken)
        if pipeline == NO_PIPELINE:
            self._write(self._session.answer(events))
        elif events:
            threading.Thread(target=self._answer, args=(pipeline, events), daemon=True, name=f"pipeline {pipeline}").start()

    def _answer(self, pipeline: UUID, events: list[Any]) -> None:
        try:
            self._write(self._session.answer(events))
        except Dropped:
            self._session.end(pipeline)
            with contextlib.suppress(WsmanFault):
                self.outbox(pipeline).lose()
        except Exception as error:  # noqa: BLE001 - nobody sees what ends a thread, and the client would wait for ever
            self._write(self._session.fail(pipeline, error))

    def _write(self, packets: Iterator[Packet]) -> None:
        """Write until there is nobody any more who would receive it."""
        with contextlib.suppress(OutboxClosed, WsmanFault):
            for packet in packets:
                outbox = self.outbox(None if packet.pipeline == NO_PIPELINE else packet.pipeline)
                outbox.put(*packet.pieces, exit_code=0 if packet.final else None)

    def _end(self, command_id: UUID) -> None:
        self._session.end(command_id)
        self._closed(command_id)

    def _resize(self, max_envelope: int) -> None:
        """Cut what is written from now on so that each fragment fits into the client's envelope."""
        self._session.fragment_size = min(FRAGMENT_SIZE, (max_envelope - _SOAP) // 4 * 3)
