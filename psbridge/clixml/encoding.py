"""The bytes of a CLIXML document in, its text out.

The byte order mark decides, else it is UTF-8. An `encoding=` in an XML declaration means nothing to PowerShell, and bytes that are not
the encoding's become U+FFFD (clixml-notes section 4).
"""

from __future__ import annotations

import codecs
import re
from typing import Final, NamedTuple

__all__ = ["Source", "text_of"]

# UTF-32 comes first: its little-endian mark begins as that of UTF-16 does.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARKER: Final = re.compile(r"#< CLIXML\r?\n")


class Source(NamedTuple):
    """A document's text with what is needed to find a place of it in the bytes."""

    text: str
    data: bytes
    codec: str
    mark: int
    skipped: int

    def byte_offset(self, characters: int) -> int:
        """The byte at which so many characters of the text are passed."""
        passed = self.skipped + characters
        body = self.data[self.mark :]
        prefix = body.decode(self.codec, "replace")[:passed]
        if "\ufffd" not in prefix:
            return self.mark + len(prefix.encode(self.codec))
        return self.mark + self._shortest(body, passed)

    def _shortest(self, body: bytes, characters: int) -> int:
        """The fewest bytes that hold so many characters: a replaced byte has no length of its own."""
        low, high = 0, len(body)
        while low < high:
            middle = (low + high) // 2
            if len(codecs.getincrementaldecoder(self.codec)("replace").decode(body[:middle])) < characters:
                low = middle + 1
            else:
                high = middle
        return low


def text_of(data: bytes, *, wire: bool = False) -> Source:
    """Decode a document and drop its byte order mark and the line `#< CLIXML` in front of it.

    `wire`: a message's body, which is UTF-8 always and has no such line.
    """
    marks = _MARKS[:1] if wire else _MARKS
    mark, codec = next(((mark, codec) for mark, codec in marks if data.startswith(mark)), (b"", "utf-8"))
    text = data[len(mark) :].decode(codec, "replace")
    marker = None if wire else _MARKER.match(text)
    skipped = marker.end() if marker else 0
    return Source(text[skipped:] if skipped else text, data, codec, len(mark), skipped)
