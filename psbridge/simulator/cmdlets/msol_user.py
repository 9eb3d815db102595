"""The MSOnline cmdlets for accounts, as the documents use them: Get-, Set-, Remove- and Restore-MsolUser, and licences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final
from uuid import UUID

from psbridge.psobject import PSObject, Value
from psbridge.simulator.cmdlets.choosing import CHOOSING, wanted
from psbridge.simulator.rules.deletion import delete_account, purge_account, restore_account
from psbridge.simulator.rules.licensing import add_licence, remove_licence, sku_of
from psbridge.simulator.rules.mobile_phone import set_in_cloud
from psbridge.simulator.rules.replication import forward_later
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.state import Account, Sku
from psbridge.simulator.views.msol import account_sku, licence_options, msol_user

__all__ = [
    "get_msol_account_sku",
    "get_msol_dir_sync_provisioning_error",
    "get_msol_user",
    "new_msol_license_options",
    "remove_msol_user",
    "restore_msol_user",
    "set_msol_user",
    "set_msol_user_license",
]

_AUTOMATION: Final = "Microsoft.Online.Administration.Automation"
_DEFAULT_RESULTS: Final = 500
# What the local directory owns on a synchronised account (the third document shows FirstName).
_LOCKED: Final = ("FirstName", "LastName", "DisplayName", "Title", "Department", "City", "Office", "PhoneNumber", "Country")
_FREE: Final = {"DisplayName": "display_name", "FirstName": "first_name", "LastName": "last_name"}


@cmdlet(
    "Get-MsolUser",
    "directory",
    uses=("UserPrincipalName", "ObjectId", "ReturnDeletedUsers", "All", "MaxResults"),
    shared=CHOOSING,
    reads=True,
)
def get_msol_user(call: Call) -> Iterable[Value]:
    """One account by its name or id, or all of them; with -ReturnDeletedUsers those of the recycle bin (the documents)."""
    deleted = call.switch("ReturnDeletedUsers")
    if call.has("UserPrincipalName") or call.has("ObjectId"):
        return [msol_user(_named(call, deleted=deleted), call.world)]
    limit = None if call.switch("All") else call.bound.get("MaxResults", _DEFAULT_RESULTS)
    accounts = [account for account in call.world.accounts if (account.deleted is not None) == deleted and wanted(call, account)]
    return (msol_user(account, call.world) for account in accounts[: limit if isinstance(limit, int) else None])


@cmdlet("Remove-MsolUser", "directory", uses=("UserPrincipalName", "ObjectId", "RemoveFromRecycleBin", "Force"))
def remove_msol_user(call: Call) -> Iterable[Value]:
    """Delete an account, or purge one from the recycle bin; without -Force it asks (the documents, OPTION #0)."""
    purge = call.switch("RemoveFromRecycleBin")
    account = _named(call, deleted=purge)
    if not call.switch("Force"):
        call.should_continue("Continue with this operation?")
    if purge:
        purge_account(call.world, account)
    else:
        delete_account(call.world, account)
    return ()


@cmdlet("Restore-MsolUser", "directory", uses=("UserPrincipalName", "ObjectId"))
def restore_msol_user(call: Call) -> Iterable[Value]:
    """Take an account back out of the recycle bin (field-notes 2.2)."""
    account = _named(call, deleted=True)
    restore_account(call.world, account)
    return [msol_user(account, call.world)]


@cmdlet("Set-MsolUser", "directory", uses=("UserPrincipalName", "ObjectId", "MobilePhone", "UsageLocation", *_LOCKED))
def set_msol_user(call: Call) -> Iterable[Value]:
    """Change an account: what the local directory owns is refused, the mobile phone is not (the third document)."""
    account = _named(call, deleted=False)
    locked = next((name for name in _LOCKED if call.has(name)), None)
    if locked is not None and account.last_dir_sync_time is not None and not account.cloud_managed:
        raise _online_error(f"Unable to update parameter. Parameter name: {locked.upper()}.", "PropertyNotSettableException")
    for name, attribute in _FREE.items():
        if call.has(name):
            setattr(account, attribute, call.text(name) or "")
    if call.has("UsageLocation"):
        account.usage_location = call.text("UsageLocation") or ""
    if call.has("MobilePhone"):
        set_in_cloud(call.world, account, call.text("MobilePhone") or None)
    forward_later(call.world, account.object_id)
    return ()


@cmdlet(
    "Set-MsolUserLicense",
    "directory",
    uses=("UserPrincipalName", "ObjectId", "AddLicenses", "RemoveLicenses", "LicenseOptions"),
)
def set_msol_user_license(call: Call) -> Iterable[Value]:
    """Give and take licences; one that a group gives cannot be taken here (the documents, OPTION #1; field-notes 1.3)."""
    account = _named(call, deleted=False)
    adding = [_sku(call, name) for name in call.texts("AddLicenses")]
    removing = [_sku(call, name) for name in call.texts("RemoveLicenses")]
    for sku in removing:
        if not remove_licence(call.world, account, sku.part_number):
            raise _invalid_licence(call, sku)
    for sku in adding:
        if any(licence.sku == sku.part_number and licence.assigned_by_group is None for licence in account.licenses):
            continue
        add_licence(call.world, account, sku.part_number)
    for option in _options(call):
        sku, disabled = option
        add_licence(call.world, account, sku.part_number, disabled)
    return ()


@cmdlet("New-MsolLicenseOptions", "directory", uses=("AccountSkuId", "DisabledPlans"), reads=True)
def new_msol_license_options(call: Call) -> Iterable[Value]:
    """Say which plans of a licence are switched off: Exchange alone, so that all else is kept (OPTION #1)."""
    return [licence_options(_sku(call, call.text("AccountSkuId") or ""), call.texts("DisabledPlans"), call.world)]


@cmdlet("Get-MsolAccountSku", "directory", reads=True)
def get_msol_account_sku(call: Call) -> Iterable[Value]:
    """The licences of the tenant."""
    return (account_sku(sku, call.world) for sku in call.world.state.skus)


@cmdlet("Get-MsolDirSyncProvisioningError", "directory", uses=("All", "MaxResults"), reads=True)
def get_msol_dir_sync_provisioning_error(_call: Call) -> Iterable[Value]:
    """Objects that synchronisation could not write (field-notes 2.2): the simulated one has no conflicts, so there are none."""
    return ()


def _named(call: Call, *, deleted: bool) -> Account:
    """The account that the parameters name. Raises CmdletError: UserNotFoundException, as the documents print it."""
    named: UUID | str = call.guid("ObjectId") or call.text("UserPrincipalName") or ""
    hits = [account for account in call.world.accounts.find(named) if (account.deleted is not None) == deleted]
    fits = _by_id(named) if isinstance(named, UUID) else _by_name(named)
    found = next((account for account in hits if fits(account)), None)
    if found is None:
        raise _online_error(f"User Not Found.  User: {named}.", "UserNotFoundException")
    return found


def _by_id(wanted: UUID) -> Callable[[Account], bool]:
    return lambda account: account.object_id == wanted


def _by_name(wanted: str) -> Callable[[Account], bool]:
    folded = wanted.casefold()
    return lambda account: folded in (name.casefold() for name in (account.user_principal_name, *account.also_known_as))


def _sku(call: Call, name: str) -> Sku:
    sku = sku_of(call.world, name)
    if sku is None:
        raise _online_error(
            "Unable to assign this license because it is invalid. Use the Get-MsolAccountSku cmdlet to retrieve a list of valid "
            f"licenses. License: {name}.",
            "InvalidLicenseException",
        )
    return sku


def _invalid_licence(call: Call, sku: Sku) -> CmdletError:
    tenant = call.world.state.cloud_organization.tenant_name.partition(".")[0]
    return _online_error(
        f"Unable to remove this license because it is inherited from a group. License: {tenant}:{sku.part_number}.",
        "InvalidLicenseException",
    )


def _options(call: Call) -> Iterator[tuple[Sku, list[str]]]:
    given = call.bound.get("LicenseOptions")
    for option in given if isinstance(given, list) else []:
        if not isinstance(option, PSObject):
            raise _online_error("LicenseOptions takes what New-MsolLicenseOptions makes.", "InvalidParameterException")
        name, plans = option.get("AccountSkuId"), option.get("DisabledServicePlans")
        part = name.get("SkuPartNumber") if isinstance(name, PSObject) else name
        part_number = str(part).rpartition(":")[2].rpartition("_")[2]
        disabled = [str(plan) for plan in plans.items or []] if isinstance(plans, PSObject) else []
        yield _sku(call, part_number), disabled


def _online_error(message: str, error_id: str) -> CmdletError:
    exception = f"{_AUTOMATION}.MicrosoftOnlineException"
    return CmdletError(message, f"{_AUTOMATION}.{error_id}", "OperationStopped", (exception,))
