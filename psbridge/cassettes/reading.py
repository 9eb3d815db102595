"""The bytes of a cassette file in, its header and interactions out; or a CassetteError that names the line.

Nothing is guessed and nothing is skipped: a cassette that is cut, edited or mangled is an error, never a shorter one.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NoReturn

from psbridge.cassettes.failure import Failure
from psbridge.cassettes.interaction import Header, Interaction, RecordedCommand
from psbridge.cassettes.json_line import dump, load
from psbridge.cassettes.lines import BOM, GOES_ON, NEW_LINE, lines_to_body, unescape
from psbridge.cassettes.writing import FORMAT
from psbridge.errors import CassetteError, InputError
from psbridge.reply import Record, Reply, State, Stream

__all__ = ["read", "stream"]

_VERSION: Final = re.compile(r"psbridge cassette ([0-9]{1,9})")
_INTERACTION: Final = re.compile(r"interaction ([0-9]{1,9}) ([A-Za-z0-9._-]+)")
_CMDLET: Final = re.compile(r"cmdlet ([A-Za-z0-9-]+)")
_FIELD: Final = re.compile(r"  ([A-Za-z0-9_.-]+) (.+)")
_RECORD: Final = re.compile(rf"record ({'|'.join(Stream)})( bom)?")
_STATE: Final = re.compile(rf"state ({'|'.join(State)})")
_REASON: Final = re.compile(r"(reason)( bom)?")
_RAISED: Final = re.compile(r"raised ([A-Za-z]+)")
_SECONDS: Final = re.compile(r"seconds ([0-9]{1,9}\.[0-9]{3})")
# `psbridge cassette 1` is short; a file without line ends is not read to its end to find that it is none.
_LONGEST_FIRST_LINE: Final = 1 << 16
_END: Final = re.compile(r"end ([0-9]{1,9}) sha256 ([0-9a-f]{64})")

_FOREIGN: Final = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_SEAL: Final = (
    "If the edit was meant, seal the cassette again: python -m psbridge.cassettes seal FILE. "
    "If not, restore the file or record it again."
)
_RESTORE: Final = "Restore the file or record it again."


def read(path: Path, *, sealed: bool = True) -> tuple[Header, tuple[Interaction, ...]]:
    """Read a cassette file. With `sealed=False` numbers, count and SHA-256 are not compared. Raises CassetteError."""
    name = str(path)
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise CassetteError(name, f"the cassette cannot be read: {problem.strerror or problem}") from problem
    text = _decode(name, data)
    lines = _Lines(name, text.split("\n"), sealed=sealed)
    _check_version(lines)
    count, digest = _check_end(lines)
    header, interactions = _parse(lines)
    if sealed:
        if count != len(interactions):
            lines.fail_at_end(f"the end line counts {count} interactions, the file holds {len(interactions)}", _SEAL)
        above = text[: text.rindex("\nend ") + 1].encode()
        if hashlib.sha256(above).hexdigest() != digest:
            lines.fail_at_end("the text above is not what was sealed: its SHA-256 differs from the one in the end line", _SEAL)
    return header, interactions


def stream(path: Path) -> tuple[Header, Iterator[Interaction]]:
    """Read a sealed cassette one interaction at a time: no more than the header and one is in memory, however long the file is.

    Count and SHA-256 are compared before the first one is given. Raises CassetteError as `read` does, at once or on the way.
    """
    name = str(path)
    count, offset, first = _survey(path)
    header_lines = _Lines(name, _decode(name, first).split("\n"), sealed=True)
    _check_version(header_lines)
    header = _header(header_lines)
    if header_lines.lines[header_lines.place :] != ["", ""]:
        header_lines.fail(f"expected an empty line and the next interaction, found {_brief(header_lines.here)}")
    return header, _interactions(path, offset, len(header_lines.lines), count)


def _survey(path: Path) -> tuple[int, int, bytes]:
    """The number of interactions, where the first one begins, and what stands above it; raises CassetteError."""
    name = str(path)
    digest, head, offset, place, last, number = hashlib.sha256(), list[bytes](), -1, 0, b"", 0
    try:
        with path.open("rb") as file:
            # A file that is something else is refused by its first line, before more of it is held.
            _check_version(_Lines(name, _decode(name, file.readline(_LONGEST_FIRST_LINE)).split("\n"), sealed=True))
            file.seek(0)
            for line in file:
                number += 1
                digest.update(_ended(last))
                if offset < 0 and line.startswith((b"interaction ", b"end ")):
                    offset = place
                if offset < 0:
                    head.append(line)
                place += len(line)
                last = line
    except OSError as problem:
        raise CassetteError(name, f"the cassette cannot be read: {problem.strerror or problem}") from problem
    ending = last.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    count, sealed = _check_end(_Lines(name, ending, sealed=True, above=number - 1))
    if digest.hexdigest() != sealed:
        problem_found = "its text is not what was sealed: the SHA-256 differs from the one in the end line"
        raise CassetteError(name, problem_found, line=number, remedy=_SEAL)
    return count, offset, b"".join(head)


def _interactions(path: Path, offset: int, above: int, count: int) -> Iterator[Interaction]:
    """Each interaction, from its first line to the empty one behind it."""
    gone, chunk, done = above - 1, list[bytes](), 0
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if line.startswith((b"interaction ", b"end ")) and chunk:
                done += 1
                yield _one(str(path), chunk, gone, done)
                gone += len(chunk)
                chunk = []
            chunk.append(line)
    if done != count:
        problem = f"the end line counts {count} interactions, the file holds {done}"
        raise CassetteError(str(path), problem, line=gone + 1, remedy=_SEAL)


def _one(name: str, chunk: list[bytes], above: int, expected: int) -> Interaction:
    lines = _Lines(name, _decode(name, b"".join(chunk)).split("\n"), sealed=True, above=above)
    try:
        interaction = _interaction(lines, expected)
    except (InputError, RecursionError):
        lines.fail("the JSON above is nested too deep", back=1)
    if lines.lines[lines.place :] != ["", ""]:
        lines.fail(f"expected an empty line and the next interaction, found {_brief(lines.here)}")
    return interaction


def _ended(line: bytes) -> bytes:
    line = line.removeprefix(BOM)
    return line[:-2] + b"\n" if line.endswith(b"\r\n") else line


def _decode(name: str, data: bytes) -> str:
    """Give the text with LF as line end: git on Windows may have made CRLF of it, and an editor may have added a BOM."""
    if not data:
        raise CassetteError(name, "the file is empty: the recording was not finished, or the file was cut")
    for mark, encoding in _FOREIGN:
        if data.startswith(mark):
            raise CassetteError(name, f"the file is in {encoding}; a cassette is in UTF-8", line=1, remedy="Save it as UTF-8.")
    data = data.removeprefix(BOM).replace(b"\r\n", b"\n")
    if b"\r" in data:
        line = data[: data.index(b"\r")].count(b"\n") + 1
        raise CassetteError(name, "a carriage return that belongs to no line end", line=line, remedy=_RESTORE)
    try:
        return data.decode()
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise CassetteError(
            name,
            f"the byte 0x{data[problem.start]:02X} is not UTF-8",
            line=line,
            remedy="Was it saved in another encoding? " + _RESTORE,
        ) from problem


class _Lines:
    """The lines of one file and the place that was reached."""

    def __init__(self, name: str, lines: list[str], *, sealed: bool, above: int = 0) -> None:
        self.name = name
        self.above = above
        self.lines = lines
        self.sealed = sealed
        self.place = 0

    @property
    def here(self) -> str:
        return self.lines[self.place] if self.place < len(self.lines) else ""

    def take(self, pattern: re.Pattern[str], expected: str) -> re.Match[str]:
        """The match of the whole next line, which must be there."""
        return self.take_if(pattern) or self.fail(f"expected {expected}, found {_brief(self.here)}")

    def take_if(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.fullmatch(self.here)
        if found:
            self.place += 1
        return found

    def take_text(self, text: str) -> bool:
        found = self.place < len(self.lines) and self.here == text
        self.place += found
        return found

    def fail(self, problem: str, remedy: str = _RESTORE, *, back: int = 0) -> NoReturn:
        raise CassetteError(self.name, problem, line=self.above + self.place + 1 - back, remedy=remedy)

    def fail_at_end(self, problem: str, remedy: str) -> NoReturn:
        raise CassetteError(self.name, problem, line=len(self.lines) - 1, remedy=remedy)


def _check_version(lines: _Lines) -> None:
    found = lines.take(_VERSION, f"'psbridge cassette {FORMAT}' (is this a cassette?)")
    version = int(found[1])
    if version > FORMAT:
        lines.fail(
            f"the cassette has format {version}; this psbridge reads up to {FORMAT}",
            "Update psbridge, or record it again.",
            back=1,
        )
    if version < FORMAT:
        lines.fail(f"there is no format {version}", back=1)


def _check_end(lines: _Lines) -> tuple[int, str]:
    """Look at the end first: what is missing there explains what is wrong before it."""
    *_, last, behind = ["", *lines.lines]
    found = _END.fullmatch(last)
    if found and not behind:
        return int(found[1]), found[2]
    raise CassetteError(
        lines.name,
        "the cassette does not end with its end line: the recording was not finished, or the file was cut",
        line=lines.above + len(lines.lines) - (not behind),
        remedy=_RESTORE,
    )


def _parse(lines: _Lines) -> tuple[Header, tuple[Interaction, ...]]:
    try:
        return _contents(lines)
    except (InputError, RecursionError):
        # Names and values were matched line by line; what is left to refuse is JSON without a bottom.
        lines.fail("the JSON above is nested too deep", back=1)


def _contents(lines: _Lines) -> tuple[Header, tuple[Interaction, ...]]:
    header = _header(lines)
    interactions: list[Interaction] = []
    while not lines.take_if(_END):
        if lines.take_text("") and not _END.fullmatch(lines.here):
            interactions.append(_interaction(lines, len(interactions) + 1))
        elif not _END.fullmatch(lines.here):
            lines.fail(f"expected an empty line and the next interaction, found {_brief(lines.here)}")
    # Behind the end line stands the empty text that follows the last line end.
    if lines.place != len(lines.lines) - 1:
        lines.fail("there is text behind the end line: two files in one?")
    return header, tuple(interactions)


def _header(lines: _Lines) -> Header:
    psbridge = _value(lines, lines.take(re.compile("psbridge (.+)"), "'psbridge' and its version")[1])
    created = _value(lines, lines.take(re.compile("created (.+)"), "'created' and a time")[1])
    if not isinstance(psbridge, str) or not isinstance(created, str):
        lines.fail("'psbridge' and 'created' must be texts in JSON", back=1)
    if not lines.take_text("metadata"):
        lines.fail(f"expected 'metadata', found {_brief(lines.here)}")
    return Header(created, psbridge, _fields(lines))


def _interaction(lines: _Lines, expected: int) -> Interaction:
    number, endpoint = lines.take(_INTERACTION, f"'interaction {expected} ENDPOINT'").group(1, 2)
    if lines.sealed and int(number) != expected:
        lines.fail(f"expected interaction {expected}, found {number}: one is missing, or stands twice", back=1)
    commands: tuple[RecordedCommand, ...] = ()
    text = ""
    if lines.take_text("opening"):
        answer: Reply | Failure = _failure(lines) or lines.fail(f"expected 'raised', found {_brief(lines.here)}")
    else:
        text = _unescaped(lines, lines.take(re.compile("PS> (.*)"), "'PS>' and the command line, or 'opening'")[1])
        commands = _commands(lines)
        answer = _failure(lines) or _reply(lines)
    seconds = float(lines.take(_SECONDS, "'seconds' and a number with three decimals")[1])
    return Interaction(endpoint, commands, text, answer, seconds)


def _commands(lines: _Lines) -> tuple[RecordedCommand, ...]:
    first = lines.take(_CMDLET, "'cmdlet' and its name")
    commands = [RecordedCommand(first[1], _parameters(lines))]
    while found := lines.take_if(_CMDLET):
        commands.append(RecordedCommand(found[1], _parameters(lines)))
    return tuple(commands)


def _parameters(lines: _Lines) -> dict[str, str]:
    # Written again, so that another spelling of the same JSON is the same parameter.
    return {name: dump(value) for name, value in _fields(lines).items()}


def _reply(lines: _Lines) -> Reply:
    records: list[Record] = []
    while found := lines.take_if(_RECORD):
        records.append(Record(Stream(found[1]), _body(lines, found)))
    state = State(lines.take(_STATE, "'record', 'state' or 'raised'")[1])
    title = lines.take_if(_REASON)
    return Reply(state, tuple(records), _body(lines, title) if title else None)


def _body(lines: _Lines, title: re.Match[str]) -> bytes:
    parts: list[str] = []
    while lines.here.startswith((NEW_LINE, GOES_ON)):
        parts.append(lines.here[0] + _unescaped(lines, lines.here[1:]))
        lines.place += 1
    if parts and parts[0][0] == GOES_ON:
        lines.fail(f"the first line of a body must begin with {NEW_LINE}", back=len(parts))
    try:
        return (BOM if title[2] else b"") + lines_to_body(parts)
    except UnicodeEncodeError:
        lines.fail("the body above holds half of a surrogate pair, which no UTF-8 has", back=1)


def _failure(lines: _Lines) -> Failure | None:
    found = lines.take_if(_RAISED)
    if found is None:
        return None
    fields = _fields(lines)
    failure = Failure(found[1], fields)
    try:
        failure.check()
    except ValueError as problem:
        lines.fail(str(problem), back=len(fields) + 1)
    return failure


def _fields(lines: _Lines) -> Mapping[str, object]:
    fields: dict[str, object] = {}
    while found := lines.take_if(_FIELD):
        if found[1] in fields:
            lines.fail(f"{found[1]} stands here twice", back=1)
        fields[found[1]] = _value(lines, found[2])
    return fields


def _value(lines: _Lines, text: str) -> object:
    try:
        return load(text)
    except ValueError as problem:
        lines.fail(f"no JSON value: {problem}", back=1)


def _unescaped(lines: _Lines, text: str) -> str:
    try:
        return unescape(text)
    except ValueError as problem:
        lines.fail(str(problem))


def _brief(line: str) -> str:
    return repr(line if len(line) <= 60 else f"{line[:57]}...") if line else "an empty line"
