"""The recordings that come with psbridge: they replay offline, hold the documents' values, and no secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from psbridge.cassettes import Cassette, Playback
from psbridge.clock import SkippingClock
from psbridge.endpoints import Endpoints
from psbridge.engine import Done, Engine, Failed, Outcome
from psbridge.report.run_transcript import items_of
from psbridge.report.transcript import transcript
from tests.playbooks.option_zero import BEGIN, CAPTURED, NAME, RUN, TARGET, begin, carry_on, engine_for, journal_in
from tests.playbooks.refusals import REFUSALS, Refusal

CASSETTES = Path(__file__).resolve().parents[2] / "fixtures" / "cassettes" / NAME


def replayed(name: str, folder: Path) -> tuple[Engine, Outcome]:
    clock = SkippingClock(BEGIN)
    with Playback(Cassette.load(CASSETTES / name)) as playback:
        engine = engine_for(journal_in(folder), Endpoints(playback.transport), clock)
        outcome = carry_on(engine, begin(engine), clock, lambda: None)
    return engine, outcome


def test_option_zero_replays_to_its_end_and_every_answer_is_used(tmp_path: Path) -> None:
    _, outcome = replayed("option-0.cassette", tmp_path)
    assert isinstance(outcome, Done)
    assert (outcome.result["merge"], outcome.result["source_mailbox"], outcome.result["target_mailbox"]) == (
        "Completed",
        CAPTURED,
        TARGET,
    )


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.name)
def test_every_refusal_replays_to_the_guard_that_stopped_it(refusal: Refusal, tmp_path: Path) -> None:
    _, outcome = replayed(f"refused-{refusal.name}.cassette", tmp_path)
    assert isinstance(outcome, Failed)
    assert f"Stopped at {refusal.guard}." in outcome.error
    assert "Nothing has been changed." in outcome.error


def test_every_cassette_belongs_to_a_test() -> None:
    names = {f"refused-{refusal.name}.cassette" for refusal in REFUSALS} | {"option-0.cassette"}
    assert {path.name for path in CASSETTES.iterdir()} == names


def test_the_transcript_shows_what_the_documents_show(tmp_path: Path, documents: Path) -> None:
    engine, _ = replayed("option-0.cassette", tmp_path)
    shown = " ".join("\n".join(transcript(items_of(engine.entries(RUN)))).split())
    text = (documents / "timmcmic-2018-07.txt").read_text(encoding="utf-8")
    section = text[text.index("OPTION #0") : text.index("OPTION #1:")]
    guids = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", section)) - {"76d78567-e257-4608-a175-2dc3cd8658c2"}
    assert guids == {CAPTURED, TARGET, "7ba2fffc-e3ce-4d65-b350-d0a3763e5ffa"}
    for guid in guids:
        assert guid in shown
    for value in (
        "NAMPR06DG282-db128",
        "NAMPR06DG143-db051",
        "49.5 GB (53,150,2",
        "99 GB (106,300,44",
        "azure-mbx",
        "User Not Found. User: testduplicate@domain.com.",
        "OperationStopped: (:) [Get-MsolUser], MicrosoftOnlineException",
        "Microsoft.Online.Administration.Automation.UserNotFoundException",
        "NotSpecified: (:) [Get-Mailbox], ManagementObjectNotFoundException",
        "Server=DM6PR06MB4026",
        "CO1PR06A002DC02.NAMPR06A002.prod.outlook.com",
    ):
        assert value in section or value.split()[0] in section
        assert value in shown


@pytest.mark.parametrize("path", sorted(CASSETTES.glob("*.cassette")), ids=lambda path: path.stem)
def test_no_cassette_holds_a_secure_string_or_a_place_on_somebodys_disk(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "<SS" not in text
    assert not re.search(r"/(?:work|home|tmp|root|opt)/|\\Users\\", text)
