"""Exports of any size are read value by value, and to the same values as all at once."""

from __future__ import annotations

import io
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from psbridge.clixml import decode, encode, read
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


def test_references_across_megabytes_resolve() -> None:
    """The second one stands behind more than what is read at a time, and names an object within another value's members."""
    filler = b"".join(b'<Obj RefId="%d"><MS><S N="A">%s</S></MS></Obj>' % (number, b"x" * 1000) for number in range(10, 4_000))
    first = b'<Obj RefId="0"><TN RefId="0"><T>Far</T></TN><MS><Obj N="In" RefId="1"><LST><Ref RefId="0" /></LST></Obj></MS></Obj>'
    last = b'<Obj RefId="2"><TNRef RefId="0" /><MS><Ref N="Back" RefId="1" /><Ref N="Top" RefId="0" /></MS></Obj>'
    *_, near = values = list(read(io.BytesIO(OPENING.encode() + first + filler + last + filler + b'<Ref RefId="2" /></Objs>')))

    assert len(values) == 2 * 3_990 + 3
    assert isinstance(near, PSObject)
    assert near.types == ("Deserialized.Far",)
    assert near["Top"] is values[0]
    assert near["Back"].items == [values[0]]  # type: ignore[union-attr]  # an object


def dribbled(data: bytes) -> Iterator[bytes]:
    """A document as a slow peer sends it: byte by byte around each tag that it has early, then in odd pieces."""
    yield from (data[place : place + 1] for place in range(300))
    chance = random.Random(7)
    place = 300
    while place < len(data):
        size = chance.choice((1, 2, 5, 1_000, 65_535, 65_536, 65_537))
        yield data[place : place + size]
        place += size


def send(pieces: Iterator[bytes], write: Callable[[bytes], object], close: Callable[[], object]) -> threading.Thread:
    """Write the pieces from a thread of their own, with a pause now and then."""

    def run() -> None:
        for number, piece in enumerate(pieces):
            write(piece)
            if number % 100 == 0:
                time.sleep(0.002)
        close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_a_slow_pipe_or_socket_is_read_to_the_same_values(kind: str, codec: str) -> None:
    roots = [f'<Obj RefId="{number}"><MS><S N="Text">{WIDE[:number]}</S></MS></Obj>' for number in range(1, 1_500)]
    data = document(*roots, '<Ref RefId="7" />').decode().encode(codec)
    if kind == "pipe":
        reading, writing = os.pipe()
        source: Any = os.fdopen(reading, "rb", buffering=0)
        target = os.fdopen(writing, "wb", buffering=0)
        thread = send(dribbled(data), target.write, target.close)
    else:
        ours, theirs = socket.socketpair()
        source = ours.makefile("rb")
        ours.close()
        thread = send(dribbled(data), theirs.sendall, theirs.close)
    with source:
        values = list(read(source))
    thread.join()

    assert to_json(values) == to_json(decode(data))
    assert values[-1] is values[6]


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
@pytest.mark.parametrize("way", ["file", "pipe"])
def test_a_document_of_any_size_takes_the_same_memory(way: str, codec: str, tmp_path: Path) -> None:
    small, large = (write_export(tmp_path / f"{count}.xml", count, codec) for count in (1_000, 5_000))
    assert large.stat().st_size > 40 * MEGABYTE

    peaks = [peak_of(path, way) for path in (small, large)]
    assert peaks[1] < 16 * MEGABYTE
    assert peaks[1] - peaks[0] < MEGABYTE


def write_export(path: Path, count: int, codec: str) -> Path:
    """Write objects of 80 properties, one in 500 of which another refers to from afar."""
    texts = "".join(f'<S N="Name{number}">{"text " * 20}</S>' for number in range(80))
    with path.open("w", encoding=codec) as file:
        file.write(OPENING)
        for number in range(count):
            again = f'<Ref N="Again" RefId="{number - 500}" />' if number >= 500 and number % 500 == 0 else ""
            file.write(f'<Obj RefId="{number}"><MS>{texts}<S N="Number">{number}</S>{again}</MS></Obj>')
        file.write("</Objs>")
    return path


SCAN = """
import sys, tracemalloc
from psbridge.clixml import read

source = sys.argv[1] if sys.argv[1] != "-" else sys.stdin.buffer
tracemalloc.start()
count = sum(1 for _ in read(source))
print(count, tracemalloc.get_traced_memory()[1])
"""


SEND = "import shutil, sys; shutil.copyfileobj(open(sys.argv[1], 'rb'), sys.stdout.buffer)"


def peak_of(path: Path, way: str) -> int:
    """The bytes that a process of its own allocated at most while it scanned an export, by its path or from a pipe."""
    if way == "file":
        done = scan(str(path), None)
    else:
        with subprocess.Popen([sys.executable, "-c", SEND, str(path)], stdout=subprocess.PIPE) as sent:
            done = scan("-", sent.stdout)
    count, peak = done.split()
    assert int(count) == int(path.stem)
    return int(peak)


def scan(name: str, source: IO[bytes] | None) -> bytes:
    return subprocess.run(
        [sys.executable, "-c", SCAN, name], stdin=source, stdout=subprocess.PIPE, check=True, timeout=100
    ).stdout
