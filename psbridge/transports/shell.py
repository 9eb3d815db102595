"""PSRP packets in, requests of one WS-Man shell out; and what a Receive brings, back.

Source: [MS-PSRP] 3.1.5.3 (which request carries what), [MS-WSMV] 2.2.4 (Shell, CommandLine, Receive, Signal). What is sent
is what pypsrp's own runspace pool sends, but for the stop: PowerShell takes `powershell/signal/crtl_c` (sic) as the stop of
a pipeline, and any other code as its close (remoting-notes 3).
"""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pypsrp.exceptions import WSManFaultError
from pypsrp.wsman import NAMESPACES, OptionSet, SelectorSet, WSMan, WSManAction

__all__ = ["TIMED_OUT", "Received", "Shell"]

_RSP: Final = f"{{{NAMESPACES['rsp']}}}"
_CREATION: Final = "http://schemas.microsoft.com/powershell"
_STOP: Final = "powershell/signal/crtl_c"
_TERMINATE: Final = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/signal/Terminate"
# ERROR_WSMAN_OPERATION_TIMEDOUT: nothing was there to receive in OperationTimeout. It is how a server says "still at it".
TIMED_OUT: Final = 2150858793


@dataclass(frozen=True, slots=True)
class Received:
    """The fragments that a Receive brought; `done`: the command has nothing more to say; `idle`: the server only timed out."""

    data: bytes
    done: bool = False
    idle: bool = False


class Shell:
    """One shell at a server, over one connection. Used by one thread at a time; raises whatever pypsrp and requests raise."""

    def __init__(self, wsman: WSMan, configuration: str, shell_id: UUID) -> None:
        self.wsman = wsman
        self._uri = f"http://schemas.microsoft.com/powershell/{configuration}"
        self._id = str(shell_id).upper()
        self._selectors = SelectorSet()
        self._selectors.add_option("ShellId", self._id)

    def create(self, packet: bytes, protocol: str, idle_seconds: int | None) -> float | None:
        """Create the shell with the first packet; give the seconds after which the server ends it when it is idle."""
        shell = ET.Element(_RSP + "Shell", ShellId=self._id)
        ET.SubElement(shell, _RSP + "InputStreams").text = "stdin pr"
        ET.SubElement(shell, _RSP + "OutputStreams").text = "stdout"
        if idle_seconds is not None:
            ET.SubElement(shell, _RSP + "IdleTimeOut").text = f"PT{idle_seconds}S"
        ET.SubElement(shell, "creationXml", xmlns=_CREATION).text = _base64(packet)
        options = OptionSet()
        options.add_option("protocolversion", protocol, {"MustComply": "true"})
        body = self.wsman.create(self._uri, shell, options)
        return _seconds(body.findtext("rsp:Shell/rsp:IdleTimeOut", "", NAMESPACES))

    def command(self, command_id: UUID, packet: bytes) -> None:
        """Begin a pipeline with the first packet of its CREATE_PIPELINE."""
        line = ET.Element(_RSP + "CommandLine", CommandId=_upper(command_id))
        ET.SubElement(line, _RSP + "Command")
        ET.SubElement(line, _RSP + "Arguments").text = _base64(packet)
        options = OptionSet()
        options.add_option("WINRS_SKIP_CMD_SHELL", "False")
        self.wsman.command(self._uri, line, options, self._selectors)

    def send(self, packet: bytes, command_id: UUID | None = None, stream: str = "stdin") -> None:
        """Send a further packet: to the pool, or to a pipeline; answers to host calls go to the stream `pr`."""
        send = ET.Element(_RSP + "Send")
        part = ET.SubElement(send, _RSP + "Stream", Name=stream)
        if command_id is not None:
            part.set("CommandId", _upper(command_id))
        part.text = _base64(packet)
        self.wsman.send(self._uri, send, selector_set=self._selectors)

    def receive(self, command_id: UUID | None = None) -> Received:
        """Wait for what the pool or a pipeline says. Sent once: a second one could find that the first took the data away."""
        wanted = ET.Element(_RSP + "Receive")
        stream = ET.SubElement(wanted, _RSP + "DesiredStream")
        stream.text = "stdout"
        if command_id is not None:
            stream.set("CommandId", _upper(command_id))
        options = OptionSet()
        options.add_option("WSMAN_CMDSHELL_OPTION_KEEPALIVE", "True")
        try:
            answer = self.wsman.invoke(WSManAction.RECEIVE, self._uri, wanted, options, self._selectors)
        except WSManFaultError as fault:
            if fault.code != TIMED_OUT:
                raise
            return Received(b"", idle=True)
        return _received(answer)

    def stop(self, command_id: UUID) -> None:
        """Stop a pipeline; answered when it has stopped, and its state comes by Receive."""
        self._signal(command_id, _STOP)

    def terminate(self, command_id: UUID) -> None:
        """Close a pipeline that has ended: it would stay on the server otherwise."""
        self._signal(command_id, _TERMINATE)

    def delete(self) -> None:
        """End the shell, and whatever still runs in it."""
        self.wsman.delete(self._uri, selector_set=self._selectors)

    def resize(self, envelope: int) -> None:
        """From now on take answers of so many bytes; nothing is sent."""
        self.wsman.max_envelope_size = envelope

    def _signal(self, command_id: UUID, code: str) -> None:
        signal = ET.Element(_RSP + "Signal", CommandId=_upper(command_id))
        ET.SubElement(signal, _RSP + "Code").text = code
        self.wsman.signal(self._uri, signal, selector_set=self._selectors)


def _received(answer: ET.Element) -> Received:
    response = answer.find("s:Body/rsp:ReceiveResponse", NAMESPACES)
    if response is None:
        raise ValueError("the answer to a Receive has no ReceiveResponse")
    parts = [base64.b64decode(stream.text, validate=True) for stream in response.findall("rsp:Stream", NAMESPACES) if stream.text]
    state = response.find("rsp:CommandState", NAMESPACES)
    done = state is not None and state.get("State", "").endswith("/CommandState/Done")
    return Received(b"".join(parts), done, idle=not parts and not done)


def _base64(packet: bytes) -> str:
    return base64.b64encode(packet).decode("ascii")


def _upper(identifier: UUID) -> str:
    return str(identifier).upper()


_DURATION: Final = re.compile(r"P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?")


def _seconds(duration: str) -> float | None:
    found = _DURATION.fullmatch(duration.strip()) if duration else None
    if found is None:
        return None
    return sum(float(part or 0) * unit for part, unit in zip(found.groups(), (86_400, 3_600, 60, 1), strict=True))
