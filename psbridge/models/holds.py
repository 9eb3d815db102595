"""Properties that tell of holds in; the holds that keep a mailbox's content out: its own, and those of the whole organisation.

Source: Microsoft Purview, "How to identify the type of hold placed on an Exchange Online mailbox" (field-notes 1.7).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, Protocol

__all__ = ["holds_of", "organisation_holds_over"]

# A retention policy: where it applies (mailboxes, Skype conversations in mailboxes, groups), its id, and what it does: 1 deletes
# and retains nothing, 2 retains, 3 retains and then deletes. A minus excludes the mailbox from a policy of the organisation.
_POLICY: Final = re.compile(r"(?P<excluded>-?)(?P<id>(?P<place>mbx|skp|grp)[^:]*)(?::(?P<action>\d+))?", re.IGNORECASE)
_EXCLUDED: Final = "-"
_DELETES: Final = "1"
_IN_MAILBOXES: Final = ("mbx", "skp")


class _Held(Protocol):
    """What has the properties that tell of holds."""

    @property
    def litigation_hold_enabled(self) -> bool | None: ...
    @property
    def compliance_tag_hold_applied(self) -> bool | None: ...
    @property
    def delay_hold_applied(self) -> bool | None: ...
    @property
    def delay_release_hold_applied(self) -> bool | None: ...
    @property
    def in_place_holds(self) -> tuple[str, ...]: ...


def holds_of(held: _Held) -> tuple[str, ...]:
    """The holds that are on a mailbox itself: the names of the properties, and each entry of InPlaceHolds that retains.

    Retention hold is not among them: it stops the processing of retention policies and keeps nothing.
    """
    switches = {
        "LitigationHoldEnabled": held.litigation_hold_enabled,
        "ComplianceTagHoldApplied": held.compliance_tag_hold_applied,
        "DelayHoldApplied": held.delay_hold_applied,
        "DelayReleaseHoldApplied": held.delay_release_hold_applied,
    }
    in_place = (f"InPlaceHolds {hold}" for hold in held.in_place_holds if _retains(hold))
    return (*(name for name, on in switches.items() if on), *in_place)


def organisation_holds_over(in_place_holds: Iterable[str], organisation: Iterable[str]) -> tuple[str, ...]:
    """The policies of the organisation's InPlaceHolds that retain, and that the mailbox's do not exclude it from."""
    excluded = set(_excluded(in_place_holds))
    return tuple(hold for hold in organisation if _retains(hold) and _reaches(hold, excluded))


def _retains(hold: str) -> bool:
    """An entry of another form is a hold of eDiscovery (UniH) or an in-place hold: it retains, too."""
    policy = _POLICY.fullmatch(hold)
    return not hold.startswith(_EXCLUDED) and (policy is None or policy["action"] != _DELETES)


def _reaches(hold: str, excluded: set[str]) -> bool:
    policy = _POLICY.fullmatch(hold)
    return policy is not None and policy["place"].lower() in _IN_MAILBOXES and policy["id"].lower() not in excluded


def _excluded(in_place_holds: Iterable[str]) -> Iterator[str]:
    for hold in in_place_holds:
        policy = _POLICY.fullmatch(hold)
        if policy is not None and policy["excluded"]:
            yield policy["id"].lower()
