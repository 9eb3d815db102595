"""Get-ADUser and Set-ADUser: the local directory itself, where `mobile` and `otherMobile` live (field-notes 4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from psbridge.psobject import PSObject, Value
from psbridge.simulator.dotnet import listed, utc
from psbridge.simulator.opath import FilterError, parse_filter
from psbridge.simulator.rules.synchronisation import changed_locally
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.shape import shape
from psbridge.simulator.state import LocalUser
from psbridge.simulator.world import NO_GUID, World

__all__ = ["get_ad_user", "set_ad_user"]

_NOT_FOUND: Final = "Microsoft.ActiveDirectory.Management.Commands.ADIdentityNotFoundException"
_STRINGS: Final = ("System.String[]", "System.Array", "System.Object")
_NAMES: Final = {"GivenName": "first_name", "Surname": "last_name", "DisplayName": "display_name"}


@cmdlet("Get-ADUser", "onprem", uses=("Identity", "Filter", "Properties"), reads=True)
def get_ad_user(call: Call) -> Iterable[Value]:
    """One user, or those whom a filter chooses; `*` is everybody. Every simulated property is given, asked for or not."""
    if call.has("Identity"):
        return [_object(_user(call), call.world)]
    text = (call.text("Filter") or "").strip()
    try:
        test = (lambda _: True) if text == "*" else parse_filter(text, shape("ad-user").defaults.keys())
    except FilterError as error:
        exceptions = ("System.FormatException", "System.SystemException")
        raise CmdletError(str(error), "System.FormatException", "NotSpecified", exceptions, terminating=True) from None
    return (made for user in call.world.local if test(made := _object(user, call.world)))


@cmdlet("Set-ADUser", "onprem", uses=("Identity", "MobilePhone", "Replace", "Clear", "PassThru", *_NAMES))
def set_ad_user(call: Call) -> Iterable[Value]:
    """Change a user; the next cycle carries it to the cloud (the third document; field-notes 4)."""
    user = _user(call)
    changes = _changes(call)
    unknown = sorted(changes.keys() - {"mobile", "othermobile"})
    if unknown:
        text = f"The simulator knows the attributes mobile and otherMobile only, not {', '.join(unknown)}. Nothing was done."
        exceptions = ("System.NotImplementedException", "System.SystemException")
        raise CmdletError(text, "SimulatorAttributeNotImplemented", "NotImplemented", exceptions, terminating=True)
    if not call.should_process():
        return ()
    if "mobile" in changes:
        user.mobile = str(changes["mobile"]) if changes["mobile"] else None
    if "othermobile" in changes:
        numbers = changes["othermobile"]
        user.other_mobile = [str(one) for one in numbers] if isinstance(numbers, list) else [str(numbers)] if numbers else []
    for name, attribute in _NAMES.items():
        if call.has(name):
            setattr(user, attribute, call.text(name) or "")
    changed_locally(call.world, user)
    return [_object(user, call.world)] if call.switch("PassThru") else ()


def _changes(call: Call) -> dict[str, object]:
    """What becomes of which attribute; None empties it."""
    given = call.bound.get("Replace")
    replaced = {str(name).casefold(): value for name, value in given.items()} if isinstance(given, dict) else {}
    cleared: dict[str, object] = {name.casefold(): None for name in call.texts("Clear")}
    mobile: dict[str, object] = {"mobile": call.text("MobilePhone")} if call.has("MobilePhone") else {}
    return {**cleared, **replaced, **mobile}


def _user(call: Call) -> LocalUser:
    wanted = call.text("Identity") or ""
    found = call.world.local.find(wanted)
    by_dn = [user for user in call.world.local if _dn(user, call.world).casefold() == wanted.casefold()] if "=" in wanted else []
    if not found and not by_dn:
        under = ",".join(f"DC={part}" for part in call.world.state.on_premises_organization.domain.split("."))
        text = f"Cannot find an object with identity: '{wanted}' under: '{under}'."
        error_id = f"ActiveDirectoryCmdlet:{_NOT_FOUND}"
        raise CmdletError(text, error_id, "ObjectNotFound", (_NOT_FOUND,), target=wanted, terminating=True)
    return (found or by_dn)[0]


def _dn(user: LocalUser, world: World) -> str:
    domain, _, container = world.state.on_premises_organization.container.partition("/")
    return f"CN={user.name},CN={container},{','.join(f'DC={part}' for part in domain.split('.'))}"


def _object(user: LocalUser, world: World) -> PSObject:
    dn = _dn(user, world)
    values: dict[str, Value] = {
        "DistinguishedName": dn,
        "GivenName": user.first_name or None,
        "mobile": user.mobile,
        "MobilePhone": user.mobile,
        "Name": user.name,
        "ObjectGUID": user.object_guid,
        "otherMobile": listed(_STRINGS, list(user.other_mobile)),
        "SamAccountName": user.sam_account_name,
        "Surname": user.last_name or None,
        "UserPrincipalName": user.user_principal_name,
        "msExchMailboxGuid": str(user.exchange_guid) if user.exchange_guid != NO_GUID else None,
        "whenChanged": utc(user.when_changed),
    }
    return shape("ad-user").make(dn, values)
