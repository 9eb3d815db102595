"""A WS-Man server on loopback that opens sessions and answers commands, but for the requests that it was told to spoil.

It is written from [MS-WSMV] and [MS-PSRP], for the faults that the real engine behind a relay cannot be made to have; it
answers stock pypsrp too. Basic, or NTLM with sealed messages. Every request is counted by its name.
"""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import struct
import threading
import time
import uuid
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from uuid import UUID
from xml.sax.saxutils import escape

import spnego
from pypsrp.encryption import WinRMEncryption

from psbridge.psrp.fragments import Defragmenter, Fragmenter
from psbridge.psrp.messages import NO_ID, Destination, Message, MessageType

NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "f": "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault",
    "rsp": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
    "p": "http://schemas.microsoft.com/powershell",
}
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NS.items())
STATE = '<Obj RefId="0"><MS><I32 N="{}">{}</I32></MS></Obj>'
CAPABILITY = (
    '<Obj RefId="0"><MS><Version N="protocolversion">2.3</Version><Version N="PSVersion">2.0</Version>'
    '<Version N="SerializationVersion">1.1.0.1</Version></MS></Obj>'
)
TIMED_OUT = 2150858793
USER, PASSWORD = "user", "Pa55word"


@dataclass(frozen=True)
class Spoil:
    """What happens to a request instead of its answer. Without `before` the server does its work first."""

    kind: str
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    code: int = 0
    subcode: str = "w:InternalError"
    text: str = "Injected."
    seconds: float = 0.0


def fault(code: int, text: str = "Injected.", subcode: str = "w:InternalError") -> Spoil:
    return Spoil("fault", code=code, text=text, subcode=subcode)


def http(status: int, body: bytes = b"", **headers: str) -> Spoil:
    return Spoil("http", status, body, {name.replace("_", "-"): value for name, value in headers.items()})


class WsmanServer:
    """`spoil("Receive", 2, ...)` spoils the second Receive, `spoil("Receive", 2, ..., forever=True)` each from then on.

    `spoilt` counts what was spoilt. `operation_seconds`: how long a Receive waits before it says "still at it".
    """

    def __init__(self, *, ntlm: bool = False, certificate: str = "", operation_seconds: float = 0.2) -> None:
        self.asked: list[str] = []
        self.lock = threading.Condition()
        self.shells: dict[str, Session] = {}
        self.ntlm = ntlm
        self.operation_seconds = operation_seconds
        self.answer: Callable[[Session, UUID], None] = lambda session, command: session.complete(command)
        self.opened: Callable[[Session], None] = lambda session: session.open()
        self.stopped: Callable[[Session, UUID], None] = lambda session, command: session.end(command, 3)
        self.connections = self.sealed = self.tokens = self.longest = 0
        self.envelopes: set[int] = set()
        self.idle_timeout = ""
        self._spoils: dict[str, dict[int, Spoil]] = defaultdict(dict)
        self._forever: dict[str, tuple[int, Spoil]] = {}
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.far_end = self
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._http.tls = context
        self.secure = bool(certificate)

    @property
    def uri(self) -> str:
        scheme, host = ("https", "localhost") if self.secure else ("http", "127.0.0.1")
        return f"{scheme}://{host}:{self._http.server_address[1]}/PowerShell/"

    @property
    def counts(self) -> Counter[str]:
        return Counter(self.asked)

    def spoil(self, operation: str, number: int, what: Spoil, *, forever: bool = False) -> None:
        if forever:
            self._forever[operation] = number, what
        else:
            self._spoils[operation][number] = what

    def due(self, operation: str) -> Spoil | None:
        with self.lock:
            self.asked.append(operation)
            number = self.asked.count(operation)
        first, always = self._forever.get(operation, (0, None))
        return self._spoils[operation].get(number) or (always if always and number >= first else None)

    def heal(self) -> None:
        self._spoils.clear()
        self._forever.clear()

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._http.shutdown()
        self._http.server_close()


class Session:
    """One shell: what the client sent, joined; what it has yet to receive, by command."""

    def __init__(self, server: WsmanServer) -> None:
        self.server = server
        self.pool = NO_ID
        self.waiting: dict[UUID, list[bytes]] = defaultdict(list)
        self.done: set[UUID] = set()
        self.commands: set[UUID] = set()
        self.heard: list[Message] = []
        self._joined = Defragmenter()
        self.fragmenter = Fragmenter()

    def hear(self, data: bytes) -> list[Message]:
        messages = [Message.unpack(one) for one in self._joined.feed(data)]
        self.heard += messages
        for message in messages:
            if message.kind is MessageType.SESSION_CAPABILITY:
                self.pool = message.pool_id
        return messages

    def packets(self, kind: MessageType, body: str, command: UUID = NO_ID) -> list[bytes]:
        return self.fragmenter.packets([Message(Destination.CLIENT, kind, self.pool, command, body.encode()).pack()])

    def say(self, kind: MessageType, body: str, command: UUID = NO_ID) -> None:
        with self.server.lock:
            self.waiting[command].extend(self.packets(kind, body, command))
            self.server.lock.notify_all()

    def open(self) -> None:
        self.say(MessageType.SESSION_CAPABILITY, CAPABILITY)
        self.say(MessageType.RUNSPACEPOOL_STATE, STATE.format("RunspaceState", 2))

    def output(self, command: UUID, body: str = "<S>done</S>") -> None:
        self.say(MessageType.PIPELINE_OUTPUT, body, command)

    def end(self, command: UUID, state: int = 4) -> None:
        self.done.add(command)
        self.say(MessageType.PIPELINE_STATE, STATE.format("PipelineState", state), command)

    def complete(self, command: UUID) -> None:
        with self.server.lock:
            self.output(command)
            self.end(command)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    far_end: WsmanServer
    tls: ssl.SSLContext | None = None

    def get_request(self) -> tuple[Any, Any]:
        plain, address = super().get_request()
        self.far_end.connections += 1
        return self.tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False) if self.tls else plain, address

    def handle_error(self, request: Any, client_address: Any) -> None: ...


class _Faulted(Exception):
    def __init__(self, spoil: Spoil) -> None:
        self.spoil = spoil


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Http

    def setup(self) -> None:
        super().setup()
        self.context: Any = None
        self.seal: WinRMEncryption | None = None

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        self.server.far_end.asked.append("GET")
        self.reply(404)

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.signed_in():
            return
        if not raw:
            self.reply(200)
            return
        if self.seal:
            raw = self.seal.unwrap_message(raw, "Encrypted Boundary")
            self.server.far_end.sealed += 1
        envelope = ET.fromstring(raw)
        self.server.far_end.longest = max(self.server.far_end.longest, len(raw))
        self.server.far_end.envelopes.add(int(envelope.findtext("s:Header/w:MaxEnvelopeSize", "0", NS)))
        operation = (envelope.findtext("s:Header/a:Action", "", NS)).rsplit("/", 1)[-1]
        spoil = self.server.far_end.due(operation)
        if spoil and self.spoiled(spoil):
            return
        status, body = self.worked(operation, envelope, spoil)
        related = "uuid:00000000-0000-0000-0000-000000000000"
        if not (spoil and spoil.kind == "wrong-id"):
            related = envelope.findtext("s:Header/a:MessageID", "", NS)
        answer = (
            f"<s:Envelope {DECLARED}><s:Header><a:Action>{operation}Response</a:Action><a:RelatesTo>{escape(related)}"
            f"</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
        ).encode()
        self.deliver(status, answer, spoil.kind if spoil else "")

    def worked(self, operation: str, envelope: ET.Element, spoil: Spoil | None) -> tuple[int, str]:
        if spoil and spoil.kind == "fault":
            return 500, _fault(spoil)
        try:
            return 200, getattr(self, "do_" + operation.lower())(envelope)
        except _Faulted as told:
            return 500, _fault(told.spoil)

    def signed_in(self) -> bool:
        authorization = self.headers.get("Authorization", "")
        if not self.server.far_end.ntlm:
            good = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            if authorization != good:
                self.reply(401, headers={"WWW-Authenticate": 'Basic realm="WSMAN"'})
            return authorization == good
        if self.context is not None and self.context.complete:
            return True
        scheme, _, token = authorization.partition(" ")
        if not token:
            self.reply(401, headers={"WWW-Authenticate": "Negotiate"})
            return False
        given = base64.b64decode(token)
        self.server.far_end.tokens += 1
        if self.context is None:
            protocol = "ntlm" if given.startswith(b"NTLMSSP") else "negotiate"
            self.context = spnego.server(protocol=protocol, options=spnego.NegotiateOptions.wrapping_winrm)
        try:
            answer = self.context.step(given)
        except spnego.exceptions.SpnegoError:
            self.context = None
            self.reply(401, headers={"WWW-Authenticate": "Negotiate"})
            return False
        if not self.context.complete:
            self.reply(401, headers={"WWW-Authenticate": f"{scheme} {base64.b64encode(answer or b'').decode()}"})
            return False
        self.seal = WinRMEncryption(self.context, WinRMEncryption.SPNEGO)
        if answer:  # the last leg of Negotiate goes back with the answer to the first, empty request
            self.reply(200, headers={"WWW-Authenticate": f"{scheme} {base64.b64encode(answer).decode()}"})
        return not answer

    def spoiled(self, spoil: Spoil) -> bool:
        """Whether the request is answered by this, and not by the server's work."""
        if spoil.kind == "http":
            self.reply(spoil.status, spoil.body, dict(spoil.headers))
        elif spoil.kind == "reset":
            self.abort()
        elif spoil.kind == "hang":
            time.sleep(spoil.seconds)
            self.abort()
        elif spoil.kind == "dribble":
            self.dribble(spoil.seconds)
        else:
            return False
        return True

    def dribble(self, seconds: float) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        end = time.monotonic() + seconds
        with contextlib.suppress(OSError):
            while time.monotonic() < end:
                self.wfile.write(b"<")
                self.wfile.flush()
                time.sleep(0.05)
        self.close_connection = True

    def deliver(self, status: int, answer: bytes, kind: str) -> None:
        headers = {"Content-Type": "application/soap+xml;charset=UTF-8"}
        if self.seal:
            kind_of_content, answer = self.seal.wrap_message(answer)
            headers = {"Content-Type": f'{kind_of_content};protocol="{self.seal.protocol}";boundary="Encrypted Boundary"'}
        if kind == "half":
            self.reply(status, answer[: len(answer) // 2], headers, length=len(answer))
            self.abort()
        elif kind == "cut":
            self.reply(status, answer[: len(answer) // 2], headers)
        else:
            self.reply(status, answer, headers)

    def reply(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def abort(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def session(self, envelope: ET.Element) -> Session:
        shell = envelope.findtext("s:Header/w:SelectorSet/w:Selector", "", NS)
        session = self.server.far_end.shells.get(shell)
        if session is None:
            raise _Faulted(fault(2150858843, f"The shell {shell} was not found on the server.", "w:InvalidSelectors"))
        return session

    def do_create(self, envelope: ET.Element) -> str:
        shell = _found(envelope, "s:Body/rsp:Shell")
        name = shell.get("ShellId") or str(uuid.uuid4()).upper()
        session = self.server.far_end.shells[name] = Session(self.server.far_end)
        session.hear(base64.b64decode(shell.findtext("p:creationXml", "", NS)))
        self.server.far_end.opened(session)
        idle = self.server.far_end.idle_timeout
        return (
            f"<x:ResourceCreated><a:ReferenceParameters><w:SelectorSet><w:Selector Name='ShellId'>{name}</w:Selector>"
            f"</w:SelectorSet></a:ReferenceParameters></x:ResourceCreated><rsp:Shell><rsp:ShellId>{name}</rsp:ShellId>"
            f"{f'<rsp:IdleTimeOut>{idle}</rsp:IdleTimeOut>' if idle else ''}</rsp:Shell>"
        )

    def do_command(self, envelope: ET.Element) -> str:
        session, line = self.session(envelope), _found(envelope, "s:Body/rsp:CommandLine")
        command = UUID(line.get("CommandId"))
        session.commands.add(command)
        self.heard(session, command, session.hear(base64.b64decode(line.findtext("rsp:Arguments", "", NS))))
        return f"<rsp:CommandResponse><rsp:CommandId>{str(command).upper()}</rsp:CommandId></rsp:CommandResponse>"

    def do_send(self, envelope: ET.Element) -> str:
        session, stream = self.session(envelope), _found(envelope, "s:Body/rsp:Send/rsp:Stream")
        command = UUID(stream.get("CommandId") or str(NO_ID))
        self.heard(session, command, session.hear(base64.b64decode(stream.text or "")))
        return "<rsp:SendResponse/>"

    def heard(self, session: Session, command: UUID, messages: list[Message]) -> None:
        if any(message.kind is MessageType.CREATE_PIPELINE for message in messages):
            self.server.far_end.answer(session, command)

    def do_receive(self, envelope: ET.Element) -> str:
        session, far_end = self.session(envelope), self.server.far_end
        named = _found(envelope, "s:Body/rsp:Receive/rsp:DesiredStream").get("CommandId")
        command = UUID(named or str(NO_ID))
        with far_end.lock:
            far_end.lock.wait_for(lambda: session.waiting[command] or command in session.done, far_end.operation_seconds)
            data, done = b"".join(session.waiting[command]), command in session.done
            session.waiting[command].clear()
        if not data and not done:
            raise _Faulted(fault(TIMED_OUT, "OperationTimeout", "w:TimedOut"))
        which = f" CommandId='{named}'" if named else ""
        stream = f"<rsp:Stream Name='stdout'{which}>{base64.b64encode(data).decode()}</rsp:Stream>" if data else ""
        state = f"{NS['rsp']}/CommandState/{'Done' if done else 'Running'}"
        return f"<rsp:ReceiveResponse>{stream}<rsp:CommandState{which} State='{state}'/></rsp:ReceiveResponse>"

    def do_signal(self, envelope: ET.Element) -> str:
        session, signal = self.session(envelope), _found(envelope, "s:Body/rsp:Signal")
        command = UUID(signal.get("CommandId"))
        if signal.findtext("rsp:Code", "", NS) == "powershell/signal/crtl_c":
            self.server.far_end.stopped(session, command)
        else:
            session.commands.discard(command)
        return "<rsp:SignalResponse/>"

    def do_delete(self, envelope: ET.Element) -> str:
        self.session(envelope)
        del self.server.far_end.shells[envelope.findtext("s:Header/w:SelectorSet/w:Selector", "", NS)]
        return ""


def _found(envelope: ET.Element, path: str) -> ET.Element:
    element = envelope.find(path, NS)
    assert element is not None, path
    return element


def _fault(spoil: Spoil) -> str:
    number = f'<f:WSManFault Code="{spoil.code}" Machine="server"><f:Message>{escape(spoil.text)}</f:Message></f:WSManFault>'
    return (
        f"<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>{spoil.subcode}</s:Value></s:Subcode></s:Code>"
        f"<s:Reason><s:Text>{escape(spoil.text)}</s:Text></s:Reason><s:Detail>{number if spoil.code else ''}</s:Detail></s:Fault>"
    )
