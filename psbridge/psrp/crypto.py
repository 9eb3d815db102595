"""The key exchange and the cipher of SecureStrings: plain texts in, the text of `<SS>` out, and back.

Source: [MS-PSRP] 2.2.2.3 (PUBLIC_KEY), 2.2.2.4 (ENCRYPTED_SESSION_KEY), 2.2.5.1.24 (SecureString). The blobs are those of
Windows' CryptoAPI: little-endian numbers behind a fixed header. It is imported where keys are made: few sessions need them.
"""

from __future__ import annotations

import base64
from typing import Final

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from psbridge.errors import ProtocolError
from psbridge.psrp.secure_text import text_of, unbase64, utf16

__all__ = ["SessionCipher", "SessionKeyPair"]

_KEY_BITS: Final = 2048
_EXPONENT: Final = 65537
_KEY_BYTES: Final = _KEY_BITS // 8
# PUBLICKEYBLOB: type 6, version 2, CALG_RSA_KEYX 0x0000A400, then RSAPUBKEY: "RSA1", the number of bits.
_PUBLIC_HEADER: Final = bytes.fromhex("06020000 00a40000 52534131") + _KEY_BITS.to_bytes(4, "little")
# SIMPLEBLOB: type 1, version 2, CALG_AES_256 0x00006610, encrypted with CALG_RSA_KEYX.
_SESSION_HEADER: Final = bytes.fromhex("01020000 10660000 00a40000")
_AES_KEY_BYTES: Final = 32


class SessionCipher:
    """AES-256 under the session key, CBC from an IV of zeros, PKCS7: what versions below 2.4 write."""

    def __init__(self, key: bytes) -> None:
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(bytes(16)))  # the protocol has no other IV

    def encrypt(self, plain: str) -> str:
        """Give the text of `<SS>`."""
        padder, encryptor = PKCS7(128).padder(), self._cipher.encryptor()
        padded = padder.update(utf16(plain)) + padder.finalize()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode("ascii")

    def decrypt(self, blob: str) -> str:
        """Give the plain text; raises ProtocolError for what is no such blob."""
        unpadder, decryptor = PKCS7(128).unpadder(), self._cipher.decryptor()
        try:
            padded = decryptor.update(unbase64(blob)) + decryptor.finalize()
            return text_of(unpadder.update(padded) + unpadder.finalize())
        except ValueError:
            raise ProtocolError("a SecureString is not encrypted under this session's key") from None


class SessionKeyPair:
    """The client's RSA pair for one session: its public blob is sent, the session key comes back under it."""

    def __init__(self, private: rsa.RSAPrivateKey) -> None:
        self._private = private

    @classmethod
    def generate(cls) -> SessionKeyPair:
        """Make a new pair (RSA 2048; this takes tens of milliseconds)."""
        return cls(rsa.generate_private_key(public_exponent=_EXPONENT, key_size=_KEY_BITS))

    @property
    def public_blob(self) -> str:
        """The text of PUBLIC_KEY: the public key's blob in base64."""
        numbers = self._private.public_key().public_numbers()
        blob = _PUBLIC_HEADER + numbers.e.to_bytes(4, "little") + numbers.n.to_bytes(_KEY_BYTES, "little")
        return base64.b64encode(blob).decode("ascii")

    def session_cipher(self, encrypted: str) -> SessionCipher:
        """Read the text of ENCRYPTED_SESSION_KEY; raises ProtocolError if it holds no key for this pair."""
        blob = unbase64(encrypted)
        if len(blob) != len(_SESSION_HEADER) + _KEY_BYTES or not blob.startswith(_SESSION_HEADER):
            raise ProtocolError(f"the session key's blob is none of [MS-PSRP] 2.2.2.4: {len(blob)} bytes")
        try:
            key = self._private.decrypt(blob[: len(_SESSION_HEADER) - 1 : -1], padding.PKCS1v15())
        except ValueError:
            raise ProtocolError("the session key is not encrypted under the key that was sent") from None
        if len(key) != _AES_KEY_BYTES:
            raise ProtocolError(f"the session key has {len(key)} bytes; AES-256 needs {_AES_KEY_BYTES}")
        return SessionCipher(key)

    def __repr__(self) -> str:
        return "SessionKeyPair(hidden)"
