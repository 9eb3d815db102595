"""Get-OrganizationConfig, and the cmdlets of delayed delicensing (field-notes 1.8)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from psbridge.psobject import PSObject, Value
from psbridge.simulator.cmdlets.exchange import not_found, organization
from psbridge.simulator.dotnet import ad_object_id, listed, server_version, utc
from psbridge.simulator.rules.provisioning import delicense
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.shape import list_types, shape

__all__ = ["expedite_delicensing", "get_organization_config", "get_pending_delicense_user", "set_organization_config"]

_LOCAL_NAME: Final = "First Organization"


@cmdlet("Get-OrganizationConfig", "exo", "onprem", reads=True)
def get_organization_config(call: Call) -> Iterable[Value]:
    """The organisation: whether a licence that was taken away works for 30 days more (field-notes 1.8), and its holds (1.7)."""
    state, place, form = call.world.state, organization(call), shape("organization-config")
    tenant = ad_object_id(state.cloud_organization.tenant_name)
    name = _LOCAL_NAME if call.endpoint == "onprem" else state.cloud_organization.tenant_name
    values: dict[str, Value] = {
        "DelayedDelicensingEnabled": call.endpoint == "exo" and state.settings.delayed_delicensing,
        "AdminDisplayVersion": server_version(place.admin_display_version),
        "Identity": tenant,
        "Id": tenant,
        "Name": name,
        "OriginatingServer": place.domain_controller,
    }
    made, holds = form.make(name, values), state.settings.organization_holds
    if call.endpoint == "exo" and holds is not None:
        made = form.lay_over(made, {"InPlaceHolds": listed(list_types("MultiString"), holds)})
    return [made]


@cmdlet("Set-OrganizationConfig", "exo", uses=("DelayedDelicensingEnabled",))
def set_organization_config(call: Call) -> Iterable[Value]:
    """Switch delayed delicensing on or off (field-notes 1.8)."""
    if call.should_process() and call.has("DelayedDelicensingEnabled"):
        call.world.state.settings.delayed_delicensing = call.bound.get("DelayedDelicensingEnabled") is True
    return ()


@cmdlet("Get-PendingDelicenseUser", "exo", uses=("Identity",), reads=True)
def get_pending_delicense_user(call: Call) -> Iterable[Value]:
    """Who has lost a licence and not yet the mailbox; with -Identity, whether this user has."""
    meant = _accounts_of(call)
    types = ("Microsoft.Exchange.Management.RecipientTasks.PendingDelicenseUser", "System.Object")
    for event in call.world.state.events:
        account = call.world.account(event.about) if event.kind == "delicense" else None
        if account is not None and (meant is None or account.object_id in meant):
            values: dict[str, Value] = {
                "DisplayName": account.display_name,
                "UserPrincipalName": account.user_principal_name,
                "WhenDueForDelicensingUTC": utc(event.due),
            }
            yield PSObject(types, to_string=account.display_name, props=values)


def _accounts_of(call: Call) -> set[UUID | None] | None:
    """The accounts of the recipients that -Identity names; None where it is not given."""
    identity = call.text("Identity")
    if identity is None:
        return None
    return {known.external_directory_object_id for known in call.world.cloud.find(identity) if known.soft_deleted is None}


@cmdlet("Expedite-Delicensing", "exo", uses=("Identity",))
def expedite_delicensing(call: Call) -> Iterable[Value]:
    """End the delay for one user now; nobody else is found."""
    identity = call.text("Identity") or ""
    recipient = next((known for known in call.world.cloud.find(identity) if known.soft_deleted is None), None)
    about = None if recipient is None else recipient.external_directory_object_id
    if about is None or not call.world.is_scheduled("delicense", about):
        raise not_found(call, identity)
    call.world.forget("delicense", about)
    delicense(call.world, about)
    return ()
