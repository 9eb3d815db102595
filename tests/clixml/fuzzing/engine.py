"""Bytes of a file or a message in; what real PowerShell reads from them, or that it refuses them, out."""

from __future__ import annotations

import codecs
import json
import re
import subprocess
from base64 import b64encode
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from tests.clixml.fuzzing.seeds import EXPORT, WIRE

_KEYS: Final = {EXPORT: "clixml", WIRE: "psrp"}
_MARKER: Final = re.compile("#< CLIXML\r?\n")
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ENDED: Final = "the process ended"
# Errors of what stands around the reader: convert writes again what it read, and a message that is a null has no place in PSRP.
_NOT_THE_READER: Final = (
    ("System.ArgumentException: ", "what was read cannot be written again"),
    ("Deserialized remoting data is null.", "a message must not be a null"),
    ("System.DllNotFoundException: ", "a live object needs a library that is not there"),
)
# The engine's own way from the bytes of a message to its value. It has no public name, and convert takes text only.
_MESSAGES: Final = """
$type = [psobject].Assembly.GetType('System.Management.Automation.Remoting.Fragmentor')
$fragmentor = $type.GetConstructors([Reflection.BindingFlags]'Public,NonPublic,Instance')[0].Invoke(@(32768, $null))
$read = $type.GetMethod('DeserializeToPSObject', [Reflection.BindingFlags]'Public,NonPublic,Instance')
while ($null -ne ($line = [Console]::In.ReadLine())) {
    $stream = [IO.MemoryStream]::new([Convert]::FromBase64String($line))
    $said = try { $null = $read.Invoke($fragmentor, @(, $stream)); '' } catch { $_.Exception.GetBaseException().Message }
    [Console]::Out.WriteLine(($said -replace '[\\r\\n]', ' '))
}
"""


class Answer(NamedTuple):
    """What PowerShell made of an input: the roots in the corpus's schema, or why it refused.

    `unjudged`: why that says nothing of what its reader does with the input; empty if it does.
    `roots_unknown`: it was read, but what came of it was not shown.
    """

    roots: list[Any] | None = None
    refusal: str = ""
    unjudged: str = ""
    roots_unknown: bool = False


class Engine:
    """One `realps convert` for texts, and one session for the bytes of messages that are no text."""

    def __init__(self, realps: str) -> None:
        self._convert = _Lines([realps, "convert"])
        self._messages = _Lines([realps, "-NoProfile", "-NonInteractive", "-Command", _MESSAGES])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._convert.close()
        self._messages.close()

    def read(self, data: bytes, form: str) -> Answer:
        """Let PowerShell read a file (`export`) or the body of a message (`wire`)."""
        return self.ask(data, form)()

    def ask(self, data: bytes, form: str) -> Callable[[], Answer]:
        """Let PowerShell begin to read; give what waits for its answer. The next question may be asked after that only."""
        text = _text_of_file(data) if form == EXPORT else _text_of_message(data)
        if text is None:
            self._messages.send(b64encode(data).decode())
            return lambda: _answer_of_session(self._messages.receive())
        self._convert.send(json.dumps({_KEYS[form]: text}))
        return lambda: _answer(self._convert.receive())


def _answer_of_session(refusal: str | None) -> Answer:
    if refusal is None:
        return Answer(unjudged=_ENDED)
    return Answer(refusal=refusal, roots_unknown=not refusal)


def _answer(line: str | None) -> Answer:
    if line is None:
        return Answer(unjudged=_ENDED)
    answer = json.loads(line)
    if not answer["ok"]:
        refusal = f"{answer['type']}: {answer['error']}"
        return Answer(None, refusal, next((reason for words, reason in _NOT_THE_READER if words in refusal), ""))
    roots = answer["value"] if answer["count"] > 1 else [answer["value"]] * answer["count"]
    return Answer(roots, unjudged="it holds live objects" if '"live":' in line else "")


def _text_of_file(data: bytes) -> str:
    """The text that .NET's StreamReader makes of a file: the mark decides, bad bytes become U+FFFD, the marker line goes."""
    mark, codec = next((pair for pair in _MARKS if data.startswith(pair[0])), (b"", "utf-8"))
    text = data[len(mark) :].decode(codec, "replace")
    return text[found.end() :] if (found := _MARKER.match(text)) else text


def _text_of_message(data: bytes) -> str | None:
    """The text of a message in UTF-8; None where there is none, or where convert would look for a mark or an encoding again."""
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError:
        return None
    return None if text.startswith("\ufeff") or "\0" in text[:4] else text


class _Lines:
    """A process that answers each line with a line; it is started again if a line ended it."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[str] | None = None

    def send(self, line: str) -> None:
        """Write a line."""
        if self._process is None:
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, encoding="utf-8")
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def receive(self) -> str | None:
        """The answer without its line end; None if the process ended instead."""
        assert self._process is not None
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        if not answer:
            self.close()
            return None
        return answer.removesuffix("\n")

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate(timeout=30)
            self._process = None
