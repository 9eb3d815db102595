"""The synthetic mailboxes: real PowerShell and psbridge read the same in them, and they weigh what real ones do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.contenders import SCAN
from benchmarks.mailbox_documents import messages, write_document, write_messages
from psbridge.clixml import decode, decode_message, read
from psbridge.models import Mailbox
from psbridge.psobject import PSObject, Value
from tests.clixml.judge import Judge
from tests.powershell_corpus import to_json

MAILBOXES = 12


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mailboxes") / "mailboxes.clixml"
    write_document(path, MAILBOXES)
    return path


@pytest.fixture(scope="module")
def judge(realps: str, corpus: Path) -> Iterator[Judge]:
    with Judge(realps, corpus) as asked:
        yield asked


def differences(judge: Judge, data: bytes, values: list[Value]) -> list[str]:
    """Where PowerShell and we part. It makes a live CultureInfo of a deserialized one, with the properties of that."""
    return [line for line in judge.differences(data, to_json(values)) if "/props.Languages[0]" not in line]


@pytest.mark.realps
@pytest.mark.corpus
def test_powershell_reads_the_document_as_we_do(judge: Judge, document: Path) -> None:
    data = document.read_bytes()

    assert differences(judge, data, decode(data)) == []


@pytest.mark.realps
@pytest.mark.corpus
def test_powershell_reads_the_messages_as_we_do(judge: Judge) -> None:
    for body in messages(MAILBOXES):
        assert differences(judge, body, [decode_message(body)]) == []


def test_a_seed_gives_the_same_bytes_each_time(document: Path, tmp_path: Path) -> None:
    write_document(tmp_path / "again", MAILBOXES)
    write_document(tmp_path / "other", MAILBOXES, seed=2)

    assert (tmp_path / "again").read_bytes() == document.read_bytes()
    assert (tmp_path / "other").read_bytes() != document.read_bytes()


def test_a_file_of_messages_has_one_on_a_line(tmp_path: Path) -> None:
    write_messages(tmp_path / "messages", MAILBOXES)

    assert (tmp_path / "messages").read_bytes().splitlines() == list(messages(MAILBOXES))


def test_a_mailbox_has_all_its_properties_and_nothing_of_its_neighbour(document: Path) -> None:
    mailboxes = [value for value in decode(document.read_bytes()) if isinstance(value, PSObject)]

    assert [len(mailbox.props) for mailbox in mailboxes] == [232] * MAILBOXES
    for name in ("UserPrincipalName", "ExchangeGuid", "ArchiveGuid", "LegacyExchangeDN", "Identity"):
        assert len({str(mailbox[name]) for mailbox in mailboxes}) == MAILBOXES


def test_a_mailbox_has_the_weight_of_a_real_one(tmp_path: Path) -> None:
    """The reference has 430 elements and 15.0 KB a mailbox, and 88 words that no other has: that is what a cache cannot save."""
    write_document(tmp_path / "many", 300)
    data = (tmp_path / "many").read_bytes()
    words = Counter(data.split(b"<"))

    assert len(re.findall(rb"<\w", data)) / 300 == pytest.approx(430.5, rel=0.02)
    assert len(data) / 300 == pytest.approx(14_990, rel=0.03)
    assert sum(count == 1 for count in words.values()) / 300 == pytest.approx(88, rel=0.05)
    body = b"".join(messages(300))
    assert len(re.findall(rb"<\w", body)) / 300 == pytest.approx(473.5, rel=0.02)
    assert len(body) / 300 == pytest.approx(18_533, rel=0.03)


def test_a_scan_of_twenty_properties_gives_models(document: Path) -> None:
    models = [Mailbox.parse(value, "Get-Mailbox") for value in read(document, properties=SCAN)]

    assert len(SCAN) == 20
    assert [model.user_principal_name for model in models] == [f"user{number:06}@contoso.com" for number in range(MAILBOXES)]
    assert all(set(model.raw.props) == set(SCAN) for model in models)
