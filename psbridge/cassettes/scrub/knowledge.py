"""Texts in; what is in them of people, places and machines is known afterwards."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable
from typing import Final

from psbridge.cassettes.scrub.blobs import plain
from psbridge.cassettes.scrub.kinds import Kind
from psbridge.cassettes.scrub.known import COMMON, OWN_LABELS, SERVICES
from psbridge.cassettes.scrub.shapes import CULTURE, NAMED, is_microsoft, lower, parts, registered

__all__ = ["LONGEST_NAME", "TAIL", "Knowledge"]

# Of so many digits at its end a phone number is known, however it is written.
TAIL: Final = 7
# A name of several words is looked for as a whole up to here.
LONGEST_NAME: Final = 256

_SCHEME: Final = re.compile(r"(?i)^(?:smtp|sip|x500|eum|x400|mailto|onmicrosoft):")
_LOCAL: Final = re.compile(r"[\w!#$%&*+?^`{|}~.-]+(?:'[\w.-]+)*$")
_REMEMBERED: Final = 200_000
_LONGEST_REMEMBERED: Final = 2_000
_LONGEST_LOCAL: Final = 128


class Knowledge:
    """What one file has of others than Microsoft.

    `words` tell something alone, `phrases` (under their first word) only as a whole; `names` are values that are nothing but a
    name. All are in lower case. `phones`: how numbers end. `domains` are registered ones, `labels` their first part and tenants.
    """

    def __init__(self, *, strict: bool) -> None:
        self.words: set[str] = set()
        self.longest = 0
        self.phrases: dict[str, set[str]] = {}
        self.names: set[str] = set()
        self.phones: set[str] = set()
        self.domains: dict[str, None] = {}
        self.labels: set[str] = set()
        self.guids: set[uuid.UUID] = set()
        self.public: set[uuid.UUID] = set()
        self._strict = strict
        self._seen: set[tuple[Kind, bool, str]] = set()
        self._parts: dict[str, Callable[[str], None]] = {
            "guid": lambda piece: self.guids.add(uuid.UUID(piece)),
            "zone": lambda piece: self._host(".".join(re.findall(r"=([\w-]+)", piece))),
            "phone": self._phone,
            "base64": self._base64,
            "host": self._host,
        }

    def learn(self, kind: Kind, text: str, *, given: bool = False) -> None:
        """Note names, domains and numbers in a text. `given`: it is a parameter or an input."""
        if not text or (kind, given, text) in self._seen:
            return
        if len(self._seen) > _REMEMBERED:
            self._seen.clear()
        if len(text) <= _LONGEST_REMEMBERED:
            self._seen.add((kind, given, text))
        if kind is Kind.PHONE:
            self._phone(text)
        if kind is Kind.NAME and not CULTURE.fullmatch(text):
            self._name(_SCHEME.sub("", text))
            self._folders(text)
        if kind is Kind.UNKNOWN and self._strict and not given and len(text) <= LONGEST_NAME:
            # It becomes another text, so an input or a parameter with the same text must become that, too.
            self.names.add(lower(text))
        self._shapes(text)

    def learn_bytes(self, data: bytes) -> None:
        """Note the names in bytes that are a text."""
        if (text := plain(data)) is not None:
            self.learn(Kind.TEXT, text[1])

    def learn_public(self, text: str) -> None:
        """Note ids that are the same for everybody, such as that of a product."""
        self.public |= {uuid.UUID(text[begin:end]) for part, begin, end in parts(text) if part == "guid"}

    def _shapes(self, text: str) -> None:
        for found in NAMED.finditer(text) if "=" in text else ():
            self._name(re.sub(r"\\(.)", r"\1", found[1]))
        for server in re.findall(r"\bServer=([\w-]+)", text):
            self._name(server)
        for part, begin, end in parts(text):
            if part in self._parts:
                self._parts[part](text[begin:end])
            if (
                part == "host"
                and text[begin - 1 : begin] == "@"
                and (local := _LOCAL.search(text[max(0, begin - 1 - _LONGEST_LOCAL) : begin - 1]))
            ):
                # A deleted account's name begins with its id.
                self._name(re.sub(r"^[0-9a-fA-F]{32}(?=.)", "", local[0]))

    def _name(self, text: str) -> None:
        """The words of a name; and the name as a whole, where one of its words tells nothing alone."""
        if "=" in text or text.startswith("/"):
            return  # a distinguished name: its names are found by their shape
        every = list(parts(text, of_name=True))
        found = [(begin, end) for part, begin, end in every if part == "word"]
        for begin, end in found:
            self._word(lower(text[begin:end]))
        if found and len(found) == len(every):
            self.names.add(lower(text))
            words = [lower(text[begin:end]) for begin, end in found]
            if len(words) > 1 and len(text) <= LONGEST_NAME and not all(word in self.words for word in words):
                self.phrases.setdefault(words[0], set()).add(lower(text[found[0][0] : found[-1][1]]))

    def _folders(self, text: str) -> None:
        """The folders of a path in a mailbox, `/Inbox/Litware`, but for those that everybody has."""
        if text.startswith("/") and "=" not in text:
            for part, begin, end in parts(text, of_name=True):
                if part == "word":
                    self._word(lower(text[begin:end]))

    def _word(self, word: str) -> None:
        letters = any(char.isalpha() for char in word)
        if (letters and len(word) > 2 and word not in COMMON) or (word.isdigit() and len(word) >= TAIL):
            self.words.add(word)
            self.longest = max(self.longest, len(word))

    def _phone(self, text: str) -> None:
        digits = "".join(char for char in text if char.isdigit())
        if len(digits) >= TAIL:
            self.phones.add(digits[-TAIL:])

    def _host(self, host: str) -> None:
        if own := OWN_LABELS.fullmatch(host):
            self.labels.add(own[1].lower())
            self._word(own[1].lower())
            return
        domain = "" if is_microsoft(host) else registered(host)
        if domain:
            label = domain.partition(".")[0]
            self.domains[domain] = None
            self.labels.add(label)
            self._word(label)
        # A machine is known by its sign; `mail` and `prod` are nobody's.
        for name in host[: len(host) - len(domain)].split("."):
            if name.lower() not in SERVICES and len(name) > 2 and any(char.isdigit() or char == "-" for char in name):
                self._name(name)

    def _base64(self, piece: str) -> None:
        data = base64.b64decode(piece)
        if len(data) == 16 and piece.endswith("=="):
            self.guids.add(uuid.UUID(bytes_le=data))
        else:
            self.learn_bytes(data)
