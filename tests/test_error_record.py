"""Error records as PowerShell's own client reads them, and the header that Exchange puts in front of their ids."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from psbridge.clixml.decode import decode_message
from psbridge.error_record import ErrorCategory, ErrorHeader, ErrorRecord
from psbridge.psobject import PSObject, SecureString

EXCHANGE_ID = (
    "[Server=DM6PR06MB4026,RequestId=76d78567-e257-4608-a175-2dc3cd8658c2,TimeStamp=7/15/2018 3:51:45 PM] "
    "[FailureCategory=Cmdlet-ManagementObjectNotFoundException] 260B3828,Microsoft.Exchange.Management.RecipientTasks.GetMailbox"
)


@pytest.mark.corpus
def test_each_recorded_error_is_read_as_the_real_client_read_it(corpus: Path) -> None:
    read = 0
    for scenario in sorted((corpus / "stdio").glob("*.json")):
        expected = [error for step in _steps(scenario) for error in step.get("error") or []]
        records = [ErrorRecord.of(body) for body in _errors(scenario)]
        if not expected or len(expected) != len(records):
            continue  # a preference turned a record into a failure, or hid it
        for theirs, ours in zip(expected, records, strict=True):
            assert _as_recorded(ours) == _told(theirs), scenario.name
            read += 1
    assert read >= 18


@pytest.mark.corpus
def test_each_pipeline_that_failed_is_read_as_the_real_client_read_it(corpus: Path) -> None:
    read = 0
    for scenario in sorted((corpus / "stdio").glob("*.json")):
        expected = [
            step["exception"]["errorRecord"] for step in _steps(scenario) if (step.get("exception") or {}).get("errorRecord")
        ]
        records = [ErrorRecord.of(body) for body in _failures(scenario)]
        if expected and len(expected) == len(records):
            for theirs, ours in zip(expected, records, strict=True):
                assert _as_recorded(ours) == _told(theirs), scenario.name
                read += 1
    assert read >= 12


@pytest.mark.corpus
def test_every_kind_of_error_keeps_its_id_category_and_position(corpus: Path) -> None:
    seen = 0
    for line in (corpus / "powershell" / "messages.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["what"].startswith("ERROR_RECORD"):
            value = decode_message(case["clixml"].encode())
            assert isinstance(value, PSObject)
            record = ErrorRecord.of(value)
            shown = f"({record.target_name}:{record.target_type}) [{record.activity}], {record.reason}"
            assert f"{record.category.name}: {shown}" == value["ErrorCategory_Message"] or len(record.target_name) > 40
            assert record.error_id == (value["FullyQualifiedErrorId"] or "")
            assert bool(record.position) == ("InvocationInfo_PositionMessage" in value)
            seen += 1
    assert seen >= 40


def test_the_header_of_an_exchange_id_is_read() -> None:
    record = ErrorRecord("", EXCHANGE_ID)
    assert record.header == ErrorHeader(
        server="DM6PR06MB4026",
        request_id="76d78567-e257-4608-a175-2dc3cd8658c2",
        timestamp="7/15/2018 3:51:45 PM",
        failure_category="Cmdlet-ManagementObjectNotFoundException",
    )
    assert record.bare_id == "Microsoft.Exchange.Management.RecipientTasks.GetMailbox"


@pytest.mark.parametrize(
    ("error_id", "header", "bare"),
    [
        ("", None, ""),
        ("CommandNotFoundException", None, "CommandNotFoundException"),
        ("[Server=,RequestId=,TimeStamp=] X", ErrorHeader(None, None, None, None), "X"),
        ("[Server=a,RequestId=b,TimeStamp=c] [FailureCategory=] 1234ABCD,X", ErrorHeader("a", "b", "c", None), "X"),
        ("[Server=a,RequestId=b", None, "[Server=a,RequestId=b"),
        ("12345678,X", None, "X"),
        ("12345,X", None, "12345,X"),
    ],
)
def test_an_id_with_half_a_header_or_none_keeps_the_rest(error_id: str, header: ErrorHeader | None, bare: str) -> None:
    record = ErrorRecord("", error_id)
    assert (record.header, record.bare_id) == (header, bare)


@pytest.mark.parametrize(
    "record",
    [
        ErrorRecord("", EXCHANGE_ID),
        ErrorRecord("", "x", reason="ManagementObjectNotFoundException"),
        ErrorRecord("", "x", exception_types=("Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException",)),
        ErrorRecord("", "12345678,Microsoft.Exchange.ManagementObjectNotFoundException,Some.Command"),
    ],
)
def test_an_exception_is_known_by_category_reason_type_or_id(record: ErrorRecord) -> None:
    assert record.names("ManagementObjectNotFoundException")
    assert not record.names("ObjectNotFoundException")


def test_an_exception_is_never_known_by_the_text() -> None:
    assert not ErrorRecord("ManagementObjectNotFoundException", "x", exception_message="ManagementObjectNotFoundException").names(
        "ManagementObjectNotFoundException"
    )


@pytest.mark.parametrize("category", [None, "x", -1, 99, SecureString("x"), PSObject(), PSObject.wrapping(99)])
def test_a_category_that_is_none_is_not_specified(category: Any) -> None:
    assert ErrorRecord.of(PSObject(ms={"ErrorCategory_Category": category})).category is ErrorCategory.NotSpecified


def test_an_object_with_nothing_in_it_is_an_empty_record() -> None:
    assert ErrorRecord.of(PSObject()) == ErrorRecord("", "")


def test_the_details_win_over_the_exceptions_message() -> None:
    exception = PSObject(("Deserialized.System.Exception", "Deserialized.System.Object"), props={"Message": "inner"})
    record = ErrorRecord.of(PSObject(ms={"Exception": exception, "ErrorDetails_Message": "for people"}))
    assert (record.message, record.exception_message) == ("for people", "inner")
    assert record.exception_types == ("System.Exception", "System.Object")


def _steps(scenario: Path) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = json.loads(scenario.read_text(encoding="utf-8")).get("steps", [])
    return steps


def _messages(scenario: Path, kind: str) -> list[PSObject]:
    lines = scenario.with_suffix(".messages.jsonl").read_text(encoding="utf-8").splitlines()
    messages = [message for message in map(json.loads, lines) if message.get("type") == kind and message["from"] == "server"]
    values = [decode_message(message["clixml"].encode()) for message in messages]
    return [value for value in values if isinstance(value, PSObject)]


def _errors(scenario: Path) -> list[PSObject]:
    return _messages(scenario, "ERROR_RECORD")


def _failures(scenario: Path) -> list[PSObject]:
    states = [state.get("ExceptionAsErrorRecord") for state in _messages(scenario, "PIPELINE_STATE")]
    return [state for state in states if isinstance(state, PSObject)]


def _as_recorded(record: ErrorRecord) -> dict[str, object]:
    return {
        "text": record.message,
        "fullyQualifiedErrorId": record.error_id,
        "category": record.category.name,
        "activity": record.activity,
        "reason": record.reason,
        "targetName": record.target_name,
        "targetType": record.target_type,
        "message": record.exception_message,
        "types": list(record.exception_types[:2]),
        "recommendedAction": record.recommended_action,
        "scriptStackTrace": record.script_stack_trace,
    }


def _told(error: dict[str, Any]) -> dict[str, object]:
    told: dict[str, object] = {name: error[name] or "" for name in _as_recorded(ErrorRecord("", "")) if name in error}
    told["message"] = error["exception"]["message"]
    told["types"] = [name.removeprefix("Deserialized.") for name in error["exception"]["serializedTypes"]]
    return told


ANSWER = (
    "GET https://graph.microsoft.com/v1.0/users/nobody@contoso.com\nHTTP/1.1 404 Not Found\nCache-Control: no-cache\n"
    'x-ms-ags-diagnostic: {"ServerInfo":{"DataCenter":"West Europe","Slice":"E"}}\nContent-Type: application/json\n\n'
)
BODY = '{"error":{"code":"Request_ResourceNotFound","message":"Die Ressource ist nicht vorhanden."}}'


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (ANSWER + BODY, "Request_ResourceNotFound"),
        (ANSWER.replace("\n", "\r\n") + BODY + "\r\n", "Request_ResourceNotFound"),
        (ANSWER + '{\n  "error": {\n    "code": "Authorization_RequestDenied"\n  }\n}', "Authorization_RequestDenied"),
        (ANSWER, ""),
        (ANSWER + BODY[:-10], ""),
        (ANSWER + '{"error":"Request_ResourceNotFound"}', ""),
        (ANSWER + '{"error":{"code":404}}', ""),
        (ANSWER + '[{"error":{"code":"Request_ResourceNotFound"}}]', ""),
        # The words alone are no code.
        (ANSWER + "Request_ResourceNotFound: no such resource", ""),
        (ANSWER + '{"error":{"code":"Service","message":"not Request_ResourceNotFound"}}', "Service"),
        ("", ""),
    ],
)
def test_the_code_of_a_rest_answer_is_read_from_its_body_alone(message: str, code: str) -> None:
    record = ErrorRecord(message=message, error_id="InvokeGraphHttpResponseException,Microsoft.Entra.Users.GetEntraUser")
    assert record.service_code == code
    assert record.names("Request_ResourceNotFound") is (code == "Request_ResourceNotFound")
    assert record.names("InvokeGraphHttpResponseException")


def test_no_other_error_has_a_code_in_its_text() -> None:
    assert ErrorRecord(message=ANSWER + BODY, error_id="SomethingElse,Microsoft.Entra.Users.GetEntraUser").service_code == ""
