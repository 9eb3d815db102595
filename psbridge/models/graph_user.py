"""The output of Get-MgUser and Get-EntraUser in, the account with its licences and provisioning errors out."""

from __future__ import annotations

from typing import Annotated

from psbridge.models.base import Model, many, many_properties, prop, required
from psbridge.models.graph_license import GraphAssignedLicense
from psbridge.models.read import Read
from psbridge.models.shapes import Bool, Guid, Moment, Text
from psbridge.models.values import BeyondDepth
from psbridge.psobject import PSObject

__all__ = ["GraphProvisioningError", "GraphUser"]


class GraphProvisioningError(Model):
    """MicrosoftGraphServiceProvisioningXmlError: the old validation error, its text as XML (field-notes 2.3)."""

    created: Moment | None = prop("CreatedDateTime")
    is_resolved: Bool | None = prop("IsResolved")
    service_instance: Text | None = prop("ServiceInstance")
    error_detail: Text | None = prop("ErrorDetail")

    @property
    def detail(self) -> str:
        """The XML, or nothing. What a type has more than the one that the module made of it stands in AdditionalProperties."""
        if self.error_detail is not None:
            return self.error_detail
        more = self.raw.get("AdditionalProperties")
        entries = more.entries if isinstance(more, PSObject) else None
        return next((str(value) for name, value in entries or () if str(name).lower() == "errordetail"), "")


class GraphUser(Model):
    """MicrosoftGraphUser. A property that was not selected is None, and so is a list of them that did not come."""

    id: Guid = required("Id")
    user_principal_name: Text = required("UserPrincipalName")
    display_name: Text | None = prop("DisplayName")
    given_name: Text | None = prop("GivenName")
    mobile_phone: Text | None = prop("MobilePhone")

    on_premises_immutable_id: Text | None = prop("OnPremisesImmutableId")
    on_premises_sync_enabled: Bool | None = prop("OnPremisesSyncEnabled")
    on_premises_last_sync: Moment | None = prop("OnPremisesLastSyncDateTime")

    assigned_licenses: Annotated[tuple[GraphAssignedLicense | BeyondDepth, ...], Read(many(GraphAssignedLicense))] = (
        many_properties("AssignedLicenses")
    )
    service_provisioning_errors: Annotated[
        tuple[GraphProvisioningError | BeyondDepth, ...], Read(many(GraphProvisioningError))
    ] = many_properties("ServiceProvisioningErrors")
