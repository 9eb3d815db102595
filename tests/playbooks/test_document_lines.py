"""The documents' prompt lines: every one is read, with its endpoint and its parameters, whatever the typography."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.playbooks.document_lines import FILE, SECTIONS, lines_of, parse, section
from tests.playbooks.option_zero import CAPTURED, TARGET


def told(documents: Path, name: str) -> list[str]:
    return [str(line).partition(": ")[2] for line in lines_of(documents, name)]


def test_option_0_as_the_document_shows_it(documents: Path) -> None:
    assert told(documents, "option-0") == [
        "[exo] Get-Mailbox -Identity testduplicate",
        "[onprem] Get-Mailbox -Identity testduplicate",
        "[exo] Get-Mailbox -Identity testduplicate",
        "[directory] Remove-MsolUser -UserPrincipalName testduplicate@domain.com -Force",
        "[directory] Remove-MsolUser -UserPrincipalName testduplicate@domain.com -Force -RemoveFromRecycleBin",
        "[directory] Get-MsolUser -UserPrincipalName testduplicate@domain.com",
        "[directory] Get-MsolUser -UserPrincipalName testduplicate@domain.com -ReturnDeletedUsers",
        "[exo] Get-Mailbox -Identity testduplicate",
        "[exo] Get-Mailbox -Identity testduplicate -SoftDeletedMailbox",
        "[directory] Get-MsolUser -UserPrincipalName testduplicate@domain.com",
        "[exo] Get-MailUser -Identity testduplicate",
        "[exo] Get-Mailbox -Identity testduplicate",
        "[exo] Get-Mailbox -Identity testduplicate",
        f"[exo] New-MailboxRestoreRequest -SourceMailbox {CAPTURED} -TargetMailbox {TARGET} -AllowLegacyDNMismatch",
        "[exo] Get-MailboxRestoreRequest",
    ]
    selected = [line.then for line in lines_of(documents, "option-0") if line.then]
    assert [[(stage.cmdlet.lower(), stage.parameters) for stage in stages] for stages in selected] == [
        [("select-object", {"Property": "ExchangeGUID"})],
        [("select-object", {"Property": "exchangeGUID"})],
    ]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "option-1",
            [
                "[exo] Get-Mailbox -Identity testlicense",
                "[onprem] Get-Mailbox -Identity testlicense",
                "[exo] Get-MailUser -Identity testLicense",
            ],
        ),
        (
            "option-3",
            [
                "[exo] Get-Mailbox -Identity testlicense",
                "[directory] get-msolUser -userPrincipalName testLicense@domain.com",
            ],
        ),
        ("migration", ["[exo] Get-MigrationUserStatistics -Identity user@domain.com -IncludeReport"]),
        (
            "mobile-phone",
            [
                "[directory] Set-MsolUser -UserPrincipalName tim.mcmichael@domain.com -FirstName Test",
                "[onprem] Get-User -Identity testmobile",
                "[directory] Get-MsolUser -UserPrincipalName testmobile@fortmillems.org",
                "[onprem] Set-User -Identity testmobile -MobilePhone 9991112222",
                "[onprem] Get-User -Identity testmobile",
                "[directory] Get-MsolUser -UserPrincipalName testmobile@domain.com",
                "[onprem] Set-User -Identity testmobile -MobilePhone 0987654321",
                "[onprem] Get-User -Identity testmobile",
                "[directory] Get-MsolUser -UserPrincipalName testmobile@domain.com",
                "[exo] Get-User -Identity testMobile",
            ],
        ),
    ],
)
def test_the_other_sections_as_the_document_shows_them(name: str, lines: list[str], documents: Path) -> None:
    assert told(documents, name) == lines


def test_no_prompt_line_is_overlooked(documents: Path) -> None:
    """Counted without the parser: each line with a prompt is a cmdlet or an expression of $stats."""
    text = (documents / FILE).read_text(encoding="utf-8-sig")
    prompts = [line for line in text.splitlines() if re.match(r"(\[PS\]|PS) C:", line)]
    read = [parse(line.replace("\N{NO-BREAK SPACE}", " ").strip()) for line in prompts]
    assert len(prompts) == 36
    assert [line for line, found in zip(prompts, read, strict=True) if found is None and "$stats." not in line] == []
    assert sum("$stats." in line for line in prompts) == 2


def test_the_error_texts_and_tables_of_the_documents_are_no_commands(documents: Path) -> None:
    found = {line.number for name in SECTIONS for line in lines_of(documents, name)}
    for name in SECTIONS:
        for number, text in section(documents, name):
            if number in found:
                assert re.match(r"\[PS\]|PS C:|New-MailboxRestoreRequest|In addition executing", text), text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("PS C:> Remove-MsolUser -UserPrincipalName a@b.c -Force –RemoveFromRecycleBin", {"RemoveFromRecycleBin": True}),  # noqa: RUF001
        ("PS C:> Get-User ‘x’ –Filter “y”", {"Identity": "x", "Filter": "y"}),  # noqa: RUF001
        ("PS C:Userstimmcmic> Get-MailboxRestoreRequest -Name x", {"Name": "x"}),
        ("[PS] C:\\>Set-User x -MobilePhone 1", {"Identity": "x", "MobilePhone": "1"}),
        ("PS C:> $stats=Import-Clixml -Path C:tempmigration.xml", {"Path": "C:tempmigration.xml"}),
    ],
)
def test_typography_is_borne_with(text: str, read: dict[str, object]) -> None:
    line = parse(text)
    assert line is not None
    assert read.items() <= line.parameters.items()


@pytest.mark.parametrize(
    "text", ["", "image", "---- -----", "Get-MsolUser : User Not Found.", "+ Get-MsolUser -UserPrincipalName x"]
)
def test_what_is_no_command_is_none(text: str) -> None:
    assert parse(text) is None


def test_fail_back_to_option_1_means_the_heading_option_0(documents: Path) -> None:
    """OPTION #3 counts from one (field-notes 0): its "Option #2" removes licences, which is the heading #1, so that its
    "Option #1" is the heading #0, the deletion of the account.
    """
    text = " ".join(line for _, line in section(documents, "option-3"))
    assert "fail back to Option #1 for the recovery" in text
    assert re.search(r"Option #2 our plan was to remove licenses", text)
    headings = {name: section(documents, name)[0][1] for name in ("option-0", "option-1")}
    assert "Remove the Exchange Online License" in headings["option-1"]
    assert "Delete the existing Azure Active Directory Account" in headings["option-0"]
    counted_from_one = dict(enumerate(("option-0", "option-1"), 1))
    assert "License" in headings[counted_from_one[2]]
    assert counted_from_one[1] == "option-0"
    # And the section has two such ways only: "There are two methods".
    assert set(SECTIONS) & {"option-2"} == set()
