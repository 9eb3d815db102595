"""The licences of an account as Microsoft Graph has them in, what each is, who assigns it and which plans are off out."""

from __future__ import annotations

from typing import Annotated

from psbridge.models.base import Model, many, many_properties, prop, required
from psbridge.models.read import Read
from psbridge.models.shapes import Guid, Guids, Text
from psbridge.models.values import BeyondDepth

__all__ = ["GraphAssignedLicense", "GraphLicenseAssignmentState", "GraphServicePlan", "GraphSku"]


class GraphAssignedLicense(Model):
    """MicrosoftGraphAssignedLicense: a licence that is in effect, however it came."""

    sku_id: Guid = required("SkuId")
    disabled_plans: Guids = many_properties("DisabledPlans")


class GraphLicenseAssignmentState(Model):
    """MicrosoftGraphLicenseAssignmentState: one way in which a licence came; without a group it is assigned directly."""

    sku_id: Guid = required("SkuId")
    assigned_by_group: Guid | None = prop("AssignedByGroup")
    disabled_plans: Guids = many_properties("DisabledPlans")
    state: Text | None = prop("State")


class GraphServicePlan(Model):
    """MicrosoftGraphServicePlanInfo."""

    service_plan_id: Guid = required("ServicePlanId")
    service_plan_name: Text = required("ServicePlanName")


class GraphSku(Model):
    """MicrosoftGraphLicenseDetails and MicrosoftGraphSubscribedSku: a licence by its name, with its plans."""

    sku_id: Guid = required("SkuId")
    sku_part_number: Text = required("SkuPartNumber")
    service_plans: Annotated[tuple[GraphServicePlan | BeyondDepth, ...], Read(many(GraphServicePlan))] = many_properties(
        "ServicePlans"
    )
