"""A file, or whatever can be read, in; the words of its document, chunk by chunk, and the ids that it refers to out."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, cast

from psbridge.clixml.encoding import source_of
from psbridge.clixml.references import referred_ids

__all__ = ["Feed", "Progress", "seekable"]

_CHUNK: Final = 1 << 16
_REFERENCE: Final = b"<Ref"
_NO_START: Final = (b"/", b"")  # what may stand behind a `<` that begins no start tag, or not surely
_SPOOLED_IN_MEMORY: Final = 1 << 22

Progress = Callable[[int, int | None], None]


def seekable(source: BinaryIO, progress: Progress | None) -> BinaryIO:
    """Give the source, or a temporary file with all of it if it cannot be read twice: a pipe, a socket."""
    if source.seekable():
        return source
    spooled = cast("BinaryIO", SpooledTemporaryFile(max_size=_SPOOLED_IN_MEMORY))  # noqa: SIM115 - the reader closes it
    while part := source.read(_CHUNK):
        spooled.write(part)
        if progress is not None:
            progress(spooled.tell(), None)
    spooled.seek(0)
    return spooled


class Feed:
    """The bytes of a source from where it stands. They are read twice: for the ids, then for the values."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._start = source.tell()
        self.total = source.seek(0, 2) - self._start

    def whole(self) -> bytes:
        """All that there is."""
        self._source.seek(self._start)
        return b"".join(self._read())

    def referred(self) -> set[bytes]:
        """The ids of the objects that references name; in what only looks like a reference there may be more."""
        return referred_ids(_parts(self._document(None))) if self._may_refer() else set()

    def _may_refer(self) -> bool:
        """Whether there may be a reference: a look at the bytes, which is all that most exports need."""
        self._source.seek(self._start)
        end = b""
        for chunk in self._read():
            if not end and source_of(chunk[:64]).codec != "utf-8":
                return True
            # From the end, because CPython looks faster from there.
            if chunk.rfind(_REFERENCE) >= 0 or _REFERENCE in end + chunk[: len(_REFERENCE)]:
                return True
            end = chunk[-len(_REFERENCE) :]
        return False

    def parts(self, progress: Progress | None) -> Iterator[bytes]:
        """The document in UTF-8, in parts that begin with a start tag, but for the first."""
        return _parts(self._document(progress))

    def _document(self, progress: Progress | None) -> Iterator[bytes]:
        self._source.seek(self._start)
        chunks = self._read()
        first = next(chunks, b"")
        opening = source_of(first[:64])
        done = opening.mark
        decoder = None if opening.codec == "utf-8" else codecs.getincrementaldecoder(opening.codec)("replace")
        skipped = opening.skipped
        chunk = first[opening.mark :]
        while chunk:
            done += len(chunk)
            if progress is not None:
                progress(done, self.total)
            text = chunk if decoder is None else decoder.decode(chunk).encode()
            yield text[skipped:]
            skipped = 0
            chunk = next(chunks, b"")
        if decoder is not None:
            yield decoder.decode(b"", final=True).encode()

    def _read(self) -> Iterator[bytes]:
        """The bytes in chunks of one size, however few the source gives at a time."""
        while True:
            parts: list[bytes] = []
            missing = _CHUNK
            while missing and (part := self._source.read(missing)):
                parts.append(part)
                missing -= len(part)
            if parts:
                yield b"".join(parts)
            if missing:
                return


def _parts(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Chunks in, parts out that begin with a start tag, but for the first."""
    held: list[bytes] = []
    for chunk in chunks:
        cut = _last_start(chunk)
        if cut < 0 or (cut == 0 and not held):
            held.append(chunk)
            continue
        yield b"".join([*held, chunk[:cut]])
        held = [chunk[cut:]]
    yield b"".join(held)


def _last_start(chunk: bytes) -> int:
    """Where the last start tag begins of which more is there than its `<`; -1 if none does."""
    cut = chunk.rfind(b"<")
    while cut >= 0 and chunk[cut + 1 : cut + 2] in _NO_START:
        cut = chunk.rfind(b"<", 0, cut)
    return cut
