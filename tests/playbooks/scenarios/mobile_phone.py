"""The third document: whose number it is, the change that the cloud takes, the change that it ignores, and each remedy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from playbooks.mobile_phone import bypass, look, override, probe, scan, set_number
from psbridge.engine import Failed, Playbook
from psbridge.simulator.state import Tenant
from tests.playbooks.change import Change, gone, settings, user
from tests.playbooks.golden import Golden
from tests.playbooks.scenario import Happening, Scenario
from tests.playbooks.sent import Sent
from tests.simulator.rehearsal import Rehearsal

__all__ = ["AUTHORITY_LOST", "CYCLED", "NAMES", "SCENARIOS", "SIMULATED", "TIM", "USER"]

USER = "testmobile@domain.com"
TIM = "tim.mcmichael@domain.com"
TIM_ACCOUNT = "5b000000-0000-4000-8000-00000000002d"
GUID = "5b000000-0000-4000-8000-00000000000e"
ACCOUNT = "5b000000-0000-4000-8000-00000000002c"
# By which ids the document's names may be addressed.
NAMES = {"testmobile": (GUID, ACCOUNT, "testmobile")}
# The document's end: the number was written in the cloud, and a later one on-premises was ignored.
AUTHORITY_LOST = (
    user("onPremises", USER, mobile="0987654321"),
    user("directory", USER, mobilePhone="1234567890", mobileAuthority="cloud"),
    user("cloud", USER, mobilePhone="1234567890"),
)
# An attribute that is not synchronised was changed since, and moved WhenChanged: the times prove nothing.
CHANGED_SINCE = (*AUTHORITY_LOST, user("onPremises", USER, whenChanged="2018-07-15T15:44:00Z"))
# What the document tells in words only.
CYCLED = Sent("sync", "Start-ADSyncSyncCycle", {"PolicyType": "Delta"})
OVERWRITTEN = Sent("sync", "Set-ADSyncToolsDirSyncOverridesUser", {"Identity": USER, "MobilePhoneInAAD": "0987654321"})
OVERRIDDEN: dict[str, object] = {"verdict": "overridden in the cloud", "authority": "the directory"}


# Where the section shows a cmdlet; the whole section in one tenant is test_mobile_phone_document.py's.
LINES = (433, 445, 453, 463, 464, 472, 492, 493, 501, 513)


def not_here(*lines: int) -> dict[int, str]:
    """The document tells three stories, and this is one of them."""
    return dict.fromkeys(lines, "another run of the same story")


# The three looks at the end of the story: what `mobile-phone` is, and how every other playbook begins.
THREE_LOOKS = (493, 501, 513)
ONLY_LOOKS = not_here(*(line for line in LINES if line not in THREE_LOOKS))


def clock_ahead(far: Rehearsal) -> None:
    """The domain controller's clock is ten minutes ahead of the cloud's."""
    far.local(USER).when_changed += timedelta(minutes=10)


def clock_behind(far: Rehearsal) -> None:
    """It is three minutes behind."""
    far.local(USER).when_changed -= timedelta(minutes=3)


def takes_its_time(tenant: Tenant) -> None:
    """A cycle exports at its end, two minutes after it was started."""
    tenant.sync.cycle_seconds = 120


def case(name: str, playbook: Playbook, inputs: dict[str, str], *changes: Change, **more: Any) -> Scenario:
    return Scenario(name=name, playbook=playbook, inputs=inputs, changes=changes, **more)


def looked(
    name: str, result: dict[str, object], *changes: Change, golden: Golden | None = None, inputs: dict[str, str] | None = None
) -> Scenario:
    whole = {"identity": USER, **(inputs or {})}
    return case(name, look.playbook, whole, *changes, result=result, unchanged=True, golden=golden)


def refused(name: str, playbook: Playbook, inputs: dict[str, str], guard: str, *changes: Change) -> Scenario:
    return case(f"refused-{name}", playbook, inputs, *changes, ends=Failed, says=f"Stopped at {guard}.", unchanged=True)


def scanned(name: str, result: dict[str, object], *changes: Change, **inputs: str) -> Scenario:
    """One of the eight needs a person."""
    return case(name, scan.playbook, inputs, *changes, result={"users": 8, "findings": 1, **result}, unchanged=True)


LOOKS = (
    looked("in-step", {"verdict": "in step", "address_book": "Exchange Online shows what the directory holds."}),
    looked(
        "overridden",
        OVERRIDDEN,
        *AUTHORITY_LOST,
        inputs={"alternates": "yes"},
        golden=Golden("mobile-phone", names=NAMES, leaves_out=ONLY_LOOKS),
    ),
    looked(
        "online-behind",
        {"verdict": "in step", "address_book": "Exchange Online is behind the directory."},
        user("cloud", USER, mobilePhone="1112223333"),
    ),
    looked(
        "not-synchronised",
        {"verdict": "not synchronised", "authority": "the directory"},
        user("directory", USER, immutableId=None, lastDirSyncTime=None, mobilePhone="1"),
    ),
    looked("without-a-recipient", {"verdict": "in step", "exchange_online": "not there"}, gone("cloud", USER)),
    looked(
        "without-a-number",
        {"verdict": "in step", "on_premises": "(none)"},
        user("onPremises", USER, mobile=None),
        user("directory", USER, mobilePhone=None),
        user("cloud", USER, mobilePhone=None),
    ),
    looked(
        "emptied-in-the-cloud",
        {**OVERRIDDEN, "directory": "(none)"},
        user("directory", USER, mobilePhone=None, mobileAuthority="cloud"),
        user("cloud", USER, mobilePhone=None),
    ),
    looked("written-differently", OVERRIDDEN, user("onPremises", USER, mobile="803 555 1212")),
    looked(
        "further-numbers",
        {"verdict": "in step"},
        user("onPremises", USER, otherMobile=["5550001", "5550002"]),
        inputs={"alternates": "yes"},
    ),
    looked("not-run-yet", {"verdict": "the synchronisation has not run yet"}, *CHANGED_SINCE),
    refused("no-such-user", look.playbook, {"identity": "nobody@domain.com"}, "on-premises-user"),
    refused("no-account", look.playbook, {"identity": USER}, "account", gone("directory", USER)),
    refused(
        "another-person",
        look.playbook,
        {"identity": USER},
        "the account comes from the on-premises user",
        user("directory", USER, immutableId="AAAAWwAAAECAAAAAAAAADA=="),
    ),
    case(
        "scan",
        scan.playbook,
        {},
        *AUTHORITY_LOST,
        result={"users": 8, "in step": 7, "overridden in the cloud": 1, "named": 1, "findings": 1},
        unchanged=True,
    ),
    scanned("scan-online-behind", {"in step": 8, "named": 1}, user("cloud", USER, mobilePhone="1112223333")),
    scanned("scan-all", {"in step": 8, "named": 8}, user("cloud", USER, mobilePhone="1112223333"), show="all"),
    scanned("scan-without-a-recipient", {"in step": 8, "named": 1}, gone("cloud", USER)),
    # No local user has this objectGUID.
    scanned(
        "scan-another-anchor",
        {"in step": 7, "cannot be told": 1},
        user("directory", USER, immutableId="AAAAWwAAAECAAAAAAAAA+w=="),
    ),
)

SETS = (
    case(
        "taken",
        set_number.playbook,
        {"identity": USER, "number": "9991112222"},
        result={"taken_by_the_cloud": "yes", "verdict": "in step", "authority": "on-premises", "before": "'8035551212'"},
        golden=Golden("mobile-phone", names=NAMES, writes=(CYCLED,), leaves_out=not_here(433, 492, 493, 501)),
    ),
    case(
        "ignored",
        set_number.playbook,
        {"identity": USER, "number": "0987654321"},
        user("onPremises", USER, mobile="9991112222"),
        user("directory", USER, mobilePhone="1234567890", mobileAuthority="cloud"),
        user("cloud", USER, mobilePhone="1234567890"),
        golden=Golden("mobile-phone", names=NAMES, writes=(CYCLED,), leaves_out=not_here(433, 445, 453, 463, 464)),
        result={"taken_by_the_cloud": "no", "address_book": "Exchange Online shows what the directory holds.", **OVERRIDDEN},
    ),
    case(
        "already-there",
        set_number.playbook,
        {"identity": USER, "number": "8035551212"},
        result={"taken_by_the_cloud": "yes", "authority": "cannot be told"},
        unchanged=True,
    ),
    case(
        "clock-ahead",
        set_number.playbook,
        {"identity": USER, "number": "0987654321"},
        *AUTHORITY_LOST,
        user("onPremises", USER, mobile="9991112222"),
        happenings=(Happening(after="Set-User", simulated=clock_ahead),),
        result={"taken_by_the_cloud": "no", **OVERRIDDEN},
    ),
    case(
        "clock-behind",
        set_number.playbook,
        {"identity": USER, "number": "9991112222"},
        user("directory", USER, lastDirSyncTime="2018-07-15T15:44:00Z"),
        simulated=takes_its_time,
        happenings=(Happening(after="Set-User", simulated=clock_behind),),
        result={"taken_by_the_cloud": "yes", "verdict": "in step", "authority": "on-premises"},
    ),
    case(
        # The scheduler's own cycle comes between the change and ours, which then has nothing left to export.
        "cycle-in-between",
        set_number.playbook,
        {"identity": USER, "number": "0987654321"},
        *AUTHORITY_LOST,
        user("onPremises", USER, mobile="9991112222"),
        happenings=(Happening(after="Set-User", simulated=lambda far: far.synchronise()),),
        result={"taken_by_the_cloud": "no", **OVERRIDDEN},
    ),
    case(
        "half-done",
        set_number.playbook,
        {"identity": USER, "number": "9991112222"},
        user("onPremises", USER, mobile="9991112222", whenChanged="2018-07-15T15:44:00Z"),
        # The simulator's delta cycle carries what it knows to have changed.
        simulated=lambda tenant: tenant.sync.changed.add(UUID(GUID)),
        result={"taken_by_the_cloud": "yes", "verdict": "in step"},
    ),
    case(
        "by-the-operator",
        set_number.playbook,
        {"identity": USER, "number": "9991112222", "sync": "manual"},
        answers={"synchronise": "done"},
        happenings=(
            Happening(when="synchronise", live="$null = Start-ADSyncSyncCycle", simulated=lambda far: far.synchronise()),
        ),
        result={"taken_by_the_cloud": "yes"},
    ),
    case(
        "operator-said-no",
        set_number.playbook,
        {"identity": USER, "number": "9991112222", "sync": "manual"},
        Change("sync", values={"enabled": False}),
        answers={"synchronise": "no", "synchronise-2": "done"},
        happenings=(Happening(when="synchronise-2", simulated=lambda far: far.synchronise()),),
        result={"taken_by_the_cloud": "yes"},
    ),
    refused(
        "not-synchronised",
        set_number.playbook,
        {"identity": USER, "number": "1"},
        "the account is synchronised",
        user("directory", USER, immutableId=None, lastDirSyncTime=None),
    ),
    refused(
        "staging",
        set_number.playbook,
        {"identity": USER, "number": "1"},
        "the sync server exports",
        Change("sync", values={"staging": True}),
    ),
    refused("no-number", set_number.playbook, {"identity": USER, "number": "1" * 65}, "the number can be written"),
)

PROBES = (
    case(
        "locked",
        probe.playbook,
        {"identity": TIM},
        result={"locked": "yes"},
        golden=Golden(
            "mobile-phone",
            names={"test": ("Tim",), TIM: (TIM_ACCOUNT,)},
            leaves_out=not_here(*(line for line in LINES if line != 433)),
        ),
    ),
    refused(
        "not-synchronised",
        probe.playbook,
        {"identity": TIM},
        "the account is synchronised",
        user("directory", TIM, immutableId=None, lastDirSyncTime=None),
    ),
    refused("no-first-name", probe.playbook, {"identity": TIM}, "account", user("directory", TIM, firstName="")),
)

OVERRIDES = (
    case(
        "seen-by-the-operator",
        override.playbook,
        {"identity": USER, "keep": "on-premises"},
        *CHANGED_SINCE,
        answers={"seen-to-be-overridden": "yes"},
        result={"user": USER},
    ),
    case(
        "refused-not-proved",
        override.playbook,
        {"identity": USER, "keep": "on-premises"},
        *CHANGED_SINCE,
        answers={"seen-to-be-overridden": "I do not know"},
        ends=Failed,
        says="Stopped at the cloud has overridden the numbers.",
        unchanged=True,
    ),
    case(
        "keep-on-premises",
        override.playbook,
        {"identity": USER, "keep": "on-premises"},
        *AUTHORITY_LOST,
        golden=Golden("mobile-phone", names=NAMES, writes=(OVERWRITTEN,), leaves_out=ONLY_LOOKS),
        result={"user": USER, "way_back": f"Set-ADSyncToolsDirSyncOverridesUser -Identity {USER} -MobilePhoneInAAD '1234567890'"},
    ),
    case(
        "keep-cloud",
        override.playbook,
        {"identity": USER, "keep": "cloud"},
        *AUTHORITY_LOST,
        result={"way_back": f"Set-ADSyncToolsDirSyncOverridesUser -Identity {USER} -MobileInAD '0987654321'"},
    ),
    case(
        "clear-on-premises",
        override.playbook,
        {"identity": USER, "keep": "cloud"},
        user("onPremises", USER, otherMobile=["5550001"]),
        user("directory", USER, mobilePhone=None, mobileAuthority="cloud"),
        user("cloud", USER, mobilePhone=None),
    ),
    case("equal", override.playbook, {"identity": USER, "keep": "cloud"}, result={"verdict": "in step"}, unchanged=True),
)

BYPASSES = (
    case("on", bypass.playbook, {"turn": "on", "compare": "no"}, *AUTHORITY_LOST, result={"changed": 1}),
    case("on-nobody", bypass.playbook, {"turn": "on", "compare": "no"}, result={"changed": 0, "differences": []}),
    case(
        "on-already",
        bypass.playbook,
        {"turn": "on", "compare": "no"},
        *AUTHORITY_LOST,
        settings(bypassDirSyncOverrides=True),
        result={"changed": 1},
    ),
    case("off", bypass.playbook, {"turn": "off"}, settings(bypassDirSyncOverrides=True), result={"changed": 0}),
    case("off-already", bypass.playbook, {"turn": "off"}, result={"changed": 0}, unchanged=True),
)


# Microsoft Graph's code for a locked attribute is that of every bad request.
TODAY: dict[str, dict[str, object]] = {"locked": {"locked": "cannot be told"}}


def today(scenario: Scenario, dialect: str) -> Scenario:
    """The same story with today's cmdlets for the directory."""
    golden = None if scenario.golden is None else replace(scenario.golden, dialect=dialect)
    inputs = {**scenario.inputs, "dialect": dialect}
    result = TODAY.get(scenario.name, scenario.result)
    return replace(scenario, name=f"{scenario.name}-{dialect}", inputs=inputs, golden=golden, result=result)


MAIN = ("overridden", "taken", "ignored", "locked", "keep-on-premises", "on")
# What differs in the tenant only is played in the simulator alone (test_mobile_phone_simulated.py): the real engine is slow.
ONLY_SIMULATED = frozenset(
    {
        *(
            "in-step",
            "not-synchronised",
            "without-a-recipient",
            "without-a-number",
            "emptied-in-the-cloud",
            "written-differently",
        ),
        *("further-numbers", "already-there", "clock-ahead", "clock-behind", "cycle-in-between", "equal"),
        "operator-said-no",
        *("on-nobody", "on-already", "off-already"),
        *("scan-online-behind", "scan-all", "scan-without-a-recipient", "scan-another-anchor"),
    }
)
EVERY = (*LOOKS, *SETS, *PROBES, *OVERRIDES, *BYPASSES)
MSONLINE = tuple(scenario for scenario in EVERY if scenario.name not in ONLY_SIMULATED)
DIALECTS = tuple(today(scenario, dialect) for dialect in ("graph", "entra") for scenario in MSONLINE if scenario.name in MAIN)
SIMULATED = tuple(scenario for scenario in EVERY if scenario.name in ONLY_SIMULATED)
# The main way of each playbook is struck by every fault at every call (fault_sweep.py).
SWEPT = {
    ("mobile-phone", "overridden"),
    ("mobile-phone-scan", "scan"),
    ("mobile-phone-probe", "locked"),
    ("mobile-phone-set", "ignored"),
    ("mobile-phone-override", "keep-on-premises"),
    ("mobile-phone-bypass", "on"),
}
# These by faults at what they write otherwise.
BRANCHES = {
    ("mobile-phone-probe", "locked-graph"),
    ("mobile-phone-probe", "locked-entra"),
    ("mobile-phone-override", "keep-cloud"),
    ("mobile-phone-override", "clear-on-premises"),
    ("mobile-phone-bypass", "on-graph"),
}


def marked(scenario: Scenario) -> Scenario:
    name = (scenario.playbook.name, scenario.name)
    return replace(scenario, sweep=name in SWEPT, branch=name in BRANCHES)


SCENARIOS = tuple(map(marked, (*MSONLINE, *DIALECTS)))
