"""An account in, what the MSOnline cmdlets give out: Get-MsolUser with its licences and errors, Get-MsolAccountSku.

MSOnline is retired (field-notes 2.1); these are the documents' own cmdlets, for replays and rehearsals.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from psbridge.psobject import PSObject, Value
from psbridge.simulator.dotnet import enum, listed, utc
from psbridge.simulator.rules.licensing import is_licensed, sku_of
from psbridge.simulator.shape import shape
from psbridge.simulator.state import Account, Licence, Plan, Sku, ValidationError
from psbridge.simulator.world import World

__all__ = ["account_sku", "licence_options", "msol_user"]

_NAMESPACE: Final = "Microsoft.Online.Administration"
_MODULE: Final = "Microsoft.Online.Administration.PSModule, Version=1.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
_GUID: Final = "System.Guid, mscorlib, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089"


def msol_user(account: Account, world: World) -> PSObject:
    """An account as Get-MsolUser shows it, in use or in the recycle bin."""
    form = shape("msol-user")
    errors = [_validation_error(error) for error in account.errors if not error.resolved]
    values: dict[str, Value] = {
        "AlternateMobilePhones": form.listed("AlternateMobilePhones", account.alternate_mobile_phones),
        "DisplayName": account.display_name,
        "Errors": _list("ValidationError", errors) if errors else None,
        "FirstName": account.first_name or None,
        "ImmutableId": account.immutable_id,
        "IsLicensed": is_licensed(account),
        "LastDirSyncTime": utc(account.last_dir_sync_time),
        "LastName": account.last_name or None,
        "LastPasswordChangeTimestamp": utc(account.when_created),
        "LicenseAssignmentDetails": form.listed(
            "LicenseAssignmentDetails", [_assignment_detail(licence, account, world) for licence in account.licenses]
        ),
        "Licenses": form.listed("Licenses", [_user_licence(licence, world) for licence in account.licenses]),
        "LiveId": account.object_id.hex[:16].upper(),
        "MobilePhone": account.mobile_phone,
        "ObjectId": account.object_id,
        "OverallProvisioningStatus": enum(
            f"{_NAMESPACE}.ProvisioningStatus", *(("Success", 1) if account.licenses else ("None", 0))
        ),
        "ProxyAddresses": form.listed("ProxyAddresses", account.proxy_addresses),
        "SignInName": account.user_principal_name,
        "SoftDeletionTimestamp": utc(account.deleted),
        "StsRefreshTokensValidFrom": utc(account.when_created),
        "UsageLocation": account.usage_location,
        "UserPrincipalName": account.user_principal_name,
        "ValidationStatus": enum(f"{_NAMESPACE}.ValidationStatus", *(("Error", 2) if errors else ("Healthy", 1))),
        "WhenCreated": utc(account.when_created),
    }
    return form.lay_over(form.make(form.types[0], values), account.properties)


def account_sku(sku: Sku, world: World) -> PSObject:
    """A licence of the tenant as Get-MsolAccountSku shows it."""
    used = sum(any(licence.sku == sku.part_number for licence in account.licenses) for account in world.accounts)
    return _object(
        "AccountSkuDetails",
        {
            "AccountName": _tenant(world),
            "AccountObjectId": world.state.cloud_organization.tenant_id,
            "AccountSkuId": f"{_tenant(world)}:{sku.part_number}",
            "ActiveUnits": sku.units,
            "ConsumedUnits": used,
            "LockedOutUnits": 0,
            "ServiceStatus": _list("ServiceStatus", [_service_status(plan, enabled=True) for plan in sku.plans]),
            "SkuId": sku.sku_id,
            "SkuPartNumber": sku.part_number,
            "SuspendedUnits": 0,
            "TargetClass": "User",
            "WarningUnits": 0,
        },
    )


def licence_options(sku: Sku, disabled: list[str], world: World) -> PSObject:
    """What New-MsolLicenseOptions makes, for Set-MsolUserLicense -LicenseOptions."""
    string = "System.String, mscorlib, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089"
    plans = listed((f"System.Collections.Generic.List`1[[{string}]]", "System.Object"), disabled)
    return _object("LicenseOption", {"AccountSkuId": _sku_identifier(sku.part_number, world), "DisabledServicePlans": plans})


def _user_licence(licence: Licence, world: World) -> PSObject:
    sku = sku_of(world, licence.sku)
    plans = [] if sku is None else sku.plans
    groups = [] if licence.assigned_by_group is None else [licence.assigned_by_group]
    status = [_service_status(plan, enabled=plan.name not in licence.disabled_plans) for plan in plans]
    return _object(
        "UserLicense",
        {
            "AccountSku": _sku_identifier(licence.sku, world),
            "AccountSkuId": f"{_tenant(world)}:{licence.sku}",
            "GroupsAssigningLicense": listed((f"System.Collections.Generic.List`1[[{_GUID}]]", "System.Object"), groups),
            "ServiceStatus": _list("ServiceStatus", status),
        },
    )


def _assignment_detail(licence: Licence, account: Account, world: World) -> PSObject:
    by = licence.assigned_by_group or account.object_id
    assignment = _object("LicenseAssignment", {"ReferencedObjectId": by, "Status": "Active"})
    values: dict[str, Value] = {"AccountSku": _sku_identifier(licence.sku, world)}
    return _object("LicenseAssignmentDetail", {**values, "Assignments": _list("LicenseAssignment", [assignment])})


def _service_status(plan: Plan, *, enabled: bool) -> PSObject:
    service: dict[str, Value] = {
        "ServiceName": plan.name,
        "ServicePlanId": plan.id,
        "ServiceType": plan.service,
        "TargetClass": "User",
    }
    status = enum(f"{_NAMESPACE}.ProvisioningStatus", *(("Success", 1) if enabled else ("Disabled", 6)))
    return _object("ServiceStatus", {"ServicePlan": _object("ServicePlan", service), "ProvisioningStatus": status})


def _sku_identifier(part_number: str, world: World) -> PSObject:
    return _object("AccountSkuIdentifier", {"AccountName": _tenant(world), "SkuPartNumber": part_number})


def _validation_error(error: ValidationError) -> PSObject:
    """The error of OPTION #3: the text lies four levels deep (remoting-notes 9.3)."""
    text = PSObject(
        (f"{_NAMESPACE}.ErrorDescription", "System.Object"), to_string=error.description, props={"InnerText": error.description}
    )
    record = _object("ErrorRecord", {"ErrorCode": error.code, "ErrorDescription": text, "ErrorParameters": None})
    objects = _object("ObjectErrors", {"ErrorRecord": _list("ErrorRecord", [record])})
    return _object(
        "ValidationError",
        {
            "ErrorDetail": _object("ErrorDetail", {"Name": "ServiceInstance", "ObjectErrors": objects}),
            "Resolved": error.resolved,
            "ServiceInstance": error.service,
            "Timestamp": utc(error.time),
        },
    )


def _tenant(world: World) -> str:
    return world.state.cloud_organization.tenant_name.partition(".")[0]


def _object(name: str, values: dict[str, Value]) -> PSObject:
    full = f"{_NAMESPACE}.{name}"
    return PSObject((full, "System.Object"), to_string=full, props=values)


def _list(of: str, items: Iterable[Value]) -> PSObject:
    return listed((f"System.Collections.Generic.List`1[[{_NAMESPACE}.{of}, {_MODULE}]]", "System.Object"), items)
