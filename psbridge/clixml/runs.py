"""The parts of a document in, its words out; between two words a whole run of members that nobody wants is passed over.

A run is found by one regular expression, at the speed of C. It takes only what is right beyond doubt: members in the form that
PowerShell writes, with values that no reader refuses. So passing over it and reading it are the same. Whatever else there is
(other forms, deeper objects, objects that are referred to, new type lists) is left to the words, which are read one by one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Final, NamedTuple

__all__ = ["Runs", "Scan", "runs_of"]

_NAME: Final = rb"[ !#-%'-;=?-~]++"
# An escape could spell a wanted name, so a name with `_` is no member of a run.
_PLAIN_NAME: Final = rb"[ !#-%'-;=?-^`-~]++"
_CHARACTERS: Final = rb"[^\x00-\x08\x0b\x0c\x0e-\x1f<>&]*+"
_TEXT: Final = _CHARACTERS + rb"(?:&(?:amp|lt|gt|quot|apos);" + _CHARACTERS + rb")*+"
_SPACE: Final = rb"[ \t\r\n]*+"
_CLOCK: Final = rb"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,7})?+"
_DAY: Final = rb"[1-9][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
_SPAN: Final = rb"-?P(?:[0-9]{1,6}D)?+T(?:[0-9]{1,4}H)?+(?:[0-9]{1,4}M)?+[0-9]{1,4}(?:\.[0-9]{1,7})?+S|-?P[0-9]{1,6}D"

_SIMPLE: Final = {
    b"S": _TEXT,
    b"B": rb"(?:true|false)",
    b"G": rb"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    b"I32": rb"-?[0-9]{1,9}",
    b"DT": _DAY + rb"T" + _CLOCK + rb"(?:Z|[+\-](?:0[0-9]|1[0-3]):[0-5][0-9])?+",
    b"I64": rb"-?[0-9]{1,18}",
    b"TS": rb"(?:" + _SPAN + rb")",
    b"BA": rb"(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?+",
    b"U32": rb"[0-9]{1,9}",
    b"By": rb"[0-9]{1,2}",
    b"Db": rb"-?[0-9]{1,15}(?:\.[0-9]{1,15})?+",
    b"Version": rb"[0-9]{1,9}(?:\.[0-9]{1,9}){1,3}",
}
_NONCHARACTERS: Final = tuple(one.encode() for one in "\ufffe\uffff")
_TYPES: Final = re.compile(rb'<TNRef RefId="([^"]*)"')
_IDS: Final = re.compile(rb'<Obj[^>]* RefId="([^"]*)"')


class Runs(NamedTuple):
    """The expressions of two runs: of simple members and objects, and of simple members only."""

    of_all: re.Pattern[bytes]
    of_simple: re.Pattern[bytes]


@lru_cache(maxsize=16)
def runs_of(wanted: frozenset[str]) -> Runs:
    """Make the expressions of runs of members that have none of these names."""
    names = _any_of({name.upper() + '"' for name in wanted if name.isascii()})
    unwanted = rb' N="' + (rb"(?!%s)" % names if names else b"") + _PLAIN_NAME + rb'"'
    simple = _simple(unwanted)
    return Runs(_run(simple + b"|" + _object(unwanted, 1)), _run(simple))


def _run(member: bytes) -> re.Pattern[bytes]:
    # What follows must be a start tag: an end tag belongs to the word in front of it, which closes what stands around.
    return re.compile(rb"(?:<(?:" + member + rb")" + _SPACE + rb"(?=<))*+")


def _any_of(words: Collection[str]) -> bytes:
    """The expression of any of these words in either case, as a tree: so one look at the first letter rules most of them out."""
    starts: dict[str, set[str]] = {}
    for word in sorted(words):
        if word:
            starts.setdefault(word[0], set()).add(word[1:])
    branches = (
        (b"[%c%c]" % (ord(one), ord(one.lower())) if one.isalpha() else re.escape(one.encode())) + _any_of(rest)
        for one, rest in starts.items()
    )
    tree = b"|".join(branches)
    return b"(?:%s)" % tree if len(starts) > 1 else tree


def _simple(name: bytes) -> bytes:
    values = (tag + name + b">" + value + rb"\x00/" + tag + b">" for tag, value in _SIMPLE.items())
    return b"|".join([*values, b"Nil" + name + b" />"])


def _object(name: bytes, depth: int) -> bytes:
    """The expression of an object behind its `<`, with objects in it down to a depth."""
    any_name = rb' N="' + _NAME + rb'"'
    inside = [_simple(any_name), _simple(b"")]
    if depth:
        inside = [inside[0] + b"|" + _object(any_name, depth - 1), inside[1] + b"|" + _object(b"", depth - 1)]
    members, items = (rb"(?:<(?:" + one + rb")" + _SPACE + rb")*+" for one in inside)
    parts = [
        rb'TNRef RefId="[0-9A-Za-z]++" />',
        rb"ToString>" + _TEXT + rb"\x00/ToString>",
        rb"(?!Nil)(?:" + _simple(b"") + rb")",
        rb"LST(?: />|>" + _SPACE + items + rb"\x00/LST>)",
        rb"Props(?: />|>" + _SPACE + members + rb"\x00/Props>)",
        rb"MS(?: />|>" + _SPACE + members + rb"\x00/MS>)",
    ]
    content = b"".join(rb"(?:<" + part + _SPACE + rb")?+" for part in parts)
    return rb"Obj" + name + rb'(?: RefId="[0-9A-Za-z]++")?+>' + _SPACE + content + rb"\x00/Obj>"


class Scan:
    """Cuts the parts of a document into words, one at a time, so that a run can be passed over between two of them.

    A part is in UTF-8, as words.marked gives it, and begins with a start tag; only the first may have something in front.
    """

    def __init__(self, parts: Iterator[bytes], runs: Runs, referred: AbstractSet[bytes]) -> None:
        self._parts = parts
        self._runs = runs
        self._referred = referred
        self._part = b""
        self._place = 0
        self._passes = False
        self._wary = 0  # up to here there is an object that is referred to

    def words(self) -> Iterator[bytes]:
        """Give the words. The first one is what stands before the first tag."""
        for number, part in enumerate(self._parts):
            self._begin(part)
            if number == 0:
                self._place = part.find(b"<") if b"<" in part else len(part)
                yield part[: self._place]
            while (cut := part.find(b"<", self._place + 1)) >= 0:
                word = part[self._place + 1 : cut]
                self._place = cut
                yield word
            if self._place < len(part):
                word = part[self._place + 1 :]
                self._place = len(part)
                yield word

    def _begin(self, part: bytes) -> None:
        """Look whether a part has characters only that a text may hold: the run does not look at those beyond ASCII."""
        self._part, self._place, self._wary = part, 0, 0
        self._passes = part.isascii() or (_is_utf_8(part) and not any(one in part for one in _NONCHARACTERS))

    def pass_run(self, types: Mapping[bytes, object]) -> None:
        """Pass over the run that begins here, if all type lists that it names are there."""
        if not self._passes:
            return
        part, place = self._part, self._place
        end = _end(self._runs.of_all, part, place) if place >= self._wary else _end(self._runs.of_simple, part, place)
        if self._referred and not self._referred.isdisjoint(_IDS.findall(part, place, end)):
            self._wary, end = end, _end(self._runs.of_simple, part, place)
        if types.keys() >= set(_TYPES.findall(part, place, end)):
            self._place = end


def _end(run: re.Pattern[bytes], part: bytes, place: int) -> int:
    found = run.match(part, place)
    return place if found is None else found.end()


def _is_utf_8(part: bytes) -> bool:
    try:
        part.decode()
    except UnicodeDecodeError:
        return False
    return True
