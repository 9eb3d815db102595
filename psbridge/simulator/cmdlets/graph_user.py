"""The Microsoft Graph cmdlets for accounts: what works today in place of MSOnline (field-notes 2.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final
from uuid import NAMESPACE_OID, uuid5

from psbridge.psobject import PSObject, Value
from psbridge.simulator.odata import ClauseError, parse_clauses
from psbridge.simulator.rules.deletion import delete_account, purge_account, restore_account
from psbridge.simulator.rules.licensing import add_licence, remove_licence, sku_of
from psbridge.simulator.rules.mobile_phone import set_in_cloud
from psbridge.simulator.rules.replication import forward_later
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.runspace.conversion import plain
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.state import Account, Sku
from psbridge.simulator.views.graph import PROPERTIES, graph_user, licence_details, subscribed_sku

__all__ = [
    "INHERITED",
    "LOCKED",
    "assigned_licences",
    "filtered",
    "find_account",
    "get_mg_directory_deleted_item_as_user",
    "get_mg_subscribed_sku",
    "get_mg_user",
    "get_mg_user_license_detail",
    "is_locked",
    "not_there_text",
    "remove_mg_directory_deleted_item",
    "remove_mg_user",
    "restore_mg_directory_deleted_item",
    "set_mg_user_license",
    "update_mg_user",
]

_HTTP: Final = {
    "Request_ResourceNotFound": "404 (NotFound)",
    "Request_BadRequest": "400 (BadRequest)",
    "Request_UnsupportedQuery": "400 (BadRequest)",
}
# What the local directory owns on a synchronised account, and the attribute of one that is the cloud's own.
_ATTRIBUTES: Final = {"GivenName": "first_name", "Surname": "last_name", "DisplayName": "display_name"}
LOCKED: Final = (
    "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing "
    "migration."
)
INHERITED: Final = "User license is inherited from a group membership and it cannot be removed directly from the user."
_PAGE: Final = 100
# Parameters that do not go into the request.
_QUIET: Final = frozenset({"Confirm", "WhatIf", "ErrorAction", "WarningAction", "All"})


@cmdlet("Get-MgUser", "directory", uses=("UserId", "Property", "All", "Top", "Filter"), reads=True)
def get_mg_user(call: Call) -> Iterable[Value]:
    """One account by its id or name, or all of them; -Property says what of it (field-notes 2.2)."""
    selected = call.texts("Property") if call.has("Property") else None
    if call.has("UserId"):
        return [graph_user(_named(call, "UserId", deleted=False), call.world, selected)]
    try:
        fits = filtered(call)
    except ClauseError as error:
        raise _graph_error(call, "Request_UnsupportedQuery", str(error)) from None
    accounts = [account for account in call.world.accounts if account.deleted is None and fits(account)]
    return (graph_user(account, call.world, selected) for account in accounts[: _limit(call)])


@cmdlet("Remove-MgUser", "directory", uses=("UserId",))
def remove_mg_user(call: Call) -> Iterable[Value]:
    """Delete an account: DELETE /users/{id} (field-notes 2.2)."""
    account = _named(call, "UserId", deleted=False)
    if call.should_process():
        delete_account(call.world, account)
    return ()


@cmdlet("Update-MgUser", "directory", uses=("UserId", "MobilePhone", "UsageLocation", *_ATTRIBUTES))
def update_mg_user(call: Call) -> Iterable[Value]:
    """Change an account; what the local directory owns is refused, the mobile phone is not (field-notes 2.2 and 4)."""
    account = _named(call, "UserId", deleted=False)
    if is_locked(account) and any(call.has(name) for name in _ATTRIBUTES):
        raise _graph_error(call, "Request_BadRequest", LOCKED)
    if not call.should_process():
        return ()
    for name, attribute in _ATTRIBUTES.items():
        if call.has(name):
            setattr(account, attribute, call.text(name) or "")
    if call.has("UsageLocation"):
        account.usage_location = call.text("UsageLocation") or ""
    if call.has("MobilePhone"):
        set_in_cloud(call.world, account, call.text("MobilePhone") or None)
    forward_later(call.world, account.object_id)
    return ()


@cmdlet("Set-MgUserLicense", "directory", uses=("UserId", "AddLicenses", "RemoveLicenses"))
def set_mg_user_license(call: Call) -> Iterable[Value]:
    """Give and take licences by their SkuId; -AddLicenses with DisabledPlans switches single plans off (field-notes 2.2)."""
    account = _named(call, "UserId", deleted=False)
    removing = [_sku(call, name) for name in call.texts("RemoveLicenses")]
    adding = [(_sku(call, str(_entry(one, "SkuId"))), _entry(one, "DisabledPlans")) for one in _tables(call, "AddLicenses")]
    if not call.should_process():
        return ()
    for sku in removing:
        if not remove_licence(call.world, account, sku.part_number):
            raise _graph_error(
                call,
                "Request_BadRequest",
                INHERITED,
            )
    for sku, disabled in adding:
        wanted = {str(plan).lower() for plan in disabled} if isinstance(disabled, list) else set()
        names = [plan.name for plan in sku.plans if str(plan.id) in wanted]
        add_licence(call.world, account, sku.part_number, names)
    return [graph_user(account, call.world)]


@cmdlet("Get-MgDirectoryDeletedItemAsUser", "directory", uses=("DirectoryObjectId", "Property", "All", "Top"), reads=True)
def get_mg_directory_deleted_item_as_user(call: Call) -> Iterable[Value]:
    """Accounts of the recycle bin; one is found by its id only (field-notes 2.2)."""
    selected = call.texts("Property") if call.has("Property") else None
    if call.has("DirectoryObjectId"):
        return [graph_user(_named(call, "DirectoryObjectId", deleted=True), call.world, selected)]
    accounts = [account for account in call.world.accounts if account.deleted is not None]
    return (graph_user(account, call.world, selected) for account in accounts[: _limit(call)])


@cmdlet("Remove-MgDirectoryDeletedItem", "directory", uses=("DirectoryObjectId",))
def remove_mg_directory_deleted_item(call: Call) -> Iterable[Value]:
    """Purge an account from the recycle bin (field-notes 2.2)."""
    account = _named(call, "DirectoryObjectId", deleted=True)
    if call.should_process():
        purge_account(call.world, account)
    return ()


@cmdlet("Restore-MgDirectoryDeletedItem", "directory", uses=("DirectoryObjectId",))
def restore_mg_directory_deleted_item(call: Call) -> Iterable[Value]:
    """Take an account back out of the recycle bin (field-notes 2.2)."""
    account = _named(call, "DirectoryObjectId", deleted=True)
    if not call.should_process():
        return ()
    restore_account(call.world, account)
    return [graph_user(account, call.world)]


@cmdlet("Get-MgSubscribedSku", "directory", uses=("All",), reads=True)
def get_mg_subscribed_sku(call: Call) -> Iterable[Value]:
    """The licences of the tenant."""
    return (subscribed_sku(sku, call.world) for sku in call.world.state.skus)


@cmdlet("Get-MgUserLicenseDetail", "directory", uses=("UserId", "All"), reads=True)
def get_mg_user_license_detail(call: Call) -> Iterable[Value]:
    """The licences of an account, with their plans (field-notes 2.3)."""
    account = _named(call, "UserId", deleted=False)
    skus = (sku_of(call.world, licence.sku) for licence in account.licenses)
    return (licence_details(sku) for sku in skus if sku is not None)


def filtered(call: Call) -> Callable[[Account], bool]:
    """What -Filter lets pass; everybody without it. Raises ClauseError."""
    if not call.has("Filter"):
        return lambda _: True
    test = parse_clauses(call.text("Filter") or "", PROPERTIES)
    return lambda account: test(graph_user(account, call.world, PROPERTIES))


def find_account(call: Call, wanted: str, *, deleted: bool) -> Account | None:
    """An account by its id, or, where it is no deleted one, by its sign-in name."""
    for account in call.world.accounts.find(wanted):
        names = {str(account.object_id)} if deleted else {str(account.object_id), account.user_principal_name.casefold()}
        if (account.deleted is not None) == deleted and wanted.casefold() in names:
            return account
    return None


def is_locked(account: Account) -> bool:
    """Whether the local directory owns it (field-notes 1.9: not after its source of authority has moved)."""
    return account.last_dir_sync_time is not None and not account.cloud_managed


def assigned_licences(given: object) -> tuple[list[tuple[str, set[str]]], list[str]]:
    """An object with AddLicenses and RemoveLicenses: what to add, each with its disabled plans, and what to take away."""
    table = given if isinstance(given, dict) else {}
    if isinstance(given, PSObject):
        table = {name: plain(given.get(name)) for name in given.names()}
    adding, removing = _entry(table, "AddLicenses"), _entry(table, "RemoveLicenses")
    entries = [one for one in _several(adding) if isinstance(one, dict | PSObject)]
    return [_wanted(one) for one in entries], [str(name) for name in _several(removing)]


def _several(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _wanted(given: dict[str, object] | PSObject) -> tuple[str, set[str]]:
    table = given if isinstance(given, dict) else {name: plain(given.get(name)) for name in given.names()}
    return str(_entry(table, "SkuId")), {str(plan).lower() for plan in _several(_entry(table, "DisabledPlans"))}


def not_there_text(wanted: str) -> str:
    """Graph's own text for a 404."""
    return f"Resource '{wanted}' does not exist or one of its queried reference-property objects are not present."


def _named(call: Call, parameter: str, *, deleted: bool) -> Account:
    wanted = call.text(parameter) or ""
    account = find_account(call, wanted, deleted=deleted)
    if account is None:
        raise _graph_error(call, "Request_ResourceNotFound", not_there_text(wanted))
    return account


def _sku(call: Call, wanted: str) -> Sku:
    sku = sku_of(call.world, wanted)
    if sku is None:
        raise _graph_error(call, "Request_BadRequest", f"License {wanted} does not correspond to a valid company License.")
    return sku


def _tables(call: Call, parameter: str) -> list[dict[str, object]]:
    given = call.bound.get(parameter)
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _entry(table: dict[str, object], name: str) -> object:
    return next((value for key, value in table.items() if str(key).lower() == name.lower()), None)


def _limit(call: Call) -> int | None:
    top = call.bound.get("Top")
    return top if isinstance(top, int) else None if call.switch("All") else _PAGE


def _graph_error(call: Call, code: str, message: str) -> CmdletError:
    """An error of Graph's cmdlets: the code is the id, the text has the HTTP answer below (field-notes 2.2 b)."""
    ids = [uuid5(NAMESPACE_OID, f"{name} {sum(call.world.state.calls.values())}") for name in ("request", "client")]
    head = f"Status: {_HTTP[code]}\nErrorCode: {code}\nDate: {call.world.now:%Y-%m-%dT%H:%M:%S}\n"
    heads = f"Headers:\nrequest-id                    : {ids[0]}\nclient-request-id             : {ids[1]}\n"
    types = {known.name: known.type for known in call.info.parameters}
    shown = {name: types[name] if isinstance(value, list) else value for name, value in call.bound.items()}
    bound = [f"{name} = {value}" for name, value in shown.items() if name not in _QUIET]
    target = f"{{ {', '.join((*bound, 'Headers = '))} }}"
    return CmdletError(
        f"[{code}] : {message}",
        code,
        "InvalidOperation",
        (),
        target=target,
        target_type="<>f__AnonymousType1`4",
        details=f"{message}\n\n{head}\n{heads}",
        activity=call.info.class_name.rpartition(".")[2].replace("Mg", "-Mg", 1),
    )
