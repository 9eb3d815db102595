"""A cassette that is read one interaction at a time is the one that is read at once, and is refused for the same faults."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from psbridge.cassettes import Cassette
from psbridge.cassettes.reading import stream
from psbridge.errors import CassetteError
from tests.playbooks.record_cassettes import CASSETTES

SMALL = CASSETTES / "mobile-phone" / "overridden.cassette"


@pytest.mark.parametrize("path", [SMALL, CASSETTES / "mobile-phone-bypass" / "off.cassette"], ids=lambda path: path.stem)
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["no mark", "mark"])
def test_it_gives_what_reading_gives(path: Path, ends: str, mark: str, tmp_path: Path) -> None:
    target = tmp_path / "c"
    target.write_text(mark + path.read_text(encoding="utf-8"), encoding="utf-8", newline=ends)
    whole = Cassette.load(path)
    header, interactions = stream(target)
    assert header == whole.header
    assert tuple(interactions) == whole.interactions


def faults() -> dict[str, str]:
    text = SMALL.read_text(encoding="utf-8")
    second = text.index("interaction 2 ")
    return {
        "empty": "",
        "no cassette": "hello\n",
        "cut": text[:second],
        "no end line": text[: text.rindex("end ")],
        "a letter changed": text.replace("exo", "exa", 1),
        "an interaction twice": text[:second] + text[text.index("interaction 1 ") :],
        "two files": text + text,
        "a newer format": text.replace("cassette 1", "cassette 2", 1),
        "a text behind": f"{text}more\n",
    }


@pytest.mark.parametrize("fault", faults())
def test_it_refuses_what_reading_refuses(fault: str, tmp_path: Path) -> None:
    target = tmp_path / "c"
    target.write_text(faults()[fault], encoding="utf-8", newline="\n")
    with pytest.raises(CassetteError):
        Cassette.load(target)

    def read() -> None:
        _, interactions = stream(target)
        list(interactions)

    with pytest.raises(CassetteError):
        read()


def refusal(target: Path) -> CassetteError:
    with pytest.raises(CassetteError) as caught:
        stream(target)
    return caught.value


def test_a_cut_file_is_told_with_its_last_line(tmp_path: Path) -> None:
    lines = SMALL.read_bytes().splitlines(keepends=True)
    target = tmp_path / "c"
    target.write_bytes(b"".join(lines[:-2]))
    with pytest.raises(CassetteError) as caught:
        Cassette.load(target)
    assert str(refusal(target)) == str(caught.value)
    assert caught.value.line == len(lines) - 2
    target.write_bytes(b"".join([*lines[:-1], lines[-1].replace(b"sha256 ", b"sha256 0")[:-2] + b"\n"]))
    assert refusal(target).line == len(lines)


def test_a_file_that_is_no_cassette_is_refused_by_its_first_line_and_not_held(tmp_path: Path) -> None:
    target = tmp_path / "c"
    with target.open("wb") as file:
        file.write(b"hello\n")
        file.truncate(1 << 26)  # a hole, and one line
    tracemalloc.start()
    try:
        found = refusal(target)
        assert tracemalloc.get_traced_memory()[1] < 1 << 22
    finally:
        tracemalloc.stop()
    assert found.line == 1
    assert "is this a cassette?" in found.problem
