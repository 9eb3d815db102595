"""The comparer of the documents with what was sent: it bears with what it may, and with nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from psbridge.command import SWITCH, Command, Pipeline
from tests.playbooks.document_lines import Line, lines_of
from tests.playbooks.golden import ADDITIONS, Golden, differences, in_dialect
from tests.playbooks.sent import Sent, Stage, of_log, of_pipeline

NEW = "7ba2fffc-e3ce-4d65-b350-d0a3763e5ffa"
NAMES = {"testduplicate": (NEW,)}


@pytest.fixture
def lines(documents: Path) -> list[Line]:
    return lines_of(documents, "option-0")


@pytest.fixture
def sent(lines: list[Line]) -> list[Sent]:
    """Exactly what the document shows, with other forms of the names."""
    forms = {"testduplicate": "testduplicate@domain.com"}
    return [
        Sent(
            line.endpoint,
            line.cmdlet,
            {name: forms.get(str(value), value) for name, value in line.parameters.items()},
            line.then,
        )
        for line in lines
    ]


def at(sent: list[Sent], cmdlet: str) -> int:
    return next(place for place, call in enumerate(sent) if call.cmdlet == cmdlet)


def test_the_documents_own_lines_are_no_difference(lines: list[Line], sent: list[Sent]) -> None:
    assert differences(lines, sent) == []


def test_extra_reads_are_allowed_anywhere(lines: list[Line], sent: list[Sent]) -> None:
    read = Sent("exo", "Get-OrganizationConfig")
    padded = [call for one in sent for call in (read, one, read)]
    assert differences(lines, padded) == []


def swapped(sent: list[Sent]) -> list[Sent]:
    place = at(sent, "Remove-MsolUser")
    return [*sent[:place], sent[place + 1], sent[place], *sent[place + 2 :]]


def without(cmdlet: str) -> Callable[[list[Sent]], list[Sent]]:
    return lambda sent: [call for place, call in enumerate(sent) if place != at(sent, cmdlet)]


def changed(cmdlet: str, **values: object) -> Callable[[list[Sent]], list[Sent]]:
    """Other parameters of the first call of this cmdlet; None takes one away."""

    def change(sent: list[Sent]) -> list[Sent]:
        place = at(sent, cmdlet)
        call = sent[place]
        given = {name: value for name, value in {**call.parameters, **values}.items() if value is not None}
        return [*sent[:place], Sent(call.endpoint, call.cmdlet, given, call.then), *sent[place + 1 :]]

    return change


def elsewhere(sent: list[Sent]) -> list[Sent]:
    return [Sent("exo", call.cmdlet, call.parameters, call.then) if call.endpoint == "onprem" else call for call in sent]


def with_write(sent: list[Sent]) -> list[Sent]:
    return [*sent, Sent("exo", "Set-Mailbox", {"Identity": "testduplicate"})]


def written_twice(sent: list[Sent]) -> list[Sent]:
    return [*sent, sent[at(sent, "New-MailboxRestoreRequest")]]


def unselected(sent: list[Sent]) -> list[Sent]:
    return [Sent(call.endpoint, call.cmdlet, call.parameters, ()) for call in sent]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (swapped, "not sent, or not in the documents' order: line 72: [directory] Remove-MsolUser"),
        (without("Get-MailUser"), "not sent, or not in the documents' order: line 125: [exo] Get-MailUser"),
        (changed("Remove-MsolUser", Force=None), "line 71: [directory] Remove-MsolUser"),
        (changed("New-MailboxRestoreRequest", AllowLegacyDNMismatch=None), "line 156: [exo] New-MailboxRestoreRequest"),
        (changed("New-MailboxRestoreRequest", TargetMailbox=NEW), "line 156: [exo] New-MailboxRestoreRequest"),
        (changed("Get-MailUser", Identity="somebody.else@domain.com"), "line 125: [exo] Get-MailUser"),
        (changed("Get-MailUser", SoftDeletedMailUser=True), "line 125: [exo] Get-MailUser"),
        (changed("Remove-MsolUser", Confirm=True), "line 71: [directory] Remove-MsolUser"),
        (elsewhere, "line 47: [onprem] Get-Mailbox"),
        (with_write, "a write that the documents do not have here: [exo] Set-Mailbox"),
        (written_twice, "a write that the documents do not have here: [exo] New-MailboxRestoreRequest"),
        (unselected, "line 62: [exo] Get-Mailbox"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_everything_else_is_a_difference(
    wrong: Callable[[list[Sent]], list[Sent]], told: str, lines: list[Line], sent: list[Sent]
) -> None:
    found = differences(lines, wrong(sent), names=NAMES)
    assert any(told in difference for difference in found), found


@pytest.mark.parametrize(
    "same",
    [
        changed("Get-MailUser", Identity=NEW),
        changed("Get-MailUser", Identity="TESTDUPLICATE"),
        changed("New-MailboxRestoreRequest", Name="psb-1", Confirm=False),
        changed("Get-MailboxRestoreRequest", Name="psb-1"),
        changed("Get-MailboxRestoreRequest", Identity="testduplicate\\psb-1", ResultSize="Unlimited"),
    ],
)
def test_another_form_of_the_name_and_the_additions_are_borne_with(
    same: Callable[[list[Sent]], list[Sent]], lines: list[Line], sent: list[Sent]
) -> None:
    assert differences(lines, same(sent), names=NAMES) == []


def test_a_write_that_the_playbook_declares_is_allowed_as_often_as_it_is_declared(lines: list[Line], sent: list[Sent]) -> None:
    assert differences(lines, [CYCLE, *sent], writes=[CYCLE]) == []
    (told,) = differences(lines, [CYCLE, CYCLE, *sent], writes=[CYCLE])
    assert "Start-ADSyncSyncCycle" in told


OFF, ON = (Sent("sync", "Set-ADSyncScheduler", {"SyncCycleEnabled": enabled}) for enabled in (False, True))
CYCLE = Sent("sync", "Start-ADSyncSyncCycle", {"PolicyType": "Delta"})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([OFF, ON], []),
        ([ON, OFF], [OFF]),
        ([OFF, OFF], [OFF]),
        ([CYCLE, ON], [ON]),
        ([replace(CYCLE, parameters={"PolicyType": "Initial"})], [replace(CYCLE, parameters={"PolicyType": "Initial"})]),
        ([replace(OFF, parameters={**OFF.parameters, "MaintenanceEnabled": False})], None),
        ([replace(OFF, endpoint="exo")], None),
        ([replace(OFF, parameters={})], None),
    ],
)
def test_a_declared_write_is_held_to_its_parameters_and_its_order(
    given: list[Sent], told: list[Sent] | None, lines: list[Line], sent: list[Sent]
) -> None:
    expected = given if told is None else told
    assert differences(lines, [*given, *sent], writes=[OFF, ON, CYCLE]) == [
        f"a write that the documents do not have here: {call}" for call in expected
    ]


def test_what_whatif_only_tells_is_no_write(lines: list[Line], sent: list[Sent]) -> None:
    assert differences(lines, [*sent, Sent("exo", "Set-Mailbox", {"WhatIf": True})]) == []


def test_a_line_that_a_scenario_leaves_out_must_be_there(documents: Path, sent: list[Sent]) -> None:
    left = [call for call in sent if call.cmdlet != "Get-MailUser"]
    assert Golden("option-0", leaves_out={125: "not come to"}).differences(documents, left) == []
    assert Golden("option-0", leaves_out={126: "a slip"}).differences(documents, left) == [
        "the documents' section option-0 shows no cmdlet in line 126"
    ]


def test_the_table_of_additions_is_short() -> None:
    assert set(ADDITIONS) == {"Name", "Identity", "Confirm", "ResultSize", "Property"}


@pytest.mark.parametrize(
    ("dialect", "cmdlets"),
    [
        ("msonline", ["Remove-MsolUser", "Remove-MsolUser", "Get-MsolUser", "Get-MsolUser", "Get-MsolUser"]),
        (
            "graph",
            ["Remove-MgUser", "Remove-MgDirectoryDeletedItem", "Get-MgUser", "Get-MgDirectoryDeletedItemAsUser", "Get-MgUser"],
        ),
        (
            "entra",
            [
                "Remove-EntraUser",
                "Remove-EntraDeletedDirectoryObject",
                "Get-EntraUser",
                "Get-EntraDeletedUser",
                "Get-EntraUser",
            ],
        ),
    ],
)
def test_a_directory_dialect_has_its_own_cmdlets_for_the_same_lines(
    dialect: str, cmdlets: list[str], lines: list[Line], documents: Path
) -> None:
    translated = in_dialect(lines, dialect)
    assert [line.cmdlet for line in translated if line.endpoint == "directory"] == cmdlets
    assert [line for line in translated if line.endpoint != "directory"] == [
        line for line in lines if line.endpoint != "directory"
    ]
    purge = next(line for line in translated if line.cmdlet == cmdlets[1] and line.number == 72)
    assert ("Force" in purge.parameters) == (dialect == "msonline")
    for name in ("option-1", "option-3", "migration", "mobile-phone"):
        in_dialect(lines_of(documents, name), dialect)


def test_what_left_the_client_and_what_the_tenant_wrote_down_read_alike() -> None:
    pipeline = Pipeline(
        (Command("Get-Mailbox", {"Identity": "x", "Force": SWITCH}), Command("Select-Object", {"Property": ["a"]}))
    )
    left = of_pipeline("exo", pipeline)
    assert left == Sent("exo", "Get-Mailbox", {"Identity": "x", "Force": True}, (Stage("Select-Object", {"Property": ("a",)}),))
    call = {"pid": 1, "number": 1, "endpoint": "exo", "command": "Get-Mailbox"}
    values = {"Identity": {"type": "T", "value": "x"}, "Force": {"type": "SwitchParameter", "value": True}}
    begun = {**call, "event": "begin", "parameters": values}
    assert of_log([begun]) == [Sent("exo", "Get-Mailbox", left.parameters, None, "begun")]
    assert of_log([begun, {**begun, "event": "end", "outcome": "ok"}]) == [
        Sent("exo", "Get-Mailbox", left.parameters, None, "ok")
    ]
