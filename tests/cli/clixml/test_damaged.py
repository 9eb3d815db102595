"""What administrators attach to tickets: cut off, pasted into a text, without its mark. What is there is shown."""

from __future__ import annotations

import io
from pathlib import Path
from random import Random

import pytest

from psbridge.cli.clixml.cut import find_cut
from psbridge.cli.clixml.document import Document
from psbridge.clixml import decode
from psbridge.errors import ClixmlError
from psbridge.psobject import Value, dump
from tests.cli.clixml.exports import clixml, document, mailbox, mailboxes, saved
from tests.cli.here import psbridge
from tests.clixml.corpus_files import corpus_files


def _read(file: Path, *, half: bool = False) -> tuple[list[str], Document]:
    with Document(str(file), half=half) as opened:
        return _dumps(list(opened)), opened


def _dumps(values: list[Value]) -> list[str]:
    return ["\n".join(dump(value)) for value in values]


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_cut_anywhere_the_whole_objects_before_are_given_and_the_place_is_told(tmp_path: Path, codec: str) -> None:
    whole = document(
        mailbox(0, "Zo\u00eb &lt;1&gt; \U0001f600", first=True),
        "<S>text</S>",
        '<Obj RefId="50"><DCT><En><S N="Key">a</S><Obj N="Value" RefId="51"><MS><I32 N="x">1</I32></MS></Obj></En></DCT></Obj>',
        "<Nil />",
        mailbox(9, "b", '<Ref N="Same" RefId="0" />'),
    )
    values = _dumps(decode(whole))
    data = whole.decode().encode(codec)
    begun = len(whole[: whole.index(b"\n")].decode().encode(codec))  # behind the tag of Objs
    for length in range(begun, len(data), 7):
        given, opened = _read(saved(tmp_path, data[:length]))
        assert given == values[: len(given)], length
        assert opened.findings, length
        text = whole.decode()[: len(data[:length].decode(codec, "ignore")) + 1]  # an end tag counts without its line end
        assert len(given) == sum(text.count(end) for end in ("</Obj>\n", "</S>\n", "<Nil />\n")), length
        assert opened.findings[-1].offset == length
        assert opened.findings[-1].path.startswith("Objs")
        partly, opened = _read(saved(tmp_path, data[:length]), half=True)
        assert partly[: len(given)] == given
        assert len(partly) == len(given) + opened.opened.half


def test_what_is_there_of_the_last_object_is_shown_and_said_to_be_a_part(tmp_path: Path) -> None:
    whole = mailboxes(2)
    export = saved(tmp_path, whole[: whole.rindex(b"<B N=")])
    done = clixml("show", export, "--list", "-p", "Name,Items,Shared")
    assert done.returncode == 1
    assert [line.split() for line in done.stdout.splitlines() if line][-2:] == [
        ["Name", ":", "Mailbox", "1"],
        ["Items", ":", "7"],
    ]
    place = len(export.read_bytes())
    column = place - whole.rindex(b"\n", 0, place)
    assert done.stderr == (
        f"psbridge: {export}: line 3, column {column}, byte {place}, Objs/Obj/Props: "
        "the file ends here, in the middle of the document\n"
        f"psbridge: {export}: 2 values were read; the last one is there in part only. PowerShell refuses this file.\n"
    )
    assert "in part only" not in clixml("show", export, "--first", "1").stderr
    for command in ("to-json", "to-jsonl", "to-csv"):  # no half object is passed on to a program
        text = clixml(command, export, "-p", "Name")
        assert text.returncode == 1
        assert "Mailbox 0" in text.stdout
        assert "Mailbox 1" not in text.stdout


PASTED = {
    "text around": b"Hello,\r\n\r\nhere it is:\r\n%s\r\nThanks\r\n",
    "a marker in the middle": b"PS C:\\> powershell -OutputFormat XML\r\n#< CLIXML\r\n%s\r\n",
    "blank lines around": b"\r\n\r\n%s\r\n \r\n",
    "a declaration": b'<?xml version="1.0" encoding="utf-16"?>\r\n%s',
    "a declaration behind a blank": b' <?xml version="1.0"?>\r\n%s',
    "quoted": b"> \n%s\n",
    "a byte behind": b"%s\0",
}


@pytest.mark.parametrize("around", PASTED.values(), ids=PASTED.keys())
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_what_was_pasted_is_read(tmp_path: Path, around: bytes, codec: str) -> None:
    whole = mailboxes(3)
    pasted = (around % whole.replace(b"\n", b"\r\n")).decode().encode(codec)
    given, opened = _read(saved(tmp_path, pasted))
    assert given == _dumps(decode(whole))
    try:
        read = decode(pasted)
    except ClixmlError:
        assert opened.findings
    else:
        assert (_dumps(read), opened.findings) == (given, [])


def test_cut_and_pasted_at_once_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = mailboxes(3)
    pasted = b"Hi\r\n#< CLIXML\r\n" + whole + b"#< CLIXML\r\n" + whole[:-150]
    given, opened = _read(saved(tmp_path, pasted.decode().encode("utf-16-le")))
    assert len(given) == 5
    assert [finding.reason.partition(":")[0] for finding in opened.findings] == [
        "it is UTF-16-LE without a byte order mark, which PowerShell takes for UTF-8",
        "something else stands in front of the document",
        "the file ends here, in the middle of the document",
    ]


@pytest.mark.corpus
def test_the_corpus_cut_at_random_gives_the_beginning_of_what_it_holds(corpus: Path, tmp_path: Path) -> None:
    random = Random(5)
    seen = 0
    for file in corpus_files(corpus, "real", "spec"):
        if file.is_message or len(file.data) > 300_000:
            continue
        values = _dumps(file.read())
        for length in (random.randrange(60, len(file.data)) for _ in range(3)):
            given, opened = _read(saved(tmp_path, file.data[:length]))
            assert given == values[: len(given)], (file.path, length)
            assert opened.findings or given == values, (file.path, length)
            seen += bool(given)
    assert seen > 20


def test_a_cut_is_found_across_the_pieces_that_are_read(tmp_path: Path) -> None:
    whole = mailboxes(2500)
    assert len(whole) > 1 << 20
    length = whole.rindex(b"\n  <Obj") + 200
    cut = find_cut(io.BytesIO(whole), 0, length, "utf-8")
    assert cut is not None
    assert whole[: cut.roots_end].rstrip() == whole[: whole.rindex(b"\n  <Obj")]
    assert len(decode(whole[: cut.roots_end] + cut.roots_close.encode())) == 2499
    assert len(decode(whole[: cut.end] + cut.close.encode())) == 2500


@pytest.mark.parametrize(
    "text", [b"", b"\0\0\0", b"no export at all", b"<html><body>403</body></html>", b"<", "\u20ac".encode("utf-16")]
)
def test_what_is_no_export_is_said(tmp_path: Path, text: bytes) -> None:
    done = clixml("show", saved(tmp_path, text))
    assert (done.returncode, done.stdout) == (1, "")
    assert "0 values were read. PowerShell refuses this file." in done.stderr


@pytest.mark.parametrize("options", [("to-json",), ("to-json", "--plain"), ("to-jsonl",), ("to-csv", "--excel")])
def test_of_a_file_of_which_nothing_can_be_read_nothing_is_left(tmp_path: Path, options: tuple[str, ...]) -> None:
    """An empty document would say that there are no objects."""
    export, output = saved(tmp_path, b"<html></html>"), tmp_path / "output"
    assert psbridge("clixml", *options, export, "--output", output).returncode == 1
    assert not output.exists()
    output.write_text("what was there")
    assert psbridge("clixml", *options, export, "--output", output).returncode == 1
    assert output.read_text() == "what was there"
