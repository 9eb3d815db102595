"""JSON values in, one line of printable text out, the same for equal values; and back."""

from __future__ import annotations

import json
import re
from typing import Final

__all__ = ["dump", "load"]

_UNUSUAL: Final = re.compile(r"[^ -~]")


def dump(value: object) -> str:
    """Write a JSON value as one line: keys sorted, what is not printable escaped. Raises ValueError and TypeError."""
    # Through JSON's own escapes first: they make one character of two halves of a surrogate pair.
    ascii_only = json.dumps(value, sort_keys=True, allow_nan=False)
    text = json.dumps(json.loads(ascii_only), sort_keys=True, ensure_ascii=False)
    return _UNUSUAL.sub(lambda found: found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1], text)


def load(text: str) -> object:
    """Read a JSON value; raises ValueError for no JSON, a key that stands twice, and NaN; RecursionError for a deep one."""
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands twice in one JSON object")
    return members


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON value")
