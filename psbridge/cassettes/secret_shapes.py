"""A value of a cassette in, what in it looks like a secret out, told without it.

The recorder hides what was sent as a secret (see `redact`); this finds what a hand, another program or an answer has put there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from psbridge import clixml
from psbridge.cassettes.redact import HIDDEN

__all__ = ["secrets_in"]

_NAME: Final = re.compile(r"(?i).*(password|passphrase|secret|token|apikey|privatekey)s?")
# A SecureString without its text, and a mark in place of one.
_EMPTY: Final = frozenset({"", "null", '""', '{"secure": null}', HIDDEN, f'"{HIDDEN}"'})
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
    """Say of each secret what it looks like. `name`: of the parameter or of the metadata; a `bytes` is the CLIXML of a record."""
    if isinstance(value, bytes):
        if clixml.redact(value) != value:
            yield "a SecureString or a piece of script that was not taken out"
        value = value.decode("utf-8", "replace")
    if isinstance(value, dict):
        for key, item in value.items():
            yield from secrets_in(str(key), item)
        return
    text = str(value)
    if name and _NAME.fullmatch(name) and text not in _EMPTY:
        yield f"a value under the name {name}"
    yield from (f"what looks like {what}" for what, shape in _SHAPES if shape.search(text))
