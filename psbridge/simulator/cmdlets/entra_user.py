"""The Microsoft Entra cmdlets for accounts: the other dialect that works today (field-notes 2.2)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final
from uuid import NAMESPACE_OID, uuid5

from psbridge.psobject import Value
from psbridge.simulator.cmdlets.choosing import CHOOSING, wanted
from psbridge.simulator.cmdlets.graph_user import (
    INHERITED,
    LOCKED,
    assigned_licences,
    filtered,
    find_account,
    is_locked,
    not_there_text,
)
from psbridge.simulator.odata import ClauseError
from psbridge.simulator.rules.deletion import delete_account, purge_account, restore_account
from psbridge.simulator.rules.licensing import add_licence, remove_licence, sku_of
from psbridge.simulator.rules.mobile_phone import set_in_cloud
from psbridge.simulator.rules.replication import forward_later
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.state import Account
from psbridge.simulator.views.graph import entra_user, subscribed_sku

__all__ = [
    "get_entra_deleted_user",
    "get_entra_subscribed_sku",
    "get_entra_user",
    "remove_entra_deleted_directory_object",
    "remove_entra_user",
    "restore_entra_deleted_directory_object",
    "set_entra_user",
    "set_entra_user_license",
]

_EXCEPTION: Final = "Microsoft.Graph.PowerShell.Authentication.Helpers.HttpResponseException"
_USERS: Final = "https://graph.microsoft.com/v1.0/users"
_DELETED: Final = "https://graph.microsoft.com/v1.0/directory/deletedItems"
_PAGE: Final = 100
# What the local directory owns on a synchronised account, and the attribute of one that is the cloud's own.
_ATTRIBUTES: Final = {"GivenName": "first_name", "Surname": "last_name", "DisplayName": "display_name"}


@cmdlet("Get-EntraUser", "directory", uses=("UserId", "All", "Top", "Filter", "Property"), shared=CHOOSING, reads=True)
def get_entra_user(call: Call) -> Iterable[Value]:
    """One account by its id or name, or all of them (field-notes 2.2)."""
    if call.has("UserId"):
        return [entra_user(_named(call, "UserId", "GET", _USERS, deleted=False), call.world, _selected(call))]
    return _listed(call, _USERS, deleted=False)


@cmdlet("Remove-EntraUser", "directory", uses=("UserId",))
def remove_entra_user(call: Call) -> Iterable[Value]:
    """Delete an account; there is neither -WhatIf nor -Confirm (field-notes 2.2)."""
    delete_account(call.world, _named(call, "UserId", "DELETE", _USERS, deleted=False))
    return ()


@cmdlet("Get-EntraDeletedUser", "directory", uses=("UserId", "All", "Top", "Filter", "Property"), shared=CHOOSING, reads=True)
def get_entra_deleted_user(call: Call) -> Iterable[Value]:
    """Accounts of the recycle bin; the sign-in name begins with the id there, so one is found by its id (field-notes 2.2)."""
    if call.has("UserId"):
        return [entra_user(_named(call, "UserId", "GET", _DELETED, deleted=True), call.world, _selected(call))]
    return _listed(call, _DELETED, deleted=True)


@cmdlet("Remove-EntraDeletedDirectoryObject", "directory", uses=("DirectoryObjectId",))
def remove_entra_deleted_directory_object(call: Call) -> Iterable[Value]:
    """Purge an account from the recycle bin (field-notes 2.2)."""
    purge_account(call.world, _named(call, "DirectoryObjectId", "DELETE", _DELETED, deleted=True))
    return ()


@cmdlet("Restore-EntraDeletedDirectoryObject", "directory", uses=("Id",))
def restore_entra_deleted_directory_object(call: Call) -> Iterable[Value]:
    """Take an account back out of the recycle bin (field-notes 2.2)."""
    account = _named(call, "Id", "POST", _DELETED, deleted=True)
    restore_account(call.world, account)
    return [entra_user(account, call.world)]


@cmdlet("Set-EntraUser", "directory", uses=("UserId", "Mobile", "UsageLocation", *_ATTRIBUTES))
def set_entra_user(call: Call) -> Iterable[Value]:
    """Change an account; what the local directory owns is refused, the mobile phone is not (field-notes 2.2 and 4)."""
    account = _named(call, "UserId", "PATCH", _USERS, deleted=False)
    if is_locked(account) and any(call.has(name) for name in _ATTRIBUTES):
        raise _refused(call, "PATCH", f"{_USERS}/{call.text('UserId')}", "400 Bad Request", "Request_BadRequest", LOCKED)
    for name, attribute in _ATTRIBUTES.items():
        if call.has(name):
            setattr(account, attribute, call.text(name) or "")
    if call.has("UsageLocation"):
        account.usage_location = call.text("UsageLocation") or ""
    if call.has("Mobile"):
        set_in_cloud(call.world, account, call.text("Mobile") or None)
    forward_later(call.world, account.object_id)
    return ()


@cmdlet("Set-EntraUserLicense", "directory", uses=("UserId", "AssignedLicenses"))
def set_entra_user_license(call: Call) -> Iterable[Value]:
    """Give and take licences by their SkuId, in one object with AddLicenses and RemoveLicenses (field-notes 2.2)."""
    account = _named(call, "UserId", "POST", _USERS, deleted=False)
    address = f"{_USERS}/{call.text('UserId')}/microsoft.graph.assignLicense"
    adding, removing = assigned_licences(call.bound.get("AssignedLicenses"))
    changes = [(sku_of(call.world, name), name) for name in (*(one for one, _ in adding), *removing)]
    for sku, name in changes:
        if sku is None:
            text = f"License {name} does not correspond to a valid company License."
            raise _refused(call, "POST", address, "400 Bad Request", "Request_BadRequest", text)
    for name in removing:
        sku = sku_of(call.world, name)
        if sku is not None and not remove_licence(call.world, account, sku.part_number):
            raise _refused(call, "POST", address, "400 Bad Request", "Request_BadRequest", INHERITED)
    for name, disabled in adding:
        sku = sku_of(call.world, name)
        if sku is not None:
            plans = [plan.name for plan in sku.plans if str(plan.id) in disabled]
            add_licence(call.world, account, sku.part_number, plans)
    return [entra_user(account, call.world)]


@cmdlet("Get-EntraSubscribedSku", "directory", uses=("SubscribedSkuId",), reads=True)
def get_entra_subscribed_sku(call: Call) -> Iterable[Value]:
    """The licences of the tenant."""
    wanted = call.text("SubscribedSkuId")
    skus = (sku for sku in call.world.state.skus if wanted is None or wanted.endswith(str(sku.sku_id)))
    return (subscribed_sku(sku, call.world) for sku in skus)


def _selected(call: Call) -> list[str] | None:
    return call.texts("Property") if call.has("Property") else None


def _listed(call: Call, where: str, *, deleted: bool) -> Iterable[Value]:
    try:
        fits = filtered(call)
    except ClauseError as error:
        address = f"{where}?$filter={call.text('Filter')}"
        raise _refused(call, "GET", address, "400 Bad Request", "Request_UnsupportedQuery", str(error)) from None
    top = call.bound.get("Top")
    limit = top if isinstance(top, int) else None if call.switch("All") else _PAGE
    there = (account for account in call.world.accounts if (account.deleted is not None) == deleted)
    accounts = [account for account in there if wanted(call, account) and fits(account)]
    return (entra_user(account, call.world, _selected(call)) for account in accounts[:limit])


def _named(call: Call, parameter: str, verb: str, where: str, *, deleted: bool) -> Account:
    """The account that is named. Raises CmdletError: the HTTP answer, as Entra's module shows it."""
    named = call.text(parameter) or ""
    account = find_account(call, named, deleted=deleted)
    if account is not None:
        return account
    raise _refused(call, verb, f"{where}/{named}", "404 Not Found", "Request_ResourceNotFound", not_there_text(named))


def _refused(call: Call, verb: str, address: str, status: str, code: str, text: str) -> CmdletError:
    request = str(uuid5(NAMESPACE_OID, f"request {sum(call.world.state.calls.values())}"))
    inner = {"code": code, "message": text, "innerError": {"request-id": request}}
    return CmdletError(
        f"Response status code does not indicate success: {status.partition(' ')[2]} ({code}).",
        "InvokeGraphHttpResponseException",
        "InvalidOperation",
        (_EXCEPTION,),
        target=f"Method: {verb}, RequestUri: '{address}', Version: 1.1",
        details=f"{verb} {address}\nHTTP/1.1 {status}\n\n{json.dumps({'error': inner}, separators=(',', ':'))}",
    )
