"""A WinRS server on loopback: the command line that it is given really runs, as a process of this machine.

[MS-WSMV] Create, Command, Send, Receive, Signal and Delete of the shell `cmd`, with Basic authentication, or with NTLM
and encrypted messages. A `Fault` makes one request go wrong, or all of its kind.
"""

from __future__ import annotations

import base64
import contextlib
import os
import shlex
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import IO, Any
from uuid import uuid4
from xml.sax.saxutils import escape

from tests.transports.ntlm_side import SEALED, NtlmSide

NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "rsp": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
}
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NS.items())
TIMED_OUT, NO_SHELL = 2150858793, 2150858843
LONGEST_LINE = 8_191  # of cmd.exe
ENVELOPE = 153_600


@dataclass
class Fault:
    """What goes wrong with a request: `number` counts those of the action from 1, 0 is every one."""

    action: str
    kind: str
    number: int = 1
    value: Any = None
    seen: int = 0

    def hits(self, action: str) -> bool:
        if action != self.action:
            return False
        self.seen += 1
        return self.number in (0, self.seen)


@dataclass
class Running:
    """A process with what it has written and nobody has fetched."""

    process: subprocess.Popen[bytes]
    data: dict[str, bytearray] = field(default_factory=lambda: {"stdout": bytearray(), "stderr": bytearray()})
    open: int = 2
    changed: threading.Condition = field(default_factory=threading.Condition)

    def read(self, name: str, stream: IO[bytes]) -> None:
        while part := os.read(stream.fileno(), 65_536):
            with self.changed:
                self.data[name] += part
                self.changed.notify_all()
        with self.changed:
            self.open -= 1
            self.changed.notify_all()

    def take(self, seconds: float) -> tuple[dict[str, bytes], int | None] | None:
        """Output and, at its end, the exit code; None if there is neither."""
        with self.changed:
            self.changed.wait_for(lambda: any(self.data.values()) or not self.open, seconds)
            room = (ENVELOPE - 3_000) * 3 // 4
            found = {}
            for name, data in self.data.items():
                found[name] = bytes(data[:room])
                room -= len(found[name])
                del data[: len(found[name])]
            over = not self.open and not any(self.data.values())
        if over:
            return found, self.process.wait()
        return (found, None) if any(found.values()) else None

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        with self.changed:
            self.changed.wait_for(lambda: not self.open, 5)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]  # all three are pipes


class WinRsServer(ThreadingHTTPServer):
    """`program` stands where the command line says powershell.exe. `actions` are the requests so far, in order."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self, program: str, environment: Mapping[str, str], tls: ssl.SSLContext | None = None, *, ntlm: bool = False
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.program, self.environment = program, dict(environment)
        self.ntlm = ntlm
        self.signed_in = 0
        self.faults: list[Fault] = []
        self.actions: list[str] = []
        self.lines: list[str] = []
        self.shells: dict[str, dict[str, str]] = {}
        self.commands: dict[str, tuple[str, Running]] = {}
        self.operation_seconds = 20.0
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.scheme = "https" if tls else "http"
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    @property
    def uri(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}/wsman"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away, or would not trust us, is no error of ours."""

    def close(self) -> None:
        for shell in list(self.shells):
            self.delete(shell)
        self.shutdown()
        self.server_close()
        self.thread.join()

    def delete(self, shell: str) -> None:
        self.shells.pop(shell, None)
        for command in [command for command, (owner, _) in self.commands.items() if owner == shell]:
            self.commands.pop(command)[1].kill()

    def start(self, shell: str, line: str) -> str:
        if len(line) > LONGEST_LINE:
            raise _SoapFault(87, "w:InvalidParameter", "The command line is too long.")
        self.lines.append(line)
        program, *arguments = shlex.split(line)
        process = subprocess.Popen(
            [self.program if program in ("powershell.exe", "powershell") else program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **self.environment, **self.shells[shell]},
        )
        running = Running(process)
        for name, stream in (("stdout", process.stdout), ("stderr", process.stderr)):
            threading.Thread(target=running.read, args=(name, stream), daemon=True).start()
        command = str(uuid4()).upper()
        self.commands[command] = (shell, running)
        return command


class _SoapFault(Exception):
    def __init__(self, code: int | None, subcode: str, text: str) -> None:
        self.code, self.subcode, self.text = code, subcode, text


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: WinRsServer

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the base class has
        pass

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ntlm = NtlmSide() if self.server.ntlm else None

    def challenge(self) -> str:
        """What the client has still to answer before it is known."""
        given = self.headers.get("Authorization", "")
        if self.ntlm:
            challenge = self.ntlm.step(given)
            self.server.signed_in += bool(given and not challenge)
            return challenge
        return "" if given == "Basic " + base64.b64encode(b"user:Pa55word").decode() else 'Basic realm="WSMAN"'

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        challenge = self.challenge()
        if challenge:
            self.answer(401, b"", **{"WWW-Authenticate": challenge})
            return
        if self.ntlm:
            if not body:  # the keys are agreed upon
                self.answer(200, b"")
                return
            body = self.ntlm.open(body)
        envelope = ET.fromstring(body)
        action = envelope.findtext("s:Header/a:Action", "", NS).rpartition("/")[2]
        self.server.actions.append(action)
        try:
            if any(self.fail(fault, envelope, action) for fault in self.server.faults if fault.hits(action)):
                return
            self.soap(200, envelope, action, getattr(self, f"on_{action.lower()}")(envelope))
        except _SoapFault as fault:
            self.fault(envelope, fault)

    def fail(self, fault: Fault, envelope: ET.Element, action: str) -> bool:
        """Do what the fault says; tell whether that was all."""
        if fault.kind == "drop":
            self.reset()
        elif fault.kind == "drop-after":
            getattr(self, f"on_{action.lower()}")(envelope)
            self.reset()
        elif fault.kind == "half":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nContent-Length: 1000\r\n\r\n<s:Env")
            self.reset()
        elif fault.kind == "hang":
            time.sleep(fault.value)
            self.reset()
        elif fault.kind == "drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            with contextlib.suppress(OSError):
                for _ in range(int(fault.value * 20)):
                    self.wfile.write(b" ")
                    time.sleep(0.05)
            self.reset()
        elif fault.kind == "redirect":
            self.answer(302, b"", Location=fault.value)
        elif fault.kind == "busy":
            status, seconds = fault.value
            self.answer(status, b"", **{"Retry-After": seconds})
        elif fault.kind == "http":
            self.answer(*fault.value)
        elif fault.kind == "fault":
            raise _SoapFault(*fault.value)
        elif fault.kind == "expire":
            self.server.delete(envelope.findtext("s:Header/w:SelectorSet/w:Selector", "", NS))
            return False
        elif fault.kind == "kill":
            self.server.commands[self.command_id(envelope)][1].kill()
            return False
        return True

    def reset(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def on_create(self, envelope: ET.Element) -> str:
        variables = {
            variable.get("Name", ""): variable.text or "" for variable in envelope.findall(".//rsp:Environment/rsp:Variable", NS)
        }
        shell = str(uuid4()).upper()
        self.server.shells[shell] = variables
        return (
            "<x:ResourceCreated><a:Address>here</a:Address><a:ReferenceParameters><w:SelectorSet>"
            f'<w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>'
        )

    def on_command(self, envelope: ET.Element) -> str:
        line = envelope.find("s:Body/rsp:CommandLine", NS)
        assert line is not None
        parts = [line.findtext("rsp:Command", "", NS), *(part.text or "" for part in line.findall("rsp:Arguments", NS))]
        command = self.server.start(self.shell_id(envelope), " ".join(parts))
        return f"<rsp:CommandResponse><rsp:CommandId>{command}</rsp:CommandId></rsp:CommandResponse>"

    def on_send(self, envelope: ET.Element) -> str:
        stream = envelope.find("s:Body/rsp:Send/rsp:Stream", NS)
        assert stream is not None
        process = self.running(envelope).process
        assert process.stdin
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(base64.b64decode(stream.text or ""))
            process.stdin.flush()
            if stream.get("End") == "true":
                process.stdin.close()
        return "<rsp:SendResponse/>"

    def on_receive(self, envelope: ET.Element) -> str:
        asked = envelope.findtext("s:Header/w:OperationTimeout", "PT20S", NS)
        seconds = min(float(asked.removeprefix("PT").removesuffix("S")), self.server.operation_seconds)
        taken = self.running(envelope).take(seconds)
        if taken is None:
            raise _SoapFault(TIMED_OUT, "w:TimedOut", "The operation did not complete in the time.")
        found, code = taken
        command = self.command_id(envelope)
        streams = "".join(
            f'<rsp:Stream Name="{name}" CommandId="{command}">{base64.b64encode(data).decode()}</rsp:Stream>'
            for name, data in found.items()
            if data
        )
        state = f"{NS['rsp']}/CommandState/{'Running' if code is None else 'Done'}"
        ended = "" if code is None else f"<rsp:ExitCode>{code}</rsp:ExitCode>"
        return (
            f'<rsp:ReceiveResponse>{streams}<rsp:CommandState CommandId="{command}" State="{state}">{ended}'
            "</rsp:CommandState></rsp:ReceiveResponse>"
        )

    def on_signal(self, envelope: ET.Element) -> str:
        command = self.command_id(envelope)
        running = self.running(envelope)
        if envelope.findtext("s:Body/rsp:Signal/rsp:Code", "", NS).endswith("ctrl_c"):
            running.process.send_signal(signal.SIGINT)
        else:
            del self.server.commands[command]
            running.kill()
        return "<rsp:SignalResponse/>"

    def on_delete(self, envelope: ET.Element) -> str:
        self.server.delete(self.shell_id(envelope))
        return ""

    def shell_id(self, envelope: ET.Element) -> str:
        shell = envelope.findtext("s:Header/w:SelectorSet/w:Selector", "", NS)
        if shell not in self.server.shells:
            raise _SoapFault(NO_SHELL, "w:InvalidSelectors", f"The shell {shell} was not found on the server.")
        return shell

    def command_id(self, envelope: ET.Element) -> str:
        return next(found for element in envelope.iter() if (found := element.get("CommandId")))

    def running(self, envelope: ET.Element) -> Running:
        self.shell_id(envelope)
        found = self.server.commands.get(self.command_id(envelope))
        if found is None:
            raise _SoapFault(2150858897, "w:InvalidSelectors", "The command was not found.")
        return found[1]

    def soap(self, status: int, envelope: ET.Element, action: str, body: str) -> None:
        related = envelope.findtext("s:Header/a:MessageID", "", NS)
        text = (
            f"<s:Envelope {DECLARED}><s:Header><a:Action>{action}Response</a:Action><a:MessageID>uuid:{uuid4()}</a:MessageID>"
            f"<a:RelatesTo>{related}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
        )
        self.answer(status, text.encode())

    def fault(self, envelope: ET.Element, fault: _SoapFault) -> None:
        detail = (
            ""
            if fault.code is None
            else '<s:Detail><f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" '
            f'Code="{fault.code}" Machine="server"><f:Message>{escape(fault.text)}</f:Message></f:WSManFault></s:Detail>'
        )
        body = (
            f"<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>{fault.subcode}</s:Value></s:Subcode></s:Code>"
            f'<s:Reason><s:Text xml:lang="">{escape(fault.text)}</s:Text></s:Reason>{detail}</s:Fault>'
        )
        self.soap(500, envelope, "Fault", body)

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        sealed = self.ntlm is not None and self.ntlm.signed_in and bool(body)
        body = self.ntlm.seal(body) if self.ntlm and sealed else body
        self.send_response(status)
        self.send_header("Content-Type", SEALED if sealed else "application/soap+xml;charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
