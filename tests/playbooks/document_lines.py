"""The documents' text in; every cmdlet that they show behind a prompt out: endpoint, cmdlet, parameters in order.

Their typography is borne with: en dashes before parameters, curly quotes, backslashes that were lost (field-notes 0).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.playbooks.sent import Stage

__all__ = ["SECTIONS", "Line", "lines_of", "parse", "section"]

FILE: Final = "timmcmic-2018-07.txt"
# Where each section begins; it ends where the next one does. The headings count the options from zero.
SECTIONS: Final[Mapping[str, str]] = {
    "option-0": "OPTION #0:",
    "option-1": "OPTION #1:",
    "option-3": "OPTION #3:",
    "migration": "Office 365: Exchange Migrations and the data migrated information",
    "mobile-phone": "Office 365: The mystery of mobile phone",
}
# What runs on the administrator's own computer, and goes to no endpoint.
LOCAL: Final = frozenset({"import-clixml", "export-clixml"})
# The parameter that a value without a name is for; Identity where nothing else is said.
POSITIONAL: Final = {"select-object": "Property", "format-list": "Property", "import-clixml": "Path", "export-clixml": "Path"}
ALIASES: Final = {"fl": "Format-List", "select": "Select-Object", "where": "Where-Object"}

_PROMPT: Final = re.compile(r"(?P<onprem>\[PS\] C:\\?>)|PS C:[^>]*>")
_CMDLET: Final = r"[A-Za-z]+-[A-Za-z]+"
# A parameter may have an en dash, an em dash or a minus in the place of its hyphen.
_DASH: Final = "[-\u2013\u2014\u2212]"
_TOLD: Final = re.compile(rf"executing (?P<text>{_CMDLET}(?: {_DASH}\w+ \S+)+)")
_BARE: Final = re.compile(rf"{_CMDLET} {_DASH}\w")
_ASSIGNED: Final = re.compile(r"\$\w+\s*=\s*")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the documents; `number` is where it stands in the file, `endpoint` is `local` for what is sent nowhere."""

    number: int
    endpoint: str
    cmdlet: str
    parameters: Mapping[str, object]
    then: tuple[Stage, ...] = ()

    def __str__(self) -> str:
        said = (f"-{name}" if value is True else f"-{name} {value}" for name, value in self.parameters.items())
        return f"line {self.number}: [{self.endpoint}] {' '.join((self.cmdlet, *said))}"


def section(folder: Path, name: str) -> list[tuple[int, str]]:
    """The numbered lines of one section, its heading first."""
    text = (folder / FILE).read_text(encoding="utf-8-sig").replace("\N{NO-BREAK SPACE}", " ")
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    starts = {key: next(number for number, text in lines if text.startswith(heading)) for key, heading in SECTIONS.items()}
    begins = starts[name]
    ends = min((start for start in starts.values() if start > begins), default=len(lines) + 1)
    return lines[begins - 1 : ends - 1]


def lines_of(folder: Path, name: str) -> list[Line]:
    """What a section sends, in its order, without what stays on the administrator's computer.

    A line that is shown twice, one directly after the other, asks for the same again: it stands here once.
    """
    found: list[Line] = []
    for number, text in section(folder, name):
        line = parse(text, number)
        if line is not None and line.endpoint != "local" and not (found and _same(found[-1], line)):
            found.append(line)
    return found


def parse(text: str, number: int = 0) -> Line | None:
    """One line of the file; None where it shows no cmdlet."""
    prompt = _PROMPT.match(text)
    told = _TOLD.search(text)
    if prompt is not None:
        command = _ASSIGNED.sub("", text[prompt.end() :].strip(), count=1)
    elif _BARE.match(text):
        command = text
    elif told is not None:
        command = told["text"]
    else:
        return None
    if not re.match(_CMDLET, command):
        return None  # an expression such as $stats.Report.MailboxVerification
    first, *rest = (_stage(part) for part in _straight(command).split("|"))
    return Line(
        number,
        _endpoint(first.cmdlet, on_premises=bool(prompt and prompt["onprem"])),
        first.cmdlet,
        first.parameters,
        tuple(rest),
    )


def _straight(text: str) -> str:
    """Dashes before parameters and quotes as one types them."""
    return re.sub(rf"(?<=\s){_DASH}(?=\w)", "-", text).translate(str.maketrans("\u2018\u2019\u201c\u201d", "''\"\""))


def _stage(text: str) -> Stage:
    cmdlet, *words = text.split()
    cmdlet = ALIASES.get(cmdlet.lower(), cmdlet)
    parameters: dict[str, object] = {}
    name = ""
    for word in words:
        if word.startswith("-") and len(word) > 1:
            name = word[1:]
            parameters[name] = True
        else:
            parameters[name or POSITIONAL.get(cmdlet.lower(), "Identity")] = word.strip("'\"")
            name = ""
    return Stage(cmdlet, parameters)


def _endpoint(cmdlet: str, *, on_premises: bool) -> str:
    lower = cmdlet.lower()
    if lower in LOCAL:
        return "local"
    if on_premises:
        return "onprem"
    if "-msol" in lower:
        return "directory"
    return "sync" if "-adsync" in lower else "exo"


def _same(one: Line, other: Line) -> bool:
    return (one.endpoint, one.cmdlet.lower(), one.parameters, one.then) == (
        other.endpoint,
        other.cmdlet.lower(),
        other.parameters,
        other.then,
    )
