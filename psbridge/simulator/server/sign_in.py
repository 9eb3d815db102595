"""The Authorization headers of one TCP connection in, who speaks out: Basic, and NTLM or Negotiate with sealed messages.

Source: [MS-WSMV] 2.2.9.1 for the seal. Who has signed in by NTLM is known for the rest of the connection.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hmac
import os
import re
import struct
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import spnego
from spnego.exceptions import SpnegoError

from psbridge.errors import InputError

__all__ = ["Account", "NotSealed", "SignIn"]

_BOUNDARY: Final = "Encrypted Boundary"
_SEALED: Final = "application/HTTP-SPNEGO-session-encrypted"
_OPENING: Final = re.compile(rb"--\s*Encrypted Boundary\r\n.*?Length=(\d+)\r\n.*?application/octet-stream\r\n", re.DOTALL)
_CLOSING: Final = re.compile(rb"--\s*Encrypted Boundary--\r\n\Z")
_SCHEMES: Final = ("Negotiate", 'Basic realm="WSMAN"')


class NotSealed(Exception):
    """A message that should be encrypted for this session, and is not."""


class Account:
    """The one account of a server. Raises InputError for a name or password that cannot sign in."""

    def __init__(self, user: str, password: str) -> None:
        if not user or not password or set(":\r\n") & set(user + password):
            raise InputError("The simulator's account needs a name and a password, without colons and line ends.")
        self.user = user
        self._basic = f"{user}:{password}".encode()

    def is_basic(self, token: str) -> bool:
        """Whether the token of Basic is this account's."""
        try:
            given = base64.b64decode(token, validate=True)
        except (binascii.Error, ValueError):
            return False
        return hmac.compare_digest(given, self._basic)

    @contextlib.contextmanager
    def known(self, token: bytes) -> Iterator[None]:
        """Let pyspnego find this account, in whatever domain the client's token names it.

        It looks into a file that the environment names; that is there for this moment, and for this user of the machine only.
        """
        descriptor, path = tempfile.mkstemp(prefix="psbridge-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(b"".join(b"%s:%s\n" % (domain, self._basic) for domain in {b"", _domain(token)}))
            with _ENVIRONMENT:
                before = os.environ.get(_VARIABLE)
                os.environ[_VARIABLE] = path
                try:
                    yield
                finally:
                    del os.environ[_VARIABLE]
                    if before is not None:
                        os.environ[_VARIABLE] = before
        finally:
            Path(path).unlink()


def _domain(token: bytes) -> bytes:
    """The domain that an AUTHENTICATE_MESSAGE names ([MS-NLMP] 2.2.1.3), as UTF-8; empty where there is none."""
    at = token.find(_AUTHENTICATE)
    if at < 0 or len(token) < at + _DOMAIN + 8:
        return b""
    length, _, offset = struct.unpack_from("<HHI", token, at + _DOMAIN)
    named = token[at + offset : at + offset + length].decode("utf-16-le", "replace")
    return b"" if set(":\r\n") & set(named) else named.encode()


_AUTHENTICATE: Final = b"NTLMSSP\0\x03\0\0\0"
_DOMAIN: Final = 28
_VARIABLE: Final = "NTLM_USER_FILE"
_ENVIRONMENT: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Step:
    """What a header led to: who speaks, or the challenges of a 401; `token` goes into the answer's WWW-Authenticate."""

    user: str = ""
    challenges: tuple[str, ...] = ()
    token: str = ""


class SignIn:
    """One connection."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._context: Any = None
        self._user = ""

    @property
    def sealed(self) -> bool:
        """Whether messages are encrypted in this connection."""
        return bool(self._user)

    def step(self, authorization: str) -> Step:
        """Take the Authorization header of a request."""
        scheme, _, token = authorization.strip().partition(" ")
        if not authorization and self._user:
            return Step(self._user)
        if scheme.lower() == "basic" and self._account.is_basic(token.strip()):
            self._user = ""
            return Step(self._account.user)
        if scheme.lower() in {"negotiate", "ntlm"} and token:
            return self._negotiate(scheme, token.strip())
        self._context, self._user = None, ""
        return Step(challenges=_SCHEMES)

    def open(self, body: bytes) -> bytes:
        """Decrypt a message. Raises NotSealed."""
        start, end = _OPENING.match(body), _CLOSING.search(body)
        if not start or not end or end.start() < start.end() + 4:
            raise NotSealed("the message is not encrypted")
        content = body[start.end() : end.start()]
        (length,) = struct.unpack_from("<i", content)
        if not 0 <= length <= len(content) - 4:
            raise NotSealed("the message has no signature")
        try:
            return bytes(self._context.unwrap_winrm(content[4 : 4 + length], content[4 + length :]))
        except (SpnegoError, ValueError, IndexError, struct.error) as error:
            raise NotSealed("the message cannot be decrypted") from error

    def seal(self, body: bytes) -> tuple[str, bytes]:
        """Encrypt an answer; gives its content type and the message."""
        header, data, padding = self._context.wrap_winrm(body)
        kind = f"OriginalContent: type=application/soap+xml;charset=UTF-8;Length={len(body) + padding}"
        return f'multipart/encrypted;protocol="{_SEALED}";boundary="{_BOUNDARY}"', b"".join(
            (
                f"--{_BOUNDARY}\r\n\tContent-Type: {_SEALED}\r\n\t{kind}\r\n".encode(),
                f"--{_BOUNDARY}\r\n\tContent-Type: application/octet-stream\r\n".encode(),
                struct.pack("<i", len(header)) + header + data,
                f"--{_BOUNDARY}--\r\n".encode(),
            )
        )

    def _negotiate(self, scheme: str, token: str) -> Step:
        refused = Step(challenges=_SCHEMES)
        if self._user:  # somebody signs in again in the same connection
            self._context, self._user = None, ""
        try:
            given = base64.b64decode(token, validate=True)
            protocol = "ntlm" if given.startswith(b"NTLMSSP\0") else "negotiate"
            with self._account.known(given):
                self._context = self._context or spnego.server(protocol=protocol, options=spnego.NegotiateOptions.use_negotiate)
                answer = self._context.step(given)
        except Exception:  # noqa: BLE001 - pyspnego raises whatever a foreign token makes its parsers stumble over
            self._context = None
            return refused
        reply = f"{scheme} {base64.b64encode(answer).decode('ascii')}" if answer else ""
        if not self._context.complete:
            return Step(challenges=(reply,)) if reply else refused
        self._user = self._account.user
        return Step(self._user, token=reply)
