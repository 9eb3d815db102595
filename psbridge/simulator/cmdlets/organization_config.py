"""Get-OrganizationConfig, and the cmdlets of delayed delicensing (field-notes 1.8)."""

from __future__ import annotations

from collections.abc import Iterable

from psbridge.psobject import PSObject, Value
from psbridge.simulator.cmdlets.exchange import not_found
from psbridge.simulator.dotnet import ad_object_id, server_version, utc
from psbridge.simulator.rules.provisioning import delicense
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.shape import shape

__all__ = ["expedite_delicensing", "get_organization_config", "get_pending_delicense_user"]


@cmdlet("Get-OrganizationConfig", "exo", reads=True)
def get_organization_config(call: Call) -> Iterable[Value]:
    """The organisation: whether a licence that was taken away works for 30 days more (field-notes 1.8)."""
    place, form = call.world.state.cloud_organization, shape("organization-config")
    values: dict[str, Value] = {
        "DelayedDelicensingEnabled": call.world.state.settings.delayed_delicensing,
        "AdminDisplayVersion": server_version(place.admin_display_version),
        "Identity": ad_object_id(place.tenant_name),
        "Id": ad_object_id(place.tenant_name),
        "Name": place.tenant_name,
        "OriginatingServer": place.domain_controller,
    }
    return [form.make(place.tenant_name, values)]


@cmdlet("Get-PendingDelicenseUser", "exo", reads=True)
def get_pending_delicense_user(call: Call) -> Iterable[Value]:
    """Who has lost a licence and not yet the mailbox."""
    types = ("Microsoft.Exchange.Management.RecipientTasks.PendingDelicenseUser", "System.Object")
    for event in call.world.state.events:
        account = call.world.account(event.about) if event.kind == "delicense" else None
        if account is not None:
            values: dict[str, Value] = {
                "DisplayName": account.display_name,
                "UserPrincipalName": account.user_principal_name,
                "WhenDueForDelicensingUTC": utc(event.due),
            }
            yield PSObject(types, to_string=account.display_name, props=values)


@cmdlet("Expedite-Delicensing", "exo", uses=("Identity",))
def expedite_delicensing(call: Call) -> Iterable[Value]:
    """End the delay for one user now."""
    identity = call.text("Identity") or ""
    recipient = next((known for known in call.world.cloud.find(identity) if known.soft_deleted is None), None)
    if recipient is None or recipient.external_directory_object_id is None:
        raise not_found(call, identity)
    call.world.forget("delicense", recipient.external_directory_object_id)
    delicense(call.world, recipient.external_directory_object_id)
    return ()
