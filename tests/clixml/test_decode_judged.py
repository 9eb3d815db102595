"""What is read from texts of any kind, against what the engine of PowerShell reads from the same: values and refusals."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from psbridge.clixml import decode, decode_message
from psbridge.errors import ClixmlError
from psbridge.psobject import Value
from tests.clixml.decoding import OPENING, document
from tests.clixml.judge import Judge
from tests.clixml.mutations import mutated
from tests.clixml.random_documents import Documents
from tests.powershell_corpus import to_json

pytestmark = [pytest.mark.realps, pytest.mark.corpus]

# The engine writes again what it has read, for its answer, and fails there on U+FFFE and U+FFFF: that is no refusal.
NOT_WRITTEN = re.compile("hexadecimal value 0xFFF[EF], is an invalid character.$")


@pytest.fixture(scope="module")
def judge(realps: str, corpus: Path) -> Iterator[Judge]:
    with Judge(realps, corpus) as asked:
        yield asked


def difference(text: str, judge: Judge) -> list[str]:
    """Where we part from the engine on a text."""
    answer = judge.answer(text.encode())
    is_document = text.startswith(("<Objs", "<?xml"))
    try:
        roots: list[Value] = decode(text.encode()) if is_document else [decode_message(text.encode())]
    except ClixmlError as error:
        return [f"we refuse: {error}"] if answer["ok"] else []
    if not answer["ok"]:
        excused = NOT_WRITTEN.search(answer["error"]) or answer["error"] == "Deserialized remoting data is null."
        return [] if excused else [f"the engine refuses: {answer['error']}"]
    value = answer["value"]
    return judge.between(value if answer["count"] > 1 else [value] * answer["count"], to_json(roots))


def differences(texts: Iterator[str], judge: Judge) -> dict[str, list[str]]:
    """The texts on which we part, and where."""
    found = {text.replace(OPENING, "").replace("</Objs>", ""): difference(text, judge) for text in texts}
    return {text: lines for text, lines in found.items() if lines}


@pytest.mark.parametrize("seed", [1, 2])
def test_random_documents_are_read_and_refused_as_the_engine_does(seed: int, judge: Judge) -> None:
    documents = Documents(seed)

    assert differences((documents.document() for _ in range(600)), judge) == {}


def test_random_messages_are_read_and_refused_as_the_engine_does(judge: Judge) -> None:
    documents = Documents(3)

    assert differences((documents.value(0) for _ in range(600)), judge) == {}


def test_broken_cases_of_the_corpus_are_read_and_refused_as_the_engine_does(corpus: Path, judge: Judge) -> None:
    chance = random.Random(20180704)
    cases = list(cases_without_live_types(corpus))

    assert differences((mutated(chance.choice(cases), chance) for _ in range(1500)), judge) == {}


def cases_without_live_types(corpus: Path) -> Iterator[str]:
    """Small cases; not those of which PowerShell makes live objects, nor secrets, which only their session opens."""
    for family in ("tolerance", "random", "containers", "primitives", "identity", "messages"):
        for line in (corpus / "powershell" / f"{family}.jsonl").read_text("ascii").splitlines():
            case: dict[str, Any] = json.loads(line)
            text = case.get("clixml", "")
            hidden = "bag" in case or "<SS" in text or case["form"] == "stderr" or re.search("[\ud800-\udfff]", text)
            if text and len(text) < 4000 and not hidden:
                yield text


# What long runs of the fuzzer found, by which rule of the engine.
FOUND = {
    "an unknown element may hold others where the version allows it": "<Obj><SD><B>true</B><Obj/></SD><S>x</S></Obj>",
    "also one that is known elsewhere as a text": "<Obj><T>a<B>true</B></T><AI>x<B>1</B></AI></Obj>",
    "a name in a named set is reserved": '<Obj><MS><MS N="m"><S N="psbase">x</S></MS></MS></Obj>',
    "in any case": '<Obj><MS><MS N="m"><Obj N="PSTypeNames" /></MS></MS></Obj>',
    "also in a set in a set": '<Obj><MS><MS N="m"><MS N="k"><S N="psobject">x</S></MS></MS></MS></Obj>',
    "but not among notes": '<Obj><MS><S N="psbase">x</S><MS N="psadapted"><S N="a">x</S></MS></MS></Obj>',
    "a file's drive may stand behind four slashes": "<URI>file:////c:/temp</URI><URI>FILE:\\\\\\\\c|\\x</URI>",
    "but not without a root": "<URI>file:////c:</URI>",
    "nor behind fewer": "<URI>file:c:</URI>",
    "nor with more behind it": "<URI>file:///c|x</URI>",
    "a word that begins like a drive is none": "<URI>file:cc:</URI><URI>file: c:</URI><URI>file:c:/</URI>",
    "blanks may stand behind a null character": "<Sg>5&#0;\t</Sg><Db> 5&#0; </Db>",
    "but not for whole numbers": "<I32>5&#0;\t</I32>",
    "a dictionary that refers to itself is bound before it is read": (
        '<Obj RefId="0"><Obj RefId="0"><TN><T>System.Collections.Hashtable</T></TN><DCT><En><S N="Key">next</S>'
        '<Ref N="Value" RefId="0" /></En></DCT></Obj><MS><I32 N="Count">1</I32></MS></Obj>'
    ),
}


@pytest.mark.parametrize("root", FOUND.values(), ids=FOUND)
@pytest.mark.parametrize("version", ["1.1.0.1", "1.2"])
def test_what_was_found_by_chance_is_read_and_refused_as_the_engine_does(root: str, version: str, judge: Judge) -> None:
    assert difference(document(root, version=version).decode(), judge) == []


@pytest.mark.parametrize("version", ["1.0", "1.00", "1.0x", "1.01", "1.1", "1.", "1", "2.0", ""])
def test_a_version_in_the_xml_declaration_is_read_and_refused_as_the_engine_does(version: str, judge: Judge) -> None:
    assert difference(f'<?xml version="{version}"?>{document("<S>x</S>").decode()}', judge) == []


TEXTS = {
    "I32": "0123456789+- \t\n\v\0.e",
    "U64": "0123456789+- \t\n\v\0.e",
    "B": "truefals01 \n\v",
    "Sg": "0123456789+-.eE \t\0INFNan",
    "Db": "0123456789+-.eE \t\0INFNan",
    "D": "0123456789012345678901234567890123456789+-. \t\0e",
    "DT": "0123456789-:T.Z+ ",
    "TS": "0123456789PYMDTHMS.-",
    "G": "0123456789abcdefABCDEF-{}(),x+ ",
    "BA": "ABCD+/= \n-",
    "Version": "0123456789.+- \v\0",
    "URI": "ab:/\\.@?#[]% 1|_-!~",
    "XD": "<>/ab &;#1x\"'=!-?[]\n",
    "S": "_xX0041DFd& \r\n\0",
}
WHOLE = {
    "DT": ["2020-02-29T23:59:59.99999995+13:59", "9999-12-31T23:59:59.9999999Z", "--02-29Z", "2020-01"],
    "TS": ["-P10675199DT2H48M5.4775808S", "P1Y13M400DT25H61M61.123456789S"],
    "G": ["{0x792e5b37,0x4505,0x47ef,{0xb7,0xd2,0x87,0x11,0xbb,0x7a,0xff,0xa8}}", "(792e5b37-4505-47ef-b7d2-8711bb7affa8)"],
    "D": ["79228162514264337593543950335.4", "7922816251426433759354395033.55", "0.00000000000000000000000000005"],
    "Sg": [
        *("1.000000059604644775390625", "1.000000059604644775390626", "3.40282356e38", "3.4028236e38", "-3.4028236e38"),
        *("1.4e-45", "7.006492321624085e-46"),
    ],
    "URI": [
        *("http://user@host:8080/path?q#f", "file://server/share", "C:\\x", "\\\\server\\share", "mailto:a@b", "news:a b"),
        *("http://[::1]:80/x", "http://[::1", "http://[1.2.3.4]/", "net.tcp://user@host", "file://host:80/x", "http://"),
    ],
    "XD": ["<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e 'x'>]><a b='&e;'>y</a>", "<a>&#1;</a>", "<!-- c -->"],
    "Version": ["1.2.3.4", " +1 . 02 "],
}


@pytest.mark.parametrize("tag", TEXTS)
def test_texts_of_simple_elements_are_read_and_refused_as_the_engine_does(tag: str, judge: Judge) -> None:
    chance = random.Random(tag)
    drawn = ["".join(chance.choices(TEXTS[tag], k=chance.randint(0, 12))) for _ in range(120)]
    drawn += [varied(chance.choice(WHOLE[tag]), TEXTS[tag], chance) for _ in range(120 if tag in WHOLE else 0)]

    assert differences((in_document(tag, text) for text in [*WHOLE.get(tag, []), *drawn]), judge) == {}


def varied(text: str, characters: str, chance: random.Random) -> str:
    """A text with one or two characters changed, dropped or put in."""
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(["", *characters]) + text[at + chance.randint(0, 1) :]
    return text


def in_document(tag: str, text: str) -> str:
    """A document with one simple value. A time of day alone means today to the engine, so it gets a letter."""
    text = re.sub(r"^\s*(?=(?:\d\d:|---|--\d\d(?!-\d)))", "x", text) if tag == "DT" else text
    written = "".join(
        character if character.isalnum() or character in " .:/-+=" else f"&#{ord(character)};" for character in text
    )
    return document(f"<{tag}>{written}</{tag}>").decode()


RECORD = {"AV": "act", "AI": "1", "": "<S>op</S>", "PI": "-1", "PC": "50", "T": "Processing", "SR": "10", "SD": "stat"}
RECORDS: list[dict[str, str]] = [
    {"": "<Obj><BA/></Obj>"},
    {"": "<Obj><BA>AQID</BA></Obj>"},
    *({"T": text} for text in ("Completed", " completed ", "0", "+1", "2", "-1", "", "Processing, Completed", "Completed,", "x")),
    *({"AI": text} for text in ("0", "-1", " 5", "x", "", "2147483648")),
    *({"PI": text} for text in ("1", "0", "-5", "x")),
    *({"PC": text} for text in ("100", "101", "-7", "+5")),
    *({"SR": text} for text in ("-7", "")),
    *({"AV": text} for text in ("", " ", "_x0041_")),
    *({"SD": text} for text in ("", " ")),
    *(
        {"": value}
        for value in ("<S></S>", "<Nil/>", "<I32>5</I32>", "<B>true</B>", "<BA>AQID</BA>", "<C>65</C>", "<TS>PT1S</TS>")
    ),
    *({"": value} for value in ("<XD>&lt;a/&gt;</XD>", "<D>1.50</D>", "<Version>1.2</Version>", "<Obj/>", "<Foo/>", "")),
    *({"": f"<Obj>{inside}</Obj>"} for inside in ("<ToString>x</ToString>", "<I32>5</I32>", '<Props><S N="a">1</S></Props>')),
    {"": '<Obj><MS><S N="a">1</S><Nil N="b"/><I32 N="c">5</I32></MS></Obj>'},
]


def test_progress_records_are_read_and_refused_as_the_engine_does(judge: Judge) -> None:
    written = []
    for changed in RECORDS:
        parts = (value if tag == "" else f"<{tag}>{value}</{tag}>" for tag, value in (RECORD | changed).items())
        written.append(document(f"<PR>{''.join(parts)}</PR>").decode())
    whole = written[0]
    written += [whole.replace("<PR>", "<PR>\n"), whole.replace("</PR>", "<S>x</S></PR>"), whole.replace("</AV>", "</AV>x")]
    written += [
        document("<PR/>").decode(),
        document(f"<Obj>{whole.removeprefix(OPENING).removesuffix('</Objs>')}</Obj>").decode(),
    ]

    assert differences(iter(written), judge) == {}


@pytest.mark.parametrize(
    "value", ["<Db>1.5</Db>", "<DT>2020-01-02</DT>", "<URI>http://a</URI>", "<Obj><LST><I32>1</I32></LST></Obj>"]
)
def test_a_progress_record_whose_operation_only_dotnet_could_put_into_words_is_refused(value: str) -> None:
    parts = (value if tag == "" else f"<{tag}>{text}</{tag}>" for tag, text in RECORD.items())

    with pytest.raises(ClixmlError, match="knows the text for it"):
        decode(document(f"<PR>{''.join(parts)}</PR>"))


def test_names_that_differ_in_case_only_are_one_name_as_in_the_engine(judge: Judge) -> None:
    letters = [
        chr(code) for code in (*range(0x41, 0x250), *range(0x370, 0x600), *range(0x1E00, 0x2000), *range(0x10400, 0x10450))
    ]
    sets = []
    for letter in letters:
        forms = dict.fromkeys([letter, letter.lower(), letter.upper(), letter.title(), letter.casefold()])
        if len(forms) > 1:
            sets.append("".join(f'<I32 N="{form}">{number}</I32>' for number, form in enumerate(forms)))
    assert len(sets) > 1000

    for first in range(0, len(sets), 100):
        objects = "".join(f"<Obj><MS>{members}</MS></Obj>" for members in sets[first : first + 100])
        assert difference(f"{OPENING}{objects}</Objs>", judge) == []


def test_the_deepest_value_that_is_read_is_the_same(judge: Judge) -> None:
    nested = [
        "<Obj>" * depth + inside + "</Obj>" * depth
        for depth in range(46, 51)
        for inside in ("", "<I32>1</I32>", '<MS><I32 N="a">1</I32></MS>', "<LST><Nil/></LST>", "<MS><MS N='s'/></MS>", "<LST/>")
    ]
    nested += [f'<Obj><MS><Obj N="a">{root}</Obj></MS></Obj>' for root in nested]

    assert differences((document(root).decode() for root in nested), judge) == {}
    assert differences(iter(nested), judge) == {}


def test_xml_declarations_are_read_and_refused_as_the_engine_does(judge: Judge) -> None:
    encodings = (
        "8859-1",
        "",
        "a b",
        "\u00e9",
        "-x",
        "utf-16",
        "a&amp;b",
        "a&b",
        "a<b",
        "a>b",
        "a?b",
        "a'b",
        "a\tb",
        "a\nb",
        "\U0001f600",
        'x" standalone="yes',
        'x" standalone="x',
    )
    texts = [f'<?xml version="1.0" encoding="{encoding}"?>{OPENING}<S>\u00e4</S></Objs>' for encoding in encodings]
    texts += [text.replace('"1.0"', "'1.0'").replace(" encoding", "\n  encoding ") for text in texts]

    assert differences(iter(texts), judge) == {}


def test_elements_of_any_name_are_passed_over_or_refused_as_the_engine_does(judge: Judge) -> None:
    names = ("\u00e9", "a-b", "a_b", "_a", "a.b", "x:y", "Unknown")
    unknown = [f'<Obj><{name}>=</{name}><Props><B N="a">true</B></Props></Obj></Objs>' for name in names]

    assert (
        differences((OPENING.replace("1.1.0.1", version) + text for text in unknown for version in ("1.1.0.1", "1.2")), judge)
        == {}
    )
