"""What the documents print is read, and shown again as they print it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from psbridge.errors import ShapeError
from psbridge.models import ByteQuantifiedSize, EnhancedTimeSpan, ItemCount, MailboxVerification, WrongShape
from psbridge.psobject import Kind, PSObject, Value

pytestmark = pytest.mark.documents


@pytest.fixture(scope="module")
def document(documents: Path) -> str:
    return (documents / "timmcmic-2018-07.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def verification(document: str) -> list[dict[str, str]]:
    """The two folders that the document lists, name to text."""
    listing = document.partition("PS C:> $stats.Report.MailboxVerification")[2].partition("In summary")[0]
    folders = [folder for folder in re.split(r"\n\s*\n", listing) if folder.strip()]
    return [dict(map(name_and_text, folder.strip().splitlines())) for folder in folders]


def name_and_text(line: str) -> tuple[str, str]:
    name, _, text = line.partition(":")
    return name.strip(), text.strip()


def as_object(listed: dict[str, str]) -> PSObject:
    return PSObject(("Deserialized.FolderVerificationRow",), props={name: as_value(text) for name, text in listed.items()})


def as_value(text: str) -> Value:
    """Undo the printing: nothing is null, braces are a list, and the rest stays text."""
    if not text:
        return None
    if text.startswith("{"):
        return PSObject(kind=Kind.LIST, items=[int(number) for number in re.findall(r"\d+", text)])
    return text


def test_every_size_of_the_document_is_read_and_shown_again(document: str) -> None:
    sizes = set(re.findall(r"[0-9.]+ [KMGT]?B \([0-9,]+ bytes\)", document))
    assert {
        "1.4 GB (1,503,707,494 bytes)",
        "2.485 GB (2,668,722,884 bytes)",
        "1.501 GB (1,612,092,317 bytes)",
        "0 B (0 bytes)",
    } < sizes
    assert len(sizes) == 14
    assert {str(ByteQuantifiedSize.parse(size)) for size in sizes} == sizes


def test_every_duration_of_the_document_is_read_and_shown_again(document: str) -> None:
    durations = re.findall(r"duration: ([0-9.:]+)", document)
    assert len(durations) == 8
    assert [str(EnhancedTimeSpan.parse(duration)) for duration in durations] == durations
    assert EnhancedTimeSpan.parse("36.10:02:28.6166962").ticks == 31465486166962


def test_every_item_count_of_the_document_is_read_and_shown_again(document: str) -> None:
    counts = re.findall(r"[0-9]+ \[[^\]]+\]", document)
    assert len(counts) == 26
    assert [str(ItemCount.parse(count)) for count in counts] == counts


def test_the_amounts_of_the_second_migration_have_the_ratio_that_the_document_discusses() -> None:
    transferred = ByteQuantifiedSize.parse("2.485 GB (2,668,722,884 bytes)")
    estimated = ByteQuantifiedSize.parse("1.501 GB (1,612,092,317 bytes)")
    assert round(transferred.bytes / estimated.bytes, 3) == 1.655


def test_a_size_that_a_table_cut_off_is_refused(document: str) -> None:
    cut = re.findall(r"49\.5 GB \(53,150,2…", document)
    assert cut
    with pytest.raises(WrongShape):
        ByteQuantifiedSize.parse(cut[0])


def test_the_verification_listing_has_29_properties_and_the_model_knows_all_of_them(verification: list[dict[str, str]]) -> None:
    assert [len(folder) for folder in verification] == [29, 29]
    known = {field.validation_alias for name, field in MailboxVerification.model_fields.items() if name != "raw"}
    assert known == set(verification[0])


def test_the_verification_listing_is_read_folder_by_folder(verification: list[dict[str, str]]) -> None:
    inbox, deleted = (MailboxVerification.parse(as_object(folder), "Get-MigrationUserStatistics") for folder in verification)
    assert (inbox.source.count, inbox.target.count) == (10188, 10188)
    assert (inbox.source.size.bytes, inbox.target.size.bytes) == (1237342091, 1571440111)
    assert str(inbox.source_fai) == "27 [1.203 MB (1,261,537 bytes)]"
    assert (inbox.folder_source_path, inbox.wkf_type, inbox.wkf_type_int) == ("/Top of Information Store/Inbox", "Inbox", 10)
    assert (inbox.folder_is_missing, inbox.folder_is_misplaced, inbox.mismatched_flags_count) == (False, False, 0)
    assert inbox.folder_source_id == b"\0\0\0\0"
    assert (inbox.mismatched_flags_sample, inbox.unknown_elements) == ((), None)
    assert str(inbox.mailbox_guid) == "f28fad8a-546d-4965-8bcd-94806d53967d"
    assert (deleted.source.count, deleted.wkf_type, deleted.target.size.bytes) == (5129, "DeletedItems", 524288275)
    for folder in (inbox, deleted):
        buckets = [value for name, value in folder if name.endswith("_bucket") or name in {"corrupt", "large", "skipped"}]
        assert [bucket.count for bucket in buckets] == [0] * 9
    assert set(MailboxVerification.model_fields) - {"raw"} == inbox.model_fields_set - {"raw"}


def test_a_count_that_is_damaged_is_told_with_cmdlet_property_type_and_value(verification: list[dict[str, str]]) -> None:
    damaged = as_object(verification[0] | {"Target": "10188 [lots]"})
    with pytest.raises(ShapeError) as caught:
        MailboxVerification.parse(damaged, "Get-MigrationUserStatistics")
    assert str(caught.value) == (
        "Get-MigrationUserStatistics returned Target as System.String '10188 [lots]'; "
        "expected a count with a size such as '10188 [1.152 GB (1,237,342,091 bytes)]'"
    )
