"""Every file of the corpus, and what the engine of PowerShell reads from each that it can."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from psbridge.errors import ClixmlError
from psbridge.psobject import PSObject, Value
from tests.clixml.corpus_files import CorpusFile, corpus_files
from tests.clixml.judge import Judge
from tests.powershell_corpus import to_json

pytestmark = pytest.mark.corpus

# Types that the engine turns back into live objects, which are compared in the corpus's own cases without its type data.
# CIM objects need a library of Windows.
LIVE = (
    "System.Net.IPAddress<",
    "System.Globalization.CultureInfo<",
    "System.Management.Automation.PSCredential<",
    "System.Management.Automation.PSPrimitiveDictionary<",
    "System.Security.Cryptography.X509Certificates.X509Certificate2<",
    "Microsoft.Management.Infrastructure.CimInstance",
)
# Wrong on purpose, or shown as it cannot be sent. The engine refuses each of them too.
REFUSED = {
    "literals/WinRb+WinRM/error_record.xml": "the document's element is not Objs of PowerShell's namespace",
    "literals/WinRb+WinRM/pipeline_state.xml": "the document's element is not Objs of PowerShell's namespace",
    "literals/jborean93+psrpcore/test_collection/L0358.xml": "not well-formed XML: no element found",
    "literals/jborean93+psrpcore/test_collection/L0421.xml": "not well-formed XML: unclosed token",
    "literals/jborean93+psrpcore/test_serializer/L0318.xml": "the N of an entry's key is not Key",
    "literals/jborean93+psrpcore/test_serializer/L0335.xml": "the N of an entry's value is not Value",
    "literals/jborean93+pypsrp/test_serializer/L0248.xml": "no type list has the RefId '0' here",
    "literals/jborean93+pypsrp/test_serializer/L0303.xml": "Ref is not known in an object",
    "literals/or1ko+pyclixml/test_simple/L0013.xml": "text where only elements may stand",
    "literals/or1ko+pyclixml/test_simple/L0191.xml": "text where only elements may stand",
    "literals/or1ko+pyclixml/test_simple/L0221.xml": "text where only elements may stand",
    "literals/or1ko+pyclixml/test_simple/L0231.xml": "text where only elements may stand",
    "spec/2.2.5.1.22_XML_Document_L4974.xml": "</XD> is due, or text stands behind it",
}


decoding = import_module("psbridge.clixml.decode")  # the package gives the function of this name


@pytest.fixture(scope="module")
def judge(realps: str, corpus: Path) -> Iterator[Judge]:
    with Judge(realps, corpus) as asked:
        yield asked


def test_every_file_is_read_but_for_those_that_are_wrong(corpus: Path) -> None:
    refused: dict[str, str] = {}
    read = 0
    for file in corpus_files(corpus, "real", "spec", "literals"):
        try:
            file.read()
            read += 1
        except ClixmlError as error:
            refused[file.path.relative_to(corpus).as_posix()] = error.reason

    assert refused == REFUSED
    assert read == 450


def test_what_powershell_wrote_is_plain_so_the_xml_parser_is_not_asked(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_given: object, **_options: object) -> None:
        raise AssertionError("the XML parser was asked")

    monkeypatch.setattr(decoding, "rewrite", asked)

    for file in corpus_files(corpus, "real"):
        file.read()


def test_the_largest_export_has_the_objects_that_it_has(corpus: Path) -> None:
    largest = max(corpus_files(corpus, "real"), key=lambda file: len(file.data))

    assert len(largest.data) > 4_000_000
    assert count(largest.read()) == largest.text.count("<Obj ")


def count(roots: list[Value]) -> int:
    """How many objects there are, each once."""
    seen: dict[int, PSObject] = {}
    todo: list[Value] = list(roots)
    while todo:
        value = todo.pop()
        if isinstance(value, PSObject) and id(value) not in seen:
            seen[id(value)] = value
            todo += [value.base, *(value.items or ()), *value.props.values(), *value.ms.values()]
            todo += [part for entry in value.entries or () for part in entry]
    return len(seen)


@pytest.mark.realps
@pytest.mark.parametrize("folder", ["spec", "literals"])
def test_examples_and_literals_are_read_or_refused_as_the_engine_does(folder: str, corpus: Path, judge: Judge) -> None:
    assert compared(corpus_files(corpus, folder), judge) > 50


@pytest.mark.realps
def test_recorded_messages_and_small_exports_mean_what_the_engine_reads(corpus: Path, judge: Judge) -> None:
    small = (file for file in corpus_files(corpus, "real") if len(file.data) < 60_000)

    assert compared(small, judge) > 150


def compared(files: Iterator[CorpusFile], judge: Judge) -> int:
    """Compare what we read with what the engine reads; say how many files that were."""
    compared = 0
    for file in files:
        text = file.text
        if any(name in text for name in LIVE) or (file.is_message and ("<SS" in text or text.startswith("<Nil"))):
            continue
        compared += 1
        answer = judge.answer(text.encode())
        ours = read_or_refused(file)
        assert answer["ok"] == isinstance(ours, list), f"{file.path}: {ours} against {answer}"
        if isinstance(ours, list):
            assert judge.between(roots(answer), ours) == [], file.path
    return compared


def read_or_refused(file: CorpusFile) -> list[Any] | ClixmlError:
    """What we read, in the corpus's JSON; or why not."""
    try:
        return to_json(file.read())
    except ClixmlError as error:
        return error


def roots(answer: dict[str, Any]) -> list[Any]:
    """The roots in an answer of the engine."""
    return answer["value"] if answer["count"] > 1 else [answer["value"]] * answer["count"]
