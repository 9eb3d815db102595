"""ADSyncTools' cmdlets for mobile phones that the cloud has overridden: Get-, Set-, Clear- for one user, Compare- for all.

They run on the Entra Connect server. Parameters that end in InAD write to the local directory, those in InAAD to Entra ID.
Source: field-notes 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from psbridge.cmdlets.call import Call, ConfirmImpact, identity, reading, writing
from psbridge.models import DirSyncOverride, DirSyncOverridesUser, Untyped

__all__ = [
    "clear_ad_sync_tools_dir_sync_overrides_user",
    "compare_ad_sync_tools_dir_sync_overrides",
    "get_ad_sync_tools_dir_sync_overrides_user",
    "set_ad_sync_tools_dir_sync_overrides_user",
]

# Seen on the real engine: FullyQualifiedErrorId UserNotFound,ADSyncTools.GetADSyncToolsDirSyncOverridesUser.
ABSENT: Final = frozenset({"UserNotFound"})


def get_ad_sync_tools_dir_sync_overrides_user(user: str, *, from_azure_ad: bool = False) -> Call[DirSyncOverridesUser]:
    """Read the numbers of one user from the local directory, or from Entra ID; raises IdentityError."""
    parameters = {"Identity": identity(user), "FromAD": not from_azure_ad, "FromAzureAD": from_azure_ad}
    return reading("Get-ADSyncToolsDirSyncOverridesUser", DirSyncOverridesUser, parameters, absent=ABSENT)


def set_ad_sync_tools_dir_sync_overrides_user(
    user: str,
    *,
    mobile_in_ad: str | None = None,
    other_mobile_in_ad: Sequence[str] = (),
    mobile_phone_in_aad: str | None = None,
    alternate_mobile_phones_in_aad: Sequence[str] = (),
) -> Call[Untyped]:
    """Write the numbers of one user on either side; to empty one is Clear-'s. Raises IdentityError."""
    parameters = {
        "Identity": identity(user),
        "MobileInAD": mobile_in_ad or None,
        "OtherMobileInAD": list(other_mobile_in_ad) or None,
        "MobilePhoneInAAD": mobile_phone_in_aad or None,
        "AlternateMobilePhonesInAAD": list(alternate_mobile_phones_in_aad) or None,
    }
    return writing("Set-ADSyncToolsDirSyncOverridesUser", Untyped, ConfirmImpact.MEDIUM, parameters)


def clear_ad_sync_tools_dir_sync_overrides_user(
    user: str,
    *,
    mobile_in_ad: bool = False,
    other_mobile_in_ad: bool = False,
    mobile_phone_in_aad: bool = False,
    alternate_mobile_phones_in_aad: bool = False,
) -> Call[Untyped]:
    """Empty the numbers of one user on either side; raises IdentityError."""
    parameters = {
        "Identity": identity(user),
        "MobileInAD": mobile_in_ad,
        "OtherMobileInAD": other_mobile_in_ad,
        "MobilePhoneInAAD": mobile_phone_in_aad,
        "AlternateMobilePhonesInAAD": alternate_mobile_phones_in_aad,
    }
    return writing("Clear-ADSyncToolsDirSyncOverridesUser", Untyped, ConfirmImpact.MEDIUM, parameters)


def compare_ad_sync_tools_dir_sync_overrides() -> Call[DirSyncOverride]:
    """Have every difference exported on the server.

    Older ADSyncTools ask for -Credential, a Global Administrator without MFA. psbridge keeps no such secret and answers no
    question, so there the call ends with ConfirmationRequired, and the users have to be read one by one.
    """
    return reading("Compare-ADSyncToolsDirSyncOverrides", DirSyncOverride, {})
