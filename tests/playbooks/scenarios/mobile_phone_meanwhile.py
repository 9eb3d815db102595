"""The mobile phone's playbooks while somebody else works on the same user, and the guard that stops the run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from psbridge.engine import Failed
from tests.playbooks.change import user
from tests.playbooks.scenario import Scenario, becomes
from tests.playbooks.scenarios.mobile_phone import SCENARIOS as CALM
from tests.playbooks.scenarios.mobile_phone import USER

__all__ = ["SCENARIOS"]

OTHER = "5b000000-0000-4000-8000-0000000000b1"
QUESTION = "seen-to-be-overridden"


def named(playbook: str, name: str) -> Scenario:
    (one,) = (one for one in CALM if (one.playbook.name, one.name) == (playbook, name))
    return one


def stopped(calm: Scenario, name: str, guard: str, **other: Any) -> Scenario:
    """Somebody else comes in the way of a scenario."""
    end: dict[str, Any] = {"ends": Failed, "says": f"Stopped at {guard}.", "result": {}, "unchanged": True}
    return replace(calm, name=f"stopped-{name}", golden=None, sweep=False, **end, **other)


TAKEN = named("mobile-phone-set", "taken")
PROVED = named("mobile-phone-override", "keep-on-premises")
SEEN = named("mobile-phone-override", "seen-by-the-operator")

SCENARIOS = (
    stopped(
        TAKEN,
        "number-changes",
        "the number on-premises is the captured one",
        happenings=(becomes(user("onPremises", USER, mobile="7770001111"), after="Get-ADSyncScheduler"),),
    ),
    stopped(
        PROVED,
        "numbers-differ",
        "every way of reading shows the same numbers",
        happenings=(becomes(user("directory", USER, mobilePhone="7770001111"), after="Get-ADSyncToolsDirSyncOverridesUser"),),
    ),
    stopped(
        SEEN,
        "numbers-change",
        "the numbers are the captured ones",
        happenings=(becomes(user("onPremises", USER, mobile="7770001111"), when=QUESTION),),
    ),
    stopped(
        SEEN,
        "another-person",
        "the name means the captured user",
        happenings=(becomes(user("onPremises", USER, objectGuid=OTHER), when=QUESTION),),
    ),
)
