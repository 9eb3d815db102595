"""A cassette file in, a cassette file without the people in it out: read twice, one interaction at a time.

The first pass learns who and what is in it, the second replaces that everywhere: in answers, errors, parameters, command lines
and metadata. What stays: times, counts, sizes, versions, enums, types, the names of cmdlets, parameters, properties and steps,
error ids, product ids, well-known ids, and what psbridge, Exchange and Entra name by themselves (see `kinds` and `known`).
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from psbridge.cassettes.failure import Failure
from psbridge.cassettes.interaction import Header, Interaction, RecordedCommand
from psbridge.cassettes.json_line import dump, load
from psbridge.cassettes.reading import stream
from psbridge.cassettes.scrub.body import rewrite
from psbridge.cassettes.scrub.kinds import Kind, is_property, kind_of
from psbridge.cassettes.scrub.knowledge import Knowledge
from psbridge.cassettes.scrub.known import CHOICES
from psbridge.cassettes.scrub.replacements import Replacements
from psbridge.cassettes.scrub.report import Report
from psbridge.cassettes.scrub.texts import Texts
from psbridge.cassettes.writing import Writer
from psbridge.errors import InputError
from psbridge.reply import Record, Reply

__all__ = ["MARK", "scrub"]

# The metadata that a scrubbed cassette bears.
MARK: Final = "scrubbed"
_PUBLIC: Final = frozenset({"skuid", "serviceplanid", "disabledplans"})
# How psbridge.command.canonical writes a typed value; what in it is a text.
_TEXTUAL: Final = frozenset({"G", "URI", "XD"})
_NUMBERS: Final = frozenset({"I16", "U16", "I32", "U32", "I64", "U64", "D", "Db", "Sg"})
_TYPED: Final = _TEXTUAL | _NUMBERS | {"switch", "secure", "DT", "TS", "C", "Version", "SB", "By"}
_LIMITS: Final = {"I16": 1 << 15, "U16": 1 << 16, "I32": 1 << 31, "U32": 1 << 32, "I64": 1 << 63, "U64": 1 << 64}
# A number of fewer digits is a count, or tells nothing about anybody: below the one under a name, below the other anywhere.
_SHORTEST_NAMED, _SHORTEST_NUMBER = 4, 7
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_DERIVED: Final = re.compile(r"(?:(?:Deserialized|Selected)\.)*")
_SHOWN: Final = 80
_Change = Callable[[str, str], str]


def scrub(source: Path, target: Path, *, seed: str | None = None, strict: bool = False) -> Report:
    """Scrub `source` into the new file `target`; the same seed gives the same file, without one nobody can find the way back.

    `strict` replaces also what cannot be judged. A cassette that was scrubbed before is copied as it is; but one that was not
    scrubbed strictly is scrubbed once more by `strict`.
    Raises InputError for an empty seed, which everybody knows; CassetteError if the one cannot be read, or the other is there
    already or cannot be written.
    """
    if seed is not None and not seed.strip():
        raise InputError("the seed of a scrubbing is empty: whoever tries names with no seed finds the way back; give a long one")
    header, interactions = stream(source)
    if header.metadata.get(MARK) in ({"strict"} if strict else {"strict", "yes"}):
        return Report(interactions=_write(target, header, interactions), copied=True)
    key = seed.encode() if seed is not None else secrets.token_bytes(32)
    scrubber = _Scrubber(key, strict=strict)
    scrubber.learn_header(header)
    for interaction in interactions:
        scrubber.learn(interaction)
    scrubber.begin()
    header, interactions = stream(source)
    calls = (scrubber.scrub(number, interaction) for number, interaction in enumerate(interactions, 1))
    scrubber.report.interactions = _write(target, scrubber.header(header), calls)
    scrubber.report.map = scrubber.replacements.map
    return scrubber.report


def _write(target: Path, header: Header, interactions: Iterator[Interaction]) -> int:
    """Write a cassette; what could not be written to its end does not stay, because nobody knows what is in it."""
    with Writer(target, header) as writer:
        try:
            for interaction in interactions:
                writer.write(interaction)
            writer.finish()
        except BaseException:
            writer.close()
            writer.partial.unlink(missing_ok=True)
            raise
    return writer.count


class _Scrubber:
    def __init__(self, key: bytes, *, strict: bool) -> None:
        self.report = Report()
        self.replacements = Replacements(key)
        self._strict = strict
        self._knowledge = Knowledge(strict=strict)
        self._texts = Texts(self._knowledge, self.replacements, strict=strict)
        self._place = ""

    def learn_header(self, header: Header) -> None:
        for name, value in header.metadata.items():
            self._key("", name, self._learn_given)
            self._each(name, value, self._learn_given)

    def learn(self, interaction: Interaction) -> None:
        for command in interaction.commands:
            for name, value in command.parameters.items():
                self._each(name, load(value), self._learn_given)
        if isinstance(interaction.answer, Failure):
            for name, field in interaction.answer.fields.items():
                self._each(name, field, self._learn)
            return
        for body in _bodies(interaction.answer):
            rewrite(body, self._learn_text)

    def begin(self) -> None:
        """Everything was learned: give the domains their names, in the order in which they came."""
        known = self._knowledge
        self.replacements.taken = known.words | known.names | set(known.domains)
        for domain in known.domains:
            self.replacements.domain(domain)
        for label in sorted(known.labels):
            self.replacements.label(label)

    def header(self, header: Header) -> Header:
        self._place = "metadata"
        metadata = {
            str(self._key("", name, self._given)): self._each(name, value, self._given) for name, value in header.metadata.items()
        }
        mark = "strict" if self._strict else "yes"
        return replace(header, metadata={**metadata, MARK: mark})

    def scrub(self, number: int, interaction: Interaction) -> Interaction:
        """The same call without people."""
        self._place = f"interaction {number}, parameters"
        commands = tuple(self._command(command) for command in interaction.commands)
        line, _ = self._texts.scrub(Kind.TEXT, interaction.text, given=True)
        return replace(interaction, commands=commands, text=line, answer=self._answer(number, interaction.answer))

    def _command(self, command: RecordedCommand) -> RecordedCommand:
        scrubbed = {name: dump(self._each(name, load(value), self._given)) for name, value in command.parameters.items()}
        return replace(command, parameters=scrubbed)

    def _answer(self, number: int, answer: Reply | Failure) -> Reply | Failure:
        if isinstance(answer, Failure):
            self._place = f"interaction {number}, error"
            return Failure(answer.kind, {name: self._each(name, value, self._scrub) for name, value in answer.fields.items()})
        records = []
        for place, record in enumerate(answer.records, 1):
            self._place = f"interaction {number}, record {place}"
            records.append(Record(record.stream, rewrite(record.clixml, self._scrub_text)))
        self._place = f"interaction {number}, reason"
        reason = None if answer.reason is None else rewrite(answer.reason, self._scrub_text)
        return Reply(answer.state, tuple(records), reason)

    def _each(self, name: str, value: object, change: _Change) -> object:
        """A JSON value with every text and number changed; a name inside it is the name of what stands under it."""
        if isinstance(value, str):
            return change(name, value)
        if isinstance(value, int) and not isinstance(value, bool):
            return int(self._counted(name, "I64", str(value), change))
        if isinstance(value, list):
            return [self._each(name, item, change) for item in value]
        return self._table(name, value, change) if isinstance(value, Mapping) else value

    def _table(self, name: str, value: Mapping[str, Any], change: _Change) -> object:
        """A table of a parameter or of an input, or a value with its type."""
        tag = next(iter(value), "") if len(value) == 1 else ""
        if tag == "dict" and isinstance(value[tag], list):
            pairs = [pair for pair in value[tag] if isinstance(pair, list) and len(pair) == 2]
            made = [[self._key(name, key, change), self._each(_inner(name, key), item, change)] for key, item in pairs]
            return {tag: sorted(made, key=_order)}
        if tag == "BA" and isinstance(value[tag], str):
            return {tag: self._bytes(name, value[tag], change)}
        if tag in _TYPED:
            return {tag: self._typed(name, tag, value[tag], change)}
        return {str(self._key(name, key, change)): self._each(key, item, change) for key, item in value.items()}

    def _typed(self, name: str, tag: str, value: object, change: _Change) -> object:
        if tag in _TEXTUAL or not isinstance(value, str):
            return self._each(name, value, change)
        if tag in _NUMBERS:
            return self._counted(name, tag, value, change)
        return value if self._learns(change) else self._texts.scrub(Kind.CODE, value, given=True)[0]

    def _key(self, outer: str, key: object, change: _Change) -> object:
        """A key of a table: that of a property stays; any other may be somebody's name or address."""
        if not isinstance(key, str) or is_property(key) or key in CHOICES:
            return key
        kind = Kind.CODE if _IDENTIFIER.fullmatch(key) else Kind.NAME if kind_of(outer) is Kind.NAME else Kind.TEXT
        if self._learns(change):
            self._knowledge.learn(kind, key, given=True)
            return key
        made, unsure = self._texts.scrub(kind, key, given=not self._strict)
        if unsure:
            self.report.unsure("(a key)", str(kind), self._place, made[:_SHOWN])
        return made

    def _counted(self, name: str, tag: str, number: str, change: _Change) -> str:
        """A whole number of a JSON value. What nobody can judge stays in what is given: a replay gives it again."""
        if self._learns(change):
            return self._learn_number(name, number)
        return self._number(name, tag, number, given=change == self._given)

    def _learn_number(self, name: str, number: str) -> str:
        if kind_of(name) in {Kind.NAME, Kind.PHONE} and len(number) >= _SHORTEST_NAMED:
            self._learn(name, number)
        return number

    def _number(self, name: str, tag: str, number: str, *, given: bool) -> str:
        """A whole number under a name or a phone becomes another of as many digits; a long one under an unknown name is told."""
        kind, digits = kind_of(name), number.lstrip("-")
        if not digits.isdigit() or len(digits) < _SHORTEST_NAMED:
            return number
        unknown = kind is Kind.UNKNOWN and len(digits) >= _SHORTEST_NUMBER
        if unknown and (given or not self._strict):
            self.report.unsure(name or "(a value)", str(kind), self._place, number)
        elif unknown or kind in {Kind.NAME, Kind.PHONE}:
            made = self.replacements.phone(digits) if kind is Kind.PHONE else self.replacements.word(digits)
            if made[0] == "0" or int(made) >= _LIMITS.get(tag, math.inf):
                made = f"1{made[1:]}"
            return number[: len(number) - len(digits)] + made
        return number

    def _learns(self, change: _Change) -> bool:
        return change in (self._learn_given, self._learn)

    def _bytes(self, name: str, digits: str, change: _Change) -> str:
        try:
            data = bytes.fromhex(digits)
        except ValueError:
            return change(name, digits)
        if self._learns(change):
            self._knowledge.learn_bytes(data)
            return digits
        return self._texts.blobs.scrub(data, given=True)[0].hex()

    def _learn_given(self, name: str, text: str) -> str:
        return self._learn(name, text, given=True)

    def _learn(self, name: str, text: str, *, given: bool = False) -> str:
        if name.lower() in _PUBLIC:
            self._knowledge.learn_public(text)
        self._knowledge.learn(kind_of(name), text, given=given)
        return text

    def _learn_text(self, name: str, tag: str, text: str) -> str:
        if tag == "BA":
            data = _decoded(text)
            if data is not None and len(data) != 16:
                self._knowledge.learn_bytes(data)
        if tag in {"N", "T"}:
            self._knowledge.learn(Kind.CODE, text)
        elif tag in _NUMBERS:
            self._learn_number(name, text)
        else:
            self._learn(name, text)
        return text

    def _given(self, name: str, text: str) -> str:
        return self._judged(name, text, given=True)

    def _scrub(self, name: str, text: str) -> str:
        return self._judged(name, text, given=False)

    def _judged(self, name: str, text: str, *, given: bool) -> str:
        kind = kind_of(name)
        made, unsure = self._texts.scrub(kind, text, given=given)
        if unsure:
            self.report.unsure(name or "(a value)", str(kind), self._place, made[:_SHOWN])
        return made

    def _scrub_text(self, name: str, tag: str, text: str) -> str:
        if tag in {"N", "T"}:
            return self._code(tag, text)
        if tag in _NUMBERS:
            return self._number(name, tag, text, given=False)
        if tag == "BA":
            return self._blob(name, text)
        return self._scrub(name, text)

    def _code(self, tag: str, text: str) -> str:
        """The name of a member or of a type. What a type was derived from tells whose it is, not how it came."""
        if tag == "N" and is_property(text):
            return text
        begin = 0
        if tag == "T" and (derived := _DERIVED.match(text)):
            begin = derived.end()
        return text[:begin] + self._texts.scrub(Kind.CODE, text[begin:])[0]

    def _blob(self, name: str, text: str) -> str:
        data = _decoded(text)
        if data is None:
            return self._scrub(name, text)
        made, judged = self._texts.blobs.scrub(data)
        if not judged and self._strict:
            made = self.replacements.random(data)
        elif not judged:
            self.report.unsure(name or "(a value)", "bytes", self._place, f"{len(data)} bytes")
        return text if made == data else base64.b64encode(made).decode()


def _bodies(reply: Reply) -> Iterator[bytes]:
    yield from (record.clixml for record in reply.records)
    if reply.reason is not None:
        yield reply.reason


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _inner(outer: str, key: object) -> str:
    """The kind of an inner name where it has one, else that of the outer one: `@{add = ...}` adds to what it is given for."""
    return key if isinstance(key, str) and kind_of(key) is not Kind.UNKNOWN else outer


def _order(pair: list[object]) -> str:
    """The order in which psbridge.command.canonical writes the entries of a table, so that a replay finds the same text."""
    return json.dumps(pair, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
