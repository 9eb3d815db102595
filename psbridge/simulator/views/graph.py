"""An account in, what the cmdlets of Microsoft Graph and Microsoft Entra give out (field-notes 2.2 and 2.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from psbridge.psobject import Kind, PSObject, Value
from psbridge.simulator.dotnet import listed, utc
from psbridge.simulator.rules.licensing import sku_of
from psbridge.simulator.shape import shape
from psbridge.simulator.state import Account, Licence, Sku, ValidationError
from psbridge.simulator.views.mail_enabled import primary_address
from psbridge.simulator.world import World

__all__ = ["PROPERTIES", "directory_synchronisation", "entra_user", "graph_user", "licence_details", "subscribed_sku"]

_MODELS: Final = "Microsoft.Graph.PowerShell.Models"
_DICTIONARY: Final = "System.Collections.Generic.Dictionary`2[[{string}],[{held}]]"
_CORE: Final = "System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e"
# What Graph gives where nothing was selected.
_DEFAULT: Final = (
    *("BusinessPhones", "DisplayName", "GivenName", "Id", "JobTitle", "Mail", "MobilePhone", "OfficeLocation"),
    *("PreferredLanguage", "Surname", "UserPrincipalName", "DeletedDateTime"),
)
# The properties that a PATCH or a $select can name, by their name in lower case.
PROPERTIES: Final = frozenset(name.lower() for name in shape("graph-user").defaults)
# What Entra's module lays beside an object: its JSON, under the names of the REST interface.
_JSON: Final = (
    *("accountEnabled", "createdDateTime", "displayName", "givenName", "isLicenseReconciliationNeeded", "mail", "mailNickname"),
    *(
        "mobilePhone",
        "onPremisesImmutableId",
        "onPremisesLastSyncDateTime",
        "onPremisesSyncEnabled",
        "onPremisesUserPrincipalName",
    ),
    *("surname", "usageLocation", "userPrincipalName", "userType", "deletedDateTime"),
)


def graph_user(account: Account, world: World, selected: Iterable[str] | None = None) -> PSObject:
    """An account as Get-MgUser shows it: only what was selected; one in the recycle bin has its id before its name (2.2)."""
    form = shape("graph-user")
    asked = None if selected is None else list(selected)
    wanted = {name.lower() for name in (_DEFAULT if asked is None else asked)}
    values = {name: value for name, value in _everything(account, world).items() if name.lower() in wanted}
    if asked is not None:
        context = f"https://graph.microsoft.com/v1.0/$metadata#users({','.join(asked)})/$entity"
        values["AdditionalProperties"] = _table(("@odata.context", context))
    return form.make(form.types[0], values)


def entra_user(account: Account, world: World, selected: Iterable[str] | None = None) -> PSObject:
    """An account as Get-EntraUser shows it: everything, or what was selected, and its JSON's own names beside."""
    form = shape("graph-user")
    wanted = None if selected is None else {"id", *(name.lower() for name in selected)}
    values = {name: value for name, value in _everything(account, world).items() if wanted is None or name.lower() in wanted}
    made = form.make(form.types[0], values)
    by_name = {name.lower(): value for name, value in values.items()}
    notes = {name: by_name[name.lower()] for name in _JSON if by_name.get(name.lower()) is not None}
    return PSObject(made.types, to_string=made.to_string, props=made.props, ms={"ObjectId": str(account.object_id), **notes})


def subscribed_sku(sku: Sku, world: World) -> PSObject:
    """A licence of the tenant as Get-MgSubscribedSku shows it."""
    place = world.state.cloud_organization
    used = sum(any(licence.sku == sku.part_number for licence in account.licenses) for account in world.accounts)
    units = _model("MicrosoftGraphLicenseUnitsDetail", {"Enabled": sku.units, "LockedOut": 0, "Suspended": 0, "Warning": 0})
    return _model(
        "MicrosoftGraphSubscribedSku",
        {
            "AccountId": str(place.tenant_id),
            "AccountName": place.tenant_name.partition(".")[0],
            "AppliesTo": "User",
            "CapabilityStatus": "Enabled",
            "ConsumedUnits": used,
            "Id": f"{place.tenant_id}_{sku.sku_id}",
            "PrepaidUnits": units,
            "ServicePlans": _service_plans(sku),
            "SkuId": str(sku.sku_id),
            "SkuPartNumber": sku.part_number,
            "SubscriptionIds": _strings([str(sku.sku_id)]),
        },
    )


def licence_details(sku: Sku) -> PSObject:
    """One licence of an account, with its plans."""
    values: dict[str, Value] = {
        "Id": sku.sku_id.hex,
        "ServicePlans": _service_plans(sku),
        "SkuId": str(sku.sku_id),
        "SkuPartNumber": sku.part_number,
    }
    return _model("MicrosoftGraphLicenseDetails", values)


def directory_synchronisation(world: World) -> PSObject:
    """The tenant's directory synchronisation and its features (field-notes 4)."""
    features: dict[str, Value] = {
        "BypassDirSyncOverridesEnabled": world.state.settings.bypass_dir_sync_overrides,
        "BlockSoftMatchEnabled": False,
        "PasswordSyncEnabled": True,
        "QuarantineUponProxyAddressesConflictEnabled": True,
        "QuarantineUponUpnConflictEnabled": True,
    }
    name = "MicrosoftGraphOnPremisesDirectorySynchronization"
    values: dict[str, Value] = {
        "Configuration": None,
        "Features": _model(f"{name}Feature", features),
        "Id": str(world.state.cloud_organization.tenant_id),
    }
    return _model(name, values)


def _everything(account: Account, world: World) -> dict[str, Value]:
    synced = account.last_dir_sync_time is not None
    name = account.user_principal_name
    licences = account.licenses
    return {
        "AccountEnabled": True,
        "AssignedLicenses": _array("MicrosoftGraphAssignedLicense", [_assigned(one, world) for one in licences]),
        "AssignedPlans": _array("MicrosoftGraphAssignedPlan", _plans(account, world)),
        "BusinessPhones": _strings([]),
        "CreatedDateTime": utc(account.when_created),
        "DeletedDateTime": utc(account.deleted),
        "DisplayName": account.display_name,
        "GivenName": account.first_name or None,
        "Id": str(account.object_id),
        "ImAddresses": _strings([]),
        "IsLicenseReconciliationNeeded": False,
        "LicenseAssignmentStates": _array(
            "MicrosoftGraphLicenseAssignmentState", [_assignment_state(one, account, world) for one in licences]
        ),
        "Mail": primary_address(account.proxy_addresses) or None,
        "MailNickname": account.alias or None,
        "MobilePhone": account.mobile_phone,
        "OnPremisesImmutableId": account.immutable_id,
        "OnPremisesLastSyncDateTime": utc(account.last_dir_sync_time),
        "OnPremisesProvisioningErrors": _array("MicrosoftGraphOnPremisesProvisioningError", []),
        # null after the source of authority has moved to the cloud, and where there was never another (field-notes 1.9).
        "OnPremisesSyncEnabled": True if synced and not account.cloud_managed else None,
        "OnPremisesUserPrincipalName": name if synced else None,
        "OtherMails": _strings([]),
        "ProxyAddresses": _strings(account.proxy_addresses),
        "ServiceProvisioningErrors": _array(
            "MicrosoftGraphServiceProvisioningError", [_provisioning_error(error) for error in account.errors]
        ),
        "Surname": account.last_name or None,
        "UsageLocation": account.usage_location,
        "UserPrincipalName": f"{account.object_id.hex}{name}" if account.deleted else name,
        "UserType": "Member",
    }


def _assigned(licence: Licence, world: World) -> PSObject:
    return _model("MicrosoftGraphAssignedLicense", {"DisabledPlans": _disabled(licence, world), "SkuId": _sku_id(licence, world)})


def _assignment_state(licence: Licence, account: Account, world: World) -> PSObject:
    return _model(
        "MicrosoftGraphLicenseAssignmentState",
        {
            "AssignedByGroup": str(licence.assigned_by_group) if licence.assigned_by_group else None,
            "DisabledPlans": _disabled(licence, world),
            "Error": "None",
            "LastUpdatedDateTime": utc(account.when_created),
            "SkuId": _sku_id(licence, world),
            "State": "Active",
        },
    )


def _plans(account: Account, world: World) -> list[Value]:
    return [
        _model(
            "MicrosoftGraphAssignedPlan",
            {
                "AssignedDateTime": utc(account.when_created),
                "CapabilityStatus": "Enabled" if plan.name not in licence.disabled_plans else "Deleted",
                "Service": plan.service,
                "ServicePlanId": str(plan.id),
            },
        )
        for licence in account.licenses
        if (sku := sku_of(world, licence.sku)) is not None
        for plan in sku.plans
    ]


def _provisioning_error(error: ValidationError) -> PSObject:
    """A serviceProvisioningXmlError: the old validation error as XML (field-notes 2.3)."""
    space = "http://schemas.microsoft.com/online/serviceextensions/2009/08/ExtensibilitySchema.xsd"
    description = escape(error.description, {"'": "&apos;", '"': "&quot;"})
    record = f"<ErrorCode>{escape(error.code)}</ErrorCode><ErrorDescription>{description}</ErrorDescription>"
    errors = f"<ObjectErrors Name={quoteattr(error.service)}><ErrorRecord>{record}</ErrorRecord></ObjectErrors>"
    detail = f'<ServiceInstance xmlns="{space}">{errors}</ServiceInstance>'
    values: dict[str, Value] = {
        "ErrorDetail": detail,
        "CreatedDateTime": utc(error.time),
        "IsResolved": error.resolved,
        "ServiceInstance": error.service,
        "AdditionalProperties": _table(),
    }
    names = ("MicrosoftGraphServiceProvisioningXmlError", "MicrosoftGraphServiceProvisioningError", "GraphObject")
    types = (*(f"{_MODELS}.{name}" for name in names), "System.Object")
    return PSObject(types, to_string=types[0], props=values)


def _service_plans(sku: Sku) -> PSObject:
    plans = [
        _model(
            "MicrosoftGraphServicePlanInfo",
            {"AppliesTo": "User", "ProvisioningStatus": "Success", "ServicePlanId": str(plan.id), "ServicePlanName": plan.name},
        )
        for plan in sku.plans
    ]
    return _array("MicrosoftGraphServicePlanInfo", plans)


def _disabled(licence: Licence, world: World) -> PSObject:
    sku = sku_of(world, licence.sku)
    return _strings([str(plan.id) for plan in (sku.plans if sku else []) if plan.name in licence.disabled_plans])


def _sku_id(licence: Licence, world: World) -> str:
    sku = sku_of(world, licence.sku)
    return "" if sku is None else str(sku.sku_id)


def _model(name: str, values: dict[str, Value]) -> PSObject:
    types = (f"{_MODELS}.{name}", f"{_MODELS}.GraphObject", "System.Object")
    return PSObject(types, to_string=types[0], props={**values, "AdditionalProperties": _table()})


def _array(of: str, items: Iterable[Value]) -> PSObject:
    return listed((f"{_MODELS}.{of}[]", "System.Array", "System.Object"), items)


def _strings(items: Iterable[str]) -> PSObject:
    return listed(("System.String[]", "System.Array", "System.Object"), items)


def _table(*entries: tuple[Value, Value]) -> PSObject:
    name = _DICTIONARY.format(string=f"System.String, {_CORE}", held=f"System.Object, {_CORE}")
    return PSObject((name, "System.Object"), kind=Kind.DICT, entries=list(entries))
