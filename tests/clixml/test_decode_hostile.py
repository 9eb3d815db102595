"""Whatever the bytes are: values, or a ClixmlError; soon, and with the stack that is left."""

from __future__ import annotations

import inspect
import json
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from psbridge.clixml import decode, decode_message, decode_stream
from psbridge.clixml.scalars import SCALARS
from psbridge.errors import ClixmlError
from tests.clixml.corpus_files import corpus_files
from tests.clixml.decoding import OPENING, document
from tests.clixml.mutations import PIECES, mutated

MANY = settings(max_examples=1500, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True)
READERS: list[Callable[[bytes], object]] = [decode, decode_message, decode_stream]
MANY_TIMES = 30_000
LONG = 300_000
SOON = 10.0  # seconds; the slowest takes one, on a machine that has nothing else to do


def outcome(read: Callable[[bytes], object], data: bytes) -> str:
    """`read`, or the reason of the refusal. Any other exception fails the test that asks."""
    try:
        read(data)
    except ClixmlError as error:
        refused = error
    else:
        return "read"
    assert 0 <= refused.offset <= len(data)
    return refused.reason


@MANY
@given(st.binary(max_size=300))
@example(b"\xff\xfe<\x00")
@example(b"\xef\xbb\xbf\xef\xbb\xbf")
@example(b"\x00\x00\xfe\xff\x00\x00\x00")
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read in READERS:
        outcome(read, data)


@MANY
@given(
    st.lists(st.sampled_from([*PIECES, OPENING, "</Objs>", "#< CLIXML\r\n", "<En>", "<DCT>", "<TN>", "<T>", "<PR>"]), max_size=40)
)
def test_any_pieces_of_clixml_are_read_or_refused(pieces: list[str]) -> None:
    text = "".join(pieces)
    for read in READERS:
        outcome(read, text.encode())
        outcome(read, document(text))
    outcome(decode, f"\ufeff{text}".encode("utf-16-le"))


@MANY
@given(
    st.sampled_from([*SCALARS, "Nil", "T", "ToString", "PR"]),
    st.one_of(st.text(max_size=30), st.text("0123456789+-.eExXabcdefPTYMDHSZ:{}(),/\\@[] \t\n\r\0", max_size=40)),
)
def test_any_text_of_any_element_is_read_or_refused(tag: str, text: str) -> None:
    written = "".join(f"&#{ord(character)};" for character in text)
    for root in (f"<{tag}>{written}</{tag}>", f'<Obj><MS><{tag} N="{written}">{written}</{tag}></MS></Obj>'):
        outcome(decode, document(root))
        outcome(decode_message, root.encode())


@pytest.mark.corpus
def test_broken_files_of_the_corpus_are_read_or_refused(corpus: Path) -> None:
    chance = random.Random(20180701)
    texts = [file.text for file in corpus_files(corpus, "real", "spec", "literals") if len(file.data) < 20_000]
    seen = {outcome(chance.choice(READERS), mutated(chance.choice(texts), chance).encode()) == "read" for _ in range(2500)}

    assert seen == {True, False}


@pytest.mark.corpus
def test_broken_cases_of_the_corpus_are_read_or_refused_in_any_encoding(corpus: Path) -> None:
    chance = random.Random(20180702)
    lines = (corpus / "powershell" / "tolerance.jsonl").read_text("ascii").splitlines()
    texts = [json.loads(line)["clixml"] for line in lines]
    for _ in range(3000):
        codec = chance.choice(["utf-8", "utf-8", "utf-16", "utf-32"])
        data = bytearray(mutated(chance.choice(texts), chance).encode(codec, "replace"))
        if chance.random() < 0.3:
            data[chance.randrange(len(data))] = chance.randrange(256)
        outcome(chance.choice(READERS), bytes(data))


def test_bytes_of_a_large_document_that_are_broken_anywhere_are_read_or_refused() -> None:
    chance = random.Random(20180703)
    obj = '<Obj RefId="0"><TN RefId="0"><T>A</T></TN><ToString>\u00eb</ToString><Props><S N="p">x &amp; y</S></Props></Obj>\r\n'
    whole = document(obj * 700)
    assert len(whole) > 1 << 16

    for _ in range(60):
        broken = bytearray(whole)
        broken[chance.randrange(len(broken))] = chance.randrange(256)
        outcome(decode, bytes(broken))


HOSTILE = {
    "a number of many zeros": "<I32>" + "0" * LONG + "x</I32>",
    "many digits": "<Db>" + "1" * LONG + "x</Db>",
    "many decimals": "<D>0." + "1" * LONG + "</D>",
    "a Single between two, told by the last of many digits": "<Sg>1.000000059604644775390625" + "0" * LONG + "1</Sg>",
    "a number with a huge exponent": "<Sg>1e-999999999</Sg>",
    "comments that never end": "<!--" * MANY_TIMES,
    "CDATA that never ends": "<S>" + "<![CDATA[" * MANY_TIMES,
    "instructions that never end": "<?p " * MANY_TIMES,
    "quotes that never end": '<S N="' * MANY_TIMES,
    "a single-quoted attribute that never ends": "<S N='" * MANY_TIMES,
    "objects that never end": "<Obj>" * MANY_TIMES,
    "named sets that never end": "<Obj><MS>" + '<MS N="a">' * MANY_TIMES,
    "named sets nested deeply": "<Obj><MS>" + '<MS N="a">' * 3000 + "</MS>" * 3000 + "</MS></Obj>",
    "skipped elements nested deeply": "<Nil>" + "<a>" * MANY_TIMES + "</a>" * MANY_TIMES + "</Nil>",
    "many sets of notes": "<Obj>" + "".join(f'<MS><I32 N="a{n}">1</I32></MS>' for n in range(5_000)) + "</Obj>",
    "many notes that differ in case": (
        "<Obj><MS>" + "".join(f'<I32 N="{a}{n}">1</I32>' for a in "aA" for n in range(5_000)) + "</MS></Obj>"
    ),
    "many texts of one object": (
        "<Obj><MS>" + "".join(f'<I32 N="a{n}">1</I32>' for n in range(5_000)) + "</MS>" + "<ToString/>" * 5_000 + "</Obj>"
    ),
    "many attributes": "<S " + " ".join(f"a{n}='1'" for n in range(MANY_TIMES)) + ">x</S>",
    "many ampersands": "<S>" + "&" * MANY_TIMES + "</S>",
    "many references that XML forbids": "<S><!-- c -->" + "&#0;" * MANY_TIMES + "</S>",
    "many escapes": "<S>" + "_xD83D_" * MANY_TIMES + "</S>",
    "a Uri of many labels": "<URI>http://" + "a." * MANY_TIMES + "</URI>",
    "a Uri with a long port": "<URI>http://a:" + "0" * LONG + "1</URI>",
    "a Version of many parts": "<Version>" + "1." * MANY_TIMES + "</Version>",
    "a long Guid": "<G>{0x" + "1" * LONG + ",0x1,0x1,{0x1,0x1,0x1,0x1,0x1,0x1,0x1,0x1}}</G>",
    "XML within that nests deeply": "<XD>" + "&lt;a&gt;" * MANY_TIMES + "</XD>",
    "XML within that grows": (
        "<XD>&lt;!DOCTYPE a [&lt;!ENTITY x0 'xxxxxxxxxx'&gt;"
        + "".join(f"&lt;!ENTITY x{n + 1} '{f'&amp;x{n};' * 10}'&gt;" for n in range(12))
        + "]&gt;&lt;a b='&amp;x12;'&gt;&amp;x12;&lt;/a&gt;</XD>"
    ),
    "a DTD that grows": "<!DOCTYPE a [<!ENTITY x 'x'>]>",
    "many blanks in a tag": "<S" + " " * LONG + "!>x</S>",
    "many end tags": "</Obj>" * MANY_TIMES,
    "many marker lines": "#< CLIXML\r\n" * MANY_TIMES,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_answered_soon(name: str) -> None:
    for data in (document(HOSTILE[name]), HOSTILE[name].encode(), document(HOSTILE[name], version="1.2")):
        started = time.perf_counter()
        for read in READERS:
            outcome(read, data)
        assert time.perf_counter() - started < SOON


def test_a_document_is_refused_where_too_little_of_the_stack_is_left() -> None:
    nested = document("<Obj>" * 48 + "<I32>5</I32>" + "</Obj>" * 48)
    assert outcome(decode, nested) == "read"

    def deeper(frames: int) -> str:
        return deeper(frames - 1) if frames else outcome(decode, nested)

    reasons = set()
    for left in range(40, 140, 10):
        with suppress(RecursionError):  # the test's own frames need some of them
            reasons.add(deeper(sys.getrecursionlimit() - len(inspect.stack(0)) - left))
    assert "too little is left of Python's stack" in reasons
