"""20,000 mutated documents are answered as PowerShell answers them; and the fuzzer sees what it is there to see."""

from __future__ import annotations

import io
import re
import time
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from psbridge.clixml import decode, read
from psbridge.clixml.differences import DIFFERENCES, Difference, Does
from psbridge.errors import ClixmlError
from psbridge.psobject import Value
from tests.clixml.fuzz import Run, fuzz, smallest
from tests.clixml.fuzzing import readers
from tests.clixml.fuzzing.agreement import Agreement
from tests.clixml.fuzzing.bounds import Bounds, large, seconds_for
from tests.clixml.fuzzing.check import Check, measured_bounds
from tests.clixml.fuzzing.engine import Engine
from tests.clixml.fuzzing.found import Example, Found, Kept
from tests.clixml.fuzzing.hostile import CLOSING, OPENING, SHAPES, Shape
from tests.clixml.fuzzing.known import known, unmarked
from tests.clixml.fuzzing.mutate import MUTATORS, Input, Mutants
from tests.clixml.fuzzing.readers import Outcome, looked_at, outcome
from tests.clixml.fuzzing.seeds import EXPORT, STDERR, WIRE, Seed, large_seeds, seeds

SEED = 20180723
SHARDS = 10
IN_A_SHARD = 2_000
HOSTILE = 150_000  # bytes


@pytest.fixture(scope="module")
def given(corpus: Path) -> list[Seed]:
    return seeds(corpus)


@pytest.fixture(scope="module")
def bounds(given: list[Seed]) -> Bounds:
    return measured_bounds(given)


@pytest.fixture(scope="module")
def agreement(realps: str, corpus: Path) -> Iterator[Agreement]:
    with Engine(realps) as engine:
        yield Agreement(engine, corpus)


@pytest.mark.realps
@pytest.mark.corpus
@pytest.mark.parametrize("shard", range(SHARDS))
def test_mutated_documents_are_read_and_refused_as_powershell_reads_and_refuses_them(
    shard: int, realps: str, corpus: Path
) -> None:
    found = fuzz(Run(corpus, realps, SEED), range(shard * IN_A_SHARD, (shard + 1) * IN_A_SHARD))

    faults = {kind: (example.number, example.said[:200]) for kind, example in found.examples.items()}
    assert faults == {}, f"psbridge parts from PowerShell: python -m tests.clixml.fuzz --seed {SEED} --show NUMBER"
    assert SHARDS * IN_A_SHARD == 20_000
    assert found.inputs == found.counts["read"] + found.counts["refused"] == IN_A_SHARD
    assert found.counts["read"] > IN_A_SHARD * 0.2
    assert found.counts["refused"] > IN_A_SHARD * 0.5
    assert found.counts["PowerShell: read"] + found.counts["PowerShell: refused"] > IN_A_SHARD * 0.97


@pytest.mark.corpus
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
@pytest.mark.parametrize("way", ["decode", "read"])
def test_a_hostile_document_takes_no_more_than_its_size_allows(shape: Shape, way: str, bounds: Bounds) -> None:
    data = shape.document(HOSTILE)
    assert HOSTILE * 0.9 < len(data) < HOSTILE * 1.1

    def taken(data: bytes) -> None:
        if way == "decode":
            looked_at(outcome(data, EXPORT))
        else:
            deque(read(io.BytesIO(data)), maxlen=0)

    assert bounds.slow(taken, data, seconds_for(taken, data)) == ""
    assert large(taken, data) == ""


@pytest.mark.realps
@pytest.mark.corpus
@pytest.mark.parametrize("row", DIFFERENCES, ids=lambda row: row.name)
def test_every_difference_of_the_table_is_one_and_is_what_the_table_says(
    row: Difference, agreement: Agreement, realps: str
) -> None:
    form = WIRE if row.wire else EXPORT
    mine = outcome(row.example, form)
    with Engine(realps) as engine:
        theirs = engine.read(row.example, form)

    assert (Does.REFUSES if isinstance(mine, ClixmlError) else Does.READS) is row.psbridge
    assert (Does.REFUSES if theirs.refusal else Does.READS) is row.powershell
    assert theirs.unjudged or agreement.differences(row.example, form, mine), "no longer different: take it out of the table"
    assert row.reason.endswith(".")


def test_the_fuzzer_knows_each_row_of_the_table_by_a_mark() -> None:
    assert unmarked() == set()


def test_what_is_known_is_told_by_its_words_and_by_the_input() -> None:
    said = "PowerShell reads it, psbridge refuses: the time has no date or no year"
    assert known(said, b"<DT>12:00:00</DT>") == "a time without a date"
    assert known(said, b"<TS>x</TS>") == ""
    assert known("something else", b"<DT>12:00:00</DT>") == ""


@pytest.mark.corpus
def test_the_seeds_are_of_every_form_and_hold_no_types_that_powershell_brings_to_life(given: list[Seed], corpus: Path) -> None:
    assert {seed.form for seed in given} == {EXPORT, WIRE, STDERR}
    assert len(given) > 6_000
    assert max(len(seed.data) for seed in given) < 17_000
    large = large_seeds(corpus)
    assert len(large) > 100
    assert not any(re.search(rb"Net\.IPAddress<|PSCredential<", seed.data) for seed in given + large)


@pytest.mark.corpus
def test_an_input_is_made_again_by_its_number_alone(given: list[Seed]) -> None:
    inputs = [Mutants(given, 1).make(number) for number in range(200)]
    assert [Mutants(given, 1).make(number) for number in reversed(range(200))] == inputs[::-1]
    assert len({one.data for one in inputs}) > 190
    assert [Mutants(given, 2).make(number) for number in range(200)] != inputs


@pytest.mark.corpus
def test_every_mutator_is_used_and_changes_documents(given: list[Seed]) -> None:
    originals = {seed.name: seed.data for seed in given}
    changed: set[str] = set()
    for number in range(3_000):
        made = Mutants(given, 3).make(number)
        if len(made.steps) == 1 and made.seed in originals and made.data != originals[made.seed]:
            changed.update(made.steps)
    assert changed == {mutator.__name__ for mutator in MUTATORS}


def an_input(data: bytes, form: str = EXPORT, number: int = 1) -> Input:
    return Input(number, "made up", (), form, data)


def test_another_exception_than_clixml_error_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(data: bytes) -> list[Value]:
        return [int(data)]

    monkeypatch.setitem(readers.READERS, EXPORT, broken)
    (found,) = Check(Bounds(1.0), None).of(an_input(b"x"))
    assert found == ("raises ValueError", "ValueError: invalid literal for int() with base 10: b'x'")


def test_a_reader_whose_time_grows_with_the_square_is_found() -> None:
    def quadratic(data: bytes) -> int:
        return sum(data.count(b"x", start) for start in range(len(data)))

    data = b"x" * 40_000
    began = time.thread_time()
    quadratic(data)
    said = Bounds(1.0).slow(quadratic, data, time.thread_time() - began)
    assert re.fullmatch(r"[0-9.]+ s for 40000 bytes, 0.010 s are allowed", said), said
    assert Bounds(1e6).slow(quadratic, data, 1.0) == ""


def test_a_reader_that_unfolds_its_input_is_found() -> None:
    assert large(lambda data: data * 1_000, b"x" * 100_000).startswith("100,")
    assert large(lambda data: data * 10, b"x" * 100_000) == ""


@pytest.mark.realps
@pytest.mark.corpus
def test_a_reader_that_parts_from_powershell_is_found(agreement: Agreement) -> None:
    data = f"{OPENING}<I32>5</I32>{CLOSING}".encode()
    assert agreement.differences(data, EXPORT, [5]) == []
    assert agreement.differences(data, EXPORT, [6]) == ['[0]: PowerShell {"t": "I32", "v": 5}, decoder {"t": "I32", "v": 6}']
    refused = agreement.differences(data, EXPORT, ClixmlError("too dull", offset=3))
    assert refused == ["PowerShell reads it, psbridge refuses: CLIXML cannot be read at byte 3: too dull"]
    (read,) = agreement.differences(data[:-3], EXPORT, [5])
    assert read.startswith("PowerShell refuses (System.Xml.XmlException: ")
    assert read.endswith("), psbridge reads it")


def said(data: bytes, form: str, whole: Outcome) -> list[str]:
    return list(readers.differs(data, form, whole, Random(1)))


def test_reading_value_by_value_is_held_against_reading_at_once() -> None:
    data = f"{OPENING}<I32>5</I32><S>a</S>{CLOSING}".encode()
    assert said(data, EXPORT, decode(data)) == []
    assert said(data, EXPORT, [5])[0] == "read gives other values than decode"
    assert said(data[:-1], EXPORT, [5])[0].startswith("decode reads it, read refuses: CLIXML cannot be read at byte ")
    assert said(data, EXPORT, ClixmlError("no"))[0].startswith("decode refuses (CLIXML cannot be read at byte 0: no), read")


def test_a_projection_is_held_against_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    data = f'{OPENING}<Obj><MS><S N="a">x</S><S N="b">y</S></MS></Obj>{CLOSING}'.encode()
    assert "B" in {name.upper() for number in range(9) for name in readers.wanted(data, Random(number))}
    assert list(readers.streaming_differs(data, decode(data), ("A",))) == []

    monkeypatch.setattr(readers, "project", lambda value, _names: value)
    (only,) = readers.streaming_differs(data, decode(data), ("A",))
    assert only == "read with properties ('A',) gives other values than decode"


def test_messages_and_streams_are_held_against_each_other() -> None:
    assert said(b"<I32>5</I32>", WIRE, [5]) == []
    assert said(b"<I32>5</I32>", WIRE, [6]) == ["decode_messages gives other values than decode_message"]
    assert said(b"<I32>x</I32>", WIRE, [6])[0].startswith("decode_message gives [6], decode_messages CLIXML cannot be read")
    stream = f"{OPENING}<I32>5</I32>{CLOSING}".encode()
    assert "decode_stream gives other values than decode" in said(stream, EXPORT, [6])


def test_a_document_that_lies_across_chunks_is_held_against_the_whole() -> None:
    data = f"{OPENING}<I32>5</I32><S>a</S>{CLOSING}".encode()
    found = {line for number in range(60) for line in readers.differs(data, EXPORT, [5], Random(number))}
    assert "read gives other values where a chunk ends in the document" in found


def test_a_run_that_was_stopped_goes_on_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    first = Found(10, Counter(read=4, refused=6), Counter(bad=1), {"bad": Example(3, "said")}, 2.5, 7, 1_000)
    Kept(path, "seed 1").keep(0, first)
    Kept(path, "seed 2").keep(10, Found(10))

    kept = Kept(path, "seed 1")
    assert kept.done == {0: first}
    assert kept.missing([range(10), range(10, 20)]) == [range(10, 20)]
    kept.keep(10, Found(10, Counter(read=10), Counter(bad=2), {"bad": Example(12, "more")}, 1.5, 11, 2_000))
    assert kept.whole() == Found(20, Counter(read=14, refused=6), Counter(bad=3), {"bad": Example(3, "said")}, 2.5, 7, 2_000)


@pytest.mark.realps
@pytest.mark.corpus
def test_a_fault_is_shown_by_a_small_input(realps: str, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deaf(data: bytes) -> list[Value]:
        return [value for value in decode(data) if value is not True]

    monkeypatch.setitem(readers.READERS, EXPORT, deaf)
    run = Run(corpus, realps, SEED)
    root = '<Obj RefId="0"><MS><S N="a">text</S></MS></Obj>'
    shown = an_input(f"{OPENING}{root}<B>true</B><S>x</S>{root}{CLOSING}".encode())
    found = smallest(run, shown, "/: PowerShell _ items, decoder _ items")
    assert found == re.sub(rb' Version="[^"]*"', b"", f"{OPENING}<B>true</B>{CLOSING}".encode())
