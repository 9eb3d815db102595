"""The bytes of a CLIXML document in, the same in UTF-8 without what stands in front of it out.

The byte order mark decides, else it is UTF-8. An `encoding=` in an XML declaration means nothing to PowerShell, and bytes that
are not the encoding's become U+FFFD (clixml-notes section 4).
"""

from __future__ import annotations

import codecs
import re
from typing import Final, NamedTuple

from psbridge.clixml.unreadable import Unreadable

__all__ = ["Source", "source_of"]

# UTF-32 comes first: its little-endian mark begins as that of UTF-16 does.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How a message begins that is not in UTF-8: with a mark, or with `<`. [MS-PSRP] has UTF-8 only; .NET's parser looks here.
_BEGINNINGS: Final = (
    *((mark, codec, len(mark)) for mark, codec in _MARKS[1:]),
    *(("<".encode(codec), codec, 0) for _, codec in _MARKS[1:]),
)
# Beginnings in the two orders of UTF-32's bytes that have no codec, each with where the bytes of a character stand.
_ODD_ORDERS: Final = {
    b"\0<\0\0": (2, 3, 0, 1),
    b"\xfe\xff\0\0": (2, 3, 0, 1),
    b"\0\0<\0": (1, 0, 3, 2),
    b"\0\0\xff\xfe": (1, 0, 3, 2),
}
_MARKER: Final = re.compile(rb"#< CLIXML\r?\n")


class Source(NamedTuple):
    """A document in UTF-8, with what is needed to find a place of it in the bytes that were given.

    `document` is `as_given` if those are UTF-8, so it may hold bytes that are none; see `repaired`. `skipped` stands between the
    byte order mark and the document: bytes if it is as given, else characters.
    """

    document: bytes
    data: bytes
    codec: str
    mark: int
    skipped: int
    as_given: bool

    def part(self, start: int, end: int) -> Source:
        """A stretch of the document as one of its own."""
        skipped = start if self.as_given else len(self.document[:start].decode())
        return self._replace(document=self.document[start:end], skipped=self.skipped + skipped)

    def repaired(self) -> Source:
        """Put U+FFFD for what is no UTF-8, as PowerShell does."""
        if not self.as_given:
            return self
        try:
            self.document.decode()
        except UnicodeDecodeError:
            before = self.data[self.mark : self.mark + self.skipped].decode("utf-8", "replace")
            document = self.document.decode("utf-8", "replace").encode()
            return self._replace(document=document, skipped=len(before), as_given=False)
        return self

    def of_message(self) -> Source:
        """Take the bytes of a message as .NET's XML parser takes them: half a character at the end is passed over.

        Raises Unreadable for bytes that are not the encoding's.
        """
        begins = (found for found in _BEGINNINGS if not self.mark and self.document.startswith(found[0]))
        _, codec, mark = next(begins, (b"", "utf-8", 0))
        document = self.document
        if not self.mark and (order := _ODD_ORDERS.get(document[:4])):
            codec, mark = "utf-32-be", 0 if b"<" in document[:4] else 4
            document = _reordered(document, order)
        try:
            text = codecs.getincrementaldecoder(codec)().decode(document[mark:])
        except UnicodeDecodeError as error:
            raise Unreadable(f"bytes that are no {codec.upper()}", mark + error.start) from None
        return self._replace(document=text.encode(), codec=codec, mark=self.mark + mark, as_given=codec == "utf-8")

    def offset(self, place: int) -> int:
        """Where a byte of the document stands in the bytes that were given."""
        if self.as_given:
            return self.mark + self.skipped + place
        passed = self.skipped + len(self.document[:place].decode("utf-8", "ignore"))
        body = self.data[self.mark :]
        low, high = 0, len(body)
        while low < high:  # a replaced byte has no length of its own, so the place is searched for
            middle = (low + high) // 2
            if len(codecs.getincrementaldecoder(self.codec)("replace").decode(body[:middle])) < passed:
                low = middle + 1
            else:
                high = middle
        return self.mark + low


def source_of(data: bytes, *, wire: bool = False) -> Source:
    """Give the document behind its byte order mark and the line `#< CLIXML`.

    `wire`: a message's body, which has no such line. It is UTF-8; `of_message` takes one that is not.
    """
    marks = _MARKS[:1] if wire else _MARKS
    mark, codec = next(((mark, codec) for mark, codec in marks if data.startswith(mark)), (b"", "utf-8"))
    document = data[len(mark) :] if codec == "utf-8" else data[len(mark) :].decode(codec, "replace").encode()
    marker = None if wire else _MARKER.match(document)
    skipped = marker.end() if marker else 0
    return Source(document[skipped:], data, codec, len(mark), skipped, codec == "utf-8")


def _reordered(data: bytes, order: tuple[int, ...]) -> bytes:
    """UTF-32 with its highest bytes first; what is less than a character at the end is passed over."""
    whole = bytearray(len(data) // 4 * 4)
    for place, given in enumerate(order):
        whole[place::4] = data[given : len(whole) : 4]
    return bytes(whole)
