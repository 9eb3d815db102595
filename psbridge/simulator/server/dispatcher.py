"""A WS-Man request for an endpoint in, its answer out: every operation of [MS-WSMV] 3.1.4 that a remote shell needs.

What a shell does with commands and input is its kind's business (`shell.py`); PSRP's kind is `psrp_shell.py`.
"""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4
from xml.sax.saxutils import escape, quoteattr

from psbridge.simulator.organisation import RunPipeline
from psbridge.simulator.server.outbox import Taken
from psbridge.simulator.server.request_faults import RequestFaults
from psbridge.simulator.server.shell import CommandLine, Input, Opening, Shell, ShellKind
from psbridge.simulator.server.shell_table import Entry, Limits, ShellTable
from psbridge.simulator.server.soap import (
    IDENTIFY,
    NAMESPACES,
    SHELL,
    TRANSFER,
    Request,
    decoded,
    envelope,
    identifier,
    parse,
    seconds,
)
from psbridge.simulator.server.wsman_fault import (
    ACTION_NOT_SUPPORTED,
    ENVELOPE_TOO_LARGE,
    ENVELOPE_TOO_SMALL,
    NO_CONFIGURATION,
    SCHEMA,
    STREAM_NOT_FOUND,
    TIMED_OUT,
    WsmanFault,
)

__all__ = ["Answer", "Dispatcher"]

_LEAST_ENVELOPE: Final = 8_192
_STATE: Final = NAMESPACES["rsp"] + "/CommandState/"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and a SOAP envelope."""

    status: int
    envelope: bytes


class Dispatcher:
    """The WS-Man service of a server; its requests come from several threads. `session(endpoint)` runs pipelines there."""

    def __init__(
        self,
        kinds: Sequence[ShellKind],
        session: Callable[[str], RunPipeline],
        *,
        limits: Limits | None = None,
        faults: RequestFaults | None = None,
    ) -> None:
        self._kinds = kinds
        self._session = session
        self._limits = limits or Limits()
        self._faults = faults or RequestFaults()
        self.shells = ShellTable(self._limits)

    def answer(self, raw: bytes, user: str, endpoint: str) -> Answer:
        """Answer one envelope of a user. A fault is an answer too.

        Raises MalformedRequest for what is no envelope, and what a fault of the tenant asks for: AnswerLost and HttpRefused.
        """
        related = ""
        try:
            request = parse(raw)
            related = request.message_id
            self._check(request, len(raw))
            with self._faults.around(request.operation, endpoint), self.shells.operation(user, request.operation):
                action, body = self._work(request, user, endpoint)
        except WsmanFault as fault:
            return Answer(500, envelope("", fault.body(), related))
        return Answer(200, envelope(action, body, related))

    def close(self) -> None:
        """End every shell."""
        self.shells.close()

    def _check(self, request: Request, length: int) -> None:
        if length > self._limits.envelope:
            raise WsmanFault(ENVELOPE_TOO_LARGE, length, self._limits.envelope)
        if request.max_envelope < _LEAST_ENVELOPE:
            raise WsmanFault(ENVELOPE_TOO_SMALL, request.max_envelope)
        if request.action != IDENTIFY and not request.message_id:
            raise WsmanFault(SCHEMA, "a request has a MessageID.")

    def _work(self, request: Request, user: str, endpoint: str) -> tuple[str, str]:
        """Give the action and the body of the answer."""
        if request.action == IDENTIFY:
            return "", _IDENTITY
        if request.action == TRANSFER + "Create":
            return TRANSFER + "CreateResponse", self._create(request, user, endpoint)
        work = _OPERATIONS.get(request.action)
        if work is None:
            hint = "The simulator keeps no disconnected sessions, and lists no shells. " if request.operation in _LATER else ""
            raise WsmanFault(ACTION_NOT_SUPPORTED, request.action or "(none)", hint)
        with self.shells.using(request.shell_id, endpoint) as entry:
            return f"{request.action}Response", work(self, request, entry)

    def _create(self, request: Request, user: str, endpoint: str) -> str:
        element = request.body("rsp:Shell")
        kind = next((kind for kind in self._kinds if kind.knows(request.resource_uri)), None)
        if kind is None:
            raise WsmanFault(NO_CONFIGURATION, request.resource_uri)
        shell_id = identifier(element.get("ShellId"), "ShellId") if element.get("ShellId") else uuid4()
        name = str(shell_id).upper()
        idle = seconds(element.findtext("rsp:IdleTimeOut", "", NAMESPACES), self._limits.idle_seconds)
        opening = Opening(
            endpoint,
            self._session(endpoint),
            request.resource_uri,
            shell_id,
            element,
            request.options,
            self._room(request),
        )
        entry = Entry(name, kind.open(opening), user, request.resource_uri, endpoint, idle)
        self.shells.add(entry)
        return (
            f"<x:ResourceCreated><a:Address>{NAMESPACES['a']}/role/anonymous</a:Address><a:ReferenceParameters><w:ResourceURI>"
            f"{escape(request.resource_uri)}</w:ResourceURI><w:SelectorSet><w:Selector Name='ShellId'>{name}</w:Selector>"
            f"</w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>{_described(entry)}"
        )

    def _get(self, _: Request, entry: Entry) -> str:
        return _described(entry)

    def _command(self, request: Request, entry: Entry) -> str:
        line = request.body("rsp:CommandLine")
        asked = line.get("CommandId")
        command_id = entry.shell.command(
            CommandLine(
                (line.findtext("rsp:Command", "", NAMESPACES) or "").strip(),
                tuple(argument.text or "" for argument in line.findall("rsp:Arguments", NAMESPACES)),
                identifier(asked, "CommandId") if asked else None,
                request.options,
                self._room(request),
            )
        )
        return f"<rsp:CommandResponse><rsp:CommandId>{str(command_id).upper()}</rsp:CommandId></rsp:CommandResponse>"

    def _send(self, request: Request, entry: Entry) -> str:
        for stream in request.body("rsp:Send").findall("rsp:Stream", NAMESPACES):
            data = decoded(stream.text, "a Stream")
            end = stream.get("End", "").lower() in {"true", "1"}
            entry.shell.send(Input(_command_id(stream), stream.get("Name", "stdin"), data, end))
        return "<rsp:SendResponse/>"

    def _receive(self, request: Request, entry: Entry) -> str:
        wanted = request.body("rsp:Receive/rsp:DesiredStream")
        unknown = set((wanted.text or "").split()) - set(entry.shell.output_streams.split())
        if unknown:
            raise WsmanFault(STREAM_NOT_FOUND, " ".join(sorted(unknown)))
        command_id = _command_id(wanted)
        taken = entry.shell.outbox(command_id).take(self._room(request), request.seconds)
        if not taken.pieces and not taken.done:
            raise WsmanFault(TIMED_OUT)
        return _received(taken, command_id)

    def _signal(self, request: Request, entry: Entry) -> str:
        signal = request.body("rsp:Signal")
        entry.shell.signal(_command_id(signal), (signal.findtext("rsp:Code", "", NAMESPACES) or "").strip())
        return "<rsp:SignalResponse/>"

    def _delete(self, _: Request, entry: Entry) -> str:
        self.shells.remove(entry)
        return ""

    def _room(self, request: Request) -> int:
        return min(request.max_envelope, self._limits.envelope)


_OPERATIONS: Final[Mapping[str, Callable[[Dispatcher, Request, Entry], str]]] = {
    TRANSFER + "Get": Dispatcher._get,  # noqa: SLF001 - the table of this class
    TRANSFER + "Delete": Dispatcher._delete,  # noqa: SLF001
    SHELL + "Command": Dispatcher._command,  # noqa: SLF001
    SHELL + "Send": Dispatcher._send,  # noqa: SLF001
    SHELL + "Receive": Dispatcher._receive,  # noqa: SLF001
    SHELL + "Signal": Dispatcher._signal,  # noqa: SLF001
}
# What a client of disconnected sessions asks for.
_LATER: Final = frozenset({"Disconnect", "Reconnect", "Connect", "Enumerate", "Pull"})
_IDENTITY: Final = (
    f"<id:IdentifyResponse><id:ProtocolVersion>{NAMESPACES['w']}</id:ProtocolVersion><id:ProductVendor>Microsoft Corporation"
    "</id:ProductVendor><id:ProductVersion>OS: 10.0.17763 SP: 0.0 Stack: 3.0</id:ProductVersion></id:IdentifyResponse>"
)


def _command_id(element: ET.Element) -> UUID | None:
    asked = element.get("CommandId")
    return identifier(asked, "CommandId") if asked else None


def _described(entry: Entry) -> str:
    shell: Shell = entry.shell
    values = {
        "ShellId": entry.shell_id,
        "ResourceUri": entry.resource_uri,
        "Owner": entry.owner,
        "ClientIP": "127.0.0.1",
        "IdleTimeOut": f"PT{entry.idle_seconds:.3f}S",
        "InputStreams": shell.input_streams,
        "OutputStreams": shell.output_streams,
        "State": "Connected",
    }
    return f"<rsp:Shell>{''.join(f'<rsp:{name}>{escape(text)}</rsp:{name}>' for name, text in values.items())}</rsp:Shell>"


def _received(taken: Taken, command_id: UUID | None) -> str:
    which = "" if command_id is None else f' CommandId="{str(command_id).upper()}"'
    streams = [
        f"<rsp:Stream Name={quoteattr(name)}{which}>{base64.b64encode(piece).decode('ascii')}</rsp:Stream>"
        for name, piece in taken.pieces
    ]
    if command_id is not None and taken.exit_code is None:
        streams.append(f'<rsp:CommandState{which} State="{_STATE}Running"/>')
    elif command_id is not None:
        code = f"<rsp:ExitCode>{taken.exit_code}</rsp:ExitCode>"
        streams.append(f'<rsp:CommandState{which} State="{_STATE}Done">{code}</rsp:CommandState>')
    return f"<rsp:ReceiveResponse>{''.join(streams)}</rsp:ReceiveResponse>"
