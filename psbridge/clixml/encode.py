"""Values in, CLIXML bytes out: an Export-Clixml document, or the body of a PSRP message.

What arrives is exactly the type and value of what was given; what cannot arrive so is refused before a byte is given out.
Source: [MS-PSRP] 2.2.5, clixml-notes section 4 (Writing); judged by the engine's own reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from psbridge.clixml.encode_writer import Writer
from psbridge.clixml.refusal import Refusal

__all__ = ["encode", "encode_message", "encode_pieces"]

_ROOT: Final = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04"'
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_IN_FULL: Final = 1 << 30


def encode(values: Iterable[object], *, depth: int | None = None, verbatim: bool = False) -> bytes:
    """Write values as one document, as Export-Clixml of PowerShell 7 does: UTF-8 without a mark, LF, ids over all values.

    `depth` has the effect of Export-Clixml's on objects that were read: beyond it a text stands for an object without Props,
    and a list loses its notes. Property bags are written in full. Without `depth` everything is.
    `verbatim`: what was read is read again as an equal value. Else, as PowerShell does it, an object without type names gets
    those of what is in it, and one that adds nothing to a simple value is written as that value.
    A SecureString that was read keeps its text; one with a plain text is refused. Raises ValueTypeError.
    """
    writer = Writer(step="  ", secure=None, keeps_blobs=True, verbatim=verbatim)
    for index, value in enumerate(values):
        _write(writer, value, index, depth)
    return f"{_ROOT}>{''.join(writer.out)}\n</Objs>".encode() if writer.out else f"{_ROOT} />".encode()


def encode_pieces(values: Iterable[object], *, depth: int | None = None, verbatim: bool = False) -> Iterator[bytes]:
    """Give the same document as `encode` piece by piece, one for each value, in constant memory.

    An object that comes again is a reference to itself as long as somebody held it meanwhile; else it is written again.
    Raises ValueTypeError, after the pieces before that value.
    """
    writer = Writer(step="  ", secure=None, keeps_blobs=True, verbatim=verbatim)
    start = f"{_ROOT}>"
    for index, value in enumerate(values):
        _write(writer, value, index, depth)
        yield (start + writer.release()).encode()
        start = ""
    yield f"{_ROOT} />".encode() if start else b"\n</Objs>"


def _write(writer: Writer, value: object, index: int, depth: int | None) -> None:
    try:
        writer.write(value, "", "\n  ", 1, _IN_FULL if depth is None else depth)
    except Refusal as refusal:
        raise refusal.at(f"[{index}]").error() from None


def encode_message(value: object, *, secure: Callable[[str], str] | None = None, verbatim: bool = False) -> bytes:
    """Write one value as the body of a PSRP message: a byte order mark, no `<Objs>`, no namespace, no blanks; null is no body.

    `verbatim`: as `encode` has it; an object without type names gets none, as in the messages of the protocol itself.
    `secure` turns the plain text of a SecureString into the text of `<SS>`. Without it, and for one that was read (its text is
    sealed for another session), a SecureString is refused. Raises ValueTypeError.
    """
    if value is None:
        return b""
    writer = Writer(step="", secure=secure, keeps_blobs=False, verbatim=verbatim)
    try:
        writer.write(value, "", "", 1, _IN_FULL)
    except Refusal as refusal:
        raise refusal.error() from None
    return _BYTE_ORDER_MARK + "".join(writer.out).encode()
