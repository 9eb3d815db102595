r"""JSON values in, JSON text that is harmless on a terminal out; and back.

What cannot be seen (control characters, marks of direction, halves of surrogate pairs) is written as `\uXXXX`: nothing is lost.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, TypeAlias

from psbridge.errors import InputError

__all__ = ["Json", "from_text", "to_text"]

Json: TypeAlias = Any  # what json.loads gives; recursive types would need a cast at every step

_PERHAPS_UNSEEN: Final = re.compile(r"[^\n -~]")


def to_text(node: Json, *, indent: int = 0) -> str:
    """Write a JSON value, on one line unless it is indented."""
    if indent:
        text = json.dumps(node, ensure_ascii=False, indent=indent)
    else:
        text = json.dumps(node, ensure_ascii=False, separators=(",", ":"))
    return text if text.isascii() and "\x7f" not in text else _PERHAPS_UNSEEN.sub(_escaped, text)


def from_text(text: str) -> Json:
    """Read JSON text. Raises InputError for what is none, for a name that stands twice, and for NaN and Infinity."""
    try:
        return json.loads(text, object_pairs_hook=_members, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise InputError(f"This is no JSON at line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise InputError("This JSON is nested too deeply") from None
    except ValueError as error:  # a number of more digits than Python converts
        raise InputError(f"This JSON cannot be read: {error}") from None


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    if character.isprintable():
        return character
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"This JSON has the name {twice!r} twice in one object")
    return members


def _refuse_constant(constant: str) -> Json:
    raise InputError(f'{constant} is no JSON; write {{"Db": "{constant}"}}')
