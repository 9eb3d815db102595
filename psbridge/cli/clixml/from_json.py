"""`psbridge clixml from-json`: what to-json and to-jsonl wrote as CLIXML again."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Annotated, Final

import typer

from psbridge.cli.clixml.opening import open_file, shown_name
from psbridge.cli.clixml.options import OutputOption
from psbridge.cli.clixml.output import opened
from psbridge.cli.clixml.progress import ProgressLine
from psbridge.clixml import encode_pieces
from psbridge.clixml_json import Json, JsonReader, from_text
from psbridge.errors import InputError
from psbridge.psobject import Value

__all__ = ["from_json"]

_FORMAT: Final = 1
_START: Final = '{"clixml":1,"values":['  # the first line of what to-json writes; then a line for each value
_REFERENCE: Final = re.compile(r'"ref"\s*:\s*(\d+)')


def from_json(
    file: Annotated[str, typer.Argument(metavar="FILE", help="What to-json or to-jsonl wrote; - for standard input.")],
    *,
    output: OutputOption = None,
) -> None:
    """Turn what to-json or to-jsonl wrote into an export again, for Import-Clixml. What --plain wrote cannot be turned back.

    Example: psbridge clixml from-json mailboxes.json --output mailboxes.xml
    """
    name = shown_name(file)
    progress = ProgressLine(name)
    with open_file(file, progress) as given, opened(output, reads=file, before=progress.clear) as out:
        head = given.read(4)
        total = given.seek(0, io.SEEK_END)
        given.seek(0)
        # What Windows PowerShell wrote through `>` is UTF-16; json knows all of JSON's encodings.
        text = io.TextIOWrapper(given, json.detect_encoding(head), newline="\n")
        try:
            # Only the objects that are referred to are kept.
            reader = JsonReader({int(number) for line in text for number in _REFERENCE.findall(line)})
            text.seek(0)
            for piece in encode_pieces(_values(text, name, reader), verbatim=True):
                out.write(piece.decode())
                progress(given.tell(), total)
        except UnicodeDecodeError as error:
            raise InputError(f"{name} is no text in {error.encoding}: {error.reason}.") from None
        finally:
            progress.clear()


def _values(text: io.TextIOWrapper, name: str, reader: JsonReader) -> Iterator[Value]:
    """The values of a document, or of lines if the first one stands for itself."""
    first = text.readline()
    if first.rstrip() == _START:
        second = text.readline()
        if _is_json(second.rstrip().removesuffix(",")):
            yield from _lines(second, text, name, reader, within_list=True)
            return
        first += second
    if not _is_json(first):
        first += text.read()
    try:
        node = from_text(first)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    if isinstance(node, dict) and "clixml" in node:
        yield from _document(node, name, reader)
    else:
        yield from _lines(first, text, name, reader)


def _is_json(text: str) -> bool:
    try:
        from_text(text)
    except InputError:
        return False
    return True


def _document(node: dict[str, Json], name: str, reader: JsonReader) -> Iterator[Value]:
    if node["clixml"] != _FORMAT or not isinstance(node.get("values"), list):
        raise InputError(f'{name}: expected {{"clixml": {_FORMAT}, "values": [...]}}, found "clixml": {node["clixml"]!r}.')
    for place, value in enumerate(node["values"]):
        try:
            yield reader.value(value)
        except InputError as error:
            raise InputError(f"{name}, value {place + 1}: {error}") from None


def _lines(first: str, text: io.TextIOWrapper, name: str, reader: JsonReader, *, within_list: bool = False) -> Iterator[Value]:
    """A value a line; `within_list`: each but the last has a comma behind it, and the line after that closes the list."""
    number, line, due = 1 + within_list, first, within_list
    while line:
        stands = line.rstrip()
        if within_list and not due:
            break
        due = stands.endswith(",")
        try:
            if stands:
                yield reader.value(from_text(stands.removesuffix(",") if within_list else stands))
        except InputError as error:
            raise InputError(f"{name}, line {number}: {error}") from None
        number, line = number + 1, text.readline()
    if within_list and (due or (line + text.read()).split() != ["]}"]):
        raise InputError(f"{name}, line {number}: the list of values is not closed; the file was cut off.")
