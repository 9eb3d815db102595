"""A text in, the same text without the people in it out, and the words in it that nobody could judge."""

from __future__ import annotations

import base64
import re
import uuid
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from psbridge.cassettes.scrub.blobs import Blobs
from psbridge.cassettes.scrub.hosts import Hosts
from psbridge.cassettes.scrub.kinds import Kind
from psbridge.cassettes.scrub.knowledge import LONGEST_NAME, TAIL, Knowledge
from psbridge.cassettes.scrub.known import CHOICES, COMMON, ENUMS
from psbridge.cassettes.scrub.replacements import Replacements
from psbridge.cassettes.scrub.shapes import CULTURE, NAMED, WORD, lower, parts

__all__ = ["Texts"]

_DIALLED: Final = re.compile(r"(?i)(?:tel:)?[\d\s()+./;,x-]+(?:ext\.?\s*\d+)?")
_HOLD: Final = re.compile(r"-?(?:UniH|mbx|cld|skp|grp)(?=[0-9a-f])")
# What a playbook's input or a parameter chooses: `yes`, `cmdlet`, `on-premises`.
_CHOICE: Final = re.compile(r"[a-z-]{1,20}")
# A telephone, an insurance or an employee's number: seven digits or more, whatever stands between them; and a day, which is none.
_NUMBER: Final = re.compile(r"(?<![\w./,:-])[0-9]{2,40}(?:[ ./-][0-9]{2,40}){0,6}(?![\w]|[ ./:,-][0-9])")
_DAY: Final = re.compile(r"[0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}")
# Kinds in which a word stays that nobody is known by.
_STILL: Final = frozenset({Kind.KEPT, Kind.CODE})
_UNITS: Final = frozenset({"b", "kb", "mb", "gb", "tb", "bytes", "ms"})
# Exchange's names for what went wrong and what it waited for.
_PROGRAM: Final = re.compile(r"\w+(?:exception|throttle|latency)")
_KEYS: Final = frozenset({"o", "ou", "cn", "dc", "l", "uid", "smtp", "sip", "x500", "x400", "eum", "http", "https", "mailto"})
_SHORTEST_INSIDE: Final = 5
# No word of people is longer; bytes in letters are.
_LONGEST_WORD: Final = 2_000
_LONGEST_REMEMBERED: Final = 2_000
_REMEMBERED: Final = 200_000


@dataclass(frozen=True, slots=True)
class _Where:
    """The text that a word stands in.

    `slots`: the parts of it that are names, in order; `given`: it is a parameter or an input; `spaced`: it is several words.
    `numbers`: the parts of it that are long numbers.
    """

    kind: Kind
    text: str
    slots: tuple[tuple[int, int], ...]
    given: bool
    spaced: bool
    numbers: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, kind: Kind, text: str, *, given: bool) -> _Where:
        slots = tuple(found.span(1) for found in NAMED.finditer(text)) if "=" in text else ()
        numbers = () if kind is Kind.NAME or kind in _STILL else tuple(_numbers(text))
        return cls(kind, text, slots, given, len(text.split()) > 1, numbers)

    def is_name(self, begin: int) -> bool:
        place = bisect_right(self.slots, (begin, len(self.text))) - 1
        return self.kind is Kind.NAME or (place >= 0 and begin < self.slots[place][1])

    def is_number(self, begin: int) -> bool:
        place = bisect_right(self.numbers, (begin, len(self.text))) - 1
        return place >= 0 and begin < self.numbers[place][1]

    def is_choice(self) -> bool:
        """Whether it is what a playbook or a cmdlet lets one choose."""
        return self.given and (self.text in CHOICES or (_CHOICE.fullmatch(self.text) is not None and self._is_common()))

    def _is_common(self) -> bool:
        return all(word in COMMON or word in CHOICES for word in self.text.split("-"))


class Texts:
    """Scrubs the texts of one file, of which everything was learned before. `strict`: what cannot be judged is replaced."""

    def __init__(self, knowledge: Knowledge, replacements: Replacements, *, strict: bool) -> None:
        self.blobs = Blobs(replacements, knowledge.guids, lambda text, given: self.scrub(Kind.TEXT, text, given=given)[0])
        self._knowledge = knowledge
        self._replacements = replacements
        self._hosts = Hosts(knowledge, replacements)
        self._strict = strict
        self._done: dict[tuple[Kind, bool, str], tuple[str, tuple[str, ...]]] = {}
        self._parts: dict[str, Callable[[str], str]] = {
            "guid": self._guid,
            "sid": replacements.sid,
            "phone": replacements.phone,
            "ipv4": replacements.address,
            "ipv6": replacements.address,
            "host": self._hosts.host,
            "zone": self._hosts.zone,
            "token": replacements.token,
            "octets": self._octets,
            "hex": self._hex,
            "base64": self._base64,
        }

    def scrub(self, kind: Kind, text: str, *, given: bool = False) -> tuple[str, tuple[str, ...]]:
        """Give the text, and what in it was not judged.

        `given`: it is a parameter or an input. Words of a playbook's own stand there, and a replay asks for them again.
        """
        if len(text) > _LONGEST_REMEMBERED:
            return self._scrub(kind, text, given=given)
        found = self._done.get((kind, given, text))
        if found is None:
            if len(self._done) > _REMEMBERED:
                self._done.clear()
            found = self._done[kind, given, text] = self._scrub(kind, text, given=given)
        return found

    def _scrub(self, kind: Kind, text: str, *, given: bool) -> tuple[str, tuple[str, ...]]:
        if kind is Kind.PHONE and _DIALLED.fullmatch(text):
            return self._replacements.phone(text), ()
        if kind is Kind.NAME and CULTURE.fullmatch(text) and lower(text) not in self._knowledge.words:
            return text, ()
        if kind is Kind.TEXT and lower(text.strip(" .")) in ENUMS:
            return text, ()
        # A text that is a name alone is that name, whatever it stands in.
        if kind not in _STILL and lower(text) in self._knowledge.names:
            kind = Kind.NAME
        unsure: list[str] = []
        made = "".join(self._pieces(_Where.of(kind, text, given=given), unsure))
        return made, tuple(unsure)

    def _pieces(self, where: _Where, unsure: list[str]) -> Iterator[str]:
        text, place = where.text, 0
        for part, begin, end in parts(text, of_name=where.kind is Kind.NAME):
            if begin < place:
                continue  # it was in a phrase
            yield text[place:begin]
            place = end
            if part == "dialled":
                yield self._dialled(where, text[begin:end], unsure)
            elif part != "word":
                stays = part in {"constant", "cmdlet"} or (where.kind is Kind.CODE and part == "ipv4")
                yield text[begin:end] if stays else self._parts[part](text[begin:end])
            elif phrase := self._phrase(where, begin):
                yield self._named(phrase)
                place = begin + len(phrase)
            else:
                yield self._word(where, begin, end, unsure)
        yield text[place:]

    def _word(self, where: _Where, begin: int, end: int, unsure: list[str]) -> str:
        word, behind = where.text[begin:end], where.text[end : end + 1]
        if behind in {"\\", ":"} and word.lower() in self._knowledge.labels:
            return self._replacements.label(word)  # DOMAIN\user, and the tenant of an AccountSkuId
        if where.kind in _STILL:
            return self._kept(where, begin, word, unsure)
        if where.is_name(begin):
            return self._of_name(word, behind)
        made = self._known(word)
        if made != word or where.is_choice() or not (_tells_something(word) or where.is_number(begin)):
            return made
        return self._unjudged(where, word, unsure)

    def _unjudged(self, where: _Where, word: str, unsure: list[str]) -> str:
        if self._strict and not where.given:
            return self._replacements.word(word)
        unsure.append(word)
        return word

    def _kept(self, where: _Where, begin: int, word: str, unsure: list[str]) -> str:
        """An enum stays, whoever is called so; a machine's name does not, nor any known one. Several words may be anything."""
        small = lower(word)
        if where.text[max(0, begin - 7) : begin].lower() == "server=":
            return self._replacements.word(word)
        if small in ENUMS:
            return word
        if small in self._knowledge.words:
            return self._replacements.word(word)
        if where.kind is Kind.KEPT and where.spaced and word.isalpha() and _tells_something(word):
            return self._unjudged(where, word, unsure)
        return word

    def _of_name(self, word: str, behind: str) -> str:
        if word.lower() in _KEYS and behind in {"=", ":"}:
            return word
        mark = _HOLD.match(word)
        return mark[0] + self._replacements.word(word[mark.end() :]) if mark else self._replacements.word(word)

    def _known(self, word: str) -> str:
        if lower(word) in self._knowledge.words:
            return self._replacements.word(word)
        if word.isdigit() and word[-TAIL:] in self._knowledge.phones:
            return self._replacements.phone(word)
        return self._inside(word)

    def _inside(self, word: str) -> str:
        """A word that holds a name, with nothing between that and the rest."""
        if len(word) > _LONGEST_WORD:
            return word
        small = lower(word)
        for length in range(min(len(small), self._knowledge.longest), _SHORTEST_INSIDE - 1, -1):
            for begin in range(len(small) - length + 1):
                part = small[begin : begin + length]
                if part in self._knowledge.words and not part.isdigit():
                    end = begin + length
                    return self._inside(word[:begin]) + self._replacements.word(word[begin:end]) + self._inside(word[end:])
        return word

    def _phrase(self, where: _Where, begin: int) -> str:
        """The longest name that begins here and is known as a whole only."""
        first = WORD.match(where.text, begin)
        known = self._knowledge.phrases.get(lower(first[0])) if first and where.kind not in _STILL else None
        if not known:
            return ""
        rest = lower(where.text[begin : begin + LONGEST_NAME + 1])
        fitting = (phrase for phrase in known if rest.startswith(phrase) and not WORD.match(rest, len(phrase)))
        return where.text[begin : begin + len(max(fitting, key=len, default=""))]

    def _named(self, text: str) -> str:
        return WORD.sub(lambda found: self._replacements.word(found[0]), text)

    def _dialled(self, where: _Where, piece: str, unsure: list[str]) -> str:
        digits = "".join(char for char in piece if char.isdigit())
        if digits[-TAIL:] in self._knowledge.phones or where.kind is Kind.NAME:
            return self._replacements.phone(piece)
        if len(digits) < TAIL or where.kind in _STILL:
            return piece
        if self._strict and not where.given:
            return self._replacements.phone(piece)
        unsure.append(piece)
        return piece

    def _guid(self, piece: str) -> str:
        original = uuid.UUID(piece)
        if original in self._knowledge.public or not original.int or original.int == (1 << 128) - 1:
            return piece
        if "-" not in piece and (known := uuid.UUID(bytes_le=original.bytes)) in self._knowledge.guids:
            made = self._replacements.guid(known).bytes_le.hex()  # the bytes as they lie in memory
        else:
            new = self._replacements.guid(original)
            made = str(new) if "-" in piece else new.hex
        return made.upper() if piece.isupper() else made

    def _octets(self, piece: str) -> str:
        made = self.blobs.scrub(bytes.fromhex(piece.replace("\\", "")))[0].hex()
        return "".join(f"\\{made[place : place + 2]}" for place in range(0, len(made), 2))

    def _hex(self, piece: str) -> str:
        data = bytes.fromhex(piece)
        made = self.blobs.scrub(data, sure=False)[0]
        if made == data:
            return self._inside(piece)
        return made.hex().upper() if piece.isupper() else made.hex()

    def _base64(self, piece: str) -> str:
        data = base64.b64decode(piece)
        made = self.blobs.scrub(data, sure=len(data) == 16 and piece.endswith("=="))[0]
        return self._inside(piece) if made == data else base64.b64encode(made).decode()


def _tells_something(word: str) -> bool:
    small = word.lower()
    told = len(word) > 1 and any(char.isalpha() for char in word)
    return told and small not in COMMON and small not in _UNITS and not _PROGRAM.fullmatch(small)


def _numbers(text: str) -> Iterator[tuple[int, int]]:
    for found in _NUMBER.finditer(text):
        if sum(char.isdigit() for char in found[0]) >= TAIL and not _DAY.match(found[0]):
            yield found.span()
