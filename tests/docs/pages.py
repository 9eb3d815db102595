"""A page of docs/ in, what a test holds it to out: the sessions that it shows, what it quotes, its tables of stops, its links.

A page shows commands in blocks without a language, and what they print in the block ```text behind them; there `...` stands for
anything. A remark behind a command may name its exit code. A comment names the far end: `<!-- far end: SEED USER -->`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.readme.readme import ROOT, blocks, links

__all__ = ["DOCS", "HOW_TO", "Quote", "Scene", "Typed", "anchors", "broken_links", "scenes", "stops", "typed_in"]

DOCS: Final = ROOT / "docs"
HOW_TO: Final = tuple(sorted((DOCS / "how-to").glob("*.md")))

_PARTS: Final = re.compile(r"^<!-- far end: (\S+) (\S+) -->$|^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as it is shown, and the exit code that it is to end with."""

    line: str
    code: int


@dataclass(frozen=True, slots=True)
class Quote:
    """Commands, and the lines that they are said to print, in their order."""

    commands: tuple[Typed, ...]
    lines: tuple[str, ...]

    @property
    def answers(self) -> list[str]:
        """What is typed at the prompts that are quoted."""
        found = (re.fullmatch(r"(?:Type yes to .* \[no\]|Your answer .*): (\S.*)", line) for line in self.lines)
        return [match[1] for match in found if match]


@dataclass(slots=True)
class Scene:
    """One organisation, and what is done in it from its beginning."""

    seed: str
    user: str
    quotes: list[Quote] = field(default_factory=list)


def scenes(page: Path) -> list[Scene]:
    """The sessions of a page."""
    found: list[Scene] = []
    waiting: list[Typed] = []
    for seed, user, language, body in _PARTS.findall(page.read_text(encoding="utf-8")):
        if seed or language == "text" or (waiting and not language):
            lines = tuple(body.splitlines()) if language == "text" else ()
            if waiting:
                found[-1].quotes.append(Quote(tuple(waiting), lines))
            waiting = []
        if seed:
            found.append(Scene(seed, user))
        elif not language:
            waiting += _typed(body)
    if waiting:
        found[-1].quotes.append(Quote(tuple(waiting), ()))
    return found


def typed_in(page: Path) -> list[str]:
    """Every command of psbridge that a page shows, in a block or in a sentence."""
    text = page.read_text(encoding="utf-8")
    in_blocks = [typed.line for block in blocks(page) for typed in _typed(block)]
    return in_blocks + re.findall(r"`(psbridge [a-z][^`]*)`", text)


def _typed(block: str) -> Iterator[Typed]:
    for line in (line for line in block.splitlines() if line.startswith("psbridge ")):
        command, _, remark = line.partition("  #")
        named = re.search(r"exit code (\d+)", remark)
        yield Typed(command.strip(), int(named[1]) if named else 0)


def stops(page: Path) -> list[str]:
    """What the tables of a page say that psbridge says or asks."""
    tables = re.findall(r"^\| it (?:says|asks) \|.*\n\|[-|]+\n((?:\|.*\n)+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [row for table in tables for row in re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)]


def broken_links(page: Path) -> list[str]:
    """The links of a page that lead nowhere: to no file, or to no heading of it."""
    wrong = [str(target) for target in links(page) if not target.exists()]
    for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
        there = page.parent / target if target else page
        if not there.exists() or anchor not in anchors(there):
            wrong.append(f"{target}#{anchor}")
    return wrong


def anchors(page: Path) -> set[str]:
    """The headings of a page as a link names them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
