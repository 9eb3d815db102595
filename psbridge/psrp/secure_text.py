"""What stands in `<SS>` where two sides of protocol 2.4 exchange no key (seen with PowerShell 7.6.9): the text itself, and back.

Source: [MS-PSRP] 2.2.5.1.24 (SecureString).
"""

from __future__ import annotations

import base64
import binascii
from typing import Protocol

from psbridge.errors import InputError, ProtocolError

__all__ = ["ClearText", "KeysMissing", "SecureStringCipher", "text_of", "unbase64", "utf16"]


class KeysMissing(InputError):
    """A SecureString cannot be sent before the keys were exchanged; nothing was sent."""


class SecureStringCipher(Protocol):
    """Turns a plain text into the text of `<SS>` and back."""

    def encrypt(self, plain: str) -> str:
        """Give the text of `<SS>`."""

    def decrypt(self, blob: str) -> str:
        """Give the plain text; raises ProtocolError for what is no such blob."""


class ClearText:
    """What two sides of protocol 2.4 write: base64 of the UTF-16LE text. It hides nothing."""

    def encrypt(self, plain: str) -> str:
        """Give the text of `<SS>`."""
        return base64.b64encode(utf16(plain)).decode("ascii")

    def decrypt(self, blob: str) -> str:
        """Give the plain text; raises ProtocolError for what is no such blob."""
        return text_of(unbase64(blob))


def utf16(plain: str) -> bytes:
    """The bytes that a SecureString's text is kept as."""
    return plain.encode("utf-16-le", "surrogatepass")


def text_of(data: bytes) -> str:
    """The text of such bytes; raises ProtocolError for what are none."""
    if len(data) % 2:
        raise ProtocolError("a SecureString does not hold UTF-16 text")
    return data.decode("utf-16-le", "surrogatepass")


def unbase64(text: str) -> bytes:
    """The bytes of a blob; raises ProtocolError for what is no base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ProtocolError("a key or a SecureString is no base64") from None
