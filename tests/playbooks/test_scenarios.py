"""Every scenario of every playbook: in the simulator, on the real engine, and from its recording."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from psbridge.cassettes import Cassette
from psbridge.engine import Done, Failed, Operator
from psbridge.reply import Reply
from tests.playbooks.agreement import disagreements, must_agree
from tests.playbooks.contents import contents_of
from tests.playbooks.far_ends import Live, Replayed, Simulated
from tests.playbooks.journal_lines import journal_lines, models_of, models_of_reply
from tests.playbooks.live_tenant import LiveSessions
from tests.playbooks.playing import play
from tests.playbooks.record_cassettes import CASSETTES, cassette_of, journal_of
from tests.playbooks.scenario import Scenario, all_scenarios
from tests.playbooks.sent import SCRIPTS

SCENARIOS = all_scenarios()
RECORDED = [scenario for scenario in SCENARIOS if scenario.recorded]


def label(scenario: Scenario) -> str:
    return f"{scenario.playbook.name}/{scenario.name}"


@pytest.mark.parametrize("scenario", [one for one in SCENARIOS if one.simulator], ids=label)
def test_a_scenario_ends_as_it_is_meant_to_in_the_simulator(scenario: Scenario, tmp_path: Path, documents: Path) -> None:
    far = Simulated(scenario)
    before = contents_of(far.state())
    played = play(scenario, far, tmp_path)
    assert scenario.complaint(played.outcome) == ""
    assert before - contents_of(far.state()) <= scenario.loses
    if scenario.golden is not None:
        assert scenario.golden.differences(documents, played.sent) == []
    if scenario.unchanged:
        assert [call for call in played.sent if call.writes] == []


@pytest.mark.parametrize("scenario", SCENARIOS, ids=label)
def test_a_scenario_ends_as_it_is_meant_to_on_the_real_engine(
    scenario: Scenario, tmp_path: Path, documents: Path, live_sessions: LiveSessions
) -> None:
    far = Live(scenario, live_sessions)
    played = play(scenario, far, tmp_path)
    assert scenario.complaint(played.outcome) == ""
    ran = far.log()
    # The tenant is the witness of what left the client.
    left = [(call.endpoint, cmdlet) for call in played.sent for cmdlet in SCRIPTS.get(call.cmdlet, (call.cmdlet,))]
    assert [(call.endpoint, call.cmdlet) for call in ran] == left
    if scenario.golden is not None:
        assert scenario.golden.differences(documents, ran) == []
        assert scenario.golden.differences(documents, played.sent) == []
    if scenario.unchanged:
        assert [call for call in ran if call.writes] == []
    if must_agree(scenario):
        (tmp_path / "simulated").mkdir()
        assert list(disagreements(play(scenario, Simulated(scenario), tmp_path / "simulated"), played)) == []


@pytest.mark.parametrize("scenario", RECORDED, ids=label)
def test_a_recording_replays_to_the_same_journal_and_the_same_models(scenario: Scenario, tmp_path: Path) -> None:
    far = Replayed(scenario, cassette_of(scenario))
    # Leaving it, the playback complains of an answer that nobody asked for.
    with far.playback:
        played = play(scenario, far, tmp_path)
    assert scenario.complaint(played.outcome) == ""
    assert list(journal_lines(played)) == journal_of(scenario).read_text(encoding="utf-8").splitlines()
    # What the journal holds reads as what the recording holds, one by one and in its order.
    recorded = iter(
        (call.endpoint, call.text, models_of_reply(call.answer, call.commands[0].cmdlet))
        for call in Cassette.load(cassette_of(scenario)).interactions
        if isinstance(call.answer, Reply) and len(call.commands) == 1
    )
    for entry in played.entries:
        models = models_of(entry)
        if models:
            assert (entry.endpoint, entry.command, models) in recorded, entry


# What is read into tables has no journal to compare: tests/playbooks/test_scan_live.py plays it.
SCAN = CASSETTES / "duplicate-mailbox-scan" / "documents.cassette"


def test_every_recording_belongs_to_a_scenario() -> None:
    there = {path for path in CASSETTES.rglob("*") if path.is_file()}
    assert there == {place(scenario) for scenario in RECORDED for place in (cassette_of, journal_of)} | {SCAN}
    assert len({label(scenario) for scenario in SCENARIOS}) == len(SCENARIOS)


@pytest.mark.parametrize("path", sorted(CASSETTES.rglob("*.*")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_recording_holds_a_secure_string_or_a_place_on_somebodys_disk(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "<SS" not in text
    assert not re.search(r"/(?:work|home|tmp|root|opt)/|\\Users\\", text)


def test_a_scenario_says_how_an_outcome_differs_from_what_is_meant() -> None:
    """The tests above rest on it: it must be able to fail."""
    meant = SCENARIOS[0]
    assert "ends as Failed" in meant.complaint(Failed("no", changed=True))
    assert "the result is {}" in meant.complaint(Done({}))
    refused = replace(meant, ends=Failed, says="Stopped at a guard.", unchanged=True)
    assert "does not say" in refused.complaint(Failed("Stopped at another guard.", changed=False))
    assert "may have been changed" in refused.complaint(Failed("Stopped at a guard.", changed=True))
    assert refused.complaint(Failed("Stopped at a guard. Found: it.", changed=False)) == ""
    asked = replace(meant, ends=Operator, says="in vain")
    assert "does not say" in asked.complaint(Operator("Waited for it.", "What now?"))
    assert asked.complaint(Operator("Waited for it in vain.", "What now?")) == ""
