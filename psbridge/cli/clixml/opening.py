"""The name of a file in, its bytes as psbridge.clixml reads them out: also of one that was pasted, cut off, or lost its mark.

PowerShell refuses what is mended here, and `check` says so; the other commands show what there is to show.
"""

from __future__ import annotations

import codecs
import io
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from psbridge.cli.clixml.cut import Cut, find_cut
from psbridge.cli.clixml.findings import Finding
from psbridge.cli.clixml.overlay import overlay
from psbridge.clixml.feed import Progress, seekable
from psbridge.errors import InputError
from psbridge.report.visible import visible

__all__ = ["STANDARD_INPUT", "Opened", "open_clixml", "open_file", "shown_name"]

STANDARD_INPUT: Final = "-"

_EDGE: Final = 1 << 16  # the beginning and the end of a document are looked for in so many bytes
# UTF-32 comes first: its little-endian mark begins as that of UTF-16 does.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED: Final = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BEGINNING: Final = re.compile(r"<!--.*?-->|(#< CLIXML\r?\n|<\?xml\s|<(?:[\w.-]+:)?Objs[\s/>])", re.DOTALL)
_ENDING: Final = re.compile(r"</(?:[\w.-]+:)?Objs\s*>|<(?:[\w.-]+:)?Objs(?:\s[^<>]*)?/>")
_AROUND: Final = re.compile(r"(?:[ \t\r\n]|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
_QUOTED: Final = 40


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that can be read again and again.

    `source` begins with the document, `shift` bytes behind the beginning of `file`. `redirected`: it begins with the line
    `#< CLIXML` of a redirected stream, which may come again. `findings`: why PowerShell would not read it as it begins and ends.
    `half`: the last top-level value is there in part only. `cut`: it ends in the middle. `empty`: there is nothing in it.
    """

    file: BinaryIO
    source: BinaryIO
    shift: int
    codec: str
    redirected: bool
    findings: tuple[Finding, ...]
    half: bool = False
    cut: bool = False
    empty: bool = False


@dataclass(frozen=True, slots=True)
class _End:
    """Where the document ends in a file (None: with it), what has to be put behind it, and what is wrong there."""

    offset: int | None
    back: str = ""
    finding: Finding | None = None
    half: bool = False
    cut: bool = False


def shown_name(name: str) -> str:
    """What a file is called in messages."""
    return "standard input" if name == STANDARD_INPUT else visible(name)


def open_file(name: str, progress: Progress | None = None) -> BinaryIO:
    """Open a file, or standard input for `-`, so that it can be read again. Raises InputError."""
    try:
        given = sys.stdin.buffer if name == STANDARD_INPUT else Path(name).open("rb")  # noqa: SIM115 - the caller closes it
        file = seekable(given, progress)
        file.seek(0)
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror or error}. Name a file, or - for standard input.") from None
    return file


def open_clixml(name: str, progress: Progress | None = None, *, half: bool = False) -> Opened:
    """Open a file of CLIXML and find where its document begins and ends; `half`: with a last value that is there in part only.

    Raises InputError.
    """
    file = open_file(name, progress)
    head = file.read(_EDGE)
    mark, codec = next(((mark, codec) for mark, codec in _MARKS if head.startswith(mark)), (b"", "utf-8"))
    lost, codec = _unmarked(head) if not mark else (b"", codec)
    text = head[len(mark) :].decode(codec, "replace")
    found = next((one for one in _BEGINNING.finditer(text) if one[1]), None)
    start = 0
    findings = [Finding(0, f"it is {codec.upper()} without a byte order mark, which PowerShell takes for UTF-8")] if lost else []
    if found and not _may_stand_before(text[: found.start(1)], found[1]):
        start = head.find(found[1].encode(codec), len(mark))
        findings.append(Finding(len(mark), f"something else stands in front of the document: {_quoted(text[: found.start(1)])}"))
    redirected = bool(found and found[1].startswith("#"))
    end = _end(file, start or len(mark), codec, redirected=redirected, half=half) if found else _End(None)
    if end.finding:
        findings.append(end.finding)
    again = lost or (mark if start else b"")
    source = overlay(file, start=start, end=end.offset, front=again, back=end.back.encode(codec)) if findings else file
    source.seek(0)
    empty = len(head) < _EDGE and not text.strip()
    return Opened(file, source, start - len(again), codec, redirected, tuple(findings), end.half, end.cut, empty)


def _unmarked(head: bytes) -> tuple[bytes, str]:
    """UTF-16 without its mark is known by what every document holds, at an even place: else it is the other byte order."""
    return next(((mark, codec) for mark, codec in _UNMARKED if head.find("<Objs".encode(codec)) % 2 == 0), (b"", "utf-8"))


def _may_stand_before(text: str, beginning: str) -> bool:
    """Blanks, comments and instructions may stand before an element, nothing before the marker and a declaration."""
    return not text if beginning.startswith(("#", "<?")) else _AROUND.fullmatch(text) is not None


def _end(file: BinaryIO, start: int, codec: str, *, redirected: bool, half: bool) -> _End:
    """Find the end: the last end tag of a document, or the last place before the cut where one can be put."""
    size, unit = file.seek(0, io.SEEK_END), len("<".encode(codec))
    first = max(start, size - _EDGE)
    first -= (first - start) % unit
    file.seek(first)
    tail = file.read().decode(codec, "surrogateescape" if codec == "utf-8" else "replace")
    ending = next(reversed(list(_ENDING.finditer(tail))), None)
    behind = tail[ending.end() :] if ending else ""
    if ending is None or (redirected and any(one[1] for one in _BEGINNING.finditer(behind))):
        cut = find_cut(file, start, size, codec)
        return _completed(cut, size, half=half) if cut else _End(None)
    if _AROUND.fullmatch(behind) or any(one[1] for one in _BEGINNING.finditer(behind)):
        return _End(None)  # what is wrong with a second document, the reader says
    offset = first + len(tail[: ending.end()].encode(codec, "surrogateescape" if codec == "utf-8" else "surrogatepass"))
    return _End(offset, finding=Finding(offset, f"something else stands behind the document: {_quoted(behind)}"))


def _completed(cut: Cut, size: int, *, half: bool) -> _End:
    finding = Finding(size, "the file ends here, in the middle of the document", cut.path)
    if half and cut.end > cut.roots_end:
        return _End(cut.end, cut.close, finding, half=True, cut=True)
    return _End(cut.roots_end, cut.roots_close, finding, cut=True)


def _quoted(text: str) -> str:
    return repr(text.strip()[:_QUOTED])
