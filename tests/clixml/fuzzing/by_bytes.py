"""Bytes in, broken bytes out: what a bad disk, a bad line or a bad editor makes of a document."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from random import Random
from typing import Final

# What means something to an XML parser, to a decoder of bytes or to CLIXML's escapes.
PIECES: Final = (
    b"<", b">", b"/", b"&", b";", b'"', b"'", b"=", b"]]>", b"<![CDATA[", b"<![CDATA[x]]>", b"<!--", b"-->", b"<!-- x -->",
    b"<?", b"?>", b"<?x y?>", b"<!DOCTYPE a>", b"<!ENTITY", b"&#0;", b"&#1;", b"&#9;", b"&#xA;", b"&#13;", b"&#x1F600;",
    b"&#xD83D;", b"&#xD83D;&#xDE00;", b"&#xFFFE;", b"&#xFFFF;", b"&#x10FFFF;", b"&#x110000;", b"&#x;", b"&#;", b"&amp;",
    b"&lt;", b"&apos;", b"&nbsp;", b"&AMP;", b"&amp", b"_x0000_", b"_x000A_", b"_X000d_", b"_x005F_", b"_x005F_x0041_",
    b"_xD83D_", b"_xD83D__xDE00_", b"_xDE00_", b"_x0001F600_", b"_x00110000_", b"_xFFFFFFFF_", b"_xFFFF_", b"_x41_", b"_x",
    b"_", b"\x00", b"\x01", b"\x08", b"\x0b", b"\x0c", b"\x1f", b"\x7f", b"\xc2\x80", b"\xc2\x85", b"\xc2\xa0", b"\xe2\x80\xa8",
    b"\xe3\x80\x80", b"\xef\xbb\xbf", b"\xef\xbf\xbd", b"\xef\xbf\xbe", b"\xef\xbf\xbf", b"\xf0\x9f\x98\x80",
    b"\xf4\x8f\xbf\xbf", b"\xf0\x9f\xbf\xbe", b"\xed\xa0\xbd", b"\xed\xb8\x80", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80",
    b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\x80", b"\xbf", b"\xff", b"\xfe", b"\xe2\x82", b"\xf0\x9f", b"\r", b"\n",
    b"\r\n", b"\t", b" ", b"#< CLIXML\n", b"#< CLIXML\r\n", b"xmlns=''",
)  # fmt: skip

# The encoding of a whole document: mark and codec. PowerShell goes by the mark alone, so some of these it cannot read.
ENCODINGS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF8 * 2, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-be"),
    (b"", "utf-16-le"),
    (b"", "utf-16-be"),
    (b"", "utf-32-le"),
    (b"", "latin-1"),
    (b"", "cp037"),
    (b"", "utf-7"),
)
_FRONTS: Final = (
    b"#< CLIXML\n", b"#< CLIXML\r\n", b"#< CLIXML\r", b"#< CLIXML", b"#< CLIXML \n", b"#< clixml\n", b"\n#< CLIXML\n", b"\n",
    b" ", b"#< CLIXML\n#< CLIXML\n", b"<?xml version='1.0'?>", b'<?xml version="1.0" encoding="utf-16"?>\n', b"<!-- x -->",
    b"<?x?>", b'<?xml version="1.1"?>', b'<?xml version="1.0" encoding="latin-1" standalone="yes"?>',
    b"<?xml version='1.0' encoding='x'?>", b'<!DOCTYPE Objs [<!ENTITY a "b">]>', b"<!DOCTYPE Objs>", b"\xef\xbb\xbf", b"x",
    b"\x00", codecs.BOM_UTF16_LE, b"<Objs/>",
)  # fmt: skip


def flip(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Change some bits."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 3)):
        changed[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(changed)


def overwrite(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Put a piece, or bytes by chance, over others."""
    at, piece = random.randrange(len(data)), _piece(random)
    return data[:at] + piece + data[at + len(piece) :]


def insert(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Put a piece between two bytes."""
    at = random.randint(0, len(data))
    return data[:at] + _piece(random) + data[at:]


def delete(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Take some bytes out."""
    start, end = _range(random, data)
    return data[:start] + data[end:]


def repeat(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Write some bytes again."""
    start, end = _range(random, data)
    return data[:end] + data[start:end] * random.choice((1, 1, 2, 5)) + data[end:]


def truncate(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Cut the document off."""
    return data[: random.randrange(len(data))]


def splice(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Go on with another document in the middle of this one."""
    other = random.choice(others)
    return data[: random.randint(0, len(data))] + other[random.randint(0, len(other)) :]


def append(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Put something behind the end."""
    return data + random.choice((random.choice(others), _piece(random), b"\n", b" \r\n\t", b"<!-- x -->", b"\x00", b"<a/>"))


def prepend(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Put something in front of the beginning."""
    return random.choice(_FRONTS) + data


def recode(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Write the document in another encoding, perhaps under a wrong mark, perhaps with half a character at its end."""
    mark, codec = random.choice(ENCODINGS)
    encoded = mark + data.decode("utf-8", "replace").removeprefix("\ufeff").encode(codec, "replace")
    return encoded if random.random() < 0.8 else encoded[: -random.randint(1, 3)]


def _piece(random: Random) -> bytes:
    return random.choice(PIECES) if random.random() < 0.85 else random.randbytes(random.randint(1, 4))


def _range(random: Random, data: bytes) -> tuple[int, int]:
    start = random.randrange(len(data))
    return start, min(len(data), start + int(2 ** random.uniform(0, 9)))
