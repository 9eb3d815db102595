"""The name of a CLIXML file in, its values out, one by one; what cannot be read is kept for the end."""

from __future__ import annotations

import io
import sys
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from types import TracebackType
from typing import Final, Self

from psbridge.cli.clixml.cut import find_cut
from psbridge.cli.clixml.findings import Finding, located
from psbridge.cli.clixml.opening import open_clixml, shown_name
from psbridge.cli.clixml.progress import ProgressLine
from psbridge.cli.exit_codes import ExitCode
from psbridge.clixml import decode, decode_stream, read
from psbridge.errors import ClixmlError
from psbridge.psobject import PSObject, Value
from psbridge.report.display import shown_names

__all__ = ["Document"]

# Redirected output, and what stands in front of a fault where XML is not as PowerShell writes it, are held in memory up to this.
_MOST_IN_MEMORY: Final = 1 << 26
_MARKER: Final = b"#< CLIXML"


class Document:
    """A file of CLIXML, or standard input. Iterating gives its values as far as they can be read; `end` says why not further.

    `properties`: only these of each top-level object are needed. `half`: a last value that is there in part is given too.
    `name`: for messages. `count`: how many values were given. `opened`: the bytes. `stopped_at`: where the reader gave up.
    """

    def __init__(self, file: str, *, properties: Collection[str] | None = None, half: bool = False) -> None:
        self.name = shown_name(file)
        self._progress = ProgressLine(self.name)
        self.opened = open_clixml(file, self._progress, half=half)
        self._properties = properties
        self.findings = list(self.opened.findings)
        self.stopped_at: Finding | None = None
        self.count = 0
        self._at_end = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.clear()
        self.opened.file.close()

    def __iter__(self) -> Iterator[Value]:
        return (value for _, value in self.streams())

    def streams(self) -> Iterator[tuple[str | None, Value]]:
        """Give the values, each with the stream that it was written to where this is redirected output."""
        given = self._redirected() if self.opened.redirected and self._size() <= _MOST_IN_MEMORY else self._exported()
        for pair in given:
            self.count += 1
            yield pair
        self._at_end = True

    @property
    def cut(self) -> bool:
        """Whether it could not be read to its end; known when it has been read."""
        return self.opened.cut or self.stopped_at is not None

    def first_names(self) -> list[str]:
        """The names of the first object's properties, all of them; none where that cannot be told."""
        self.opened.source.seek(0)
        try:
            first = next(iter(read(self.opened.source)), None)
        except ClixmlError:
            return []
        return shown_names(first) if isinstance(first, PSObject) else []

    def clear(self) -> None:
        """Take the line of progress away, before something is printed to the same terminal."""
        self._progress.clear()

    def end(self) -> None:
        """Tell what was found; if that is anything, the command ends with exit code 1."""
        self.tell()
        if self.findings:
            raise SystemExit(ExitCode.FAILED)

    def tell(self) -> None:
        """Say on standard error what was found, with its places."""
        self._progress.clear()
        lines = [*self.report(self.findings)]
        if self.findings:
            values = "1 value was" if self.count == 1 else f"{self.count} values were"
            half = "; the last one is there in part only" if self.opened.half and self._at_end and not self.stopped_at else ""
            lines.append(f"{self.name}: {values} read{half}. PowerShell refuses this file.")
        sys.stderr.writelines(f"psbridge: {line}\n" for line in lines)

    def report(self, findings: Iterable[Finding]) -> Iterator[str]:
        """Say findings of this file with their places, in order."""
        for finding, row, column in located(findings, self.opened.file, self.opened.codec):
            yield f"{self.name}: {finding.line(row, column)}"

    def _exported(self) -> Iterator[tuple[str | None, Value]]:
        given = 0
        if self.opened.empty:
            self._stop(Finding(0, "the file is empty"))
            return
        try:
            for value in read(self.opened.source, properties=self._properties, progress=self._progress):
                given += 1
                yield None, value
        except ClixmlError as error:
            self._stop(Finding.of(error, self.opened.shift))
            yield from ((None, value) for value in self._more(error, given))

    def _more(self, error: ClixmlError, given: int) -> Iterator[Value]:
        """What stands before the fault and was not given: where XML is not as PowerShell writes it, all is read or nothing."""
        if self._size() > _MOST_IN_MEMORY:
            return
        part = _closed(self._whole(), error.offset, self.opened.codec)
        try:
            yield from islice(decode(part), given, None)
        except ClixmlError:
            return

    def _redirected(self) -> Iterator[tuple[str | None, Value]]:
        """One document after the other, as far as they go; behind a fault nothing is sure."""
        whole, codec = self._whole(), self.opened.codec
        data = whole if codec == "utf-8" else whole.decode(codec, "replace").removeprefix("\ufeff").encode()
        try:
            yield from decode_stream(data)
        except ClixmlError as error:
            passed = data[: error.offset].decode("utf-8", "ignore")
            shift = self.opened.shift + (0 if codec == "utf-8" else len(f"\ufeff{passed}".encode(codec)) - error.offset)
            self._stop(Finding.of(error, shift))
            start = max(data.rfind(_MARKER, 0, error.offset + 1), 0)
            yield from decode_stream(data[:start]) if start else ()
            try:
                yield from decode_stream(_closed(data[start:], error.offset - start, "utf-8"))
            except ClixmlError:
                return

    def _stop(self, fault: Finding) -> None:
        self.stopped_at = fault
        self.findings.append(fault)

    def _whole(self) -> bytes:
        self.opened.source.seek(0)
        return self.opened.source.read()

    def _size(self) -> int:
        return self.opened.source.seek(0, io.SEEK_END)


def _closed(data: bytes, place: int, codec: str) -> bytes:
    """The top-level values that end before a byte of the data, as a document of their own."""
    mark = len("\ufeff".encode(codec)) if data.startswith("\ufeff".encode(codec)) else 0
    cut = find_cut(io.BytesIO(data), mark, place, codec)
    return data[: cut.roots_end] + cut.roots_close.encode(codec) if cut else data[:place]
