"""`to-json`, `to-jsonl` and `from-json`: there and back without a loss, of any size."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from psbridge.cli.clixml.from_json import from_json
from psbridge.cli.clixml.to_json import to_json
from psbridge.cli.clixml.to_jsonl import to_jsonl
from psbridge.clixml import decode
from psbridge.psobject import PSObject, Value, dump
from tests.cli.clixml.exports import clixml, document, mailbox, mailboxes, peak_memory, saved
from tests.clixml.corpus_files import corpus_files
from tests.clixml.judge import Judge

SHARED = document(
    mailbox(0, "a", first=True),
    '<Obj RefId="50"><LST><Ref RefId="0" /><Ref RefId="2" /><Ref RefId="50" /></LST></Obj>',
    '<Ref RefId="50" />',
    mailbox(9, "_xD83D_ _x0000_ &lt; \u202e", '<Ref N="Other" RefId="0" />'),
    '<Obj RefId="60"><D>1.10</D><MS><S N="note">x</S></MS></Obj>',
)


def _dump(values: list[Value]) -> str:
    """All values as one text: it tells which objects are the same."""
    return "\n".join(line for value in values for line in dump(value))


def _same(data: bytes, again: bytes) -> bool:
    return [_dump([value]) for value in decode(again)] == [_dump([value]) for value in decode(data)]


@pytest.mark.corpus
def test_every_export_of_the_corpus_comes_back_as_it_was(corpus: Path, tmp_path: Path) -> None:
    seen = 0
    text, back = tmp_path / "export.json", tmp_path / "back.xml"
    for file in corpus_files(corpus, "real", "spec"):
        if file.is_message or file.data.startswith(b"#"):
            continue
        # Turn by turn: both have the same form for an object.
        convert = (to_json, to_jsonl)[seen % 2]
        convert(str(saved(tmp_path, file.data)), output=text)
        from_json(str(text), output=back)
        assert _same(file.data, back.read_bytes()), (file.path, convert)
        seen += 1
    assert seen > 30


@pytest.mark.parametrize("options", [["to-json"], ["to-json", "--indent", "2"], ["to-jsonl"]], ids=" ".join)
def test_references_across_objects_are_kept(tmp_path: Path, options: list[str]) -> None:
    text = clixml(*options, saved(tmp_path, SHARED))
    assert (text.returncode, text.stderr) == (0, "")
    assert text.stdout.isascii()
    back = clixml("from-json", "-", stdin=text.stdout.encode())
    again = decode(back.stdout.encode())
    assert _same(SHARED, back.stdout.encode())
    one, many, same, other, _ = again
    assert isinstance(many, PSObject)
    assert isinstance(other, PSObject)
    assert many.items is not None
    assert many.items[0] is one
    assert many.items[2] is many
    assert same is many
    assert other["Other"] is one


@pytest.mark.realps
@pytest.mark.corpus
def test_powershell_reads_what_came_back_as_it_reads_what_was_given(realps: str, corpus: Path, tmp_path: Path) -> None:
    text, back = tmp_path / "export.json", tmp_path / "back.xml"
    with Judge(realps, corpus) as judge:
        for data in (SHARED, mailboxes(5)):
            to_json(str(saved(tmp_path, data)), output=text)
            from_json(str(text), output=back)
            assert judge.differences(back.read_bytes(), judge.roots(data)) == []


def test_a_selection_is_turned_into_json(tmp_path: Path) -> None:
    export = saved(tmp_path, mailboxes(20))
    lines = clixml("to-jsonl", export, "--plain", "-p", "Al*,Items", "-w", "Items -gt 100", "-n", "2").stdout.splitlines()
    assert [json.loads(line) for line in lines] == [{"Alias": "user15", "Items": 105}, {"Alias": "user16", "Items": 112}]
    whole = json.loads(clixml("to-json", export, "--plain", "-p", "Addresses,Database", "-n", "1").stdout)
    assert whole == [{"Addresses": ["SMTP:user0@contoso.com", "smtp:u0@fabrikam.com"], "Database": {"Name": "DB0"}}]


def test_other_tools_may_have_written_the_json_anew(tmp_path: Path) -> None:
    text = clixml("to-json", saved(tmp_path, SHARED)).stdout
    anew = json.dumps(json.loads(text), indent=4)
    for given in (anew.encode(), anew.encode("utf-16"), b"\xef\xbb\xbf" + json.dumps(json.loads(text)).encode()):
        back = clixml("from-json", "-", stdin=given)
        assert (back.returncode, back.stderr) == (0, "")
        assert _same(SHARED, back.stdout.encode())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "standard input: This is no JSON at line 1"),
        ('{"clixml":2,"values":[]}', '"clixml": 2'),
        ('{"clixml":1,"values":[\n1,\n2', "line 4: the list of values is not closed; the file was cut off."),
        ('{"clixml":1,"values":[\n1,\n]}', "line 3: This is no JSON"),
        ('{"clixml":1,"values":[\n1\n]}\nmore', "line 3: the list of values is not closed"),
        ('1\n{"ref":7}\n', "line 2: ref: no object before it has the id 7"),
        ('{"Name":"a"}', "an object has no such part"),
        ('"a"\n{"I32":"x"', "line 2: This is no JSON"),
    ],
)
def test_json_that_cannot_be_turned_back_is_said_with_its_place(given: str, message: str, tmp_path: Path) -> None:
    before = saved(tmp_path, b"as it was", "back.xml")
    done = clixml("from-json", "-", "--output", before, stdin=given.encode())
    assert done.returncode == 2
    assert message in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["back.xml"]
    assert before.read_bytes() == b"as it was"


def test_no_command_writes_over_the_file_that_it_reads(tmp_path: Path) -> None:
    export = saved(tmp_path, mailboxes(1))
    done = clixml("to-json", export, "--output", export)
    assert done.returncode == 2
    assert "is the file that is read" in done.stderr
    assert export.read_bytes() == mailboxes(1)


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="needs wait4 to see the memory of a process")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    sizes = []
    for count in (50, 5000):
        export, text = saved(tmp_path, mailboxes(count)), tmp_path / "export.json"
        there = peak_memory("to-json", export, "--output", text)
        sizes.append((there, peak_memory("from-json", text, "--output", tmp_path / "back.xml")))
    # Held in memory, these objects take 30 MB more and their JSON 20 MB.
    assert sizes[1][0] < sizes[0][0] + 12_000_000
    assert sizes[1][1] < sizes[0][1] + 12_000_000
