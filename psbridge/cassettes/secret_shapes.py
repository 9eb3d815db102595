"""A value of a cassette in, what in it looks like a secret out, told without it.

The recorder hides what was sent as a secret (see `redact`); this finds what a hand, another program or an answer has put there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from psbridge import clixml
from psbridge.cassettes.redact import HIDDEN
from psbridge.cassettes.scrub.body import rewrite

__all__ = ["secrets_in"]

_NAME: Final = re.compile(r"(?i).*(password|passphrase|secret|token|apikey|privatekey)s?")
# A SecureString without its text, and a mark in place of one.
_EMPTY: Final = frozenset({"", HIDDEN})
# How psbridge.command.canonical writes a value with its type: these are no names.
_TYPES: Final = frozenset({"secure", "dict", "BA", "G", "D", "Sg", "Db", "C", "URI", "XD", "I16", "U16", "U32", "I64", "U64"})
_CONNECTION: Final = re.compile(
    r"(?i)(?:^|[;\s\"'?&])(?:password|pwd|sharedaccesskey|accountkey|client_secret)=(?!\(hidden\))[^;\s&\"']{4,}"
)
_SHAPES: Final = (
    ("a JSON web token", re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*")),
    ("a bearer token", re.compile(r"(?i)\bauthorization\s*[:=]\s*[\"']?(?:bearer|basic)\s+[\w+/=.-]{8,}")),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")),
    ("a password in a connection string", _CONNECTION),
    ("a password in an address", re.compile(r"://[^/\s:@]+:(?!\(hidden\))[^/\s:@]{3,}@")),
)  # fmt: skip


def secrets_in(name: str, value: object) -> Iterator[str]:
    """Say of each secret once what it looks like.

    `name`: of the parameter, the field or the metadata. `value`: the JSON value, or the CLIXML of a record as `bytes`.
    """
    yield from dict.fromkeys(_of_body(value) if isinstance(value, bytes) else _of_value(name, value))


def _of_value(name: str, value: object) -> Iterator[str]:
    """Walk a JSON value. What stands under a name that is a secret's is one, however deep."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key == "dict" and isinstance(item, list):
                yield from _of_pairs(name, item)
            else:
                yield from _of_value(name if key in _TYPES else _inner(name, key), item)
            yield from _of_text("", str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _of_value(name, item)
    elif value is not None and not isinstance(value, bool):
        yield from _of_text(name, str(value))


def _of_pairs(name: str, pairs: list[object]) -> Iterator[str]:
    """The entries of a table, as psbridge.command.canonical writes them."""
    for pair in pairs:
        if isinstance(pair, list) and len(pair) == 2:
            yield from _of_value(_inner(name, pair[0]), pair[1])
            yield from _of_value("", pair[0])
        else:
            yield from _of_value(name, pair)


def _inner(outer: str, key: object) -> str:
    return outer if _NAME.fullmatch(outer) else str(key)


def _of_body(body: bytes) -> Iterator[str]:
    """Walk a record by the names of its properties."""
    if clixml.redact(body) != body:
        yield "a SecureString or a piece of script that was not taken out"
    found: list[str] = []

    def look(name: str, tag: str, text: str) -> str:
        found.extend(_of_text("" if tag in {"N", "T"} else name, text))
        return text

    rewrite(body, look)
    yield from found
    yield from _of_text("", body.decode("utf-8", "replace"))


def _of_text(name: str, text: str) -> Iterator[str]:
    if _NAME.fullmatch(name) and text not in _EMPTY:
        yield f"a value under the name {name}"
    yield from (f"what looks like {what}" for what, shape in _SHAPES if shape.search(text))
