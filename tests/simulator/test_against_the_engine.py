"""Every section of the documents, in the simulator and in the real engine's tenant: the same results, errors and end state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from psbridge.cmdlets import directory_of
from psbridge.cmdlets.directory import DIALECTS
from psbridge.command import SWITCH, Command
from psbridge.models import Account
from tests.simulator.both import Both
from tests.simulator.rehearsal import DUPLICATE, LICENCE

pytestmark = [pytest.mark.tenant, pytest.mark.realps]

CAPTURED = "fa38094d-cbfd-46b7-82f6-8a3022e39a66"
MIGRATED = "e683f1ee-4c85-4b99-b4bc-7511572a361d"
ERROR = "testerror@domain.com"
REQUEST = "testduplicate\\MailboxRestore"
ONLY_GUID = Command("Select-Object", {"Property": "ExchangeGuid"})
ALL = Command("Select-Object", {"Property": "*"})
# In the engine's tenant Get-Recipient of the cloud shows no FirstName and LastName; Exchange does.
NAMES = ("FirstName", "LastName")


@pytest.fixture
def both(exchange_like: str, tmp_path: Path) -> Iterator[Both]:
    with Both(exchange_like, tmp_path) as far_ends:
        yield far_ends
    assert not far_ends.found, "\n".join(far_ends.found)


def expand(name: str) -> Command:
    return Command("Select-Object", {"ExpandProperty": name})


def test_option_0_delete_the_account(both: Both) -> None:
    both.ask("exo", "Get-Mailbox", Identity="testduplicate")
    both.ask("onprem", "Get-Mailbox", Identity="testduplicate")
    both.ask("exo", "Get-Mailbox", ONLY_GUID, Identity="testduplicate")
    both.ask("directory", "Remove-MsolUser", UserPrincipalName=DUPLICATE, Force=SWITCH)
    both.ask("directory", "Get-MsolUser", UserPrincipalName=DUPLICATE, ReturnDeletedUsers=SWITCH)
    both.ask("directory", "Remove-MsolUser", UserPrincipalName=DUPLICATE, Force=SWITCH, RemoveFromRecycleBin=SWITCH)
    for bin_too in ({}, {"ReturnDeletedUsers": SWITCH}):
        both.ask("directory", "Get-MsolUser", UserPrincipalName=DUPLICATE, **bin_too)
    both.wait(minutes=1)
    both.ask("exo", "Get-Mailbox", Identity="testduplicate")
    both.ask("exo", "Get-Mailbox", Identity="testduplicate", SoftDeletedMailbox=SWITCH)
    both.ask("sync", "Start-ADSyncSyncCycle", PolicyType="Delta")
    both.ask("directory", "Get-MsolUser", UserPrincipalName=DUPLICATE)
    both.wait(minutes=1)
    both.ask("exo", "Get-MailUser", Identity="testduplicate")
    _migrate(both)
    both.ask("exo", "New-MailboxRestoreRequest", SourceMailbox=CAPTURED, TargetMailbox=MIGRATED, AllowLegacyDNMismatch=SWITCH)
    both.ask("exo", "Get-MailboxRestoreRequest")
    both.wait(seconds=30)
    both.ask("exo", "Get-MailboxRestoreRequest")
    # The engine's tenant has its own idea of how much is copied on the way.
    both.without("BytesTransferred").ask("exo", "Get-MailboxRestoreRequestStatistics", Identity=REQUEST, IncludeReport=SWITCH)
    both.wait(minutes=2)
    both.ask("exo", "Get-MailboxRestoreRequest", Identity=REQUEST)
    both.ask("exo", "Get-MailboxRestoreRequestStatistics", Identity=REQUEST, IncludeReport=SWITCH)
    both.ask("onprem", "Get-RemoteMailbox", Identity="testduplicate")
    both.compare_states()


def _migrate(both: Both) -> None:
    host, domain = "mail.domain.com", "domain.mail.onmicrosoft.com"
    move = {"Remote": SWITCH, "RemoteHostName": host, "TargetDeliveryDomain": domain}
    both.ask("exo", "New-MoveRequest", Identity="testduplicate", **move)
    both.ask("exo", "New-MoveRequest", Identity="testduplicate", **move)
    both.wait(minutes=4)
    both.ask("exo", "Get-MoveRequest", Identity="testduplicate")
    both.wait(minutes=40)
    both.ask("exo", "Get-Mailbox", Identity="testduplicate")
    both.ask("exo", "Get-Mailbox", ONLY_GUID, Identity="testduplicate")
    # A move of the engine's tenant has no mailbox verification.
    both.without("MailboxVerification").ask("exo", "Get-MoveRequestStatistics", Identity="testduplicate", IncludeReport=SWITCH)


def test_option_1_remove_the_licence(both: Both) -> None:
    both.ask("exo", "Get-Mailbox", Identity="testlicense")
    both.ask("onprem", "Get-Mailbox", Identity="testlicense")
    both.ask("directory", "Set-MsolUserLicense", UserPrincipalName=LICENCE, RemoveLicenses="domain:ENTERPRISEPACK")
    both.ask("directory", "Get-MsolUser", UserPrincipalName=LICENCE)
    both.wait(minutes=1)
    both.ask("exo", "Get-Mailbox", Identity="testlicense")
    # A mail user has an external address; the engine's tenant shows none here.
    both.without("ExternalEmailAddress").ask("exo", "Get-MailUser", Identity="testLicense")
    both.ask("exo", "Get-User", Identity="testlicense")
    both.compare_states()
    both.ask("directory", "Set-MsolUserLicense", UserPrincipalName=LICENCE, AddLicenses="domain:ENTERPRISEPACK")
    both.wait(minutes=1)
    both.ask("exo", "Get-Mailbox", Identity="testlicense")
    both.without(*NAMES).ask("exo", "Get-Recipient", Identity="testlicense")
    both.ask("directory", "Get-MsolUser", expand("Licenses"), UserPrincipalName=LICENCE)
    both.ask("directory", "Get-MsolAccountSku")
    both.ask("exo", "Get-OrganizationConfig")
    both.compare_states()


def test_option_3_no_licence_and_errors(exchange_like: str, tmp_path: Path) -> None:
    with Both(exchange_like, tmp_path, seed="option-3", tenant="documents-option3.json") as both:
        both.ask("exo", "Get-Mailbox", Identity="testlicense")
        both.ask("directory", "Get-MsolUser", UserPrincipalName=LICENCE)
        both.ask("directory", "Get-MsolUser", expand("Errors"), UserPrincipalName=LICENCE)
        chain = [expand(name) for name in ("Errors", "ErrorDetail", "ObjectErrors", "ErrorRecord")]
        both.ask("directory", "Get-MsolUser", *chain, UserPrincipalName=LICENCE)
        both.ask("directory", "Set-MsolUserLicense", UserPrincipalName=LICENCE, RemoveLicenses="domain:ENTERPRISEPACK")
        both.ask("directory", "Remove-MsolUser", UserPrincipalName=LICENCE, Force=SWITCH)
        both.ask("directory", "Remove-MsolUser", UserPrincipalName=LICENCE, Force=SWITCH, RemoveFromRecycleBin=SWITCH)
        both.wait(minutes=1)
        both.ask("exo", "Get-Mailbox", Identity="testlicense", SoftDeletedMailbox=SWITCH)
    assert not both.found, "\n".join(both.found)


def test_the_second_document_migrations_and_the_data_migrated(both: Both) -> None:
    for user in ("user@domain.com", "synced.user@domain.com"):
        both.ask("exo", "Get-MigrationUserStatistics", Identity=user)
        both.ask("exo", "Get-MigrationUserStatistics", Identity=user, IncludeReport=SWITCH)
        # A synced move is in the stage IncrementalSync; the engine's tenant says CopyingMessages.
        both.without("SyncStage").ask("exo", "Get-MoveRequestStatistics", Identity=user, IncludeReport=SWITCH)
    both.ask("exo", "Get-MigrationUserStatistics", expand("Report"), Identity="user@domain.com", IncludeReport=SWITCH)
    for cmdlet in ("Get-MigrationUser", "Get-MigrationBatch", "Get-MoveRequest"):
        both.ask("exo", cmdlet)
    both.compare_states()


def test_what_is_exported_and_imported(both: Both, tmp_path: Path) -> None:
    """`Get-MigrationUserStatistics ... | Export-Clixml`, `$stats=Import-Clixml` and what the second document reads of it."""
    path = str(tmp_path / "migration.xml")
    export = Command("Export-Clixml", {"Path": path})
    both.ask("exo", "Get-MigrationUserStatistics", export, Identity="user@domain.com", IncludeReport=SWITCH)
    both.ask("exo", "Import-Clixml", Path=path)
    both.ask("exo", "Import-Clixml", expand("EstimatedTotalTransferSize"), Path=path)
    both.ask("exo", "Import-Clixml", expand("Report"), expand("MailboxVerification"), Path=path)
    for cmdlet, user in (("Get-Mailbox", "testduplicate"), ("Get-User", "testmobile"), ("Get-MailUser", "testmailuser")):
        both.ask("exo", cmdlet, export, Identity=user)
        both.without("ExternalEmailAddress").ask("exo", "Import-Clixml", Path=path)
    for how in ({"Depth": 1}, {"Depth": 0}, {"NoClobber": SWITCH}):
        then = Command("Export-Clixml", {"Path": path, **how})
        both.ask("exo", "Get-MigrationUserStatistics", then, Identity="user@domain.com")
        both.ask("exo", "Import-Clixml", Path=path)
    both.ask("exo", "Import-Clixml", Path=str(tmp_path / "nosuch.xml"))
    both.ask("exo", "Get-Mailbox", Command("Select-Object", {"First": 2, "Property": ["Name", "Alias"]}))
    both.ask("exo", "Get-Mailbox", Command("Select-Object", {"Last": 1}))
    both.ask("exo", "Get-Mailbox", Command("Select-Object", {"Skip": 2, "First": 1}))


def test_the_third_document_the_mobile_phone(both: Both) -> None:
    user = "testmobile@domain.com"

    def look() -> None:
        both.ask("onprem", "Get-User", Identity="testmobile")
        both.ask("directory", "Get-MsolUser", UserPrincipalName=user)
        both.ask("exo", "Get-User", Identity="testMobile")

    both.ask("directory", "Set-MsolUser", UserPrincipalName="tim.mcmichael@domain.com", FirstName="Test")
    both.ask("directory", "Get-MsolUser", UserPrincipalName="testmobile@fortmillems.org")
    both.ask("onprem", "Set-User", Identity="testmobile", MobilePhone="9991112222")
    look()
    both.wait(minutes=31)
    look()
    both.ask("directory", "Set-MsolUser", UserPrincipalName=user, MobilePhone="1234567890")
    both.ask("onprem", "Set-User", Identity="testmobile", MobilePhone="0987654321")
    both.wait(minutes=31)
    look()
    both.ask("exo", "Set-User", Identity="testmobile", MobilePhone="1")
    both.compare_states()


SKU = "6fd2c87f-b296-42f0-b197-1e91e994b900"
ACCOUNT = "e3eaf6c1-f012-42e9-a54b-0c3f5a1d9e77"
SELECTED = [
    *("id", "displayName", "userPrincipalName", "assignedLicenses", "licenseAssignmentStates", "onPremisesImmutableId"),
    *("onPremisesSyncEnabled", "onPremisesLastSyncDateTime", "onPremisesProvisioningErrors", "serviceProvisioningErrors"),
]


def test_the_graph_dialect(both: Both) -> None:
    def go(cmdlet: str, /, *then: Command, **parameters: object) -> None:
        both.ask("directory", cmdlet, *then, **parameters)

    go("Get-MgUser", UserId=DUPLICATE)
    go("Get-MgUser", UserId=DUPLICATE, Property=SELECTED)
    go("Get-MgUser", Top=3)
    go("Get-MgUser", UserId="nobody")
    go("Get-MgUser", UserId="")
    for part, user in (
        ("AssignedLicenses", DUPLICATE),
        ("LicenseAssignmentStates", DUPLICATE),
        ("ServiceProvisioningErrors", ERROR),
    ):
        go("Get-MgUser", expand(part), UserId=user, Property=SELECTED)
    go("Get-MgSubscribedSku")
    go("Update-MgUser", UserId=DUPLICATE, GivenName="x")
    go("Update-MgUser", UserId=DUPLICATE, MobilePhone="1")
    go("Set-MgUserLicense", UserId=DUPLICATE, AddLicenses=[{"SkuId": str(UUID(int=1))}], RemoveLicenses=[])
    go("Set-MgUserLicense", UserId=DUPLICATE, AddLicenses=[], RemoveLicenses=[SKU])
    go("Set-MgUserLicense", UserId=DUPLICATE, AddLicenses=[{"SkuId": SKU}], RemoveLicenses=[])
    go("Remove-MgUser", UserId=DUPLICATE, WhatIf=SWITCH)
    go("Remove-MgUser", UserId=DUPLICATE, Confirm=False)
    go("Get-MgUser", UserId=DUPLICATE)
    go("Get-MgDirectoryDeletedItemAsUser", DirectoryObjectId=ACCOUNT)
    go("Get-MgDirectoryDeletedItemAsUser", DirectoryObjectId=DUPLICATE)
    go("Restore-MgDirectoryDeletedItem", DirectoryObjectId=ACCOUNT)
    go("Remove-MgUser", UserId=ACCOUNT, Confirm=False)
    go("Remove-MgDirectoryDeletedItem", DirectoryObjectId=ACCOUNT, Confirm=False)
    go("Remove-MgDirectoryDeletedItem", DirectoryObjectId=ACCOUNT, Confirm=False)
    both.wait(minutes=1)
    both.compare_states()


def test_the_entra_dialect(both: Both) -> None:
    def go(cmdlet: str, /, *then: Command, **parameters: object) -> None:
        both.ask("directory", cmdlet, *then, **parameters)

    go("Get-EntraUser", UserId=DUPLICATE)
    go("Get-EntraUser", expand("AssignedPlans"), UserId=DUPLICATE)
    go("Get-EntraUser", UserId="nobody")
    go("Remove-EntraUser", UserId="nobody")
    go("Remove-EntraUser", UserId=DUPLICATE)
    go("Get-EntraDeletedUser", UserId=ACCOUNT)
    go("Get-EntraDeletedUser")
    go("Restore-EntraDeletedDirectoryObject", Id=ACCOUNT)
    go("Remove-EntraUser", UserId=DUPLICATE)
    go("Remove-EntraDeletedDirectoryObject", DirectoryObjectId=ACCOUNT)
    go("Remove-EntraDeletedDirectoryObject", DirectoryObjectId=ACCOUNT)
    both.wait(minutes=1)
    both.compare_states()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_call_of_the_directory(both: Both, dialect: str) -> None:
    directory = directory_of(dialect)
    # A user without a last name has an empty one in the engine's tenant, and none in a directory.
    everybody = both.without("LastName").send("directory", directory.get_users().pipeline)
    people = [Account.read(one) for one in everybody.output]
    for account in (people[0], next(account for account in people if account.has_validation_error)):
        for call in (
            *(directory.get_user(account.user_principal_name), directory.get_user_by_id(account.object_id)),
            *(directory.get_deleted_user(account), directory.get_licenses(account), directory.get_validation_errors(account)),
        ):
            both.send("directory", call.pipeline)
    licensed = next(account for account in people if account.is_licensed)
    looked = directory.get_licenses(licensed)
    (licence,) = looked.models(both.send("directory", looked.pipeline).output)
    both.send("directory", directory.disable_exchange_plans(licensed, licence).pipeline)
    both.send("directory", looked.pipeline)
    both.send("directory", directory.get_dir_sync_features().pipeline)
    for write in (directory.remove_user(licensed), directory.purge_user(licensed)):
        both.send("directory", write.pipeline)
        both.send("directory", directory.get_deleted_user(licensed).pipeline)
        both.send("directory", looked.pipeline)
    both.send("directory", directory.get_any_user().pipeline)


def test_a_cycle_between_delete_and_purge_and_a_paused_scheduler(both: Both) -> None:
    both.ask("sync", "Get-ADSyncScheduler")
    both.ask("directory", "Remove-MsolUser", UserPrincipalName=DUPLICATE, Force=SWITCH)
    both.wait(minutes=31)
    both.ask("directory", "Get-MsolUser", UserPrincipalName=DUPLICATE)
    both.ask("directory", "Remove-MsolUser", UserPrincipalName=DUPLICATE, Force=SWITCH, RemoveFromRecycleBin=SWITCH)
    both.ask("sync", "Set-ADSyncScheduler", SyncCycleEnabled=False)
    both.ask("directory", "Remove-MsolUser", UserPrincipalName=DUPLICATE, Force=SWITCH)
    both.wait(hours=2)
    both.ask("directory", "Get-MsolUser", UserPrincipalName=DUPLICATE)
    both.ask("directory", "Restore-MsolUser", UserPrincipalName=DUPLICATE)
    both.wait(minutes=1)
    both.ask("exo", "Get-Mailbox", Identity="testduplicate")
    both.compare_states()


@pytest.mark.parametrize("endpoint", ["exo", "onprem"])
def test_a_selected_mailbox_has_one_level_more(both: Both, endpoint: str) -> None:
    both.ask(endpoint, "Get-Mailbox", ALL, Identity="testduplicate")


def test_binding_refuses_and_asks_as_powershell_does(both: Both) -> None:
    refused: list[tuple[str, str, dict[str, object]]] = [
        ("exo", "Get-Nosuch", {}),
        ("exo", "Get-Mailbox", {"Nosuch": 1}),
        ("exo", "Get-Mailbox", {"Identity": ""}),
        ("exo", "Get-Mailbox", {"ResultSize": "abc"}),
        ("exo", "Get-Mailbox", {"Identity": "testduplicate", "Anr": "x"}),
        ("exo", "Get-Mailbox", {"Identity": "nobody", "ErrorAction": "Stop"}),
        ("exo", "Get-Mailbox", {"Identity": "nobody", "ErrorAction": "SilentlyContinue"}),
        ("onprem", "Get-Mailbox", {"SoftDeletedMailbox": SWITCH}),
        ("directory", "Get-MsolUser", {"ObjectId": "garbage"}),
        ("directory", "Get-MsolUser", {"UserPrincipalName": None}),
        ("directory", "Get-MsolUser", {"UserPrincipalName": ""}),
        ("directory", "Get-MsolUser", {"UserPrincipalName": DUPLICATE, "ObjectId": UUID(int=5)}),
        ("directory", "Remove-MsolUser", {"UserPrincipalName": DUPLICATE, "WhatIf": SWITCH}),
        ("exo", "Get-MailboxRestoreRequest", {"Status": "Nosuch"}),
        ("sync", "Start-ADSyncSyncCycle", {"PolicyType": "Nosuch"}),
    ]
    for endpoint, cmdlet, parameters in refused:
        both.ask(endpoint, cmdlet, **parameters)
    both.questions("directory", "Remove-MsolUser", UserPrincipalName=DUPLICATE)
    both.questions("directory", "Remove-MsolUser", Force=SWITCH)
    both.questions("exo", "New-MailboxRestoreRequest", TargetMailbox="testlicense")
    both.questions("exo", "New-MoveRequest", Identity="testmailuser")
    both.questions("exo", "Set-User", Identity="testmailuser", PermanentlyClearPreviousMailboxInfo=SWITCH)


def test_what_is_found_and_what_is_not(both: Both) -> None:
    asked: list[tuple[str, str, dict[str, object]]] = [
        ("exo", "Get-Mailbox", {"Identity": "nobody"}),
        ("exo", "Get-MailUser", {"Identity": "nobody"}),
        ("exo", "Get-User", {"Identity": "nobody"}),
        ("exo", "Get-Recipient", {"Identity": "nobody"}),
        ("exo", "Get-MigrationUserStatistics", {"Identity": "nobody"}),
        ("exo", "Get-MigrationBatch", {"Identity": "nobody"}),
        ("exo", "Get-MoveRequest", {"Identity": "nobody"}),
        ("onprem", "Get-Mailbox", {"Identity": "nobody"}),
        ("onprem", "Get-RemoteMailbox", {"Identity": "nobody"}),
        ("onprem", "Get-User", {"Identity": "nobody"}),
        ("exo", "Get-Mailbox", {"Identity": None}),
        ("exo", "Get-Mailbox", {"id": "testduplicate"}),
        ("exo", "Get-Mailbox", {"Identity": "test*"}),
        ("exo", "Get-Mailbox", {"ResultSize": 2}),
        ("exo", "Get-Mailbox", {"ResultSize": "Unlimited"}),
        ("exo", "Get-Mailbox", {"Identity": "testmailuser"}),
        ("exo", "Get-Mailbox", {"Identity": "testduplicate", "SoftDeletedMailbox": SWITCH}),
        ("exo", "Get-MailboxRestoreRequest", {"Identity": "a\\b"}),
        ("exo", "Get-MailboxRestoreRequest", {"TargetMailbox": "nobody"}),
        ("exo", "New-MailboxRestoreRequest", {"SourceMailbox": "nobody", "TargetMailbox": "testlicense"}),
        ("exo", "New-MailboxRestoreRequest", {"SourceMailbox": "testduplicate", "TargetMailbox": "nobody"}),
        ("exo", "New-MailboxRestoreRequest", {"SourceMailbox": "testduplicate", "TargetMailbox": "testlicense"}),
        ("directory", "Get-MsolUser", {"ObjectId": UUID(int=5)}),
        ("directory", "Get-MsolUser", {"MaxResults": 2}),
        ("directory", "Set-MsolUserLicense", {"UserPrincipalName": DUPLICATE, "AddLicenses": "domain:NOSUCH"}),
    ]
    for endpoint, cmdlet, parameters in asked:
        both.ask(endpoint, cmdlet, **parameters)


def test_what_a_filter_chooses(both: Both) -> None:
    for text in (
        "Alias -eq 'TESTDUPLICATE'",
        "Alias -ne 'testduplicate'",
        "Alias -like '*dup*' -or Alias -eq 'user'",
        "Alias -notlike 'test*'",
        "-not (Alias -eq 'testduplicate')",
        "Name -like 'Test*' -and -not(Alias -like '*dup*') -or Alias -eq 'user'",
        "Alias -eq $null",
        "HiddenFromAddressListsEnabled -eq $false",
        "IsDirSynced -eq $true",
        "EmailAddresses -like '*testduplicate@domain.com*'",
        "EmailAddresses -eq 'testduplicate@domain.com'",
        "ExchangeGuid -eq 'fa38094d-cbfd-46b7-82f6-8a3022e39a66'",
        "WhenCreated -gt '1/1/2010'",
        "Alias -gt 'testerror'",
    ):
        both.ask("exo", "Get-Mailbox", Filter=text)
        both.ask("onprem", "Get-Mailbox", Filter=text)
    # Exchange's text for a mistake is its own; the id, the category and the class are the same.
    mistakes = ("", "garbage", "Nosuch -eq 'x'", "Alias -eq", "Alias -match 'x'", "(Alias -eq 'x'", "Alias -eq 'a' Alias -eq 'b'")
    for text in mistakes:
        both.without("error text").ask("exo", "Get-Mailbox", Filter=text)
    both.ask("onprem", "Get-User", Filter="MobilePhone -eq '8035551212'")
    both.without("ExternalEmailAddress").ask("exo", "Get-MailUser", Filter="Alias -eq 'testmailuser'")
    both.ask("exo", "Get-Mailbox", Identity="testduplicate", Filter="Alias -eq 'testlicense'")
    both.ask("exo", "Get-Mailbox", RecipientTypeDetails="UserM")
    # The engine names the similar ones in another order.
    both.without("error text").ask("exo", "Get-Mailbox", RecipientTypeDetails="No")
    both.ask("exo", "Get-Mailbox", RecipientTypeDetails="Nosuch")
    both.ask("exo", "Get-Mailbox", Identity="testduplicate", RecipientTypeDetails="SharedMailbox")
    both.without(*NAMES).ask("exo", "Get-Recipient", RecipientTypeDetails=["MailUser"])
    both.without(*NAMES).ask("exo", "Get-Recipient", RecipientTypeDetails=["Nosuch"])
    both.ask("exo", "Get-Mailbox", Archive=SWITCH)
    both.ask("exo", "Get-Mailbox", InactiveMailboxOnly=SWITCH)
    both.ask("exo", "Get-Mailbox", SoftDeletedMailbox=SWITCH)
    both.ask("exo", "Get-Mailbox", Identity="testduplicate", SoftDeletedMailbox=SWITCH, InactiveMailboxOnly=SWITCH)


MOBILE = "testmobile@domain.com"


def test_who_is_listed_in_the_directory(both: Both) -> None:
    for parameters in (
        {"SearchString": "test"},
        {"SearchString": "dup"},
        {"HasErrorsOnly": SWITCH},
        {"UnlicensedUsersOnly": SWITCH},
        {"Synchronized": SWITCH},
        {"LicenseReconciliationNeededOnly": SWITCH},
        {"DomainName": "domain.com"},
        {"All": SWITCH},
        {"MaxResults": 0},
        {"MaxResults": 1, "All": SWITCH},
        {"ReturnDeletedUsers": SWITCH},
    ):
        # One user has no last name: null here, an empty text in the engine's tenant.
        both.without("LastName").ask("directory", "Get-MsolUser", **parameters)
    for parameters in ({"SearchString": "test"}, {"HasErrorsOnly": SWITCH}, {"UnlicensedUsersOnly": SWITCH}):
        both.ask("directory", "Get-EntraUser", **parameters)
    for text in (
        "userPrincipalName eq 'TESTDUPLICATE@domain.com'",
        "startsWith(displayName, 'Test')",
        "onPremisesSyncEnabled eq true",
        "mobilePhone eq null",
        "garbage",
        "nosuch eq 'x'",
    ):
        for cmdlet in ("Get-MgUser", "Get-EntraUser"):
            # One user has no last name, as above, so only the ids are compared.
            both.ask("directory", cmdlet, Command("Select-Object", {"Property": "Id"}), Filter=text)
    both.ask("directory", "Get-EntraDeletedUser", SearchString="test")
    both.ask("directory", "Get-EntraSubscribedSku")
    both.ask("directory", "Get-MgUserLicenseDetail", UserId=DUPLICATE)
    both.ask("directory", "Get-MgUserLicenseDetail", UserId="nobody")
    both.ask("directory", "Get-MsolDirSyncProvisioningError")
    for endpoint, cmdlet in (("directory", "Get-MgContext"), ("exo", "Get-ConnectionInformation")):
        both.ask(endpoint, cmdlet)


def test_the_entra_dialect_writes(both: Both) -> None:
    both.ask("directory", "Set-EntraUser", UserId=DUPLICATE, Mobile="77")
    both.ask("directory", "Set-EntraUser", UserId=DUPLICATE, GivenName="x")
    both.ask("directory", "Set-EntraUser", UserId="nobody", GivenName="x")
    both.ask("directory", "Get-EntraUser", UserId=DUPLICATE)
    both.wait(minutes=1)
    both.ask("exo", "Get-User", Identity="testduplicate")
    both.compare_states()


def test_the_overrides_of_the_mobile_phone(both: Both) -> None:
    """The third document, with the tools that came after it (field-notes 4)."""

    def look() -> None:
        for side in ("FromAD", "FromAzureAD"):
            both.ask("sync", "Get-ADSyncToolsDirSyncOverridesUser", Identity=MOBILE, **{side: SWITCH})

    look()
    both.ask("sync", "Get-ADSyncToolsDirSyncOverridesUser", Identity=MOBILE)
    both.ask("sync", "Get-ADSyncToolsDirSyncOverridesUser", Identity="nobody@domain.com")
    cloud = {"MobilePhoneInAAD": "42", "AlternateMobilePhonesInAAD": ["5"]}
    both.ask("sync", "Set-ADSyncToolsDirSyncOverridesUser", Identity=MOBILE, **cloud)
    both.ask("sync", "Set-ADSyncToolsDirSyncOverridesUser", Identity=MOBILE, MobileInAD="43", OtherMobileInAD=["1", "2"])
    both.wait(minutes=31)
    look()
    for cmdlet in ("Get-MsolDirSyncFeatures", "Get-EntraDirSyncFeature"):
        both.ask("directory", cmdlet)
        both.ask("directory", cmdlet, Feature="BypassDirSyncOverrides")
    both.questions("directory", "Set-MsolDirSyncFeature", Feature="BypassDirSyncOverrides", Enable=True)
    both.ask("directory", "Get-MgDirectoryOnPremiseSynchronization")
    features = {"BypassDirSyncOverridesEnabled": True}
    both.ask(
        "directory", "Update-MgDirectoryOnPremiseSynchronization", OnPremisesDirectorySynchronizationId="x", Features=features
    )
    both.ask("directory", "Get-MgDirectoryOnPremiseSynchronization", expand("Features"))
    both.ask("sync", "Start-ADSyncSyncCycle", PolicyType="Initial")
    both.wait(minutes=1)
    look()
    both.ask("directory", "Set-MsolDirSyncFeature", Feature="BypassDirSyncOverrides", Enable=False, Force=SWITCH)
    both.ask("sync", "Clear-ADSyncToolsDirSyncOverridesUser", Identity=MOBILE, MobileInAD=SWITCH, OtherMobileInAD=SWITCH)
    clear = {"MobilePhoneInAAD": SWITCH, "AlternateMobilePhonesInAAD": SWITCH}
    both.ask("sync", "Clear-ADSyncToolsDirSyncOverridesUser", Identity=MOBILE, **clear)
    look()
    both.compare_states()
    for given in (SWITCH, "$true", [True], 1, False):
        both.ask("directory", "Set-MsolDirSyncFeature", Feature="BypassDirSyncOverrides", Enable=given, Force=SWITCH)
        both.ask("sync", "Set-ADSyncScheduler", SyncCycleEnabled=given)


REMOTE = {"RemoteRoutingAddress": "testduplicate@domain.mail.onmicrosoft.com"}
# Made anew by each far end.
MADE = ("LegacyExchangeDN", "ExchangeGuid")


def test_keeping_the_cloud_mailbox_scenario_1(both: Both) -> None:
    """The on-premises steps of field-notes 1.6: disable the local mailbox, enable the remote one, set address and GUID."""

    def go(cmdlet: str, /, **parameters: object) -> None:
        both.ask("onprem", cmdlet, Identity="Test Duplicate", **parameters)

    go("Get-MailboxStatistics")
    both.questions("onprem", "Disable-Mailbox", Identity="testduplicate")
    go("Disable-Mailbox", WhatIf=SWITCH)
    go("Disable-Mailbox", Confirm=False)
    both.compare_states()
    go("Disable-Mailbox", Confirm=False)
    go("Get-Mailbox")
    go("Connect-Mailbox", Database="DB01", User="Test Duplicate")
    both.compare_states()
    go("Disable-Mailbox", Confirm=False)
    both.without(*MADE).ask("onprem", "Enable-RemoteMailbox", Identity="Test Duplicate", **REMOTE)
    go("Enable-RemoteMailbox", **REMOTE)
    go("Set-RemoteMailbox", EmailAddresses={"add": "x500:/o=First Organization/cn=old"})
    go("Set-RemoteMailbox", ExchangeGuid=CAPTURED)
    both.without(*MADE).ask("onprem", "Get-RemoteMailbox", Identity="testduplicate")
    both.ask("sync", "Start-ADSyncSyncCycle", PolicyType="Delta")
    both.wait(minutes=1)
    both.ask("directory", "Get-MsolUser", UserPrincipalName=DUPLICATE)
    both.ask("exo", "Get-Mailbox", Identity="testduplicate")
    both.questions("onprem", "Disable-RemoteMailbox", Identity="testduplicate")
    go("Disable-RemoteMailbox", Confirm=False)
    both.compare_states()
    for cmdlet in ("Enable-Mailbox", "Enable-RemoteMailbox", "Disable-Mailbox", "Set-RemoteMailbox", "Connect-Mailbox"):
        extra = {"Database": "DB01"} if cmdlet == "Connect-Mailbox" else {}
        both.ask("onprem", cmdlet, Identity="nobody", **extra)


def test_the_local_directory_and_its_databases(both: Both) -> None:
    both.ask("onprem", "Get-ADUser", Identity="testmobile")
    both.ask("onprem", "Get-ADUser", Identity="nobody")
    both.ask("onprem", "Get-ADUser", Filter="SamAccountName -eq 'testmobile'")
    both.without("error text").ask("onprem", "Get-ADUser", Filter="garbage")
    both.ask("onprem", "Set-ADUser", Identity="testmobile", MobilePhone="99")
    both.ask("onprem", "Set-ADUser", Identity="testmobile", Replace={"mobile": "98"}, PassThru=SWITCH)
    both.ask("onprem", "Set-ADUser", Identity="testmobile", Clear=["mobile"])
    both.ask("onprem", "Set-ADUser", Identity="nobody", Clear=["mobile"])
    both.ask("onprem", "Get-MailboxDatabase")
    both.ask("onprem", "Get-MailboxDatabase", Identity="nobody")
    both.ask("onprem", "Get-MailboxStatistics", Identity="nobody")
    both.ask("onprem", "Get-OrganizationConfig")
    both.compare_states()


def test_writes_in_exchange_online(both: Both) -> None:
    both.ask("exo", "Get-MailboxStatistics", Identity="testduplicate")
    both.ask("exo", "Set-Mailbox", Identity="testduplicate", DisplayName="x")
    both.ask("exo", "Set-MailUser", Identity="testmailuser", ExchangeGuid=CAPTURED)
    both.ask("exo", "Set-Mailbox", Identity="nobody", LitigationHoldEnabled=True)
    both.ask("exo", "Set-Mailbox", Identity="testlicense", LitigationHoldEnabled=True)
    both.ask("exo", "Disable-Mailbox", Identity="testlicense")
    both.ask("exo", "Set-Mailbox", Identity="testlicense", LitigationHoldEnabled=False)
    both.ask("exo", "Disable-Mailbox", Identity="testlicense")
    both.ask("exo", "Set-OrganizationConfig", DelayedDelicensingEnabled=True)
    both.ask("exo", "Get-OrganizationConfig")
    both.ask("directory", "Remove-MsolUser", UserPrincipalName=DUPLICATE, Force=SWITCH)
    both.ask("directory", "Remove-MsolUser", UserPrincipalName=DUPLICATE, Force=SWITCH, RemoveFromRecycleBin=SWITCH)
    both.wait(minutes=1)
    both.ask("exo", "Undo-SoftDeletedMailbox", SoftDeletedObject="nobody")
    # The engine's tenant keeps the country of the account that is gone, and the time of the last change.
    unlike = ("UsageLocation", "WhenChanged", "WhenChangedUTC")
    both.without(*unlike).ask("exo", "Undo-SoftDeletedMailbox", SoftDeletedObject="testduplicate")
    both.without(*unlike).ask("exo", "Get-Mailbox", Identity="testduplicate")
    both.compare_states()


def test_migrations_are_stopped_approved_and_removed(both: Both) -> None:
    batch = {"Identity": "July migration"}
    both.questions("exo", "Stop-MigrationBatch", **batch)
    both.ask("exo", "Stop-MigrationBatch", **batch, Confirm=False)
    both.ask("exo", "Start-MigrationBatch", **batch)
    both.ask("exo", "Set-MigrationBatch", **batch, ApproveSkippedItems=SWITCH)
    both.ask("exo", "Set-MigrationUser", Identity="nobody", ApproveSkippedItems=SWITCH)
    both.ask("exo", "Set-MigrationBatch", Identity="nobody")
    both.questions("exo", "Complete-MigrationBatch", **batch)
    both.questions("exo", "Remove-MigrationUser", Identity="user@domain.com")
    both.ask("exo", "Remove-MigrationUser", Identity="user@domain.com", Confirm=False)
    both.questions("exo", "Remove-MigrationBatch", **batch)
    both.ask("exo", "Remove-MigrationBatch", **batch, Confirm=False)
    for cmdlet in ("Get-MigrationUser", "Get-MigrationBatch", "Get-MoveRequest"):
        both.ask("exo", cmdlet)
    move = {"Remote": SWITCH, "RemoteHostName": "mail.domain.com", "TargetDeliveryDomain": "domain.mail.onmicrosoft.com"}
    both.ask("exo", "New-MoveRequest", Identity="testmailuser", **move)
    both.questions("exo", "Suspend-MoveRequest", Identity="testmailuser")
    both.questions("exo", "Remove-MoveRequest", Identity="testmailuser")
    both.ask("exo", "Suspend-MoveRequest", Identity="testmailuser", Confirm=False)
    both.wait(hours=1)
    both.ask("exo", "Get-MoveRequest", Identity="testmailuser")
    both.ask("exo", "Resume-MoveRequest", Identity="testmailuser")
    both.wait(hours=1)
    both.ask("exo", "Get-MoveRequest", Identity="testmailuser")
    both.ask("exo", "Set-MailboxRestoreRequest", Identity="a\\b")
    both.compare_states()
