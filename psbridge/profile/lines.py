"""A TOML text that tomllib takes in, the line of every table, key and item out: tomllib keeps none of them.

Source: the grammar of TOML 1.0. What is read here is known to be valid, so nothing is checked again.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from typing import Final, TypeAlias

__all__ = ["Path", "lines_of"]

# Where a value stands in the document: names of keys, numbers of items.
Path: TypeAlias = tuple[str | int, ...]

_BETWEEN: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK: Final = re.compile(r"[ \t]*")
_STRING: Final = re.compile(r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN: Final = re.compile(r"[^,\]}#\n]*")


def lines_of(text: str) -> Mapping[Path, int]:
    """The line, from 1, on which each path begins."""
    return _Scan(text).run()


class _Scan:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines: dict[Path, int] = {}
        self._items: Counter[Path] = Counter()

    def run(self) -> dict[Path, int]:
        table: Path = ()
        self._take(_BETWEEN)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._take(_BETWEEN)
        return self._lines

    def _header(self) -> Path:
        """`[a.b]`, or `[[a.b]]`, which begins another item; a name in it that is a list means its last item."""
        line, several = self._line(), self._text.startswith("[[", self._at)
        self._at += 1 + several
        names = self._key()
        table: Path = ()
        for place, name in enumerate(names, start=1):
            table = (*table, name)
            if several and place == len(names):
                self._items[table] += 1
                self._lines.setdefault(table, line)
            if self._items[table]:
                table = (*table, self._items[table] - 1)
        self._at += 1 + several
        self._note(table, line)
        return table

    def _pair(self, table: Path) -> None:
        line = self._line()
        path = (*table, *self._key())
        self._at += 1
        self._take(_BLANK)
        self._note(path, line)
        self._value(path)

    def _key(self) -> Path:
        """Names with dots between them; stands behind the last one and the blanks after it."""
        names: list[str] = []
        while True:
            self._take(_BLANK)
            quoted = self._take(_STRING)
            names.append(tomllib.loads(f"it = {quoted}")["it"] if quoted else self._take(_BARE))
            self._take(_BLANK)
            if not self._text.startswith(".", self._at):
                return tuple(names)
            self._at += 1

    def _value(self, path: Path) -> None:
        match self._text[self._at : self._at + 1]:
            case "[":
                self._list(path)
            case "{":
                self._inline(path)
            case _:
                if not self._take(_STRING):
                    self._take(_PLAIN)

    def _list(self, path: Path) -> None:
        self._at += 1
        item = 0
        while not self._ends("]"):
            self._note((*path, item), self._line())
            self._value((*path, item))
            item += 1

    def _inline(self, path: Path) -> None:
        self._at += 1
        while not self._ends("}"):
            self._pair(path)

    def _ends(self, bracket: str) -> bool:
        """Go to the next item; whether the list or the table ends instead."""
        self._take(_BETWEEN)
        if self._text.startswith(",", self._at):
            self._at += 1
            self._take(_BETWEEN)
        ended = self._text.startswith(bracket, self._at) or self._at >= len(self._text)
        self._at += ended
        return ended

    def _note(self, path: Path, line: int) -> None:
        """Keep where a path begins, and those above it that nothing has begun yet."""
        for length in range(1, len(path) + 1):
            self._lines.setdefault(path[:length], line)

    def _line(self) -> int:
        return self._text.count("\n", 0, self._at) + 1

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return found[0] if found else ""
