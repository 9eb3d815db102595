"""The ways into psbridge's reader, each as one function of bytes; an input in, where two of them part out."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from psbridge.clixml import decode, decode_message, decode_messages, decode_stream, encode, encode_message, read, redact
from psbridge.clixml.projection import Wanted, project
from psbridge.errors import ClixmlError, ValueTypeError
from psbridge.psobject import MemberSet, PSObject, Value
from tests.clixml.fuzzing.seeds import EXPORT, STDERR, WIRE
from tests.powershell_corpus import to_json

Outcome = list[Value] | ClixmlError

# How an input of each form is read.
READERS: Final[dict[str, Callable[[bytes], list[Value]]]] = {
    EXPORT: decode,
    WIRE: lambda data: [decode_message(data)],
    STDERR: lambda data: [value for _, value in decode_stream(data)],
}
# Every way in, for any bytes, whatever they are meant to be: they must end in a value or a ClixmlError.
OTHER_WAYS: Final[tuple[Callable[[bytes], object], ...]] = (decode, decode_message, decode_stream, redact)

_NAME: Final = re.compile(rb'\sN="([^"&_]{1,40})"')
_USUAL: Final = ("Name", "a", "Count", "Message", "ToString", "Value", "Length")
_OPENED: Final = re.compile(rb"<Objs[^<>]*[^/<>]>")
_CHUNK: Final = 1 << 16  # what `read` takes of a file at a time


def outcome(data: bytes, form: str) -> Outcome:
    """What comes of an input: its values, or the refusal. Any other exception goes through."""
    try:
        return READERS[form](data)
    except ClixmlError as error:
        return error


def looked_at(values: Outcome) -> Outcome:
    """Look at all that was read, so that nothing of it is left for later."""
    seen: set[int] = set()
    left: list[Value] = [] if isinstance(values, ClixmlError) else list(values)
    while left:
        value = left.pop()
        if isinstance(value, MemberSet):
            left.extend(value.members.values())
        elif isinstance(value, PSObject) and id(value) not in seen:
            seen.add(id(value))
            left.extend((value.base, *value.props.values(), *value.ms.values(), *(value.items or ())))
            for entry in value.entries or ():
                left.extend(entry)
    return values


def differs(data: bytes, form: str, whole: Outcome, chance: Random) -> Iterator[str]:
    """Where other ways to read the same give something else than `whole`. `chance` draws what a way leaves open."""
    if form == WIRE:
        yield from _messages(data, whole)
    if form == EXPORT:
        yield from streaming_differs(data, whole, wanted(data, chance))
        yield from _stream(data, whole)
        if chance.random() < 0.06:
            yield from _moved(data, whole, chance)
    if not isinstance(whole, ClixmlError) and form != STDERR and chance.random() < 0.3:
        yield from _again(whole, form)


def wanted(data: bytes, chance: Random) -> tuple[str, ...]:
    """Names to ask for: some of the document's own, in any case."""
    found = [name.decode("utf-8", "ignore") for name in _NAME.findall(data[:100_000])]
    own = chance.sample(found, min(len(found), 3))
    return (*chance.sample(_USUAL, 2), *(chance.choice((name, name.upper(), name.lower())) for name in own))


def streaming_differs(data: bytes, whole: Outcome, properties: tuple[str, ...] = _USUAL) -> Iterator[str]:
    """Where reading an export value by value, all of each or some properties, parts from reading it at once."""
    given, error = _given(io.BytesIO(data), None)
    if isinstance(whole, ClixmlError):
        if str(whole) != str(error):
            yield f"decode refuses ({whole}), read does not, or for another reason ({error})"
        values = given
    elif error is not None:
        yield f"decode reads it, read refuses: {error}"
        return
    else:
        values = whole
        if not _alike(given, whole):
            yield "read gives other values than decode"
    chosen, other = _given(io.BytesIO(data), properties)
    names = Wanted(properties)
    if error is not None:
        # How many values come before a refusal may differ: names in two cases are met only where they are built.
        values, chosen = values[: len(chosen)], chosen[: len(values)]
    if str(other) != str(error):
        yield f"read with properties refuses for another reason ({other}) than read ({error})"
    elif not _alike(chosen, [project(value, names) for value in values]):
        yield f"read with properties {properties} gives other values than decode"


def _moved(data: bytes, whole: Outcome, chance: Random) -> Iterator[str]:
    """The same document behind so long a text that a chunk of the file ends somewhere in it, from a pipe that trickles."""
    opened = _OPENED.search(data)
    if opened is None or isinstance(whole, ClixmlError) or not data.isascii():
        return
    text = "x" * (_CHUNK - 13 - chance.randint(0, len(data)))
    moved = data[: opened.end()] + f"<S>{text}</S>".encode() + data[opened.end() :]
    given, error = _given(Trickle(moved, chance), None)
    if error is not None:
        yield f"decode reads it, read refuses it where a chunk ends in it: {error}"
    elif not _alike(given, [text, *whole]):
        yield "read gives other values where a chunk ends in the document"


class Trickle(io.RawIOBase):
    """A pipe: it cannot be read again, and gives as many bytes as it likes."""

    def __init__(self, data: bytes, chance: Random) -> None:
        self._data = io.BytesIO(data)
        self._chance = chance

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._data.read(min(size, self._chance.choice((1, 7, 4_000, 60_000))))


def _messages(data: bytes, whole: Outcome) -> Iterator[str]:
    try:
        twice: Outcome = decode_messages([data, data])
    except ClixmlError as error:
        twice = error
    if isinstance(whole, ClixmlError) or isinstance(twice, ClixmlError):
        if str(whole) != str(twice):
            yield f"decode_message gives {whole}, decode_messages {twice}"
    elif not _alike(twice, [*whole, *whole]):
        yield "decode_messages gives other values than decode_message"


def _stream(data: bytes, whole: Outcome) -> Iterator[str]:
    """A redirected stream of one document. It alone does not take references to characters that XML forbids."""
    if b"&" in data or b"#" in data:
        return
    given = outcome(data, STDERR)
    if isinstance(whole, ClixmlError) or isinstance(given, ClixmlError):
        if type(whole) is not type(given):
            yield f"decode gives {whole}, decode_stream {given}"
    elif not _alike(given, whole):
        yield "decode_stream gives other values than decode"


def _again(whole: list[Value], form: str) -> Iterator[str]:
    """What was read is written, unless the writer refuses it; that is read again without fail, to as many values."""
    try:
        written = encode(whole) if form == EXPORT else encode_message(whole[0])
    except ValueTypeError:
        return
    given = outcome(written, form) if written else [None]
    if isinstance(given, ClixmlError):
        yield f"what was read is written so that it is refused: {given}"
    elif len(given) != len(whole):
        yield "what was read is written to another number of values"


def _given(
    source: io.BufferedIOBase | io.RawIOBase, properties: tuple[str, ...] | None
) -> tuple[list[Value], ClixmlError | None]:
    values: list[Value] = []
    try:
        values.extend(read(source, properties=properties))  # type: ignore[arg-type]  # it reads bytes, which is all that is asked
    except ClixmlError as error:
        return values, error
    return values, None


def _alike(one: list[Value], two: list[Value]) -> bool:
    return _each(one) == _each(two)


def _each(values: list[Value]) -> list[Any]:
    return [to_json([value]) for value in values]
