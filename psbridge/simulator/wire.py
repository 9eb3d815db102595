"""A pipeline's outcome in, the bodies of its PSRP messages out.

This is the one place of the simulator that writes CLIXML. It uses psbridge's encoder, which is a writer only and is judged by the
real engine's reader; psrpcore's own serializer writes wrong durations and unreadable numbers (remoting-notes 2.3). The decoder
stays out of the simulator: a misreading that both sides shared would cancel out.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from typing import Final

from psbridge.clixml.encode import encode_message
from psbridge.psobject import Value
from psbridge.simulator.runspace.error import failed_state
from psbridge.simulator.runspace.records import Outcome, Record

__all__ = ["body", "document", "error_stream", "reason_body", "record_body"]

_DOCUMENT: Final = b'<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">%s</Objs>'


def record_body(record: Record) -> bytes:
    """The message body of one record; those of information and progress are untyped bags."""
    return body(record.value, untyped=record.stream in {"information", "progress"})


def reason_body(outcome: Outcome) -> bytes | None:
    """The body of PIPELINE_STATE for a pipeline that failed."""
    return None if outcome.reason is None else body(failed_state(outcome.reason), untyped=True)


def body(value: Value, *, untyped: bool = False) -> bytes:
    """The message body of one value. `untyped`: a bag gets no type names, as in the messages of the protocol itself."""
    return encode_message(value, verbatim=untyped)


def document(written: bytes) -> bytes:
    """A body as a whole document, as PSSerializer writes it, without blanks."""
    return _DOCUMENT % written.removeprefix(codecs.BOM_UTF8)


def error_stream(texts: Iterable[tuple[str, str]]) -> bytes:
    """What powershell.exe -EncodedCommand writes to standard error: texts, each with the stream that it belongs to."""
    contents = [(stream, body(text).removeprefix(codecs.BOM_UTF8)) for stream, text in texts]
    written = [content.replace(b"<S>", f'<S S="{stream}">'.encode(), 1) for stream, content in contents]
    return b"#< CLIXML\r\n" + document(b"".join(written)) if written else b""
