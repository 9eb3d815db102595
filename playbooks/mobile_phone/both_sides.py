"""A user's name in, the numbers that ADSyncTools shows of both sides out; and the writes that make one side like the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from playbooks.mobile_phone.numbers import same, same_numbers, shown, shown_numbers
from psbridge.cmdlets import (
    Call,
    clear_ad_sync_tools_dir_sync_overrides_user,
    get_ad_sync_tools_dir_sync_overrides_user,
    set_ad_sync_tools_dir_sync_overrides_user,
)
from psbridge.models import DirSyncOverridesUser

__all__ = ["BothSides", "Keep", "in_ad", "in_entra"]

Keep: TypeAlias = Literal["on-premises", "cloud"]


def in_ad(user: str) -> Call[DirSyncOverridesUser]:
    """Read `mobile` and `otherMobile`."""
    return get_ad_sync_tools_dir_sync_overrides_user(user)


def in_entra(user: str) -> Call[DirSyncOverridesUser]:
    """Read MobilePhone and AlternateMobilePhones."""
    return get_ad_sync_tools_dir_sync_overrides_user(user, from_azure_ad=True)


@dataclass(frozen=True, slots=True)
class BothSides:
    """One user's numbers on both sides."""

    user: str
    ad: DirSyncOverridesUser
    entra: DirSyncOverridesUser

    @property
    def number_differs(self) -> bool:
        """Whether `mobile` and MobilePhone are different texts."""
        return not same(self.ad.number, self.entra.number)

    @property
    def further_differ(self) -> bool:
        """Whether `otherMobile` and AlternateMobilePhones are."""
        return not same_numbers(self.ad.further, self.entra.further)

    @property
    def differ(self) -> bool:
        """Whether anything does."""
        return self.number_differs or self.further_differ

    def told(self) -> str:
        """One line: what each side holds of what differs."""
        parts = []
        if self.number_differs:
            parts.append(f"on-premises {shown(self.ad.number)}, in the directory {shown(self.entra.number)}")
        if self.further_differ:
            parts.append(
                f"otherMobile {shown_numbers(self.ad.further)}, AlternateMobilePhones {shown_numbers(self.entra.further)}"
            )
        return f"{self.user}: {'; '.join(parts) or 'no difference'}"

    def writes(self, keep: Keep) -> Iterator[Call[Any]]:
        """What gives the other side what `keep` holds, where they differ."""
        kept = self.ad if keep == "on-premises" else self.entra
        return self._into("cloud" if keep == "on-premises" else "on-premises", kept)

    def undone(self, keep: Keep) -> Iterator[Call[Any]]:
        """What gives the side that `writes` has written its own numbers of before."""
        lost = self.entra if keep == "on-premises" else self.ad
        return self._into("cloud" if keep == "on-premises" else "on-premises", lost)

    def _into(self, side: Keep, source: DirSyncOverridesUser) -> Iterator[Call[Any]]:
        """Set- for the numbers that there are, Clear- where there is none; only for what differs."""
        number = source.number if self.number_differs else None
        further = source.further if self.further_differ else ()
        if number or further:
            yield _set(self.user, side, number, further)
        empty, none_further = self.number_differs and not source.number, self.further_differ and not source.further
        if empty or none_further:
            yield _clear(self.user, side, number=empty, further=none_further)


def _set(user: str, side: Keep, number: str | None, further: tuple[str, ...]) -> Call[Any]:
    if side == "cloud":
        return set_ad_sync_tools_dir_sync_overrides_user(user, mobile_phone_in_aad=number, alternate_mobile_phones_in_aad=further)
    return set_ad_sync_tools_dir_sync_overrides_user(user, mobile_in_ad=number, other_mobile_in_ad=further)


def _clear(user: str, side: Keep, *, number: bool, further: bool) -> Call[Any]:
    if side == "cloud":
        return clear_ad_sync_tools_dir_sync_overrides_user(
            user, mobile_phone_in_aad=number, alternate_mobile_phones_in_aad=further
        )
    return clear_ad_sync_tools_dir_sync_overrides_user(user, mobile_in_ad=number, other_mobile_in_ad=further)
