"""A text in, its parts out: ids, addresses, hosts, constants and words, each with what it is.

A part is found by its shape alone. Whether a word is a name, or a host somebody's own, is for `texts` to say.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from psbridge.cassettes.scrub.cmdlet_names import CMDLETS
from psbridge.cassettes.scrub.known import CONSTANTS, MICROSOFT, PUBLIC_SUFFIX_SECOND, TOP_LEVEL

__all__ = ["CULTURE", "NAMED", "WORD", "is_address", "is_microsoft", "lower", "parts", "registered"]

WORD: Final = re.compile(r"[^\W_]+")
CULTURE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?")
# The value of a part of a distinguished name, in LDAP's form and in that of Exchange.
NAMED: Final = re.compile(r"(?i)(?<![^\W_])(?:cn|ou|o|l|uid)=((?:\\.|[^,\\/\"'<>\r\n;])*)")

_PARTS: Final = re.compile(
    rf"""
      (?P<token>eyJ[\w-]{{10,}}\.[\w-]{{10,}}(?:\.[\w-]*)?)
    | (?P<cmdlet>(?<![\w.-])[A-Z][A-Za-z]{{2,11}}-[A-Z][A-Za-z]{{2,60}}(?![\w@-]|\.\w))
    | (?P<constant>(?<![\w.])(?:Microsoft|System)(?:\.[A-Z][\w`+]*)+(?!\w)(?!\.(?-i:com|net|org)\b)
        | {CONSTANTS.pattern})
    | (?P<guid>(?:(?<=\bcld)|(?<=\bmbx)|(?<=\bgrp)|(?<![0-9A-Fa-f]))
        (?:[0-9A-Fa-f]{{8}}-[0-9A-Fa-f]{{4}}-[0-9A-Fa-f]{{4}}-[0-9A-Fa-f]{{4}}-[0-9A-Fa-f]{{12}}(?![0-9A-Fa-f])
        | (?<![^\W_])[0-9A-Fa-f]{{32}}(?:(?![0-9A-Fa-f])|(?=[^\W_]*@))))
    | (?P<zone>(?i:(?<![^\W_])dc=[\w-]+(?:,\s*dc=[\w-]+)*))
    | (?P<octets>(?:\\[0-9A-Fa-f]{{2}}){{16,}})
    | (?P<sid>(?i:\bS-1-(?:5-21|12-1)(?:-[0-9]{{1,10}}){{3,12}}\b))
    | (?P<phone>(?<![\w+])\+[0-9][0-9 ().-]{{5,18}}[0-9](?!\w))
    | (?P<dialled>(?<![\w+./-])(?:\([0-9]{{2,5}}\)|[0-9]{{2,5}})[ -][0-9]{{3,4}}(?:[ -][0-9]{{3,5}})?(?![\w./-]))
    | (?P<base64>(?<![\w+/=])(?:[A-Za-z0-9+/]{{4}}){{5,}}
        (?:[A-Za-z0-9+/]{{3}}=|[A-Za-z0-9+/]{{2}}==|[A-Za-z0-9+/]{{4}})(?![\w+/=]))
    | (?P<hex>(?<![^\W_])(?:[0-9A-Fa-f]{{2}}){{17,}}(?![^\W_]))
    | (?P<ipv6>(?<![\w:.])(?:[0-9A-Fa-f]{{0,4}}:){{2,7}}[0-9A-Fa-f]{{0,4}}(?![\w:]))
    | (?P<ipv4>(?<![\w.])(?<!ersion[ =:])(?!15\.[0-2]\.)(?:[0-9]{{1,3}}\.){{3}}[0-9]{{1,3}}(?![\w]|\.[0-9]))
    | (?P<host>(?<![\w.-])(?:[\w][\w-]*\.)+[^\W\d_]{{2,24}}(?![\w-]))
    | (?P<word>[^\W_]+)
    """,
    re.VERBOSE,
)


def parts(text: str, *, of_name: bool = False) -> Iterator[tuple[str, int, int]]:
    """Give each part: its kind, where it begins and where it ends. What lies between two parts is no letter and no digit.

    `of_name`: the text is a name, and no cmdlet, whatever it looks like.
    """
    place = 0
    while found := _PARTS.search(text, place):
        kind, begin, end = found.lastgroup or "", found.start(), found.end()
        if not _is_what_it_looks_like(kind, found[0], text[begin - 1 : begin], of_name=of_name):
            # Not what it looked like: its words are words.
            word = WORD.search(text, begin)
            if word is None:
                return
            kind, begin, end = "word", word.start(), word.end()
        yield kind, begin, end
        place = end


def lower(text: str) -> str:
    """Lower case, character by character, so that the length stays."""
    return text.lower() if text.isascii() else "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def registered(host: str) -> str:
    """The domain that somebody registered, in lower case: the last two labels, three below .co.uk and its like."""
    labels = host.lower().split(".")
    three = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in PUBLIC_SUFFIX_SECOND
    return ".".join(labels[-3 if three else -2 :])


def is_microsoft(host: str) -> bool:
    """Tell whether a host is below a domain of Microsoft's, or of a standard's."""
    lower = host.lower()
    return any(lower == name or lower.endswith(f".{name}") for name in MICROSOFT)


def is_address(text: str) -> bool:
    """Tell whether a text that looks like one is an IP address."""
    if "." not in text and "::" not in text and text.count(":") < 7:
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return text != "::"


def _is_what_it_looks_like(kind: str, text: str, before: str, *, of_name: bool) -> bool:
    if kind == "host":
        return before == "@" or text.rpartition(".")[2].lower() in TOP_LEVEL
    if kind == "cmdlet":
        return not of_name and text in CMDLETS
    return kind not in {"ipv4", "ipv6"} or is_address(text)
