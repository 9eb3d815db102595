"""A profile's text in, what the doctor says of one endpoint out; and servers of our own for it to look at."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from psbridge.doctor import Finding, Verdict, examine
from psbridge.doctor.finding import Seen
from psbridge.profile import Profile

__all__ = ["certificate", "look", "verdicts", "web_server"]

OK, WARNING, FAILED, SKIPPED = Verdict.OK, Verdict.WARNING, Verdict.FAILED, Verdict.SKIPPED


def look(text: str, name: str = "onprem", *, try_sessions: bool = False) -> dict[str, Seen]:
    """Every check of one endpoint, by name, in its order."""
    return {finding.check: finding.seen for finding in findings(text, name, try_sessions=try_sessions)}


def findings(text: str, *names: str, try_sessions: bool = False) -> list[Finding]:
    return list(examine(Profile.read(text, "profile.toml"), names, try_sessions=try_sessions))


def verdicts(seen: dict[str, Seen]) -> dict[str, str]:
    """The checks that are not well."""
    return {name: str(one.verdict) for name, one in seen.items() if one.verdict is not OK}


@dataclass
class Answer:
    """What a web server says to everybody."""

    status: int = 401
    schemes: Sequence[str] = ("Negotiate", "Kerberos")
    away: timedelta = timedelta()
    headers: Sequence[tuple[str, str]] = ()


@contextmanager
def web_server(answer: Answer | None = None, *, tls: Path | None = None) -> Iterator[int]:
    """A server on loopback that gives one answer; with `tls`, a file with certificate and key, over https. Gives its port."""
    given = answer or Answer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(given.status)
            for scheme in given.schemes:
                self.send_header("WWW-Authenticate", scheme)
            for name, value in given.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def date_time_string(self, timestamp: float | None = None) -> str:
            moment = (datetime.now(UTC) + given.away).timestamp()
            return super().date_time_string(moment if timestamp is None else timestamp)

        def log_message(self, *_: Any) -> None: ...

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if tls is not None:
        context.load_cert_chain(tls)

    class Server(ThreadingHTTPServer):
        def get_request(self) -> tuple[Any, Any]:
            plain, address = super().get_request()
            return (context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False) if tls else plain), address

        def handle_error(self, *_: Any) -> None: ...

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def certificate(
    folder: Path, *, name: str = "localhost", days: float = 365, authority: bool = True, malformed: bool = False
) -> tuple[Path, Path]:
    """A server's certificate with its key in one file, and the file of who signed it: an authority of its own, or itself.

    `malformed`: its names cannot be read.
    """
    key, own = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer_key = ec.generate_private_key(ec.SECP256R1()) if authority else key
    signer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Contoso Authority")]) if authority else own
    until = datetime.now(UTC) + timedelta(days=days)
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "localhost":
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    own_names: x509.ExtensionType = x509.SubjectAlternativeName(names)
    if malformed:
        own_names = x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, bytes.fromhex("30038201ff"))
    leaf = (
        _builder(own, signer, until)
        .public_key(key.public_key())
        .add_extension(own_names, critical=False)
        .sign(signer_key, hashes.SHA256())
    )
    root = (
        _builder(signer, signer, datetime.now(UTC) + timedelta(days=999))
        .public_key(signer_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(signer_key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    server, trusted = folder / "server.pem", folder / "authority.pem"
    server.write_bytes(leaf.public_bytes(serialization.Encoding.PEM) + private)
    trusted.write_bytes((root if authority else leaf).public_bytes(serialization.Encoding.PEM))
    return server, trusted


def _builder(subject: x509.Name, issuer: x509.Name, until: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - timedelta(days=1_000))
        .not_valid_after(until)
    )
