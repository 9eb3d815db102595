"""Texts in; first learned from, then given out without the people in them.

`learn` must have seen every text before `scrub` is asked for one: a name is replaced where it was not expected, too.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Iterator
from typing import Final

from psbridge.cassettes.scrub.blobs import Blobs
from psbridge.cassettes.scrub.kinds import Kind
from psbridge.cassettes.scrub.known import COMMON, OWN_LABELS
from psbridge.cassettes.scrub.replacements import Replacements
from psbridge.cassettes.scrub.shapes import is_microsoft, parts, registered

__all__ = ["Texts"]

_DN: Final = re.compile(r"(?i)(?<![^\W_])(?:cn|ou|o|l|uid)=((?:\\.|[^,\\/\"'<>\r\n;])*)")
_WORD: Final = re.compile(r"[^\W_]+")
_HOLD: Final = re.compile(r"^-?(?:UniH|mbx|cld|skp|grp)(?=[0-9a-f])")
# What a playbook's input or a parameter chooses: `yes`, `cmdlet`, `on-premises`.
_CHOICE: Final = re.compile(r"[a-z-]{1,20}")
_CULTURE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?")
_ADDRESS_SCHEME: Final = re.compile(r"(?i)^(?:smtp|sip|x500|eum|x400|mailto|onmicrosoft):")
# A label that says what a host does, not whose it is.
_SERVICES: Final = frozenset(
    {"mail", "www", "autodiscover", "smtp", "imap", "pop", "owa", "ftp", "ns1", "ns2", "mx", "sts", "adfs"}
)
_LEFT_ALONE: Final = frozenset(
    {"o", "ou", "cn", "dc", "l", "uid", "smtp", "sip", "x500", "eum", "http", "https", "mailto", "add", "remove"}
)
_SHORTEST_INSIDE: Final = 5
_LONGEST_NAME: Final = 64
_REMEMBERED: Final = 200_000


class Texts:
    """What is known of one file's people, and its texts without them."""

    def __init__(self, replacements: Replacements, *, strict: bool) -> None:
        self.replacements = replacements
        self.strict = strict
        self.blobs = Blobs(replacements, self._inside)
        self.words: set[str] = set()
        self.phrases: dict[str, set[str]] = {}
        self.names: set[str] = set()
        self.phones: set[str] = set()
        self.domains: dict[str, None] = {}
        self.labels: set[str] = set()
        self.public: set[uuid.UUID] = set()
        self._scrubbed: dict[tuple[Kind, bool, str], tuple[str, tuple[str, ...]]] = {}
        self._learned: set[tuple[Kind, bool, str]] = set()

    def learn(self, kind: Kind, text: str, *, given: bool = False) -> None:
        """Note the names, domains and numbers in a text."""
        if (kind, given, text) in self._learned or not text:
            return
        if len(self._learned) > _REMEMBERED:
            self._learned.clear()
        self._learned.add((kind, given, text))
        if kind is Kind.PHONE:
            self._learn_phone(text)
        if kind is Kind.NAME and not _CULTURE.fullmatch(text):
            self._learn_name(_ADDRESS_SCHEME.sub("", text))
        if kind is Kind.UNKNOWN and self.strict and not given and len(text) <= _LONGEST_NAME:
            # It becomes another text, so an input or a parameter with the same text must become that, too.
            self.names.add(_lower(text))
        self._learn_shapes(text)

    def learn_public(self, text: str) -> None:
        """Note an id that is the same for everybody, such as that of a product."""
        for part, begin, end in parts(text):
            if part == "guid":
                self.public.add(uuid.UUID(text[begin:end]))

    def freeze(self) -> None:
        """Everything was learned: give the domains their names, in the order in which they came."""
        self.replacements.taken = self.words | set(self.domains) | self.names
        for domain in self.domains:
            self.replacements.domain(domain)
        for label in sorted(self.labels):
            self.replacements.label(label)

    def scrub(self, kind: Kind, text: str, *, given: bool = False) -> tuple[str, tuple[str, ...]]:
        """Give the text without people, and the words in it that nobody could judge.

        `given`: it is a parameter; words of a playbook's own stand there, which a replay asks for again.
        """
        found = self._scrubbed.get((kind, given, text))
        if found is None:
            if len(self._scrubbed) > _REMEMBERED:
                self._scrubbed.clear()
            found = self._scrubbed[kind, given, text] = self._scrub(kind, text, given=given)
        return found

    def _scrub(self, kind: Kind, text: str, *, given: bool) -> tuple[str, tuple[str, ...]]:
        if kind is Kind.PHONE and any(char.isdigit() for char in text):
            return self.replacements.phone(text), ()
        if kind is Kind.NAME and _CULTURE.fullmatch(text) and text.lower() not in self.words:
            return text, ()
        # A name that stands alone is that name, whatever it stands in.
        if kind in {Kind.UNKNOWN, Kind.TEXT} and _lower(text) in self.names:
            kind = Kind.NAME
        unsure: list[str] = []
        made = "".join(self._pieces(kind, text, unsure, given=given))
        if self.strict and unsure and not given:
            unsure = []
        return made, tuple(unsure)

    def _inside(self, text: str, *, given: bool = False) -> str:
        """A text that was found in bytes."""
        return self.scrub(Kind.TEXT, text, given=given)[0]

    def _pieces(self, kind: Kind, text: str, unsure: list[str], *, given: bool) -> Iterator[str]:
        place = 0
        slots = [found.span(1) for found in _DN.finditer(text)] if "=" in text else []
        for part, begin, end in parts(text):
            if begin < place:
                continue
            yield text[place:begin]
            piece = text[begin:end]
            if part == "word":
                if phrase := self._phrase(text, begin) if kind is not Kind.KEPT else "":
                    yield self._named(phrase)
                    place = begin + len(phrase)
                    continue
                slot = kind is Kind.NAME or any(first <= begin < last for first, last in slots)
                yield self._word(kind, text, begin, end, unsure, slot=slot, given=given)
            else:
                yield self._part(kind, part, text, begin, end)
            place = end
        yield text[place:]

    def _part(self, kind: Kind, part: str, text: str, begin: int, end: int) -> str:
        piece = text[begin:end]
        match part:
            case "guid":
                return self._guid(piece)
            case "sid":
                return self.replacements.sid(piece)
            case "phone":
                return self.replacements.phone(piece)
            case "ipv4" | "ipv6":
                return piece if kind is Kind.KEPT else self.replacements.address(piece)
            case "host":
                return self._host(piece)
            case "zone":
                return self._zone(piece)
            case "token":
                return self.replacements.token(piece)
            case "octets":
                return self._octets(piece)
            case "hex":
                data = bytes.fromhex(piece)
                made = self.blobs.scrub(data)[0].hex()
                return self._named_inside(piece) if made == data.hex() else made.upper() if piece.isupper() else made
            case "base64":
                return self._base64(piece)
            case _:
                return piece

    def _word(self, kind: Kind, text: str, begin: int, end: int, unsure: list[str], *, slot: bool, given: bool) -> str:
        word = text[begin:end]
        lower = _lower(word)
        behind = text[end : end + 1]
        if lower in self.labels and behind in {"\\", ":"}:
            return self.replacements.label(word)
        if kind is Kind.KEPT:
            server = text[:begin].endswith(("Server=", "server="))
            return self.replacements.word(word) if server or (lower in self.words and not lower.isalpha()) else word
        if slot:
            if (lower in _LEFT_ALONE and behind in {"=", ":"}) or (kind is Kind.NAME and _HOLD.match(text) and begin < 5):
                head = _HOLD.match(word)
                return word if head is None else head[0] + self.replacements.word(word[head.end() :])
            return self.replacements.word(word)
        if lower in self.words:
            return self.replacements.word(word)
        if lower in self.phones:
            return self.replacements.phone(word)
        inside = self._named_inside(word)
        if inside != word:
            return inside
        if self._tells_something(word) and not (given and _CHOICE.fullmatch(text)):
            if self.strict and not given and kind in {Kind.TEXT, Kind.UNKNOWN}:
                return self.replacements.word(word)
            unsure.append(word)
        return word

    def _tells_something(self, word: str) -> bool:
        return len(word) > 1 and any(char.isalpha() for char in word) and word.lower() not in COMMON

    def _zone(self, piece: str) -> str:
        """`DC=litware,DC=com` becomes what litware.com becomes."""
        labels = re.findall(r"=([\w-]+)", piece)
        if len(labels) == 1:
            return piece[:3] + (self.replacements.label(labels[0]) if labels[0].lower() in self.labels else labels[0])
        return ",".join(f"{piece[:3]}{label}" for label in self._host(".".join(labels)).split("."))

    def _guid(self, piece: str) -> str:
        original = uuid.UUID(piece)
        if original in self.public or not original.int or original.int == (1 << 128) - 1:
            return piece
        if "-" not in piece and (known := uuid.UUID(bytes_le=original.bytes)) in self.blobs.guids:
            made = self.replacements.guid(known).bytes_le.hex()
        else:
            new = self.replacements.guid(original)
            made = str(new) if "-" in piece else new.hex
        return made.upper() if piece.isupper() else made

    def _octets(self, piece: str) -> str:
        made = self.blobs.scrub(bytes.fromhex(piece.replace("\\", "")))[0].hex()
        return "".join(f"\\{made[place : place + 2]}" for place in range(0, len(made), 2))

    def _base64(self, piece: str) -> str:
        try:
            data = base64.b64decode(piece, validate=True)
        except (binascii.Error, ValueError):
            return self._named_inside(piece)
        if len(data) == 16 and piece.endswith("=="):
            return base64.b64encode(self.blobs.scrub(data)[0]).decode()
        made, _ = self.blobs.scrub(data, sure=False)
        return self._named_inside(piece) if made == data else base64.b64encode(made).decode()

    def _host(self, host: str) -> str:
        lower = host.lower()
        if own := OWN_LABELS.fullmatch(host):
            return self.replacements.label(own[1]) + own[2]
        if is_microsoft(lower):
            return self._microsoft(host)
        domain = registered(lower)
        if domain not in self.domains:
            return host
        made = self.replacements.domain(domain)
        below = host[: len(host) - len(domain)]
        labels = [label if label.lower() in _SERVICES else self._named(label) for label in below.split(".")]
        return ".".join(labels) + (made.upper() if host.isupper() else made)

    def _microsoft(self, host: str) -> str:
        """The labels that name a tenant or a server stand before Microsoft's own; `prod` and `graph` are not among them."""
        made = []
        for label in host.split("."):
            dotted = label.lower().replace("-", ".")
            if dotted in self.domains:
                made.append(self.replacements.domain(dotted).replace(".", "-"))
            elif _lower(label) in self.words or any(char.isdigit() for char in label) and len(label) > 5:
                made.append(self._named(label))
            else:
                made.append(label)
        return ".".join(made)

    def _named(self, text: str) -> str:
        return _WORD.sub(lambda found: self.replacements.word(found[0]), text)

    def _named_inside(self, word: str) -> str:
        """A word that holds a name, or a GUID and a name without anything between."""
        lower = _lower(word)
        for length in range(len(lower), _SHORTEST_INSIDE - 1, -1):
            for begin in range(len(lower) - length + 1):
                if lower[begin : begin + length] in self.words and not lower[begin : begin + length].isdigit():
                    end = begin + length
                    name = self.replacements.word(word[begin:end])
                    return self._named_inside(word[:begin]) + name + self._named_inside(word[end:])
        return word

    def _phrase(self, text: str, begin: int) -> str:
        first = _WORD.match(text, begin)
        known = self.phrases.get(_lower(first[0])) if first else None
        if not known:
            return ""
        lower = _lower(text)
        fitting = (
            phrase
            for phrase in known
            if lower.startswith(phrase, begin) and not _WORD.match(lower[begin + len(phrase) : begin + len(phrase) + 1])
        )
        phrase = max(fitting, key=len, default="")
        return text[begin : begin + len(phrase)]

    def _learn_phone(self, text: str) -> None:
        self.phones |= {digits for digits in re.findall(r"\d+", text) if len(digits) >= _SHORTEST_INSIDE}

    def _learn_name(self, text: str) -> None:
        """The words of a name, and the name as a whole where one of its words tells nothing alone."""
        if "=" in text or text.startswith("/"):
            return  # its names are found by their shape
        found = [(text[begin:end], begin, end) for part, begin, end in parts(text) if part == "word"]
        for word, _, _ in found:
            self._learn_word(word)
        whole = len(list(parts(text))) == len(found)
        if whole and found:
            self.names.add(_lower(text))
            phrase = text[found[0][1] : found[-1][2]]
            if len(found) > 1 and any(_lower(word) not in self.words for word, _, _ in found):
                self.phrases.setdefault(_lower(found[0][0]), set()).add(_lower(phrase))

    def _learn_word(self, word: str) -> None:
        lower = _lower(word)
        if len(lower) > 2 and lower not in COMMON and any(char.isalpha() for char in lower):
            self.words.add(lower)
        elif lower.isdigit() and len(lower) > 6:
            self.words.add(lower)

    def _learn_shapes(self, text: str) -> None:
        if "=" in text:
            for found in _DN.finditer(text):
                self._learn_name(re.sub(r"\\(.)", r"\1", found[1]))
        for part, begin, end in parts(text):
            piece = text[begin:end]
            if part == "host":
                self._learn_host(piece, address=text[begin - 1 : begin] == "@")
                if text[begin - 1 : begin] == "@":
                    self._learn_local(text[: begin - 1])
            elif part == "zone":
                self._learn_host(".".join(re.findall(r"=([\w-]+)", piece)), address=False)
            elif part == "guid":
                self.blobs.guids.add(uuid.UUID(piece))
            elif part == "base64" and len(piece) == 24 and piece.endswith("=="):
                self.blobs.guids.add(uuid.UUID(bytes_le=base64.b64decode(piece)))
            elif part == "base64":
                self.blobs.learn(base64.b64decode(piece), self._learn_shapes)
            elif part == "phone":
                self._learn_phone(piece)
        for server in re.findall(r"\bServer=([\w-]+)", text):
            self._learn_name(server)

    def _learn_host(self, host: str, *, address: bool) -> None:
        if own := OWN_LABELS.fullmatch(host):
            self.labels.add(own[1].lower())
            self._learn_word(own[1])
        elif not is_microsoft(host):
            domain = registered(host)
            self.domains[domain] = None
            self.labels.add(domain.partition(".")[0])
            self._learn_word(domain.partition(".")[0])
            for label in host[: len(host) - len(domain)].split("."):
                if label.lower() not in _SERVICES and any(char.isdigit() or char == "-" for char in label):
                    self._learn_name(label)
        elif not address:
            for label in host.split("."):
                if any(char.isdigit() for char in label) and len(label) > 5:
                    self._learn_name(label)

    def _learn_local(self, before: str) -> None:
        local = re.search(r"[\w!#$%&*+?^`{|}~.-]+(?:'[\w.-]+)*$", before)
        if local:
            name = re.sub(r"^[0-9a-fA-F]{32}(?=.)", "", local[0])
            self._learn_name(name)


def _lower(text: str) -> str:
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
