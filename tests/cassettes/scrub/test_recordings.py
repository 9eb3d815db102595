"""Every recording in fixtures/cassettes, scrubbed: nobody is left in it, and it replays to an equal run."""

from __future__ import annotations

from pathlib import Path

import pytest

from psbridge.cassettes import Cassette
from psbridge.cassettes.scrub import scrub
from psbridge.cassettes.scrub.scrub import MARK
from psbridge.reply import Reply
from tests.cassettes.scrub.leaks import left_of, originals
from tests.cassettes.scrub.replay_all import replayed, unlike
from tests.playbooks.record_cassettes import CASSETTES, cassette_of
from tests.playbooks.scenario import Scenario, all_scenarios

RECORDINGS = sorted(CASSETTES.glob("*/*.cassette"))
# One way through each playbook in each dialect, and the ways with values of their own: X500, archives, CSV data, phone numbers.
REPLAYED = {
    "duplicate-mailbox-delete-account": ("option-0", "x500", "entra", "graph", "batch", "archive"),
    "duplicate-mailbox-remove-license": ("graph", "hold-meanwhile"),
    "duplicate-mailbox-validation-error": ("option-3",),
    "migration-report": ("missing-items", "move-request"),
    "mobile-phone": ("overridden",),
    "mobile-phone-bypass": ("on",),
    "mobile-phone-override": ("keep-cloud",),
    "mobile-phone-set": ("taken",),
}
SCENARIOS = [one for one in all_scenarios() if one.name in REPLAYED.get(one.playbook.name, ())]
# `python -m tests.cassettes.scrub.replay_all` plays every recording, usual and strict.
WAYS = [(one, False) for one in SCENARIOS] + [(one, True) for one in SCENARIOS if one.name in {"batch", "entra", "move-request"}]


def label(scenario: Scenario) -> str:
    return f"{scenario.playbook.name}/{scenario.name}"


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_nobody_is_left_in_it_and_its_shape_stays(recording: Path, tmp_path: Path) -> None:
    target = tmp_path / "scrubbed.cassette"
    report = scrub(recording, target, seed="a test")
    assert left_of(originals(recording), target) == []
    before, after = Cassette.load(recording), Cassette.load(target)
    assert report.interactions == len(after.interactions)
    assert after.metadata[MARK] == "yes"
    assert after.run_id == before.run_id
    for old, new in zip(before.interactions, after.interactions, strict=True):
        assert (old.endpoint, old.seconds, old.outcome) == (new.endpoint, new.seconds, new.outcome)
        assert [c.cmdlet for c in old.commands] == [c.cmdlet for c in new.commands]
        assert [list(c.parameters) for c in old.commands] == [list(c.parameters) for c in new.commands]
        if isinstance(old.answer, Reply) and isinstance(new.answer, Reply):
            for one, other in zip(old.answer.records, new.answer.records, strict=True):
                assert one.clixml.count(b"<") == other.clixml.count(b"<")


def test_the_scenarios_that_are_replayed_are_there() -> None:
    assert {(one.playbook.name, one.name) for one in SCENARIOS} == {
        (name, way) for name, ways in REPLAYED.items() for way in ways
    }


@pytest.mark.parametrize(
    ("scenario", "strict"), WAYS, ids=lambda one: label(one) if isinstance(one, Scenario) else f"strict-{one}"
)
def test_it_replays_to_an_equal_run(scenario: Scenario, strict: bool, tmp_path: Path) -> None:
    target = tmp_path / "scrubbed.cassette"
    report = scrub(cassette_of(scenario), target, strict=strict)
    assert not (strict and report.findings)
    played = replayed(scenario, target, tmp_path)
    assert unlike(scenario, played) == []


def test_scrubbing_again_changes_nothing(tmp_path: Path) -> None:
    once, twice = tmp_path / "once.cassette", tmp_path / "twice.cassette"
    scrub(RECORDINGS[0], once)
    assert scrub(once, twice).copied
    assert once.read_bytes() == twice.read_bytes()


def test_the_same_seed_makes_the_same_file_and_none_makes_another(tmp_path: Path) -> None:
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2"), ("d", None), ("e", None)):
        scrub(RECORDINGS[0], tmp_path / name, seed=seed)
    texts = {name: (tmp_path / name).read_bytes() for name in "abcde"}
    assert texts["a"] == texts["b"]
    assert len(set(texts.values())) == 4
