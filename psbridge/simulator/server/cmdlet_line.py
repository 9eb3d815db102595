"""The text of one cmdlet line in, its commands out; any other script text is refused, never guessed at.

What is read is a part of PowerShell's grammar that leaves nothing to interpret: cmdlets joined by `|`, parameters, quoted
strings, plain words, whole numbers, `$true`, `$false`, `$null`, and lists of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from psbridge.simulator.runspace.records import Argument, Invocation

__all__ = ["NotOneCmdletLine", "read_line"]

# Five characters open and close a string in single quotes, and one of them twice stands for itself (remoting-notes 8).
_SINGLE: Final = "'\u2018\u2019\u201a\u201b"
_DOUBLE: Final = '"\u201c\u201d\u201e'
_TOKENS: Final = re.compile(
    rf"""(?P<blank>[ \t]+)
    |(?P<pipe>\|)
    |(?P<comma>,)
    |(?P<parameter>-[A-Za-z_][A-Za-z0-9_]*(?::|(?=[\s|]|$)))
    |'(?P<single>(?:[^{_SINGLE}]|(?P<twice>[{_SINGLE}])(?P=twice))*)'(?=[\s|,]|$)
    |"(?P<double>[^{_DOUBLE}$`]*)"(?=[\s|,]|$)
    |(?P<constant>\$(?:true|false|null))(?=[\s|,]|$)
    |(?P<guid>[0-9A-Fa-f]{{8}}(?:-[0-9A-Fa-f]{{4}}){{3}}-[0-9A-Fa-f]{{12}})(?=[\s|,]|$)
    |(?P<number>\d{{1,9}})(?=[\s|,]|$)
    |(?P<word>[A-Za-z_][A-Za-z0-9_.@\\:-]*)(?=[\s|,]|$)""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_DOUBLED: Final = re.compile(rf"([{_SINGLE}])\1")
_CMDLET: Final = re.compile(r"[A-Za-z]+-[A-Za-z0-9]+")
_CONSTANTS: Final = {"$true": True, "$false": False, "$null": None}
_VALUES: Final = frozenset({"single", "double", "constant", "guid", "number", "word"})

TakesValue = Callable[[str, str], bool | None]
_Token = tuple[str, str, int]


class NotOneCmdletLine(Exception):
    """Script text that is more than one cmdlet line, or something else."""


def read_line(text: str, takes_value: TakesValue) -> list[Invocation]:
    """Read a line. `takes_value(cmdlet, parameter)`: a switch takes none; None where it is not known. Raises NotOneCmdletLine."""
    text = text.strip()
    tokens = _Tokens(text)
    commands = [_command(tokens, takes_value)]
    while tokens.take("pipe"):
        commands.append(_command(tokens, takes_value))
    tokens.end()
    return commands


class _Tokens:
    """The tokens of a line, one after another."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._split(text))
        self._place = 0

    def _split(self, text: str) -> Iterator[_Token]:
        position = 0
        while position < len(text):
            found = _TOKENS.match(text, position)
            if found is None:
                raise self._refusal(position)
            kind = str(found.lastgroup)
            if kind != "blank":
                yield kind, found[kind], position
            position = found.end()

    def take(self, *kinds: str) -> _Token | None:
        """The next token, if it is one of these."""
        if self._place < len(self._tokens) and self._tokens[self._place][0] in kinds:
            self._place += 1
            return self._tokens[self._place - 1]
        return None

    def end(self) -> None:
        """Nothing may follow. Raises NotOneCmdletLine."""
        if self._place < len(self._tokens):
            raise self._refusal(self._tokens[self._place][2])

    def missing(self) -> NotOneCmdletLine:
        """What is due at this place is not there."""
        return self._refusal(self._tokens[self._place][2] if self._place < len(self._tokens) else len(self._text))

    def _refusal(self, position: int) -> NotOneCmdletLine:
        near = self._text[position : position + 20] or "the end"
        return NotOneCmdletLine(
            "The simulator runs one cmdlet line: a cmdlet with parameters, quoted strings, plain words, whole numbers, $true, "
            f"$false, $null and lists of these, or several joined by |. It does not take {near!r} at character {position + 1}. "
            "Nothing was run."
        )


def _command(tokens: _Tokens, takes_value: TakesValue) -> Invocation:
    named = tokens.take("word")
    if named is None or not _CMDLET.fullmatch(named[1]):
        raise tokens.missing()
    arguments: list[Argument] = []
    while True:
        parameter = tokens.take("parameter")
        if parameter is None:
            if not (given := tokens.take(*_VALUES)):
                return Invocation(named[1], tuple(arguments))
            arguments.append(Argument(None, _value(tokens, given)))
        else:
            arguments.append(_argument(tokens, named[1], parameter[1], takes_value))


def _argument(tokens: _Tokens, cmdlet: str, parameter: str, takes_value: TakesValue) -> Argument:
    name, joined = parameter.strip("-:"), parameter.endswith(":")
    takes = takes_value(cmdlet, name)
    if takes is False and not joined:
        return Argument(name, value=True)
    given = tokens.take(*_VALUES)
    if given is None and (takes or joined):
        raise tokens.missing()
    return Argument(name, True if given is None else _value(tokens, given))


def _value(tokens: _Tokens, first: _Token) -> object:
    items = [_single(first)]
    while tokens.take("comma"):
        following = tokens.take(*_VALUES)
        if following is None:
            raise tokens.missing()
        items.append(_single(following))
    return items if len(items) > 1 else items[0]


def _single(token: _Token) -> object:
    kind, text, _ = token
    if kind == "single":
        return _DOUBLED.sub(r"\1", text)
    if kind == "number":
        return int(text)
    return _CONSTANTS[text.lower()] if kind == "constant" else text
