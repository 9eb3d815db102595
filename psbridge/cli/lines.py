"""A file that `--output` wrote in, its lines out, each with the columns by name: for `psbridge run PLAYBOOK --from FILE`.

A spreadsheet may have saved it again: with semicolons, without a byte order mark, in the code page of Windows.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from psbridge.clixml import read
from psbridge.errors import ClixmlError, InputError
from psbridge.psobject import PSObject

__all__ = ["Line", "read_lines"]

Line = Mapping[str, str]

_MARK: Final = "'"
# A cell that Excel can hold is far below it.
_LONGEST: Final = 1 << 17


def read_lines(path: Path) -> list[Line]:
    """Read a .csv, .json, .jsonl, .xml or .clixml file. Raises InputError for another file, or a line without its columns."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path}: its name must end with one of {', '.join(_READERS)}")
    try:
        return list(reader(path))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    except RecursionError as error:
        raise InputError(f"{path} cannot be read: it is nested too deeply for a list of lines") from error
    except (csv.Error, ValueError, ClixmlError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error


def _csv(path: Path) -> Iterator[Line]:
    text = _decoded(path.read_bytes())
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    csv.field_size_limit(_LONGEST)
    rows = csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    _check_names(path, rows.fieldnames or ())
    for row in rows:
        if None in row or None in row.values():
            raise InputError(f"{path}, line {rows.line_num}: it has another number of cells than the heading")
        yield {name: _unguarded(value) for name, value in row.items()}


def _check_names(path: Path, names: Sequence[str]) -> None:
    """Refuse a column that is there twice: which of the two is meant nobody knows. Columns without a name mean nothing."""
    twice = [name for name, count in Counter(names).items() if count > 1 and name]
    if twice:
        raise InputError(f"{path} has the column {', '.join(map(repr, twice))} more than once; take the wrong ones away")


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _unguarded(text: str) -> str:
    """Take away the apostrophe that kept a spreadsheet from running a formula."""
    return text[1:] if text.startswith(_MARK) and len(text) > 1 and not text[1].isalnum() else text


def _json(path: Path) -> Iterator[Line]:
    rows = _document(path, path.read_text(encoding="utf-8-sig"))
    if not isinstance(rows, list):
        raise InputError(f"{path}: expected a list of objects")
    return (_object(path, row) for row in rows)


def _jsonl(path: Path) -> Iterator[Line]:
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), 1):
        if line.strip():
            try:
                yield _object(path, _document(path, line))
            except json.JSONDecodeError as error:
                raise InputError(f"{path}, line {number}, cannot be read: {error.msg}") from error


def _document(path: Path, text: str) -> Any:
    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        _check_names(path, [name for name, _ in members])
        return dict(members)

    return json.loads(text, object_pairs_hook=pairs)


def _object(path: Path, row: Any) -> Line:
    if not isinstance(row, dict):
        raise InputError(f"{path}: expected a list of objects")
    return {name: _text(value) for name, value in row.items()}


def _clixml(path: Path) -> Iterator[Line]:
    for value in read(path):
        if not isinstance(value, PSObject):
            raise InputError(f"{path}: expected objects with properties")
        yield {name: _text(value.get(name)) for name in value.names()}


def _text(value: object) -> str:
    return "" if value is None else str(value)


_READERS: Final = {".csv": _csv, ".json": _json, ".jsonl": _jsonl, ".xml": _clixml, ".clixml": _clixml}
