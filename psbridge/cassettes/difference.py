"""The calls of two cassettes in, what is different out: calls that are gone, new or changed, and the lines that changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Final

from psbridge.cassettes.failure import Failure
from psbridge.cassettes.interaction import Interaction
from psbridge.cassettes.lines import BOM, body_to_lines

__all__ = ["Difference", "Setting", "differences"]

_GUID: Final = re.compile(
    r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b|(?<=\bpsb-)[0-9a-f]{12}\b"
)
_TIME: Final = re.compile(
    r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?\b"
    r"|\b\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d(?: [AP]M)?"
    r"|(?<![\d.])(?:\d+\.)?\d\d:\d\d:\d\d(?:\.\d+)?\b"
    r"|(?<=>)P(?:\d+D)?(?:T[\dHMS.]+)?(?=<)"
)


@dataclass(frozen=True, slots=True)
class Setting:
    """What does not count: `times` and durations; `ids`, as long as one id stands for one id throughout."""

    times: bool = False
    ids: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """A call that is not the same: what is wrong with it in a line, and the lines that differ (`-` before, `+` after)."""

    title: str
    lines: tuple[str, ...] = ()


def differences(before: Sequence[Interaction], after: Sequence[Interaction], setting: Setting) -> Iterator[Difference]:
    """Give each difference in the order of the calls. Calls belong together if endpoint and cmdlets are the same."""
    comparison = _Comparison(setting)
    matcher = SequenceMatcher(None, [_key(call) for call in before], [_key(call) for call in after], autojunk=False)
    for kind, first, last, begin, end in matcher.get_opcodes():
        if kind == "equal":
            for place, other in zip(range(first, last), range(begin, end), strict=True):
                yield from _changed((place, before[place]), (other, after[other]), comparison)
            continue
        yield from (Difference(f"- {place + 1} {before[place]}: only in the first") for place in range(first, last))
        yield from (Difference(f"+ {other + 1} {after[other]}: only in the second") for other in range(begin, end))


def _key(call: Interaction) -> tuple[str, ...]:
    return (call.endpoint, *(command.cmdlet for command in call.commands))


def _changed(one: tuple[int, Interaction], two: tuple[int, Interaction], comparison: _Comparison) -> Iterator[Difference]:
    (place, before), (other, after) = one, two
    asked = tuple(comparison.lines(_parameters(before), _parameters(after)))
    answered = tuple(comparison.lines(_answer(before), _answer(after)))
    what = [name for name, lines in (("parameters", asked), ("answer", answered)) if lines]
    if what:
        numbers = f"{place + 1}" if place == other else f"{place + 1}, {other + 1}"
        yield Difference(f"~ {numbers} {before}: other {' and another '.join(what)}", (*asked, *answered))


def _parameters(call: Interaction) -> list[str]:
    return [
        f"{command.cmdlet} -{name} {value}" for command in call.commands for name, value in sorted(command.parameters.items())
    ]


def _answer(call: Interaction) -> list[str]:
    """State and records, an element in a line; or the error."""
    answer = call.answer
    if isinstance(answer, Failure):
        return [f"raised {answer.kind}", *(f"  {name} {value}" for name, value in answer.fields.items())]
    lines = []
    for record in answer.records:
        lines.append(f"record {record.stream}")
        lines += [line[1:] for line in body_to_lines(record.clixml.removeprefix(BOM))]
    lines.append(f"state {answer.state}")
    return [*lines, *(line[1:] for line in body_to_lines((answer.reason or b"").removeprefix(BOM)))]


class _Comparison:
    """Lines of both sides; an id that stood where another one stood is that one from then on."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._ids: dict[str, str] = {}
        self._taken: set[str] = set()

    def lines(self, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
        """The lines that differ, as they stand."""
        matcher = SequenceMatcher(
            None, [self._plain(line) for line in before], [self._plain(line) for line in after], autojunk=False
        )
        for kind, first, last, begin, end in matcher.get_opcodes():
            for gone, come in zip_longest(before[first:last], after[begin:end]):
                if kind == "equal" and gone is not None and come is not None and self._same_ids(gone, come):
                    continue
                yield from (f"- {gone}",) if gone is not None else ()
                yield from (f"+ {come}",) if come is not None else ()

    def _plain(self, line: str) -> str:
        if self._setting.times:
            line = _TIME.sub("(time)", line)
        return _GUID.sub("(id)", line) if self._setting.ids else line

    def _same_ids(self, before: str, after: str) -> bool:
        """Whether each id stands for one id; all are looked at, so that each is known from here on."""
        if not self._setting.ids:
            return True
        ids = zip(_GUID.findall(before), _GUID.findall(after), strict=True)
        return sum(not self._pairs(_id(old), _id(new)) for old, new in ids) == 0

    def _pairs(self, old: str, new: str) -> bool:
        if old not in self._ids and new not in self._taken:
            self._ids[old] = new
            self._taken.add(new)
        return self._ids.get(old) == new


def _id(text: str) -> str:
    return text.lower().replace("-", "")
