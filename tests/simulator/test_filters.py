"""-Filter, -Anr and the other parameters that choose: what fits is given, what cannot be read is an error."""

from __future__ import annotations

from uuid import UUID

import pytest

from psbridge.psobject import PSObject
from psbridge.simulator.opath import FilterError, parse_filter
from tests.simulator.rehearsal import SWITCH, Rehearsal

EVERYBODY = ["testduplicate", "TestLicense", "TestError", "testmobile", "tim.mcmichael", "User"]


@pytest.fixture(scope="module")
def scene() -> Rehearsal:
    return Rehearsal()


def found(scene: Rehearsal, cmdlet: str = "Get-Mailbox", endpoint: str = "exo", **parameters: object) -> list[str]:
    return [str(item) for item in scene.objects(endpoint, cmdlet, **parameters)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Alias -eq 'TESTDUPLICATE'", ["testduplicate"]),
        ('alias -EQ "testduplicate"', ["testduplicate"]),
        ("Alias -ne 'testduplicate'", EVERYBODY[1:]),
        ("Alias -like 'test*'", EVERYBODY[:4]),
        ("Alias -like '*DUP*'", ["testduplicate"]),
        ("Alias -notlike 'test*'", ["tim.mcmichael", "User"]),
        ("Alias -eq 'user' -or Alias -like 'test*' -and -not (Name -like '*dup*' -or Name -eq 'TestError')", None),
        ("-not -not (Alias -eq 'user')", ["User"]),
        ("Alias -eq $null", []),
        ("Alias -ne $null", EVERYBODY),
        ("HiddenFromAddressListsEnabled -eq $false", EVERYBODY),
        ("IsDirSynced -eq $true -and Alias -eq 'user'", ["User"]),
        ("EmailAddresses -eq 'smtp:testduplicate@domain.com'", ["testduplicate"]),
        ("EmailAddresses -like '*testduplicate@domain.com'", ["testduplicate"]),
        ("ExchangeGuid -eq 'fa38094d-cbfd-46b7-82f6-8a3022e39a66'", ["testduplicate"]),
        ("RecipientTypeDetails -eq 'UserMailbox'", EVERYBODY),
        ("WhenCreated -gt '1/1/2010'", EVERYBODY),
        ("WhenCreated -lt '2010-01-01'", []),
        ("WhenCreated -lt 'whenever'", []),
        ("Alias -ge 'testmobile' -and Alias -le 'testmobile'", ["testmobile"]),
        ("Alias -like 'te?tduplicate'", []),
        ("DisplayName -eq 'O''Brien'", []),
    ],
)
def test_what_fits_is_given(scene: Rehearsal, text: str, names: list[str] | None) -> None:
    expected = ["TestLicense", "testmobile", "User"] if names is None else names
    assert found(scene, Filter=text) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it ends where a property is expected"),
        ("Alias", "it ends where an operator is expected"),
        ("Alias -eq", "it ends where a value is expected"),
        ("Alias -eq 'x' -and", "it ends where a property is expected"),
        ("Alias -match 'x'", '"-match" is no operator'),
        ("Alias -eq testduplicate", "the value testduplicate is not in quotes"),
        ("(Alias -eq 'x'", "a closing parenthesis is missing"),
        ("Alias -eq 'x')", '")" is not expected there'),
        ("Alias -eq 'x' Alias -eq 'y'", '"Alias" is not expected there'),
        ("Alias -eq 'x", "cannot be read"),
        ("Alias -eq 'x'; Remove-Mailbox y", "cannot be read"),
        ("-and Alias -eq 'a'", '"-and" stands where a property is expected'),
        ("$x -eq 'a'", "stands where a property is expected"),
        ("Alias -eq $x", "the value $x is not in quotes"),
        ("Nosuch -eq 'x'", '"Nosuch" isn\'t a recognized filterable property.'),
    ],
)
def test_what_cannot_be_read_is_an_error_and_gives_nothing(scene: Rehearsal, text: str, says: str) -> None:
    result = scene.ask("exo", "Get-Mailbox", Filter=text)
    assert result.output == ()
    (error,) = result.errors
    assert says in error.message
    assert error.category.name == "InvalidArgument"
    assert error.reason == "RecipientTaskException"


def test_a_number_and_a_list_are_compared_as_what_they_are() -> None:
    made = PSObject((), props={"Count": 9, "Empty": None, "Id": UUID(int=1)})
    for text, fits in (("Count -lt 10", True), ("Count -gt '10'", False), ("Count -lt 'x'", False), ("Empty -lt 3", False)):
        assert parse_filter(text, made.props)(made) is fits, text
    with pytest.raises(FilterError):
        parse_filter("Count -eq 1.5.2 x", made.props)


def test_the_other_cmdlets_take_a_filter_too(scene: Rehearsal) -> None:
    assert found(scene, "Get-MailUser", Filter="Alias -eq 'testmailuser'") == ["Test MailUser"]
    assert found(scene, "Get-User", "onprem", Filter="MobilePhone -eq '8035551212'") == ["Test Mobile"]
    assert found(scene, "Get-Recipient", Filter="RecipientType -eq 'MailUser'") == ["Synced User", "Test MailUser"]
    assert found(scene, "Get-RemoteMailbox", "onprem", Filter="Alias -eq 'testmobile'") == ["Test Mobile"]
    assert found(scene, "Get-User", Filter="PreviousRecipientTypeDetails -eq 'UserMailbox'") == []


def test_who_is_named_and_does_not_fit_is_not_found(scene: Rehearsal) -> None:
    for parameters in (
        {"Filter": "Alias -eq 'testlicense'"},
        {"RecipientTypeDetails": "SharedMailbox"},
        {"Archive": SWITCH},
    ):
        error = scene.error("exo", "Get-Mailbox", Identity="testduplicate", **parameters)
        assert error.reason == "ManagementObjectNotFoundException"
    assert found(scene, Identity="test*", Filter="Alias -eq 'testlicense'") == ["TestLicense"]


def test_an_ambiguous_name_is_the_beginning_of_a_name(scene: Rehearsal) -> None:
    assert found(scene, Anr="test dup") == ["testduplicate"]
    assert found(scene, Anr="TESTL") == ["TestLicense"]
    assert found(scene, Anr="dup") == []
    assert "Test Mobile" in found(scene, "Get-User", "onprem", Anr="test")


def test_kinds_archives_and_order(scene: Rehearsal) -> None:
    assert found(scene, RecipientTypeDetails="UserMailbox") == EVERYBODY
    assert found(scene, RecipientTypeDetails=["SharedMailbox"]) == []
    assert found(scene, "Get-Recipient", RecipientTypeDetails="UserMailbox") == EVERYBODY
    assert found(scene, "Get-Recipient", RecipientType=["mailuser"]) == ["Synced User", "Test MailUser"]
    assert found(scene, SortBy="Alias") == sorted(EVERYBODY, key=str.casefold)
    assert found(scene, SortBy="Alias", ResultSize="Unlimited", Filter="Alias -like 't*'")[0] == "testduplicate"
    recipient = scene.recipient("testmobile@domain.com")
    assert recipient is not None
    recipient.archive_guid = UUID(int=7)
    assert found(scene, Archive=SWITCH) == ["testmobile"]
    assert scene.error("exo", "Get-Mailbox", RecipientTypeDetails="Mail").names("CannotConvertArgumentNoMessage")


def test_deleted_mailboxes_are_filtered_among_themselves() -> None:
    scene = Rehearsal()
    scene.delete()
    scene.purge()
    scene.wait(minutes=1)
    assert found(scene, Filter="Alias -eq 'testduplicate'") == []
    assert found(scene, Filter="Alias -eq 'testduplicate'", SoftDeletedMailbox=SWITCH) == ["Test Duplicate"]
    assert "Test Duplicate" not in found(scene, "Get-Recipient")
    assert "Test Duplicate" in found(scene, "Get-Recipient", IncludeSoftDeletedRecipients=SWITCH)
    assert found(scene, "Get-MailUser", SoftDeletedMailUser=SWITCH) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("userPrincipalName eq 'testduplicate@domain.com'", 1),
        ("startswith(displayName,'test ') and mobilePhone ne null", 1),
        ("displayName eq 'O''Brien'", 0),
        ("onPremisesSyncEnabled ne true", 0),
    ],
)
@pytest.mark.parametrize("cmdlet", ["Get-MgUser", "Get-EntraUser"])
def test_graph_and_entra_filter_accounts(scene: Rehearsal, cmdlet: str, text: str, count: int) -> None:
    assert len(scene.objects("directory", cmdlet, Filter=text)) == count


@pytest.mark.parametrize("text", ["", "garbage", "nosuch eq 'x'", "displayName eq 'a' or displayName eq 'b'", "displayName eq x"])
def test_what_graph_does_not_read_is_a_bad_request(scene: Rehearsal, text: str) -> None:
    assert scene.error("directory", "Get-MgUser", Filter=text).names("Request_UnsupportedQuery")
    assert "Request_UnsupportedQuery" in scene.error("directory", "Get-EntraUser", Filter=text).message
