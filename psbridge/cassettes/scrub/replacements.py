"""Originals in, what stands for them out: the same for the same key, of the same shape and length, never another original.

A name becomes letters that can be spoken, of the same number and case; digits stay digits. A GUID keeps its version and variant,
a SID its authority and its well-known end, a phone number its signs and its length. Domains become contoso.com, fabrikam.com and
domain.com, and names with a number below one of them; IP addresses those that are for documentation (RFC 5737, RFC 3849).
The key decides the rest (HMAC-SHA-256): without it nobody can say which original a replacement stands for.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import struct
import unicodedata
import uuid
from collections.abc import Iterator
from typing import Final

from psbridge.cassettes.scrub.known import FICTIONAL
from psbridge.cassettes.scrub.shapes import lower

__all__ = ["Replacements"]

_VOWELS: Final = "aeiou"
_CONSONANTS: Final = "bcdfghjklmnprstvwz"
_LATIN: Final = "àáâãäåèéêëìíîïòóôõöùúûü"
_HEBREW: Final = "אבגדהוזחטיכלמנסעפצקרשת"
_TAIL: Final = 7
_TRIES: Final = 200


class Replacements:
    """The replacements of one file. `map` holds those that were made: kind and original (in lower case) to replacement.

    `taken`: the words, in lower case, that no replacement may be, because they are originals.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.map: dict[tuple[str, str], str] = {}
        self.taken: set[str] = set()
        self._used: set[str] = set()
        self._domains: list[str] = []
        self._labels: dict[str, str] = {}

    def word(self, original: str) -> str:
        """A word of a name: letters and digits become others, case by case."""
        small = lower(original)
        label = self._labels.get(small)
        made = self.map.get(("name", small)) or self._new_word(small)
        return _cased(original, label if label is not None else made)

    def guid(self, original: uuid.UUID) -> uuid.UUID:
        """A GUID of the same version and variant."""
        text = str(original)
        made = self.map.get(("guid", text))
        if made is None:
            digits = list(self._bytes("guid", original.bytes.hex(), 16).hex())
            digits[12], digits[16] = original.hex[12], original.hex[16]
            made = self.map["guid", text] = str(uuid.UUID("".join(digits)))
        return uuid.UUID(made)

    def sid(self, original: str) -> str:
        """A SID of the same authority; a well-known relative id below 1000 stays."""
        made = self.map.get(("sid", original.upper()))
        if made is not None:
            return made
        parts = original.upper().split("-")
        head, numbers = parts[:4], [int(part) for part in parts[4:]]
        if head[2] == "12":
            # An Entra SID is the object id in four numbers.
            made_numbers = list(struct.unpack("<4I", self.guid(uuid.UUID(bytes_le=struct.pack("<4I", *numbers))).bytes_le))
        else:
            domain = "-".join(parts[4:7])
            made_numbers = [self._number("sid", f"{domain} {place}", value) for place, value in enumerate(numbers[:3])]
            made_numbers += [value if value < 1000 else self._number("rid", f"{domain} {value}", value) for value in numbers[3:]]
        made = self.map["sid", original.upper()] = "-".join([*head, *map(str, made_numbers)])
        return made

    def phone(self, original: str) -> str:
        """A phone number with the same signs; numbers that end alike still end alike."""
        digits = "".join(char for char in original if char.isdigit())
        zeros = len(digits) - len(digits.lstrip("0"))
        tail, front = digits[-_TAIL:], digits[zeros:-_TAIL]
        made = iter("0" * min(zeros, max(0, len(digits) - _TAIL)) + self._digits("front", front) + self._digits("tail", tail))
        text = "".join(next(made) if char.isdigit() else char for char in original)
        self.map["phone number", original] = text
        return text

    def address(self, original: str) -> str:
        """An IP address for documentation; loopback, unspecified and link-local ones stay."""
        found = ipaddress.ip_address(original)
        if found.is_loopback or found.is_unspecified or found.is_link_local or found.is_multicast:
            return original
        made = self.map.get(("ip address", original.lower()))
        if made is None:
            made = next(free for free in self._addresses(original, found.version) if free not in self._used)
            self._used.add(made)
            self.map["ip address", original.lower()] = made
        return made

    def domain(self, original: str) -> str:
        """A registered domain, such as `litware.example`, in lower case."""
        made = self.map.get(("domain", original))
        if made is None:
            made = self.map["domain", original] = self._next_domain()
            self._labels.setdefault(original.partition(".")[0], made.partition(".")[0])
        return made

    def label(self, original: str) -> str:
        """The name of a tenant, as it stands before .onmicrosoft.com; that of the domain of the same name, if there is one."""
        small = original.lower()
        if small not in self._labels:
            self._labels[small] = self._next_domain().partition(".")[0]
        self.map["tenant", small] = self._labels[small]
        return _cased(original, self._labels[small])

    def random(self, original: bytes) -> bytes:
        """As many bytes that tell nothing."""
        return self._bytes("bytes", original.hex(), len(original))

    def token(self, original: str) -> str:
        """A text of base64url of the same length."""
        stream = self._bytes("token", original, len(original))
        letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        return "".join(char if char in ".-_" else letters[byte % 62] for char, byte in zip(original, stream, strict=True))

    def _new_word(self, original: str) -> str:
        made = original
        for turn in range(_TRIES):
            made = self._spoken(original, turn)
            if made not in self._used and made not in self.taken:
                break
        # Where all of a length are used (initials are one letter) two may be alike.
        self._used.add(made)
        self.map["name", original] = made
        return made

    def _spoken(self, original: str, turn: int) -> str:
        stream = self._bytes("name", f"{turn} {original}", 2 * len(original))
        made = []
        vowel = stream[0] % 3 == 0 if stream else False
        for place, char in enumerate(original):
            choice = stream[2 * place] << 8 | stream[2 * place + 1]
            letters = _letters(char, vowel=vowel)
            vowel = not vowel if char.isascii() and char.isalpha() else vowel
            made.append(letters[choice % len(letters)] if letters else char)
        return "".join(made)

    def _next_domain(self) -> str:
        originals = {original for kind, original in self.map if kind == "domain"} | self.taken
        free = [name for name in FICTIONAL if name not in originals and name not in self._domains]
        below = next((name for name in FICTIONAL if name not in originals), FICTIONAL[0])
        made = free[0] if free else f"n{len(self._domains) + 1}.{below}"
        self._domains.append(made)
        return made

    def _addresses(self, original: str, version: int) -> Iterator[str]:
        for turn in range(100_000):
            stream = self._bytes("ip", f"{turn} {original}", 4)
            if version == 6:
                yield f"2001:db8::{stream.hex()[:4]}:{stream.hex()[4:]}"
            elif turn < _TRIES:
                yield f"{('192.0.2', '198.51.100', '203.0.113')[stream[0] % 3]}.{stream[1]}"
            else:
                # More addresses than there are for documentation.
                yield f"198.{18 + stream[0] % 2}.{stream[1]}.{stream[2]}"

    def _number(self, kind: str, what: str, value: int) -> int:
        """A number of as many digits that fits into 32 bits."""
        low: int = 10 ** (len(str(value)) - 1)
        high: int = min(low * 10, 1 << 32)
        chosen = int.from_bytes(self._bytes(kind, what, 8))
        return low + chosen % (high - low)

    def _digits(self, kind: str, digits: str) -> str:
        return "".join(str(byte % 10) for byte in self._bytes(kind, digits, len(digits))).replace("0", "5")

    def _bytes(self, kind: str, what: str, count: int) -> bytes:
        head = f"{kind}\0{what}".encode("utf-8", "surrogatepass")
        made = b""
        for block in range(-(-count // 32)):
            made += hmac.new(self._key, head + block.to_bytes(4), hashlib.sha256).digest()
        return made[:count]


def _letters(char: str, *, vowel: bool) -> str:
    """What may stand for a character, as long in UTF-8."""
    if char.isascii():
        if char.isdigit():
            return "0123456789"
        return (_VOWELS if vowel else _CONSONANTS) if char.isalpha() else ""
    if not unicodedata.category(char).startswith("L"):
        return ""
    size = len(char.encode("utf-8", "surrogatepass"))
    if size == 2:
        return _LATIN if char.upper() != char else _HEBREW
    first = 0x4E00 if size == 3 else 0x20000
    return "".join(chr(first + step) for step in range(256))


def _cased(original: str, made: str) -> str:
    if len(made) != len(original):
        return made.upper() if original.isupper() else made.capitalize() if original[:1].isupper() else made
    pairs = zip(original, made, strict=True)
    return "".join(new.upper() if old.isupper() and len(new.upper()) == 1 else new for old, new in pairs)
