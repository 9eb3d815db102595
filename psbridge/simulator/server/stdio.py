"""Lines of PSRP over standard input in, lines over standard output out: the simulator where `pwsh -s` would stand.

Source: [MS-PSRP]'s out-of-process transport as the real engine speaks it (remoting-notes 4.3 and 9.1).
"""

from __future__ import annotations

import base64
import binascii
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, Final
from uuid import UUID

from psbridge.simulator.organisation import RunPipeline
from psbridge.simulator.runspace.records import Dropped
from psbridge.simulator.server.session import NO_PIPELINE, MalformedPsrp, Packet, ServerSession

__all__ = ["serve"]

# What the real engine ends with after the end of its input, and after a line that is none (remoting-notes 9.2).
_ENDED: Final = 160
_DROPPED: Final = 9
_EMPTY_LINE: Final = 'An unknown element "" was received. This can happen if the remote process closed or ended abnormally.'


def serve(run: RunPipeline, endpoint: str, lines: BinaryIO, out: BinaryIO, complain: Callable[[str], object]) -> int:
    """Serve one client at an endpoint until its input ends; gives the exit code, which is the real engine's."""
    server = _Server(run, endpoint)
    for line in lines:
        if not line.strip():
            break
        try:
            for answer in server.take(line):
                out.write(answer)
                out.flush()
        except (_NoProtocolError, MalformedPsrp) as error:
            complain(str(error))
            return _ENDED
        except Dropped:
            return _DROPPED
    complain(_EMPTY_LINE)
    return _ENDED


class _NoProtocolError(Exception):
    """A line that the protocol does not know."""


class _Server:
    def __init__(self, run: RunPipeline, endpoint: str) -> None:
        self._run, self._endpoint = run, endpoint
        self._session = ServerSession(run, endpoint)
        self._known: set[UUID] = set()

    def take(self, line: bytes) -> Iterator[bytes]:
        element = _parsed(line)
        handler = _ELEMENTS.get(element.tag)
        if handler is None:
            raise _NoProtocolError(f'An unknown element "{element.tag}" was received.')
        yield from handler(self, _guid(element), element)

    def command(self, pipeline: UUID, _: ET.Element) -> Iterator[bytes]:
        self._session.begin(pipeline)
        self._known.add(pipeline)
        yield _line("CommandAck", pipeline)

    def data(self, pipeline: UUID, element: ET.Element) -> Iterator[bytes]:
        payload = _payload(element)
        if pipeline != NO_PIPELINE and pipeline not in self._known:
            yield _line("DataAck", pipeline)  # data for an unknown pipeline is acknowledged and does nothing
            return
        yield from _data(self._session.receive(pipeline, payload))
        yield _line("DataAck", pipeline)

    def signal(self, pipeline: UUID, _: ET.Element) -> Iterator[bytes]:
        if pipeline == NO_PIPELINE:
            raise _NoProtocolError("A Signal is for a pipeline.")
        yield from _data(self._session.stop(pipeline))
        yield _line("SignalAck", pipeline)

    def close(self, pipeline: UUID, _: ET.Element) -> Iterator[bytes]:
        if pipeline == NO_PIPELINE:
            yield from _data(self._session.close())
            self._session, self._known = ServerSession(self._run, self._endpoint), set()
        else:
            self._session.end(pipeline)
            self._known.discard(pipeline)
        yield _line("CloseAck", pipeline)


_ELEMENTS: Final[Mapping[str, Callable[[_Server, UUID, ET.Element], Iterator[bytes]]]] = {
    "Command": _Server.command,
    "Data": _Server.data,
    "Signal": _Server.signal,
    "Close": _Server.close,
}


def _parsed(line: bytes) -> ET.Element:
    try:
        return ET.fromstring(line)  # noqa: S314 - one short line of the client that started this process
    except ET.ParseError as error:
        raise _NoProtocolError(f"A line is no XML: {error}") from error


def _guid(element: ET.Element) -> UUID:
    try:
        return UUID(element.get("PSGuid", ""))
    except ValueError:
        raise _NoProtocolError("A line has no PSGuid.") from None


def _payload(element: ET.Element) -> bytes:
    try:
        payload = base64.b64decode(element.text or "", validate=True)
    except binascii.Error as error:
        raise _NoProtocolError(f"A Data line is no base64: {error}") from error
    if not payload:
        raise _NoProtocolError("A Data line has no content.")
    return payload


def _line(name: str, pipeline: UUID) -> bytes:
    return f"<{name} PSGuid='{pipeline}' />\n".encode()


def _data(packets: Iterator[Packet]) -> Iterator[bytes]:
    for packet in packets:
        for piece in packet.pieces:
            content = base64.b64encode(piece).decode("ascii")
            yield f"<Data Stream='Default' PSGuid='{packet.pipeline}'>{content}</Data>\n".encode()
