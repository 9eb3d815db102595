"""HTTP requests on loopback in, WS-Man answers out. One thread for each connection, kept alive."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

from psbridge.simulator.organisation import ENDPOINTS
from psbridge.simulator.server.dispatcher import Dispatcher
from psbridge.simulator.server.outbox import AnswerLost
from psbridge.simulator.server.request_faults import HttpRefused
from psbridge.simulator.server.sign_in import Account, NotSealed, SignIn
from psbridge.simulator.server.soap import MalformedRequest

__all__ = ["HttpServer", "endpoint_at"]

_SOAP: Final = "application/soap+xml;charset=UTF-8"
# A body of more bytes is not even read.
_LARGEST_BODY: Final = 4 << 20
_PATHS: Final = ("wsman", "powershell")
_IDLE_SECONDS: Final = 900
# SO_LINGER, on and no second long: a close is a reset.
_RESET: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


def endpoint_at(path: str) -> str | None:
    """The endpoint whose address this is: `/exo/PowerShell/` or `/exo/wsman`; without a name it is `onprem`."""
    parts = [part.lower() for part in urlsplit(path).path.split("/") if part]
    if len(parts) == 1:
        parts = [ENDPOINTS[0], *parts]
    return parts[0] if len(parts) == 2 and parts[0] in ENDPOINTS and parts[1] in _PATHS else None


class HttpServer(ThreadingHTTPServer):
    """Listens on 127.0.0.1; `port` 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 64
    # On Windows it would let two servers listen on one port.
    allow_reuse_address = sys.platform != "win32"

    def __init__(self, port: int, account: Account, dispatcher: Dispatcher) -> None:
        self.account = account
        self.dispatcher = dispatcher
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread of its own."""
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """A connection is over."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def cut_connections(self) -> None:
        """End every connection, whatever it waits for."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left in the middle is no event."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Microsoft-HTTPAPI/2.0"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = _IDLE_SECONDS
    server: HttpServer

    def setup(self) -> None:
        super().setup()
        self._sign_in = SignIn(self.server.account)

    def log_message(self, *_: object) -> None:
        """Nothing is logged: a request line tells nothing that the answer does not."""

    def send_error(self, code: int, *_: object) -> None:
        """What http.server itself refuses, without its page."""
        self._refuse(code)

    def do_POST(self) -> None:
        raw = self._body()
        if raw is None:
            return
        endpoint = endpoint_at(self.path)
        if endpoint is None:
            self._reply(404)
            return
        step = self._sign_in.step(self.headers.get("Authorization", ""))
        if not step.user:
            self._reply(401, headers=[("WWW-Authenticate", challenge) for challenge in step.challenges])
            return
        token = [("WWW-Authenticate", step.token)] if step.token else []
        if not raw:  # the request that only signs in
            self._reply(200, headers=token)
            return
        self._serve(raw, step.user, endpoint, token)

    def _serve(self, raw: bytes, user: str, endpoint: str, token: list[tuple[str, str]]) -> None:
        try:
            answer = self.server.dispatcher.answer(self._sign_in.open(raw) if self._sign_in.sealed else raw, user, endpoint)
        except (MalformedRequest, NotSealed):
            self._reply(400, headers=token)
        except HttpRefused as refused:
            self._reply(refused.status, headers=[*token, ("Retry-After", str(refused.retry_after))])
        except AnswerLost:
            self._cut()
        else:
            kind, body = self._sign_in.seal(answer.envelope) if self._sign_in.sealed else (_SOAP, answer.envelope)
            self._reply(answer.status, body, [("Content-Type", kind), *token])

    def _body(self) -> bytes | None:
        """The request's body; None when it was refused."""
        if self.headers.get("Transfer-Encoding"):
            self._refuse(411)
            return None
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            self._refuse(411 if not length else 400)
            return None
        if int(length) > _LARGEST_BODY:
            self._refuse(413)
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return None
        return body

    def _refuse(self, status: int) -> None:
        """Answer a request whose body was not read: the connection cannot go on."""
        self.close_connection = True
        self._reply(status, headers=[("Connection", "close")])

    def _reply(self, status: int, body: bytes = b"", headers: list[tuple[str, str]] | None = None) -> None:
        self.send_response(status)
        for name, value in headers or ():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _cut(self) -> None:
        """Reset the connection instead of an answer."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.connection.close()
