"""The text of a -Filter in, a test of an output object out: the part of OPATH that administrators and playbooks write.

    Alias -eq 'ann' -and -not (MobilePhone -eq $null -or Name -like 'Test*')

Comparisons -eq -ne -like -notlike -gt -ge -lt -le, joined by -and, -or, -not and parentheses; values in quotes, numbers, $true,
$false and $null; `*` is the only wildcard. Names and text are compared without regard to case; of a list one item must fit.
Source: learn.microsoft.com/powershell/exchange/recipient-filters; the precedence is PowerShell's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final

from psbridge.psobject import DateTime, PSObject, Value

__all__ = ["FilterError", "Test", "parse_filter"]

Test = Callable[[PSObject], bool]
# What a value is written as: text, a number, true or false, or null.
_Wanted = str | bool | None

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")|(?P<mark>[()])|(?P<operator>-[A-Za-z]+\b)"""
    r"""|(?P<name>\$?[A-Za-z_][\w.]*)|(?P<number>-?\d+))""",
)
_CONSTANTS: Final[dict[str, _Wanted]] = {"$true": True, "$false": False, "$null": None}
_COMPARISONS: Final = ("-eq", "-ne", "-like", "-notlike", "-gt", "-ge", "-lt", "-le")
_DATES: Final = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")


class FilterError(Exception):
    """A filter that cannot be read, or that names a property which is none."""


def parse_filter(text: str, names: Collection[str]) -> Test:
    """Read a filter over objects with these properties. Raises FilterError."""
    parser = _Parser(_tokens(text), {name.lower(): name for name in names}, text)
    test = parser.alternatives()
    if parser.left:
        raise parser.error(f'"{parser.left[0][1]}" is not expected there')
    return test


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    rest = text.rstrip()
    while position < len(rest):
        match = _TOKEN.match(rest, position)
        if match is None:
            raise FilterError(_syntax(text, f'"{rest[position:].lstrip()}" cannot be read'))
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        position = match.end()
    return found


def _syntax(text: str, why: str) -> str:
    return f'Invalid filter syntax. For a description of the filter parameter syntax see the command help.\n"{text}": {why}.'


class _Parser:
    """A recursive descent over the tokens that are left."""

    def __init__(self, tokens: list[tuple[str, str]], names: dict[str, str], text: str) -> None:
        self.left = tokens
        self._names = names
        self._text = text

    def error(self, why: str) -> FilterError:
        return FilterError(_syntax(self._text, why))

    def alternatives(self) -> Test:
        tests = [self._conjunction()]
        while self._takes("operator", "-or"):
            tests.append(self._conjunction())
        return tests[0] if len(tests) == 1 else lambda made: any(test(made) for test in tests)

    def _conjunction(self) -> Test:
        tests = [self._factor()]
        while self._takes("operator", "-and"):
            tests.append(self._factor())
        return tests[0] if len(tests) == 1 else lambda made: all(test(made) for test in tests)

    def _factor(self) -> Test:
        if self._takes("operator", "-not"):
            negated = self._factor()
            return lambda made: not negated(made)
        if self._takes("mark", "("):
            inner = self.alternatives()
            if not self._takes("mark", ")"):
                raise self.error("a closing parenthesis is missing")
            return inner
        return self._comparison()

    def _comparison(self) -> Test:
        kind, name = self._next("a property")
        if kind != "name" or name.startswith("$"):
            raise self.error(f'"{name}" stands where a property is expected')
        _, operator = self._next("an operator")
        if operator.lower() not in _COMPARISONS:
            raise self.error(f'"{operator}" is no operator; there are {" ".join(_COMPARISONS)}')
        wanted = self._value()
        known = self._names.get(name.lower())
        if known is None:
            raise FilterError(f'"{name}" isn\'t a recognized filterable property.')
        return _comparing(known, operator.lower(), wanted)

    def _value(self) -> _Wanted:
        kind, written = self._next("a value")
        if kind == "text":
            quote = written[0]
            return written[1:-1].replace(quote * 2, quote)
        if kind == "number":
            return written
        if written.lower() in _CONSTANTS:
            return _CONSTANTS[written.lower()]
        raise self.error(f"the value {written} is not in quotes, and is no number, $true, $false or $null")

    def _next(self, what: str) -> tuple[str, str]:
        if not self.left:
            raise self.error(f"it ends where {what} is expected")
        return self.left.pop(0)

    def _takes(self, kind: str, word: str) -> bool:
        taken = bool(self.left) and self.left[0][0] == kind and self.left[0][1].lower() == word
        if taken:
            del self.left[0]
        return taken


def _comparing(name: str, operator: str, wanted: _Wanted) -> Test:
    if operator in {"-ne", "-notlike"}:
        same = _comparing(name, "-eq" if operator == "-ne" else "-like", wanted)
        return lambda made: not same(made)
    if operator in {"-eq", "-like"}:
        fits = _fitting(wanted, patterned=operator == "-like")
        return lambda made: any(fits(held) for held in _items(made.get(name)))
    return lambda made: any(_in_order(operator, held, wanted) for held in _items(made.get(name)))


def _items(held: Value) -> list[Value]:
    """A list's items; an empty list counts as nothing."""
    if isinstance(held, PSObject) and held.items is not None:
        return held.items or [None]
    return [held]


def _fitting(wanted: _Wanted, *, patterned: bool) -> Callable[[Value], bool]:
    if wanted is None:
        return lambda held: held is None or str(held) == ""
    text = str(wanted).casefold()
    if patterned:
        pattern = re.sub(r"[?[]", lambda sign: f"[{sign[0]}]", text)
        return lambda held: held is not None and fnmatchcase(str(held).casefold(), pattern)
    return lambda held: held is not None and str(held).casefold() == text


def _in_order(operator: str, held: Value, wanted: _Wanted) -> bool:
    order = None if held is None or wanted is None else _order(held, str(wanted))
    if order is None:
        return False
    return {"-lt": order < 0, "-le": order <= 0, "-gt": order > 0, "-ge": order >= 0}[operator]


def _order(held: Value, wanted: str) -> int | None:
    """Compare as moments, as numbers or as text, by what the property holds; None where the wanted value is no such thing."""
    if isinstance(held, DateTime):
        moment = _moment(wanted)
        shown = held.to_datetime().replace(tzinfo=None)
        return None if moment is None else (shown > moment) - (shown < moment)
    if isinstance(held, int | float) and not isinstance(held, bool):
        number = float(wanted) if re.fullmatch(r"-?\d+(\.\d+)?", wanted) else None
        return None if number is None else (held > number) - (held < number)
    one, other = str(held).casefold(), wanted.casefold()
    return (one > other) - (one < other)


def _moment(text: str) -> datetime | None:
    for form in _DATES:
        try:
            return datetime.strptime(text.removesuffix("Z"), form)  # noqa: DTZ007 - a filter's time is the server's own, UTC here
        except ValueError:
            continue
    return None
