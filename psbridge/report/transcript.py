"""What was asked and answered in, the transcript out: as the console of each endpoint would have printed it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from psbridge.clixml.decode import decode_message
from psbridge.error_record import ErrorRecord
from psbridge.psobject import PSObject, Value
from psbridge.reply import Record, Reply, State, Stream
from psbridge.report.command_line import pasteable
from psbridge.report.display import plain_text
from psbridge.report.format_error import format_error
from psbridge.report.format_output import Written, format_output
from psbridge.report.lines import break_lines
from psbridge.report.screen import Screen
from psbridge.report.visible import visible

__all__ = ["MOST_LINES", "Item", "Note", "Shown", "prompt_of", "transcript"]


# The report of a long move has tens of thousands of lines, and nobody reads them here.
MOST_LINES: Final = 2000


def prompt_of(endpoint: str) -> str:
    """The prompt of an endpoint, as the documents print it: the Exchange Management Shell's on premises, else PowerShell's."""
    return "[PS] C:\\>" if endpoint == "onprem" else "PS C:\\>"


@dataclass(frozen=True, slots=True)
class Shown:
    """A pipeline that was run, and its answer. `pipeline_text` is `str(pipeline)`."""

    prompt: str
    pipeline_text: str
    reply: Reply
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """What psbridge did between two pipelines: a wait, an approval, evidence that was kept, a guard."""

    text: str
    at: datetime


Item = Shown | Note


def transcript(items: Iterable[Item], width: int = 120, *, ellipsis: str = "\u2026") -> Iterator[str]:
    """Give the lines of a transcript, without line ends, for a console of `width` columns.

    A note is a comment and a command line is exact (`pasteable`), so that a transcript can be pasted. Nothing in it can steer a
    terminal: see `visible`.
    Raises ClixmlError for a reply that cannot be read.
    """
    screen = Screen(width, ellipsis)
    for item in items:
        yield from _note(item, screen) if isinstance(item, Note) else _shown(item, screen)


def _note(note: Note, screen: Screen) -> Iterator[str]:
    moment = note.at.astimezone(UTC) if note.at.tzinfo else note.at
    text = f"{moment:%Y-%m-%d %H:%M:%S}{'Z' if note.at.tzinfo else ''}  {visible(note.text)}"
    for line in break_lines(text, screen.columns - 2, screen):
        yield f"# {line}".rstrip()


def _shown(shown: Shown, screen: Screen) -> Iterator[str]:
    on_premises = shown.prompt.startswith("[PS]")
    first, *others = pasteable(shown.pipeline_text).split("\n")
    # The Exchange Management Shell leaves no blank behind its prompt.
    yield f"{shown.prompt}{'' if on_premises else ' '}{first}"
    yield from (f">> {line}" for line in others)
    printed = [part for record in shown.reply.records for part in _printed(record, screen)]
    lines = [line.rstrip(" ") for line in format_output([*printed, *_end(shown.reply, screen)], screen, on_premises=on_premises)]
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield f"# ... and {len(lines) - MOST_LINES:,} more lines, which the journal keeps"


def _printed(record: Record, screen: Screen) -> list[Value | Written]:
    """What the console prints for one record; nothing for progress, nor for information that was not meant for the host."""
    value = decode_message(record.clixml) if record.clixml else None
    match record.stream:
        case Stream.OUTPUT:
            return [value]
        case Stream.ERROR:
            return [_error(value, screen)]
        case Stream.WARNING | Stream.VERBOSE | Stream.DEBUG:
            return [_lines(f"{record.stream.value.upper()}: {_message(value)}", screen)]
        case Stream.INFORMATION if _is_for_the_host(value):
            return [_lines(_message(value), screen)]
    return []


def _end(reply: Reply, screen: Screen) -> list[Written]:
    if reply.state is State.COMPLETED:
        return []
    if reply.state is State.STOPPED:
        return [Written(("# The pipeline was stopped. That says nothing about its effect.",))]
    state = decode_message(reply.reason) if reply.reason else None
    record = state.get("ExceptionAsErrorRecord") if isinstance(state, PSObject) else None
    if record is None:
        return [Written(("# The pipeline failed without an error record.",))]
    return [_error(record, screen)]


def _error(value: Value, screen: Screen) -> Written:
    record = ErrorRecord.of(value) if isinstance(value, PSObject) else ErrorRecord(plain_text(value), "")
    return Written((*format_error(record, screen), ""))


def _lines(text: str, screen: Screen) -> Written:
    return Written(tuple(break_lines(visible(text), screen.columns, screen)))


def _message(value: Value) -> str:
    if isinstance(value, PSObject):
        return plain_text(value.get("InformationalRecord_Message", value.get("MessageData", value.to_string)))
    return plain_text(value)


def _is_for_the_host(value: Value) -> bool:
    """Write-Host marks its record with the tag PSHOST; other information is silent unless somebody asks for it."""
    tags = value.get("Tags") if isinstance(value, PSObject) else None
    return isinstance(tags, PSObject) and "PSHOST" in (tags.items or [])
