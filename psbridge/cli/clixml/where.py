"""`Name -like x*` in, a test for objects out. Nothing is evaluated: a property, an operator and a value.

It means what `Where-Object Name -like x*` means; the left side's type decides how the value is taken. On purpose it differs
where PowerShell surprises: an enum read from a file equals its name as well as its number, the text `false` is no true value,
one matching item of a list is enough even if it is empty, sizes (`49.5 GB (53,150,220,288 bytes)`) compare as numbers, and what
cannot be compared does not match instead of being an error.
"""

from __future__ import annotations

import operator
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from psbridge.cli.clixml.comparable import order
from psbridge.cli.clixml.wildcard import wildcard
from psbridge.errors import InputError
from psbridge.psobject import Kind, PSObject, Value
from psbridge.report.display import plain_text, unwrapped

__all__ = ["Condition", "condition", "member"]

_GRAMMAR: Final = re.compile(r"\s*(?:\$_\.)?(?:'((?:[^']|'')+)'|\"([^\"]+)\"|([^\s'\"]+))\s+-(\w+)(?:\s+(.*?))?\s*", re.DOTALL)
_QUOTED: Final = re.compile(r"'((?:[^']|'')*)'|\"([^\"]*)\"", re.DOTALL)
_JOINED: Final = re.compile(r"\s-(and|or|not|xor)\s", re.IGNORECASE)

Test = Callable[[Value, "Operand"], bool]


@dataclass(frozen=True, slots=True)
class Operand:
    """The right side: its text, None for $null. `pattern`: what -like and -match look for."""

    text: str | None
    pattern: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read. `prop` is the property's name."""

    prop: str
    test: Test
    operand: Operand

    def holds(self, value: Value) -> bool:
        """Whether it holds for an object; a property that is missing is null."""
        return self.test(member(value, self.prop), self.operand)


def condition(text: str) -> Condition:
    """Read `PROPERTY -OPERATOR VALUE`. Raises InputError."""
    found = _GRAMMAR.fullmatch(text)
    if not found:
        raise InputError(f"{text!r} is no condition. {_EXPECTED}")
    test = _TESTS.get(found[4].lower().removeprefix("i"))
    if test is None:
        raise InputError(f"-{found[4]} is no operator that is known here. {_EXPECTED}")
    prop = found[1].replace("''", "'") if found[1] else found[2] or found[3]
    return Condition(prop, test, _operand(text, found[4].lower(), found[5]))


def member(value: Value, name: str) -> Value:
    """A property of an object, or the value of a key of a dictionary; null where there is none."""
    if not isinstance(value, PSObject):
        return None
    if value.kind in (Kind.DICT, Kind.ORDERED):
        for key, item in value.entries or []:
            if isinstance(key, str) and key.lower() == name.lower():
                return item
    return value.get(name)


def _operand(text: str, name: str, given: str | None) -> Operand:
    if given is None:
        raise InputError(f"{text!r} has no value behind -{name}; write '' for an empty one. {_EXPECTED}")
    quoted = _QUOTED.fullmatch(given)
    if quoted:
        value: str | None = quoted[2] if quoted[1] is None else quoted[1].replace("''", "'")
    elif _JOINED.search(f"{given} "):
        raise InputError(f"{text!r} holds more than one condition: give --where several times, or put the value in quotes.")
    else:
        value = _LITERALS.get(given.lower(), given)
    return Operand(value, _pattern(name, value or ""))


def _pattern(name: str, value: str) -> re.Pattern[str] | None:
    if name.endswith("like"):
        return wildcard(value)
    if not name.endswith("match"):
        return None
    try:
        with warnings.catch_warnings():  # `[[` means itself, here and in .NET
            warnings.simplefilter("ignore", FutureWarning)
            return re.compile(value, re.IGNORECASE)
    except re.error as error:
        raise InputError(f"{value!r} is no regular expression: {error}.") from None


def _items(left: Value) -> list[Value] | None:
    """What an operator looks at one by one."""
    inner = unwrapped(left)
    return list(inner.items or []) if isinstance(inner, PSObject) and inner.items is not None else None


def _of_items(test: Test) -> Test:
    """PowerShell lets an operator choose among the items of a list; one that is chosen is enough."""

    def tested(left: Value, right: Operand) -> bool:
        items = _items(left)
        return test(left, right) if items is None else any(test(item, right) for item in items)

    return tested


def _equal(left: Value, right: Operand) -> bool:
    if right.text is None or left is None:
        return (left is None) == (right.text is None)
    return order(left, right.text) == 0 or (_is_enum(left) and plain_text(left).lower() == right.text.lower())


def _is_enum(left: Value) -> bool:
    return isinstance(left, PSObject) and left.is_enum


def _ordered(compare: Callable[[int, int], bool]) -> Test:
    def tested(left: Value, right: Operand) -> bool:
        if left is None or right.text is None:  # null comes before everything
            return compare(int(left is not None), int(right.text is not None))
        found = order(left, right.text)
        return found is not None and compare(found, 0)

    return tested


def _like(left: Value, right: Operand) -> bool:
    return right.pattern is not None and right.pattern.fullmatch(plain_text(left)) is not None


def _match(left: Value, right: Operand) -> bool:
    return right.pattern is not None and right.pattern.search(plain_text(left)) is not None


def _contains(left: Value, right: Operand) -> bool:
    items = _items(left)
    return any(_equal(item, right) for item in ([left] if items is None else items))


def _not(test: Test) -> Test:
    return lambda left, right: not test(left, right)


_LITERALS: Final[Mapping[str, str | None]] = {"$null": None, "$true": "True", "$false": "False"}
_TESTS: Final[Mapping[str, Test]] = {
    "eq": _of_items(_equal),
    "ne": _of_items(_not(_equal)),
    "like": _of_items(_like),
    "notlike": _of_items(_not(_like)),
    "match": _of_items(_match),
    "notmatch": _of_items(_not(_match)),
    "gt": _of_items(_ordered(operator.gt)),
    "lt": _of_items(_ordered(operator.lt)),
    "ge": _of_items(_ordered(operator.ge)),
    "le": _of_items(_ordered(operator.le)),
    "contains": _contains,
    "notcontains": _not(_contains),
}
_EXPECTED: Final = f"Write PROPERTY -OPERATOR VALUE, for example: Name -like x*. Operators: -{' -'.join(_TESTS)}."
