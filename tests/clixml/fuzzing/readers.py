"""The ways into psbridge's reader, each as one function of bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

from psbridge.clixml import decode, decode_message, decode_messages, decode_stream, read, redact
from psbridge.clixml.projection import Wanted, project
from psbridge.errors import ClixmlError
from psbridge.psobject import Value
from tests.clixml.fuzzing.seeds import EXPORT, STDERR, WIRE
from tests.powershell_corpus import to_json

Outcome = list[Value] | ClixmlError

# How an input of each form is read.
READERS: Final[dict[str, Callable[[bytes], list[Value]]]] = {
    EXPORT: decode,
    WIRE: lambda data: [decode_message(data)],
    STDERR: lambda data: [value for _, value in decode_stream(data)],
}
# Every other way in, for any bytes: they must end in a value or a ClixmlError as well.
OTHER_WAYS: Final[tuple[Callable[[bytes], object], ...]] = (
    decode,
    decode_message,
    lambda data: decode_messages([data, data]),
    decode_stream,
    redact,
)
_WANTED: Final = ("Name", "a", "Count", "Message", "ToString", "Value", "Length")


def outcome(data: bytes, form: str) -> Outcome:
    """What comes of an input: its values, or the refusal. Any other exception goes through."""
    try:
        return READERS[form](data)
    except ClixmlError as error:
        return error


def streaming_differs(data: bytes, whole: Outcome) -> str:
    """Where reading an export value by value, all of each or some properties, parts from reading it at once; empty if nowhere."""
    given, error = _given(data, None)
    if isinstance(whole, ClixmlError):
        return "" if str(whole) == str(error) else f"decode refuses ({whole}), read does not, or for another reason ({error})"
    if error is not None:
        return f"decode reads it, read refuses: {error}"
    if not _alike(given, whole):
        return "read gives other values than decode"
    chosen, error = _given(data, _WANTED)
    if error is not None:
        return f"decode reads it, read with properties refuses: {error}"
    wanted = Wanted(_WANTED)
    return (
        ""
        if _alike(chosen, [project(value, wanted) for value in whole])
        else "read with properties gives other values than decode"
    )


def _given(data: bytes, properties: tuple[str, ...] | None) -> tuple[list[Value], ClixmlError | None]:
    values: list[Value] = []
    try:
        values.extend(read(io.BytesIO(data), properties=properties))
    except ClixmlError as error:
        return values, error
    return values, None


def _alike(one: list[Value], two: list[Value]) -> bool:
    return [to_json([value]) for value in one] == [to_json([value]) for value in two]
