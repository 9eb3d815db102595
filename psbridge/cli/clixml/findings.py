"""What is wrong with a file, and where: a byte in, line and column out."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from psbridge.errors import ClixmlError
from psbridge.report.visible import visible

__all__ = ["Finding", "located"]

_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was found at a byte of a file. `is_note`: PowerShell reads on all the same."""

    offset: int
    reason: str
    path: str = ""
    is_note: bool = False

    @classmethod
    def of(cls, error: ClixmlError, shift: int) -> Finding:
        """Take over an error of what begins `shift` bytes behind the file's beginning."""
        return cls(max(error.offset + shift, 0), error.reason, error.path)

    def line(self, row: int, column: int) -> str:
        """Say it with its place."""
        path = f", {visible(self.path)}" if self.path else ""
        return f"line {row}, column {column}, byte {self.offset}{path}: {'note: ' * self.is_note}{visible(self.reason)}"


def located(findings: Iterable[Finding], file: BinaryIO, codec: str) -> Iterator[tuple[Finding, int, int]]:
    """Give the findings in the order of their places, each with its line and column (both from 1, in characters); one pass."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(codec)("replace")
    passed, row, column = 0, 1, 1
    for finding in sorted(findings, key=lambda finding: finding.offset):
        while passed < finding.offset and (part := file.read(min(_CHUNK, finding.offset - passed))):
            passed += len(part)
            text = decoder.decode(part)
            if passed == len(part):
                text = text.removeprefix("\ufeff")
            row += text.count("\n")
            column = len(text) - text.rfind("\n") if "\n" in text else column + len(text)
        yield finding, row, column
