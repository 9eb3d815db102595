"""What a playbook may ask of the directory, whatever its cmdlets are called. Nothing here is sent: each method gives a Call."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar
from uuid import UUID

from psbridge.cmdlets.call import Call
from psbridge.errors import InputError
from psbridge.models import Account, AccountError, AccountLicense, DirSyncFeatures, Untyped

__all__ = ["Directory", "refuse_what_cannot_be_disabled"]


class Directory(ABC):
    """The directory in one dialect (field-notes 2.2). Every method may raise IdentityError."""

    name: ClassVar[str]

    @abstractmethod
    def get_user(self, user_principal_name: str) -> Call[Account]:
        """Look up one account by its sign-in name."""

    @abstractmethod
    def get_user_by_id(self, object_id: UUID) -> Call[Account]:
        """Look up one account by its immutable id."""

    @abstractmethod
    def get_deleted_user(self, account: Account) -> Call[Account]:
        """Look up a deleted account in the recycle bin, as it was read before it was deleted."""

    @abstractmethod
    def get_deleted_user_by_id(self, object_id: UUID) -> Call[Account]:
        """Look up a deleted account in the recycle bin by its immutable id."""

    @abstractmethod
    def get_any_user(self) -> Call[Account]:
        """Look up any one account: where this finds nothing, "not found" proves nothing (engine-notes section 3)."""

    @abstractmethod
    def get_users(self) -> Call[Account]:
        """Look up all accounts."""

    @abstractmethod
    def remove_user(self, account: Account) -> Call[Untyped]:
        """Delete an account; it goes to the recycle bin."""

    @abstractmethod
    def purge_user(self, account: Account) -> Call[Untyped]:
        """Delete an account from the recycle bin, for good."""

    @abstractmethod
    def restore_user(self, account: Account) -> Call[Untyped]:
        """Take an account back out of the recycle bin."""

    @abstractmethod
    def get_licenses(self, account: Account) -> Call[AccountLicense]:
        """Look up the licences of an account as they are now."""

    @abstractmethod
    def get_validation_errors(self, account: Account) -> Call[AccountError]:
        """Look up the validation errors of an account, with their whole texts."""

    @abstractmethod
    def disable_exchange_plans(self, account: Account, license: AccountLicense) -> Call[Untyped]:
        """Switch the Exchange plans of one directly assigned licence off; what is off stays off, all else stays on.

        Raises InputError for a licence that has none on, or that a group assigns: the group's would stay on.
        """

    @abstractmethod
    def set_first_name(self, account: Account, name: str) -> Call[Untyped]:
        """Set the first name; refused where the local directory masters it, before any effect (the third document)."""

    @abstractmethod
    def set_mobile_phone(self, account: Account, number: str) -> Call[Untyped]:
        """Set the mobile phone; from then on the cloud's number counts (field-notes 4)."""

    @abstractmethod
    def get_dir_sync_features(self) -> Call[DirSyncFeatures]:
        """Look up whether the tenant bypasses overrides."""

    @abstractmethod
    def set_bypass_dir_sync_overrides(self, features: DirSyncFeatures, *, enabled: bool) -> Call[Untyped]:
        """Let the next full synchronisation overwrite every number that was changed in the cloud, in the whole tenant."""


def refuse_what_cannot_be_disabled(license: AccountLicense) -> None:
    """Raise InputError for a licence whose Exchange plans cannot be switched off at the account."""
    if license.groups or not license.is_direct:
        by = ", ".join(map(str, license.groups)) or "somebody else"
        raise InputError(f"{license.sku_name} is assigned by the group {by}; only there its plans can be switched off")
    if not license.exchange_plans:
        raise InputError(f"{license.sku_name} has no Exchange plan that is on")
