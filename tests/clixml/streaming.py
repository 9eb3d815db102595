"""Every case of the corpus that is a document, and sources that are hard to read."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from psbridge.clixml import decode
from psbridge.errors import ClixmlError
from psbridge.psobject import Value
from tests.clixml.corpus_files import corpus_files
from tests.powershell_corpus import to_json

__all__ = ["Slow", "as_json", "decoded", "documents", "outcome"]


class Slow(io.RawIOBase):
    """A pipe that gives one byte at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, _size: int = -1) -> bytes:
        return self._data.read(1)


def documents(corpus: Path, families: list[str] | None = None) -> Iterator[tuple[str, bytes]]:
    """The exports of the corpus: those that real PowerShell judged, then the files of other origin."""
    spec = importlib.util.spec_from_file_location("compare", corpus / "powershell" / "compare.py")
    assert spec is not None
    assert spec.loader is not None
    compare = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(compare)
    for family, case, data in compare.cases(corpus / "powershell", families):
        if case.get("form", "export") not in {"wire", "stderr"}:
            yield f"{family}/{case['name']}", data
    for file in corpus_files(corpus, "real"):
        if not file.is_message:
            yield file.path.name, file.data


def outcome(values: Iterator[Value]) -> tuple[list[Value], str | None]:
    """The values that are given, and the error behind them."""
    given: list[Value] = []
    try:
        given.extend(values)
    except ClixmlError as error:
        return given, str(error)
    return given, None


def decoded(data: bytes) -> tuple[list[Value] | None, str | None]:
    """What `decode` says of a document."""
    try:
        return decode(data), None
    except ClixmlError as error:
        return None, str(error)


def as_json(values: list[Value]) -> list[Any]:
    """Values to compare, each for itself."""
    return [to_json([value]) for value in values]
