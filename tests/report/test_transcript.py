"""Transcripts: prompts, command lines, answers and notes, as the consoles of the documents show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from psbridge.clixml.encode import encode_message
from psbridge.command import SWITCH, Command, Pipeline
from psbridge.errors import ClixmlError
from psbridge.psobject import Kind, PSObject, Value
from psbridge.reply import Record, Reply, State, Stream
from psbridge.report.transcript import MOST_LINES, Item, Note, Shown, prompt_of, transcript

AT = datetime(2018, 7, 15, 15, 51, 45, tzinfo=UTC)
UPN = "testduplicate@domain.com"
MAILBOX = ("Deserialized.Microsoft.Exchange.Data.Directory.Management.Mailbox", "Deserialized.System.Object")


def _reply(*values: Value, state: State = State.COMPLETED, records: tuple[Record, ...] = (), reason: Value = None) -> Reply:
    output = tuple(Record(Stream.OUTPUT, encode_message(value)) for value in values)
    return Reply(state, (*output, *records), encode_message(reason) if reason is not None else None)


def _error(message: str = "User Not Found.") -> PSObject:
    return PSObject(
        ("System.Management.Automation.ErrorRecord", "System.Object"),
        to_string=message,
        ms={
            "Exception": PSObject(("X.MicrosoftOnlineException", "System.Exception"), props={"Message": message}),
            "FullyQualifiedErrorId": "X.UserNotFoundException,X.GetUser",
            "ErrorCategory_Category": 14,
            "ErrorCategory_Activity": "Get-MsolUser",
            "ErrorCategory_Reason": "MicrosoftOnlineException",
        },
    )


def _message(stream: Stream, text: str) -> Record:
    return Record(stream, encode_message(PSObject(to_string=text, ms={"InformationalRecord_Message": text})))


def _information(text: str, *tags: str) -> Record:
    listed = PSObject(kind=Kind.LIST, items=list(tags))
    return Record(Stream.INFORMATION, encode_message(PSObject(to_string=text, ms={"MessageData": text, "Tags": listed})))


def _lines(*items: Item, width: int = 120) -> list[str]:
    return list(transcript(items, width))


def _run(pipeline: Pipeline | str, reply: Reply, endpoint: str = "directory") -> Shown:
    return Shown(prompt_of(endpoint), str(pipeline), reply, AT)


def test_the_removal_and_its_proof_read_as_in_the_documents() -> None:
    remove = Pipeline.of("Remove-MsolUser", UserPrincipalName=UPN, Force=SWITCH)
    purge = Pipeline.of("Remove-MsolUser", UserPrincipalName=UPN, Force=SWITCH, RemoveFromRecycleBin=SWITCH)
    look = Pipeline.of("Get-MsolUser", UserPrincipalName=UPN)
    failed = _reply(state=State.FAILED, reason=PSObject(ms={"ExceptionAsErrorRecord": _error()}))
    assert _lines(_run(remove, _reply()), _run(purge, _reply()), _run(look, failed), _run(look, _reply())) == [
        "PS C:\\> Remove-MsolUser -UserPrincipalName testduplicate@domain.com -Force",
        "PS C:\\> Remove-MsolUser -UserPrincipalName testduplicate@domain.com -Force -RemoveFromRecycleBin",
        "PS C:\\> Get-MsolUser -UserPrincipalName testduplicate@domain.com",
        "User Not Found.",
        "    + CategoryInfo          : OperationStopped: (:) [Get-MsolUser], MicrosoftOnlineException",
        "    + FullyQualifiedErrorId : X.UserNotFoundException,X.GetUser",
        "",
        "PS C:\\> Get-MsolUser -UserPrincipalName testduplicate@domain.com",
    ]


def test_a_selected_property_is_a_table_of_one_column() -> None:
    pipeline = Pipeline(
        (Command("Get-Mailbox", {"Identity": "testduplicate"}), Command("Select-Object", {"Property": "ExchangeGuid"}))
    )
    selected = PSObject(
        (f"Selected.{MAILBOX[0]}", "System.Management.Automation.PSCustomObject"),
        ms={"ExchangeGuid": UUID("fa38094d-cbfd-46b7-82f6-8a3022e39a66")},
    )
    assert _lines(_run(pipeline, _reply(selected), "exo")) == [
        "PS C:\\> Get-Mailbox -Identity testduplicate | Select-Object -Property ExchangeGuid",
        "",
        "ExchangeGuid",
        "------------",
        "fa38094d-cbfd-46b7-82f6-8a3022e39a66",
        "",
    ]


def test_the_management_shell_has_its_own_prompt_and_its_own_columns() -> None:
    mailbox = PSObject(MAILBOX, props={"Name": "Test Duplicate", "ServerName": "azure-mbx", "Database": "DB1"})
    local, cloud = (_lines(_run("Get-Mailbox", _reply(mailbox), endpoint))[:3:2] for endpoint in ("onprem", "exo"))
    assert local == ["[PS] C:\\>Get-Mailbox", "Name                      Alias                ServerName       ProhibitSendQuota"]
    assert cloud[0] == "PS C:\\> Get-Mailbox"
    assert cloud[1].split() == ["Name", "Alias", "Database", "ProhibitSendQuota", "ExternalDirectoryObjectId"]


def test_streams_are_printed_in_the_order_in_which_they_came() -> None:
    records = (
        _message(Stream.WARNING, "first"),
        Record(Stream.OUTPUT, encode_message(PSObject(ms={"A": 1}))),
        Record(Stream.ERROR, encode_message(_error("no"))),
        _message(Stream.VERBOSE, "told because it was asked for"),
        Record(Stream.OUTPUT, b""),
        _information("silent"),
        _information("Write-Host", "PSHOST"),
        Record(Stream.PROGRESS, encode_message(PSObject(ms={"Activity": "x"}))),
        Record(Stream.OUTPUT, encode_message(PSObject(ms={"A": 2}))),
    )
    assert _lines(_run("Get-Thing", _reply(records=records))) == [
        "PS C:\\> Get-Thing",
        "WARNING: first",
        "",
        "A",
        "-",
        "1",
        "no",
        "    + CategoryInfo          : OperationStopped: (:) [Get-MsolUser], MicrosoftOnlineException",
        "    + FullyQualifiedErrorId : X.UserNotFoundException,X.GetUser",
        "",
        "VERBOSE: told because it was asked for",
        "Write-Host",
        "2",
        "",
    ]


def test_a_stopped_pipeline_says_that_its_effect_is_unknown() -> None:
    assert _lines(_run("Get-Thing", _reply(state=State.STOPPED)))[1:] == [
        "# The pipeline was stopped. That says nothing about its effect."
    ]
    assert _lines(_run("Get-Thing", _reply(state=State.FAILED)))[1:] == ["# The pipeline failed without an error record."]


def test_a_note_is_a_comment_with_its_time_in_utc_and_fits_the_screen() -> None:
    local = AT.astimezone(timezone(timedelta(hours=2)))
    assert _lines(Note("Waits for the synchronisation.\n  PS C:\\> Start-ADSyncSyncCycle", local), width=48) == [
        "# 2018-07-15 15:51:45Z  Waits for the",
        "# synchronisation.",
        "#   PS C:\\> Start-ADSyncSyncCycle",
    ]
    assert _lines(Note("x", AT.replace(tzinfo=None))) == ["# 2018-07-15 15:51:45  x"]


def test_a_command_over_several_lines_has_the_prompt_of_continuation_and_a_value_stays_on_its_line() -> None:
    pipeline = Pipeline.of("Set-User", Identity="x", Notes="one\ntwo")
    assert _lines(_run(pipeline, _reply())) == ["PS C:\\> Set-User -Identity x -Notes ('one'+[char]0x000A+'two')"]
    assert _lines(_run("$user = Get-User x\nSet-User $user", _reply())) == ["PS C:\\> $user = Get-User x", ">> Set-User $user"]


def test_nothing_in_a_transcript_can_steer_the_terminal() -> None:
    evil = "\x1b[2J\u202e\x07\r\x9b"
    records = (
        _message(Stream.WARNING, evil),
        _information(evil, "PSHOST"),
        Record(Stream.ERROR, encode_message(_error(evil))),
        *(Record(Stream.OUTPUT, encode_message(value)) for value in (evil, PSObject(ms={evil: evil}))),
    )
    lines = _lines(_run(Pipeline.of("Set-User", Notes=evil), _reply(records=records)), Note(evil, AT))
    text = "".join(lines)
    assert not [letter for letter in text if ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 or letter == "\u202e"]
    assert text.count("\u241b[2J") == 7
    assert "-Notes (''+[char]0x001B+'[2J'+[char]0x202E" in text


def test_a_reply_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ClixmlError):
        _lines(_run("Get-Thing", Reply(State.COMPLETED, (Record(Stream.OUTPUT, b"<Obj"),))))


def test_of_a_very_long_answer_the_beginning_is_shown_and_the_rest_is_counted() -> None:
    log = "\n".join(f"line {number}" for number in range(MOST_LINES + 500))
    # From five properties on PowerShell shows a list.
    report = PSObject(props={"Report": log, **dict.fromkeys("ABCD", "unseen")})
    lines = list(transcript([Shown("PS C:\\>", "Get-X", _reply(report), AT)]))
    assert len(lines) == MOST_LINES + 2  # the prompt, and what is told of the rest
    assert lines[-1] == "# ... and 506 more lines, which the journal keeps"
