"""The third document from its first prompt to its last, as one story in one tenant: three runs, and a user who helps himself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from playbooks.mobile_phone import look, probe, set_number
from psbridge.engine import Done, Playbook
from tests.playbooks.far_ends import Live, Simulated
from tests.playbooks.golden import Golden
from tests.playbooks.live_tenant import LiveSessions
from tests.playbooks.playing import Played, play
from tests.playbooks.scenario import Happening, Scenario
from tests.playbooks.scenarios.mobile_phone import CYCLED, NAMES, TIM, USER
from tests.playbooks.sent import Sent
from tests.simulator.rehearsal import Rehearsal

# What the document does not show: the cycle after each change.
SECTION = Golden("mobile-phone", names={**NAMES, "test": ("Tim",)}, writes=(CYCLED, CYCLED))


def help_himself(far: Rehearsal) -> None:
    """The user sets his number in a portal; some minutes later Exchange Online shows it."""
    far.objects("directory", "Set-MsolUser", UserPrincipalName=USER, MobilePhone="1234567890")
    far.wait(minutes=2)


SELF_SERVICE = Happening(
    live=f"Set-MsolUser -UserPrincipalName {USER} -MobilePhone 1234567890; $null = Step-TenantClock -Minutes 2",
    simulated=help_himself,
)


def scene(playbook: Playbook, **inputs: str) -> Scenario:
    return Scenario(name="story", playbook=playbook, inputs=inputs)


def told(far: Simulated | Live, folder: Path) -> Iterator[Played]:
    yield play(scene(probe.playbook, identity=TIM), far, folder, run_id="1")
    yield play(scene(set_number.playbook, identity=USER, number="9991112222"), far, folder, run_id="2")
    far.happen(SELF_SERVICE)
    yield play(scene(set_number.playbook, identity=USER, number="0987654321"), far, folder, run_id="3")
    yield play(scene(look.playbook, identity=USER), far, folder, run_id="4")


def results(story: list[Played]) -> list[dict[str, object]]:
    assert all(isinstance(played.outcome, Done) for played in story), [played.outcome for played in story]
    return [dict(played.outcome.result) for played in story if isinstance(played.outcome, Done)]


def check(story: list[Played], ran: list[Sent], documents: Path) -> None:
    locked, taken, ignored, seen = results(story)
    assert locked["locked"] == "yes"
    assert locked["error"] == "Unable to update parameter. Parameter name: FIRSTNAME."
    assert (taken["verdict"], taken["taken_by_the_cloud"]) == ("in step", "yes")
    assert (ignored["verdict"], ignored["taken_by_the_cloud"]) == ("overridden in the cloud", "no")
    numbers = ("on_premises", "directory", "exchange_online")
    assert [seen[name] for name in numbers] == ["'0987654321'", "'1234567890'", "'1234567890'"]
    assert seen["authority"] == "the directory"
    assert "MobilePhone '0987654321'" in str(seen["support_case"])
    assert SECTION.differences(documents, ran) == []


@pytest.mark.documents
def test_the_third_document_in_the_simulator(tmp_path: Path, documents: Path) -> None:
    far = Simulated(Scenario(name="story", playbook=look.playbook, inputs={}))
    story = list(told(far, tmp_path))
    check(story, [call for played in story for call in played.sent], documents)


@pytest.mark.documents
@pytest.mark.tenant
def test_the_third_document_on_the_real_engine(tmp_path: Path, documents: Path, live_sessions: LiveSessions) -> None:
    far = Live(Scenario(name="story", playbook=look.playbook, inputs={}), live_sessions)
    check(list(told(far, tmp_path)), far.log(), documents)


@pytest.mark.tenant
def test_the_first_name_that_is_there_is_refused_all_the_same(live_sessions: LiveSessions) -> None:
    """What makes the probe safe: the real engine refuses the value that is there, in all three dialects."""
    far = Live(scene(probe.playbook, identity=TIM), live_sessions)
    for script in (
        f"Set-MsolUser -UserPrincipalName {TIM} -FirstName Tim",
        f"Update-MgUser -UserId {TIM} -GivenName Tim",
        f"Set-EntraUser -UserId {TIM} -GivenName Tim",
    ):
        said = far.tenant.operator(f"try {{ {script} -ErrorAction Stop; 'taken' }} catch {{ $_.ToString(); $Error.Clear() }}")
        assert "FIRSTNAME" in said or "on-premises mastered" in said, script
    account = next(person for person in far.tenant.state()["directory"] if person["userPrincipalName"] == TIM)
    assert account["firstName"] == "Tim"
