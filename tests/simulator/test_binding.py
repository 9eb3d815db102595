"""Parameter binding as PowerShell does it, without a PowerShell at hand."""

from __future__ import annotations

from uuid import UUID

import pytest

from psbridge.psobject import SWITCH, PSObject
from psbridge.simulator.runspace.binding import bind
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.runspace.metadata import EVERY_SET, CmdletInfo, cmdlet_infos
from psbridge.simulator.runspace.records import Argument, Question
from psbridge.simulator.runspace.select_object import SELECT_OBJECT

MAILBOX = cmdlet_infos("exo")["get-mailbox"]
ACCOUNT = cmdlet_infos("directory")["get-msoluser"]
REMOVE = cmdlet_infos("directory")["remove-msoluser"]
RESTORE = cmdlet_infos("exo")["new-mailboxrestorerequest"]
FEATURE = cmdlet_infos("directory")["set-msoldirsyncfeature"]
SCHEDULER = cmdlet_infos("sync")["set-adsyncscheduler"]


def bound(info: CmdletInfo, *positional: object, **named: object) -> dict[str, object]:
    return bind(info, [*(Argument(None, value) for value in positional), *(Argument(*item) for item in named.items())])


def refused(info: CmdletInfo, *positional: object, **named: object) -> str:
    with pytest.raises(CmdletError) as error:
        bound(info, *positional, **named)
    assert error.value.terminating
    return error.value.error_id


@pytest.mark.parametrize("name", ["Identity", "identity", "IDENTITY", "Id", "-Identity", "ident"])
def test_a_name_is_taken_in_any_case_shortened_and_with_its_dash(name: str) -> None:
    assert bound(MAILBOX, **{name: "x"}) == {"Identity": "x"}


def test_identity_is_positional() -> None:
    assert bound(MAILBOX, "x") == {"Identity": "x"}
    assert refused(MAILBOX, "x", "y") == "PositionalParameterNotFound"


def test_common_parameters_and_their_aliases_are_known() -> None:
    assert bound(MAILBOX, ea="Stop") == {"ErrorAction": "Stop"}
    assert refused(MAILBOX, ErrorAction="Maybe") == "CannotConvertArgumentNoMessage"


@pytest.mark.parametrize(
    ("named", "error_id"),
    [
        ({"Bogus": 1}, "NamedParameterNotFound"),
        ({"Inc": SWITCH}, "AmbiguousParameter"),
        ({"Identity": "x", "id": "y"}, "ParameterAlreadyBound"),
        ({"Identity": "x", "Anr": "y"}, "AmbiguousParameterSet"),
        ({"Identity": ""}, "CannotConvertArgumentNoMessage"),
        ({"ResultSize": "few"}, "CannotConvertArgumentNoMessage"),
        ({"ResultSize": -1}, "CannotConvertArgumentNoMessage"),
        ({"SoftDeletedMailbox": "yes"}, "CannotConvertArgumentNoMessage"),
    ],
)
def test_what_powershell_refuses_is_refused_with_its_id(named: dict[str, object], error_id: str) -> None:
    assert refused(MAILBOX, **named) == error_id


def test_a_null_identity_is_none_and_a_null_mandatory_name_is_refused() -> None:
    assert bound(MAILBOX, Identity=None) == {"Identity": None}
    assert refused(ACCOUNT, UserPrincipalName=None) == "ParameterArgumentValidationErrorNullNotAllowed"
    assert refused(ACCOUNT, UserPrincipalName="") == "ParameterArgumentValidationErrorEmptyStringNotAllowed"


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (SWITCH, True),
        (True, True),
        (False, False),
        (PSObject(("System.Management.Automation.SwitchParameter",), props={"IsPresent": True}), True),
        (PSObject(("System.Management.Automation.SwitchParameter",), props={"IsPresent": False}), False),
    ],
)
def test_a_switch_is_on_or_off_however_it_is_given(given: object, taken: bool) -> None:
    assert bound(MAILBOX, SoftDeletedMailbox=given) == {"SoftDeletedMailbox": taken}


@pytest.mark.parametrize("given", [SWITCH, "true", "$true", "", [True], UUID(int=7)])
def test_a_boolean_is_no_text_and_no_switch(given: object) -> None:
    assert refused(FEATURE, Feature="x", Enable=given) == "CannotConvertArgument"
    assert refused(SCHEDULER, SyncCycleEnabled=given) == "CannotConvertArgument"


@pytest.mark.parametrize(("given", "taken"), [(True, True), (False, False), (1, True), (0, False), (1.5, True)])
def test_a_boolean_is_a_boolean_or_a_number(given: object, taken: bool) -> None:
    assert bound(SCHEDULER, SyncCycleEnabled=given) == {"SyncCycleEnabled": taken}


def test_a_guid_is_taken_as_text_too() -> None:
    wanted = UUID(int=7)
    assert bound(ACCOUNT, ObjectId=str(wanted)) == bound(ACCOUNT, ObjectId=wanted) == {"ObjectId": wanted}


@pytest.mark.parametrize(
    ("info", "named", "asked"),
    [
        (REMOVE, {"Force": SWITCH}, ("ObjectId",)),
        (RESTORE, {"SourceMailbox": "a"}, ("TargetMailbox",)),
        (RESTORE, {}, ("RemoteDatabaseGuid", "RemoteHostName", "RemoteRestoreType", "SourceStoreMailbox", "TargetMailbox")),
    ],
)
def test_what_is_missing_is_asked_for(info: CmdletInfo, named: dict[str, object], asked: tuple[str, ...]) -> None:
    with pytest.raises(Question) as question:
        bound(info, **named)
    assert (question.value.method, question.value.choices) == ("Prompt", asked)


def test_select_object_takes_one_name_or_several() -> None:
    assert bound(SELECT_OBJECT, Property="a") == {"Property": ["a"]}
    assert bound(SELECT_OBJECT, ["a", "b"], First="2") == {"Property": ["a", "b"], "First": 2}


def test_every_declaration_is_sound() -> None:
    for endpoint in ("exo", "onprem", "directory", "sync"):
        for info in cmdlet_infos(endpoint).values():
            names = [name.lower() for known in info.parameters for name in (known.name, *known.aliases)]
            assert len(names) == len(set(names)), info.name
            assert info.default_set in (*info.set_names, EVERY_SET), info.name
