"""The output of ADSyncTools' cmdlets for mobile phones in, the numbers of one user on one side, or on both, out."""

from __future__ import annotations

from psbridge.models.base import Model, many_properties, prop
from psbridge.models.shapes import Text, Texts

__all__ = ["DirSyncOverride", "DirSyncOverridesUser"]


class DirSyncOverridesUser(Model):
    """Get-ADSyncToolsDirSyncOverridesUser: `mobile` and `otherMobile` from AD, or the account's numbers from Entra ID.

    A switch decides which of the two come; the other two are not there then (field-notes 4).
    """

    user_principal_name: Text | None = prop("UserPrincipalName")
    mobile: Text | None = prop("mobile")
    other_mobile: Texts = many_properties("otherMobile")
    mobile_phone: Text | None = prop("MobilePhone")
    alternate_mobile_phones: Texts = many_properties("AlternateMobilePhones")

    @property
    def number(self) -> str | None:
        """The one number, of whichever side was asked; None if there is none."""
        return self.mobile or self.mobile_phone or None

    @property
    def further(self) -> tuple[str, ...]:
        """The other numbers, of whichever side was asked."""
        return self.other_mobile or self.alternate_mobile_phones

    @property
    def shown(self) -> str:
        """Both as one text, never empty: a number that is not there is a value too, and an approval must cover it."""
        return f"{_shown(self.number)}; further: {', '.join(map(_shown, self.further)) or '(none)'}"


class DirSyncOverride(Model):
    """Compare-ADSyncToolsDirSyncOverrides: a user whose numbers differ.

    Only who it is is read: the columns with the numbers are named differently from version to version.
    """

    user_principal_name: Text | None = prop("UserPrincipalName")


def _shown(number: str | None) -> str:
    return f"'{number}'" if number else "(none)"
