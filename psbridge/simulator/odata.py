"""The text of Graph's -Filter in, a test of an output object out: comparisons with eq and ne, and startsWith, joined by `and`.

    userPrincipalName eq 'ann@contoso.com' and onPremisesSyncEnabled eq true

Source: learn.microsoft.com/graph/filter-query-parameter, of which this is the part that finds accounts. Text is compared without
regard to case; a quote in a text is doubled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Final

from psbridge.psobject import PSObject, Value

__all__ = ["ClauseError", "parse_clauses"]

_TEXT: Final = r"'((?:[^']|'')*)'"
_COMPARISON: Final = re.compile(rf"\s*(\w+)\s+(eq|ne)\s+(?:{_TEXT}|(true|false|null))\s*", re.IGNORECASE)
_BEGINNING: Final = re.compile(rf"\s*startswith\(\s*(\w+)\s*,\s*{_TEXT}\s*\)\s*", re.IGNORECASE)
_AND: Final = re.compile(r"and\s", re.IGNORECASE)
_CONSTANTS: Final[dict[str, Value]] = {"true": True, "false": False, "null": None}

Test = Callable[[PSObject], bool]


class ClauseError(Exception):
    """A filter that Graph refuses; the text is the service's."""


def parse_clauses(text: str, names: Collection[str]) -> Test:
    """Read a filter over objects with these properties. Raises ClauseError."""
    known = {name.lower(): name for name in names}
    tests, position = [_clause(text, 0, known)], _end(text, 0)
    while position < len(text.rstrip()):
        joined = _AND.match(text, position)
        if joined is None:
            raise ClauseError(f"Invalid filter clause: {text}")
        tests.append(_clause(text, joined.end(), known))
        position = _end(text, joined.end())
    return lambda made: all(test(made) for test in tests)


def _end(text: str, position: int) -> int:
    found = _COMPARISON.match(text, position) or _BEGINNING.match(text, position)
    return found.end() if found else len(text)


def _clause(text: str, position: int, known: dict[str, str]) -> Test:
    compared, begins = _COMPARISON.match(text, position), _BEGINNING.match(text, position)
    found = compared or begins
    if found is None:
        raise ClauseError(f"Invalid filter clause: {text}")
    name = known.get(found[1].lower())
    if name is None:
        raise ClauseError(f"Unsupported or invalid query filter clause specified for property '{found[1]}' of resource 'User'.")
    if compared is None:
        start = found[2].replace("''", "'").casefold()
        return lambda made: str(made.get(name) or "").casefold().startswith(start)
    wanted: Value = _CONSTANTS[found[4].lower()] if found[4] else found[3].replace("''", "'")
    same = found[2].lower() == "eq"
    return lambda made: _equal(made.get(name), wanted) is same


def _equal(held: Value, wanted: Value) -> bool:
    if isinstance(wanted, str) and held is not None:
        return str(held).casefold() == wanted.casefold()
    return held == wanted
