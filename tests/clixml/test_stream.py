"""Exports of any size are read value by value, and to the same values as all at once."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from psbridge.clixml import encode, read
from psbridge.errors import ClixmlError
from psbridge.psobject import PSObject
from tests.clixml.decoding import OPENING, document
from tests.clixml.streaming import Slow, as_json, decoded, documents, outcome
from tests.powershell_corpus import to_json

MEGABYTE = 1 << 20
WIDE = "\u20ac\U0001f600" * 9_000


@pytest.mark.corpus
def test_every_document_is_read_and_refused_as_the_decoder_reads_and_refuses_it(corpus: Path) -> None:
    total = refused = 0
    for name, data in documents(corpus):
        want, error = decoded(data)
        got, seen = outcome(read(io.BytesIO(data)))
        assert seen == error, name
        if want is not None:
            assert as_json(got) == as_json(want), name
        total += 1
        refused += error is not None

    assert (total, refused) == (4644, 956)


@pytest.mark.corpus
def test_objects_are_shared_between_values_as_the_decoder_shares_them(corpus: Path) -> None:
    for name, data in documents(corpus, ["identity", "again", "containers", "raw"]):
        want, error = decoded(data)
        if want is not None and error is None and b"<!" not in data and b"<?" not in data:
            assert to_json(list(read(io.BytesIO(data)))) == to_json(want), name


@pytest.mark.corpus
def test_a_pipe_that_gives_a_byte_at_a_time_is_read_as_well(corpus: Path) -> None:
    for name, data in documents(corpus, ["identity", "raw"]):
        if len(data) < 50_000:
            want, error = decoded(data)
            got, seen = outcome(read(Slow(data)))  # type: ignore[arg-type]  # it reads bytes, which is all that is asked of it
            assert seen == error, name
            assert want is None or as_json(got) == as_json(want), name


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("opening", ["", "#< CLIXML\r\n"])
def test_every_encoding_is_read_in_chunks_that_cut_its_characters(codec: str, opening: str, tmp_path: Path) -> None:
    roots = [f"<S>{'x' * shift}{WIDE}</S>" for shift in range(7)]
    path = tmp_path / "export.xml"
    path.write_bytes((opening + document(*roots).decode()).encode(codec))

    assert list(read(path)) == ["x" * shift + WIDE for shift in range(7)]


def test_values_before_an_error_are_given_first() -> None:
    data = document("<I32>1</I32>", "<I32>2</I32>", "<I32>x</I32>")
    values = read(io.BytesIO(data))

    assert [next(values), next(values)] == [1, 2]
    with pytest.raises(ClixmlError) as caught:
        next(values)
    assert caught.value.offset == data.index(b"<I32>x")
    assert caught.value.path == "Objs/I32"


def test_a_source_is_read_from_where_it_stands_and_left_open() -> None:
    source = io.BytesIO(b"a header" + document("<S>a</S>"))
    source.seek(8)

    assert list(read(source)) == ["a"]
    assert not source.closed


def test_progress_tells_the_bytes_done_of_all_and_for_a_pipe_those_copied_before() -> None:
    data = encode(["x" * 1000] * 200)
    told: list[tuple[int, int | None]] = []

    list(read(io.BytesIO(data), progress=lambda done, total: told.append((done, total))))
    assert told == [(min(step * 65_536, len(data)), len(data)) for step in (1, 2, 3, 4)]

    told.clear()
    list(read(Slow(document("<S>a</S>")), progress=lambda done, total: told.append((done, total))))  # type: ignore[arg-type]  # as above
    assert told[0] == (1, None)
    assert told[-1] == (len(document("<S>a</S>")),) * 2


def test_only_objects_that_are_referred_to_are_kept() -> None:
    path_holder = b'<Obj RefId="keep"><MS><S N="A">a</S></MS></Obj>'
    many = b"".join(b'<Obj RefId="%d"><MS><S N="A">%d</S></MS></Obj>' % (number, number) for number in range(1000))
    values = list(read(io.BytesIO(OPENING.encode() + path_holder + many + b'<Ref RefId="keep" /></Objs>')))

    assert values[-1] is values[0]
    assert len(values) == 1002


def test_a_definition_again_counts_from_there_on_in_another_value_too() -> None:
    first, one, second, other = read(
        io.BytesIO(
            document(
                '<Obj RefId="0"><S>first</S></Obj>',
                '<Ref RefId="0" />',
                '<Obj RefId="0"><TN RefId="0"><T>A</T></TN></Obj>',
                '<Obj><TNRef RefId="0" /><LST><Ref RefId="0" /></LST></Obj>',
            )
        )
    )

    assert one is first
    assert isinstance(other, PSObject)
    assert isinstance(second, PSObject)
    assert other.items == [second]
    assert other.types == second.types == ("Deserialized.A",)


def test_a_large_file_is_scanned_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    obj = b"".join(b'<S N="Name%d">%s</S>' % (number, b"text " * 20) for number in range(80))
    with path.open("wb") as file:
        file.write(OPENING.encode())
        for number in range(4000):
            file.write(b'<Obj RefId="%d"><MS>%s<S N="Number">%d</S></MS></Obj>' % (number, obj, number))
        file.write(b"</Objs>")
    assert path.stat().st_size > 30 * MEGABYTE

    assert grown_by(path) < 16 * MEGABYTE


def grown_by(path: Path) -> int:
    """By how many bytes a process of its own grew while it scanned a file."""
    script = (
        "import sys, tracemalloc; from psbridge.clixml import read; tracemalloc.start();"
        "count = sum(1 for _ in read(sys.argv[1])); print(count, tracemalloc.get_traced_memory()[1])"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True, timeout=100)
    count, peak = done.stdout.split()
    assert count == "4000"
    return int(peak)
