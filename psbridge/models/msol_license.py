"""The licences of an account in, which sku, which plans and which groups assign it out."""

from __future__ import annotations

from typing import Annotated

from psbridge.models.base import Model, many, many_properties, one, prop, required
from psbridge.models.read import Read
from psbridge.models.shapes import Enum, Guid, Guids, Text
from psbridge.models.values import BeyondDepth

__all__ = [
    "MsolAccountSku",
    "MsolLicense",
    "MsolLicenseAssignment",
    "MsolLicenseAssignmentDetail",
    "MsolPlanRow",
    "MsolServicePlan",
    "MsolServiceStatus",
]


class MsolAccountSku(Model):
    """Microsoft.Online.Administration.AccountSkuIdentifier."""

    account_name: Text | None = prop("AccountName")
    sku_part_number: Text | None = prop("SkuPartNumber")


class MsolServicePlan(Model):
    """Microsoft.Online.Administration.ServicePlan."""

    service_name: Text | None = prop("ServiceName")
    service_plan_id: Guid | None = prop("ServicePlanId")
    service_type: Text | None = prop("ServiceType")
    target_class: Text | None = prop("TargetClass")


class MsolServiceStatus(Model):
    """Microsoft.Online.Administration.ServiceStatus: a plan of a licence, and whether it is provisioned."""

    service_plan: Annotated[MsolServicePlan | BeyondDepth, Read(one(MsolServicePlan))] | None = prop("ServicePlan")
    provisioning_status: Enum | None = prop("ProvisioningStatus")


class MsolLicenseAssignment(Model):
    """Microsoft.Online.Administration.LicenseAssignment: by whom; the account's own id means directly."""

    referenced_object_id: Guid | None = prop("ReferencedObjectId")
    status: Enum | None = prop("Status")


Sku = Annotated[MsolAccountSku | BeyondDepth, Read(one(MsolAccountSku))]


class MsolLicenseAssignmentDetail(Model):
    """Microsoft.Online.Administration.LicenseAssignmentDetail."""

    account_sku: Sku | None = prop("AccountSku")
    assignments: Annotated[tuple[MsolLicenseAssignment | BeyondDepth, ...], Read(many(MsolLicenseAssignment))] = many_properties(
        "Assignments"
    )


class MsolLicense(Model):
    """Microsoft.Online.Administration.UserLicense.

    A licence that a group assigns is named in `groups_assigning_license`; it cannot be taken from the user directly. The
    account's own id among them means that it is assigned directly too.
    """

    account_sku: Sku | None = prop("AccountSku")
    account_sku_id: Text | None = prop("AccountSkuId")
    groups_assigning_license: Guids = many_properties("GroupsAssigningLicense")
    service_status: Annotated[tuple[MsolServiceStatus | BeyondDepth, ...], Read(many(MsolServiceStatus))] = many_properties(
        "ServiceStatus"
    )


class MsolPlanRow(Model):
    """A ServicePlan that Select-Object -ExpandProperty brought up, with the notes that -Property laid beside it on the way."""

    service_name: Text = required("ServiceName")
    service_plan_id: Guid = required("ServicePlanId")
    account_sku_id: Text = required("AccountSkuId")
    groups_assigning_license: Guids = many_properties("GroupsAssigningLicense")
    provisioning_status: Enum | None = prop("ProvisioningStatus")
