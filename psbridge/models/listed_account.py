"""One account of a long list in, what a scan has to know of it out: the same in each dialect of the directory.

Selected objects come one level deeper than others, so that the groups that assign a licence are seen (remoting-notes 9.3).
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from psbridge.models.base import Model, many, many_properties, prop, required
from psbridge.models.msol_license import MsolLicense
from psbridge.models.read import Read
from psbridge.models.shapes import Bool, Enum, Guid, Moment, Text
from psbridge.models.values import BeyondDepth

__all__ = ["ListedAccount", "ListedGraphUser", "ListedMsolUser"]


class ListedAccount(Model):
    """An account, whichever cmdlet lists it. What the list does not tell is None."""

    if TYPE_CHECKING:
        # Each dialect has both among its own fields: their order is that in which the properties are asked for.
        user_principal_name: str
        display_name: str | None

    @property
    @abstractmethod
    def account_id(self) -> UUID:
        """The object's id."""

    @property
    def name(self) -> str:
        """The sign-in name."""
        return self.user_principal_name

    @property
    def shown(self) -> str:
        """The display name, or an empty text."""
        return self.display_name or ""

    @property
    @abstractmethod
    def source_anchor(self) -> str:
        """Base64 of the objectGUID of the local user; empty without one."""

    @property
    @abstractmethod
    def licensed(self) -> bool | None:
        """Whether there is any licence."""

    @property
    @abstractmethod
    def groups(self) -> tuple[UUID, ...] | None:
        """The groups that assign a licence; None where the licences cannot be looked into."""

    @property
    @abstractmethod
    def synchronised(self) -> bool | None:
        """Whether directory synchronisation has the account."""

    @property
    @abstractmethod
    def failing(self) -> bool | None:
        """Whether there is an unresolved validation error."""


class ListedMsolUser(ListedAccount):
    """Get-MsolUser -All."""

    object_id: Guid = required("ObjectId")
    user_principal_name: Text = required("UserPrincipalName")
    display_name: Text | None = prop("DisplayName")
    immutable_id: Text | None = prop("ImmutableId")
    last_dir_sync_time: Moment | None = prop("LastDirSyncTime")
    is_licensed: Bool | None = prop("IsLicensed")
    licenses: Annotated[tuple[MsolLicense | BeyondDepth, ...], Read(many(MsolLicense))] = many_properties("Licenses")
    validation_status: Enum | None = prop("ValidationStatus")

    @property
    def account_id(self) -> UUID:
        """ObjectId."""
        return self.object_id

    @property
    def source_anchor(self) -> str:
        """ImmutableId."""
        return self.immutable_id or ""

    @property
    def licensed(self) -> bool | None:
        """IsLicensed: any licence, not that Exchange is in it."""
        return self.is_licensed

    @property
    def groups(self) -> tuple[UUID, ...] | None:
        """GroupsAssigningLicense; the account's own id there means that a licence is assigned directly."""
        seen = [one for one in self.licenses if isinstance(one, MsolLicense)]
        groups = {group for one in seen for group in one.groups_assigning_license}
        return tuple(sorted(groups - {self.object_id})) if len(seen) == len(self.licenses) else None

    @property
    def synchronised(self) -> bool | None:
        """An ImmutableId and a LastDirSyncTime."""
        return bool(self.immutable_id) and self.last_dir_sync_time is not None

    @property
    def failing(self) -> bool | None:
        """ValidationStatus Error."""
        return None if self.validation_status is None else self.validation_status == "Error"


class _GraphLicense(Model):
    assigned_by_group: Guid | None = prop("AssignedByGroup")
    sku_id: Guid | None = prop("SkuId")


class _GraphError(Model):
    is_resolved: Bool | None = prop("IsResolved")
    service_instance: Text | None = prop("ServiceInstance")


class ListedGraphUser(ListedAccount):
    """Get-MgUser -All and Get-EntraUser -All (field-notes 2.3)."""

    id: Guid = required("Id")
    user_principal_name: Text = required("UserPrincipalName")
    display_name: Text | None = prop("DisplayName")
    on_premises_immutable_id: Text | None = prop("OnPremisesImmutableId")
    on_premises_sync_enabled: Bool | None = prop("OnPremisesSyncEnabled")
    license_assignment_states: Annotated[tuple[_GraphLicense | BeyondDepth, ...], Read(many(_GraphLicense))] = many_properties(
        "LicenseAssignmentStates"
    )
    service_provisioning_errors: Annotated[tuple[_GraphError | BeyondDepth, ...], Read(many(_GraphError))] = many_properties(
        "ServiceProvisioningErrors"
    )

    @property
    def account_id(self) -> UUID:
        """Id."""
        return self.id

    @property
    def source_anchor(self) -> str:
        """OnPremisesImmutableId."""
        return self.on_premises_immutable_id or ""

    @property
    def licensed(self) -> bool | None:
        """Any licence that is assigned, directly or by a group; null is what was not asked for."""
        return None if self.raw.get("LicenseAssignmentStates") is None else bool(self.license_assignment_states)

    @property
    def groups(self) -> tuple[UUID, ...] | None:
        """AssignedByGroup of every licence."""
        states = [state for state in self.license_assignment_states if isinstance(state, _GraphLicense)]
        groups = {state.assigned_by_group for state in states if state.assigned_by_group is not None}
        return tuple(sorted(groups)) if len(states) == len(self.license_assignment_states) else None

    @property
    def synchronised(self) -> bool | None:
        """OnPremisesSyncEnabled; null where it never was, or the authority was moved to the cloud (field-notes 1.9)."""
        return self.on_premises_sync_enabled is True

    @property
    def failing(self) -> bool | None:
        """An entry of ServiceProvisioningErrors that is not resolved; one that cannot be seen counts."""
        errors = self.service_provisioning_errors
        if self.raw.get("ServiceProvisioningErrors") is None:
            return None
        return any(isinstance(error, BeyondDepth) or error.is_resolved is not True for error in errors)
