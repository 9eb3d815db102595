"""An account of the directory as any dialect gives it in, the same facts in the same words out (field-notes 2.3)."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from psbridge.models.base import Model
from psbridge.models.graph_user import GraphProvisioningError, GraphUser
from psbridge.models.msol_user import MsolUser
from psbridge.models.shapes import Moment
from psbridge.models.values import WrongShape
from psbridge.psobject import PSObject, Value

__all__ = ["Account"]


class Account(Model):
    """An account of the directory, read from the output of Get-MsolUser, Get-MgUser or Get-EntraUser.

    A None means that this answer does not say. `is_synchronised`: to MSOnline an immutable id and a time of synchronisation, to
    Graph and Entra onPremisesSyncEnabled. `is_cloud_managed`: whether the source of authority was moved to the cloud. Graph says
    so for certain only in onPremisesSyncBehavior, which is beta; here it is true where an account that was synchronised has
    onPremisesSyncEnabled null, None where it cannot be told, and always None to MSOnline (field-notes 1.9).
    `user_principal_name` of a deleted account is without the id that Graph puts before it in the recycle bin.
    """

    object_id: UUID
    user_principal_name: str
    display_name: str | None = None
    first_name: str | None = None
    immutable_id: str | None = None
    last_dir_sync_time: Moment | None = None
    is_licensed: bool | None = None
    is_synchronised: bool | None = None
    is_cloud_managed: bool | None = None
    mobile_phone: str | None = None
    alternate_mobile_phones: tuple[str, ...] = ()
    has_validation_error: bool | None = None

    @classmethod
    def read(cls, obj: Value) -> Self:
        """Read an object of any dialect. Raises WrongShape with the names of the dialect that it is of."""
        if not isinstance(obj, PSObject):
            raise WrongShape(obj, "an object with properties")
        names = {name.lower() for name in obj.names()}
        # An object of Entra's module has an ObjectId as well, so that does not tell them apart.
        facts = _of_msol(MsolUser.read(obj)) if "signinname" in names or "immutableid" in names else _of_graph(obj)
        return cls(raw=obj, **facts)


def _of_msol(user: MsolUser) -> dict[str, object]:
    return {
        "object_id": user.object_id,
        "user_principal_name": user.user_principal_name,
        "display_name": user.display_name,
        "first_name": user.first_name,
        "immutable_id": user.immutable_id or None,
        "last_dir_sync_time": user.last_dir_sync_time,
        "is_licensed": user.is_licensed,
        "is_synchronised": bool(user.immutable_id) and user.last_dir_sync_time is not None,
        "mobile_phone": user.mobile_phone or None,
        "alternate_mobile_phones": user.alternate_mobile_phones,
        "has_validation_error": None if user.validation_status is None else user.validation_status == "Error",
    }


def _of_graph(obj: PSObject) -> dict[str, object]:
    user = GraphUser.read(obj)
    return {
        "object_id": user.id,
        "user_principal_name": user.user_principal_name.removeprefix(user.id.hex),
        "display_name": user.display_name,
        "first_name": user.given_name,
        "immutable_id": user.on_premises_immutable_id or None,
        "last_dir_sync_time": user.on_premises_last_sync,
        "is_licensed": bool(user.assigned_licenses) if obj.get("AssignedLicenses") is not None else None,
        "is_synchronised": bool(user.on_premises_sync_enabled) if user.has("on_premises_sync_enabled") else None,
        "is_cloud_managed": _is_cloud_managed(user),
        "mobile_phone": user.mobile_phone or None,
        "has_validation_error": _has_error(user) if obj.get("ServiceProvisioningErrors") is not None else None,
    }


def _is_cloud_managed(user: GraphUser) -> bool | None:
    """True, false or null: synchronised, was so once, or never; null as well after the move (field-notes 2.3 and 1.9).

    An immutable id alone may have been written by hand, for a federated account; a time of synchronisation may not.
    """
    if not user.has("on_premises_sync_enabled"):
        return None
    if user.on_premises_sync_enabled is not None or not user.on_premises_immutable_id:
        return False
    return True if user.on_premises_last_sync is not None else None


def _has_error(user: GraphUser) -> bool | None:
    """Whether an entry is not resolved; None where the depth left nothing but its type name."""
    known = [error for error in user.service_provisioning_errors if isinstance(error, GraphProvisioningError)]
    if any(error.is_resolved is not True for error in known):
        return True
    return False if len(known) == len(user.service_provisioning_errors) else None
