"""The cmdlets of ADSyncTools for mobile phones whose source of authority has moved to the cloud (field-notes 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from psbridge.psobject import Kind, PSObject, Value
from psbridge.simulator.rules.mobile_phone import set_alternates_in_cloud, set_in_cloud
from psbridge.simulator.rules.synchronisation import changed_locally, source_anchor
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.state import Account, LocalUser

__all__ = [
    "clear_ad_sync_tools_dir_sync_overrides_user",
    "compare_ad_sync_tools_dir_sync_overrides",
    "get_ad_sync_tools_dir_sync_overrides_user",
    "set_ad_sync_tools_dir_sync_overrides_user",
]

_CUSTOM: Final = ("System.Management.Automation.PSCustomObject", "System.Object")
_STRINGS: Final = ("System.String[]", "System.Array", "System.Object")
_VALUES: Final = ("MobileInAD", "OtherMobileInAD", "MobilePhoneInAAD", "AlternateMobilePhonesInAAD")


@cmdlet("Get-ADSyncToolsDirSyncOverridesUser", "sync", uses=("Identity", "FromAD", "FromAzureAD"), reads=True)
def get_ad_sync_tools_dir_sync_overrides_user(call: Call) -> Iterable[Value]:
    """The numbers of a user in the local directory, or with -FromAzureAD in the cloud (field-notes 4)."""
    user, account = _user(call)
    if call.switch("FromAzureAD"):
        if account is None:
            raise _unknown(call)
        return [_object(user, MobilePhone=account.mobile_phone, AlternateMobilePhones=account.alternate_mobile_phones)]
    return [_object(user, mobile=user.mobile, otherMobile=user.other_mobile)]


@cmdlet("Set-ADSyncToolsDirSyncOverridesUser", "sync", uses=("Identity", *_VALUES))
def set_ad_sync_tools_dir_sync_overrides_user(call: Call) -> Iterable[Value]:
    """Write the numbers of a user on either side (field-notes 4)."""
    user, account = _user(call)
    if call.has("MobileInAD"):
        user.mobile = call.text("MobileInAD") or None
    if call.has("OtherMobileInAD"):
        user.other_mobile = call.texts("OtherMobileInAD")
    if call.has("MobilePhoneInAAD") and account is not None:
        set_in_cloud(call.world, account, call.text("MobilePhoneInAAD") or None)
    if call.has("AlternateMobilePhonesInAAD") and account is not None:
        set_alternates_in_cloud(call.world, account, call.texts("AlternateMobilePhonesInAAD"))
    if call.has("MobileInAD") or call.has("OtherMobileInAD"):
        changed_locally(call.world, user)
    return ()


@cmdlet("Clear-ADSyncToolsDirSyncOverridesUser", "sync", uses=("Identity", *_VALUES))
def clear_ad_sync_tools_dir_sync_overrides_user(call: Call) -> Iterable[Value]:
    """Empty the numbers of a user on either side (field-notes 4)."""
    user, account = _user(call)
    if call.switch("MobileInAD"):
        user.mobile = None
    if call.switch("OtherMobileInAD"):
        user.other_mobile = []
    if call.switch("MobilePhoneInAAD") and account is not None:
        set_in_cloud(call.world, account, None)
    if call.switch("AlternateMobilePhonesInAAD") and account is not None:
        set_alternates_in_cloud(call.world, account, [])
    if call.switch("MobileInAD") or call.switch("OtherMobileInAD"):
        changed_locally(call.world, user)
    return ()


@cmdlet("Compare-ADSyncToolsDirSyncOverrides", "sync", uses=("Credential",), reads=True)
def compare_ad_sync_tools_dir_sync_overrides(call: Call) -> Iterator[Value]:
    """Every user whose numbers differ between the two sides (field-notes 4).

    The real one writes them to a CSV file on the server; a simulated server has no files, so they are given out.
    """
    for user in call.world.local:
        account = _account(call, user)
        if account is None:
            continue
        local, cloud = (user.mobile or None, user.other_mobile), (account.mobile_phone or None, account.alternate_mobile_phones)
        if local != cloud:
            rows = {"MobileInAD": local[0], "MobileInAAD": cloud[0], "OtherMobileInAD": local[1], "OtherMobileInAAD": cloud[1]}
            yield _object(user, **rows)


def _user(call: Call) -> tuple[LocalUser, Account | None]:
    found = call.world.local.find(call.text("Identity") or "")
    if not found:
        raise _unknown(call)
    return found[0], _account(call, found[0])


def _account(call: Call, user: LocalUser) -> Account | None:
    return next((account for account in call.world.accounts.find(source_anchor(user)) if account.deleted is None), None)


def _object(user: LocalUser, **values: str | list[str] | None) -> PSObject:
    notes: dict[str, Value] = {"UserPrincipalName": user.user_principal_name}
    for name, value in values.items():
        notes[name] = PSObject(_STRINGS, kind=Kind.LIST, items=list(value)) if isinstance(value, list) else value
    return PSObject(_CUSTOM, ms=notes)


def _unknown(call: Call) -> CmdletError:
    wanted = call.text("Identity") or ""
    exception = ("System.InvalidOperationException", "System.SystemException")
    return CmdletError(f"Unable to find user '{wanted}'.", "UserNotFound", "ObjectNotFound", exception, target=wanted)
