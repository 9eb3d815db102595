"""The server's half of NTLM over HTTP with message encryption ([MS-WSMV] 2.2.9.1), for one TCP connection."""

from __future__ import annotations

import base64
import re
import struct

import spnego
from spnego.exceptions import SpnegoError

_BOUNDARY = b"--Encrypted Boundary"
_PROTOCOL = "application/HTTP-SPNEGO-session-encrypted"
SEALED = f'multipart/encrypted;protocol="{_PROTOCOL}";boundary="Encrypted Boundary"'


class NtlmSide:
    """One connection: who speaks is known once `signed_in`; accounts stand in the file that NTLM_USER_FILE names."""

    def __init__(self) -> None:
        self._context = spnego.server(protocol="ntlm")
        self.signed_in = False

    def step(self, authorization: str) -> str:
        """Take the Authorization header; give the next WWW-Authenticate, empty when it is done."""
        if not authorization:
            return "" if self.signed_in else "Negotiate"
        if self.signed_in:
            self._context, self.signed_in = spnego.server(protocol="ntlm"), False
        try:
            token = self._context.step(base64.b64decode(authorization.partition(" ")[2]))
        except SpnegoError:
            self._context = spnego.server(protocol="ntlm")
            return "Negotiate"
        self.signed_in = self._context.complete
        return "" if self.signed_in else f"Negotiate {base64.b64encode(token or b'').decode()}"

    def open(self, body: bytes) -> bytes:
        """Decrypt a message; raises ValueError for one that is not encrypted."""
        found = re.fullmatch(rb".*application/octet-stream\r\n(.*)--Encrypted Boundary--\r\n", body, re.DOTALL)
        if not found:
            raise ValueError("the message is not encrypted")
        (length,) = struct.unpack_from("<i", found[1])
        return self._context.unwrap_winrm(found[1][4 : 4 + length], found[1][4 + length :])

    def seal(self, body: bytes) -> bytes:
        """Encrypt a message."""
        header, data, _ = self._context.wrap_winrm(body)
        return b"".join(
            (
                _BOUNDARY,
                f"\r\n\tContent-Type: {_PROTOCOL}\r\n".encode(),
                f"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={len(body)}\r\n".encode(),
                _BOUNDARY,
                b"\r\n\tContent-Type: application/octet-stream\r\n",
                struct.pack("<i", len(header)) + header + data,
                _BOUNDARY + b"--\r\n",
            )
        )
