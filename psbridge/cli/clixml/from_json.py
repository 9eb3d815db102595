"""`psbridge clixml from-json`: what to-json and to-jsonl wrote as CLIXML again."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Annotated, Final

import typer

from psbridge.cli.clixml.opening import open_file
from psbridge.cli.clixml.options import OutputOption
from psbridge.cli.clixml.output import opened
from psbridge.cli.clixml.progress import ProgressLine
from psbridge.clixml import encode
from psbridge.clixml_json import Json, JsonReader, from_text
from psbridge.errors import InputError
from psbridge.psobject import Value

__all__ = ["from_json"]

_FORMAT: Final = 1


def from_json(
    file: Annotated[str, typer.Argument(metavar="FILE", help="What to-json or to-jsonl wrote; - for standard input.")],
    *,
    output: OutputOption = None,
) -> None:
    """Turn what to-json or to-jsonl wrote into an export again, for Import-Clixml. What --plain wrote cannot be turned back.

    Example: psbridge clixml from-json mailboxes.json --output mailboxes.xml
    """
    with open_file(file, ProgressLine(file)) as given:
        head = given.read(4)
        given.seek(0)
        # What Windows PowerShell wrote through `>` is UTF-16; json knows all of JSON's encodings.
        text = io.TextIOWrapper(given, json.detect_encoding(head), newline="\n")
        try:
            data = encode(_values(text, file), verbatim=True)
        except UnicodeDecodeError as error:
            raise InputError(f"{file} is no text in {error.encoding}: {error.reason}.") from None
    with opened(output, reads=file) as out:
        out.write(data.decode())


def _values(text: io.TextIOWrapper, file: str) -> Iterator[Value]:
    """The values of a document, or of lines if the first one stands for itself."""
    first = text.readline()
    try:
        node = from_text(first)
    except InputError:
        node = _whole(first + text.read(), file)
    if isinstance(node, dict) and "clixml" in node:
        yield from _document(node, file)
    else:
        yield from _lines(first, text, file)


def _whole(text: str, file: str) -> Json:
    try:
        return from_text(text)
    except InputError as error:
        raise InputError(f"{file}: {error}") from None


def _document(node: dict[str, Json], file: str) -> Iterator[Value]:
    if node["clixml"] != _FORMAT or not isinstance(node.get("values"), list):
        raise InputError(f'{file}: expected {{"clixml": {_FORMAT}, "values": [...]}}, found "clixml": {node["clixml"]!r}.')
    reader = JsonReader()
    for place, value in enumerate(node["values"]):
        try:
            yield reader.value(value)
        except InputError as error:
            raise InputError(f"{file}, value {place + 1}: {error}") from None


def _lines(first: str, text: io.TextIOWrapper, file: str) -> Iterator[Value]:
    reader = JsonReader()
    number, line = 1, first
    while line:
        try:
            if not line.isspace():
                yield reader.value(from_text(line))
        except InputError as error:
            raise InputError(f"{file}, line {number}: {error}") from None
        number, line = number + 1, text.readline()
