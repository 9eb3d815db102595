"""The Microsoft Entra cmdlets for accounts: the other dialect that works today (field-notes 2.2)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final
from uuid import NAMESPACE_OID, uuid5

from psbridge.psobject import Value
from psbridge.simulator.cmdlets.graph_user import find_account, not_there_text
from psbridge.simulator.rules.deletion import delete_account, purge_account, restore_account
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.state import Account
from psbridge.simulator.views.graph import entra_user

__all__ = [
    "get_entra_deleted_user",
    "get_entra_user",
    "remove_entra_deleted_directory_object",
    "remove_entra_user",
    "restore_entra_deleted_directory_object",
]

_EXCEPTION: Final = "Microsoft.Graph.PowerShell.Authentication.Helpers.HttpResponseException"
_USERS: Final = "https://graph.microsoft.com/v1.0/users"
_DELETED: Final = "https://graph.microsoft.com/v1.0/directory/deletedItems"
_PAGE: Final = 100


@cmdlet("Get-EntraUser", "directory", uses=("UserId", "All", "Top"), reads=True)
def get_entra_user(call: Call) -> Iterable[Value]:
    """One account by its id or name, or all of them (field-notes 2.2)."""
    if call.has("UserId"):
        return [entra_user(_named(call, "UserId", "GET", _USERS, deleted=False), call.world)]
    return _listed(call, deleted=False)


@cmdlet("Remove-EntraUser", "directory", uses=("UserId",))
def remove_entra_user(call: Call) -> Iterable[Value]:
    """Delete an account; there is neither -WhatIf nor -Confirm (field-notes 2.2)."""
    delete_account(call.world, _named(call, "UserId", "DELETE", _USERS, deleted=False))
    return ()


@cmdlet("Get-EntraDeletedUser", "directory", uses=("UserId", "All", "Top"), reads=True)
def get_entra_deleted_user(call: Call) -> Iterable[Value]:
    """Accounts of the recycle bin; the sign-in name begins with the id there, so one is found by its id (field-notes 2.2)."""
    if call.has("UserId"):
        return [entra_user(_named(call, "UserId", "GET", _DELETED, deleted=True), call.world)]
    return _listed(call, deleted=True)


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


def _listed(call: Call, *, deleted: bool) -> Iterable[Value]:
    top = call.bound.get("Top")
    limit = top if isinstance(top, int) else None if call.switch("All") else _PAGE
    accounts = [account for account in call.world.accounts if (account.deleted is not None) == deleted]
    return (entra_user(account, call.world) for account in accounts[:limit])


def _named(call: Call, parameter: str, verb: str, where: str, *, deleted: bool) -> Account:
    """The account that is named. Raises CmdletError: the HTTP answer, as Entra's module shows it."""
    wanted = call.text(parameter) or ""
    account = find_account(call, wanted, deleted=deleted)
    if account is not None:
        return account
    request = str(uuid5(NAMESPACE_OID, f"request {sum(call.world.state.calls.values())}"))
    inner = {"code": "Request_ResourceNotFound", "message": not_there_text(wanted), "innerError": {"request-id": request}}
    address = f"{where}/{wanted}"
    raise CmdletError(
        "Response status code does not indicate success: Not Found (Request_ResourceNotFound).",
        "InvokeGraphHttpResponseException",
        "InvalidOperation",
        (_EXCEPTION,),
        target=f"Method: {verb}, RequestUri: '{address}', Version: 1.1",
        details=f"{verb} {address}\nHTTP/1.1 404 Not Found\n\n{json.dumps({'error': inner}, separators=(',', ':'))}",
    )
