"""The output of Get-MsolUser in, an account as every directory dialect gives it out."""

from __future__ import annotations

from uuid import UUID

from psbridge.models.base import Model, many_properties, prop, required
from psbridge.models.shapes import Bool, Guid, Moment, Text, Texts

__all__ = ["Account", "AccountLicense"]


class Account(Model):
    """One account."""

    object_id: Guid = required("ObjectId")
    user_principal_name: Text = required("UserPrincipalName")
    display_name: Text | None = prop("DisplayName")
    immutable_id: Text | None = prop("ImmutableId")
    last_dir_sync_time: Moment | None = prop("LastDirSyncTime")
    is_licensed: Bool | None = prop("IsLicensed")
    mobile_phone: Text | None = prop("MobilePhone")
    alternate_mobile_phones: Texts = many_properties("AlternateMobilePhones")

    @property
    def is_synchronised(self) -> bool | None:
        return bool(self.immutable_id) and self.last_dir_sync_time is not None

    @property
    def is_cloud_managed(self) -> bool | None:
        return None


class AccountLicense(Model):
    """One licence."""

    sku_name: str = ""
    exchange_plans: tuple[str, ...] = ()
    groups: tuple[UUID, ...] = ()
