"""A page's quotes in, the commands typed and everything that they print out; each line that is quoted must be among it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from tests.docs.console import Console
from tests.docs.pages import Quote, Scene

__all__ = ["Reader", "missing", "pattern"]

# What stands on a page for the run's id and for the user.
RUN, USER = "0123456789ab", "user@contoso.com"
# A reader who resumes a run comes back after this time.
LATER: Final = timedelta(hours=2)


class Reader:
    """Does what a page says, and looks whether it is as the page says."""

    def __init__(self, console: Console, scene: Scene) -> None:
        self._console, self._user = console, scene.user
        self._run = "no run"

    def follow(self, quote: Quote) -> str:
        """Type the commands of a quote; gives what was printed, with the page's own names for the run and the user.

        Raises AssertionError for another exit code, a line that is not printed, and an answer that nobody asks for.
        """
        said, answers = "", quote.answers
        for typed in quote.commands:
            if typed.line.startswith("psbridge resume"):
                self._console.later(LATER)
            line = re.sub(r"\bRUN\b", self._run, typed.line).replace(USER, self._user)
            printed = self._console.type(line, answers)
            assert printed.code == typed.code, f"{line}\n{printed.text[-3000:]}"
            answers = answers[len(re.findall(r"^(?:Type yes to|Your answer)", printed.text, re.MULTILINE)) :]
            if "--simulate" not in line and (begun := re.search(r"^Run ([0-9a-f]{12}) of ", printed.text, re.MULTILINE)):
                self._run = begun[1]
            said += self.named(printed.text)
        assert answers == [], f"nobody asked for {answers}: {quote.commands}"
        assert missing([self.named(line) for line in quote.lines], said) == [], f"{quote.commands}\n{said[-6000:]}"
        return said

    def named(self, text: str) -> str:
        """A text with the names that stand on the page."""
        return re.sub(re.escape(self._user), USER, text, flags=re.IGNORECASE).replace(self._run, RUN)


def pattern(quoted: str) -> str:
    """What matches a quoted text: three dots stand for anything, any number of blanks for another."""
    return ".*".join(r"\s+".join(re.escape(word) for word in piece.split()) for piece in quoted.split("..."))


def missing(quoted: Sequence[str], printed: str) -> list[str]:
    """The quoted lines that are not printed, or not in this order."""
    lines: Iterator[str] = iter(printed.splitlines())
    return [line for line in quoted if not any(re.fullmatch(pattern(line), shown.strip()) for shown in lines)]
