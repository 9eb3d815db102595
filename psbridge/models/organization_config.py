"""The output of Get-OrganizationConfig in, the few settings that playbooks look at out."""

from __future__ import annotations

from collections.abc import Iterable

from psbridge.models.base import Model, many_properties, prop
from psbridge.models.holds import organisation_holds_over
from psbridge.models.shapes import Bool, Directory, Enum, Guid, ShownText, Text, Texts

__all__ = ["OrganizationConfig"]


class OrganizationConfig(Model):
    """Microsoft.Exchange.Data.Directory.Management.OrganizationConfig.

    With `delayed_delicensing_enabled` the removal of a licence takes effect on the mailbox after 30 days (field-notes 1.8).
    """

    identity: Directory | None = prop("Identity")
    name: Text | None = prop("Name")
    guid: Guid | None = prop("Guid")
    delayed_delicensing_enabled: Bool | None = prop("DelayedDelicensingEnabled")
    in_place_holds: Texts = many_properties("InPlaceHolds")
    is_dehydrated: Bool | None = prop("IsDehydrated")
    is_mixed_mode: Bool | None = prop("IsMixedMode")
    hybrid_configuration_status: Enum | None = prop("HybridConfigurationStatus")
    admin_display_version: ShownText | None = prop("AdminDisplayVersion")

    def holds_over(self, in_place_holds: Iterable[str]) -> tuple[str, ...]:
        """The retention policies of the whole organisation that hold a mailbox with these InPlaceHolds of its own.

        A mailbox does not show them: only that it is excluded from one. Empty also where `in_place_holds` was not told.
        """
        return organisation_holds_over(in_place_holds, self.in_place_holds)
