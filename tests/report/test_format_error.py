"""Errors as the documents print them, and with the same words as the real engine."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from psbridge.error_record import ErrorCategory, ErrorRecord
from psbridge.report.format_error import format_error
from psbridge.report.screen import Screen
from tests import hostile_text, real_engine

NOT_FOUND = ErrorRecord(
    message=(
        "The operation couldn\u2019t be performed because object \u2018testduplicate\u2019 couldn\u2019t be found on "
        "\u2018CO1PR06A002DC02.NAMPR06A002.prod.outlook.com\u2019."
    ),
    error_id=(
        "[Server=DM6PR06MB4026,RequestId=76d78567-e257-4608-a175-2dc3cd8658c2,TimeStamp=7/15/2018 3:51:45 PM] "
        "[FailureCategory=Cmdlet-ManagementObjectNotFoundException] 260B3828,"
        "Microsoft.Exchange.Management.RecipientTasks.GetMailbox"
    ),
    activity="Get-Mailbox",
    reason="ManagementObjectNotFoundException",
    computer_name="ps.outlook.com",
)
NO_USER = ErrorRecord(
    message="User Not Found.  User: testduplicate@domain.com.",
    error_id=(
        "Microsoft.Online.Administration.Automation.UserNotFoundException,Microsoft.Online.Administration.Automation.GetUser"
    ),
    category=ErrorCategory.OperationStopped,
    activity="Get-MsolUser",
    reason="MicrosoftOnlineException",
)


@pytest.mark.documents
def test_the_missing_mailbox_is_printed_and_wrapped_as_in_the_document(documents: Path) -> None:
    assert [line.rstrip() for line in format_error(NOT_FOUND, Screen())] == _block(documents, "The operation couldn")


@pytest.mark.documents
def test_the_missing_account_is_printed_as_in_the_document_with_its_position(documents: Path) -> None:
    block = _block(documents, "Get-MsolUser : User Not Found.  User: testduplicate@domain.com.")
    record = replace(NO_USER, position="\n".join(block[1:4]))
    # The document's console was wider here than where the mailbox was asked for.
    assert format_error(record, Screen(160)) == block


def test_without_a_position_there_is_neither_a_place_nor_a_command_in_front() -> None:
    assert format_error(NO_USER, Screen(160)) == [
        "User Not Found.  User: testduplicate@domain.com.",
        "    + CategoryInfo          : OperationStopped: (:) [Get-MsolUser], MicrosoftOnlineException",
        f"    + FullyQualifiedErrorId : {NO_USER.error_id}",
    ]


def test_a_long_target_is_shortened_in_the_middle() -> None:
    record = ErrorRecord(
        "m", "id", ErrorCategory.ObjectNotFound, "Get-X", "Foo", target_name="x" * 30 + "y" * 30, target_type="String"
    )
    shown = format_error(record, Screen())[1]
    assert shown == f"    + CategoryInfo          : ObjectNotFound: ({'x' * 19}\u2026{'y' * 19}:String) [Get-X], Foo"


def test_a_hostile_error_cannot_steer_the_terminal() -> None:
    record = ErrorRecord(
        "\x1b]0;x\x07", "\x1b[31m", reason="\u202e", target_name="\x9b2J", computer_name="a\rb", position="\x08", activity="\x1b"
    )
    text = "".join(format_error(record, Screen()))
    assert not any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 or letter == "\u202e" for letter in text)


@pytest.mark.realps
def test_two_hundred_random_errors_have_the_words_that_the_engine_prints(realps: str) -> None:
    random = Random(14)
    records = [_random_error(random) for _ in range(200)]
    fields = ("message", "error_id", "activity", "reason", "target_name", "target_type", "computer_name")
    rows = [
        ",".join(
            b64encode(text.encode()).decode() for text in (record.category.name, *(getattr(record, name) for name in fields))
        )
        for record in records
    ]
    theirs = real_engine.said(realps, _NORMAL_VIEW.replace("ROWS", "\n".join(rows))).split()
    for record, expected in zip(records, theirs, strict=True):
        ours = "".join(format_error(record, Screen()))
        assert "".join(ours.split()) == "".join(b64decode(expected).decode().split())


# The engine of today prints the same parts without the indentation that Windows PowerShell gave them.
_NORMAL_VIEW = """
$ErrorView = 'NormalView'
foreach ($row in 'ROWS'.Split("`n")) {
    $category, $message, $id, $activity, $reason, $target, $type, $computer = foreach ($part in $row.Split(',')) {
        [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($part))
    }
    $record = [Management.Automation.ErrorRecord]::new([Exception]::new($message), $id, $category, $null)
    $info = $record.CategoryInfo
    $info.Activity, $info.Reason, $info.TargetName, $info.TargetType = $activity, $reason, $target, $type
    if ($computer) {
        $origin = [Management.Automation.Remoting.OriginInfo]::new($computer, [guid]::Empty)
        $record = [Management.Automation.Runspaces.RemotingErrorRecord]::new($record, $origin)
    }
    [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes(($record | Out-String)))
}
"""


def _random_error(random: Random) -> ErrorRecord:
    def text(longest: int) -> str:
        return (
            "".join(letter for letter in hostile_text.text(random, longest) if letter.isprintable() and ord(letter) < 0x10000)
            or "x"
        )

    return ErrorRecord(
        message=text(30),
        error_id=text(30),
        category=random.choice(list(ErrorCategory)),
        activity=text(3),
        reason=text(3),
        target_name=text(20),
        target_type=text(3),
        computer_name=random.choice(["", "ps.outlook.com"]),
    )


def _block(documents: Path, first: str) -> list[str]:
    """The lines of an error in the document; the web page put one blank more in front of the indented ones."""
    lines = (documents / "timmcmic-2018-07.txt").read_text(encoding="utf-8").replace("\u00a0", " ").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(first))
    end = lines.index("", start)
    return [line.removeprefix(" ") for line in lines[start:end]]
