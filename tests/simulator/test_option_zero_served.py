"""OPTION #0 over real protocols, its waits skipped: on-premises Exchange by WS-Man, the other endpoints by processes.

All of them share one organisation, in a file. What is recorded of it replays to the same run,
answer by answer and model by model.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from psbridge.cassettes import Cassette, Playback, Recording
from psbridge.clock import SkippingClock
from psbridge.endpoints import Endpoints
from psbridge.engine import Done, Engine, Outcome
from psbridge.journal import Entry
from psbridge.models import (
    ADSyncCycleResult,
    ADSyncScheduler,
    Mailbox,
    MailboxGuids,
    MailboxRestoreRequest,
    MailUser,
    Model,
    MsolUser,
)
from psbridge.psobject import PSObject
from psbridge.session import Result
from psbridge.simulator.server.shared_state import SharedState
from psbridge.transports.base import Transport
from tests.playbooks.option_zero import BEGIN, CAPTURED, NAME, RUN, TARGET, USER, begin, carry_on, engine_for, journal_in
from tests.simulator.served import served, transport
from tests.simulator.test_stdio import session

# What a run's answers are read as.
_EXCHANGE, _SYNC = "Microsoft.Exchange", "Microsoft.MetadirectoryServices.Scheduler"
MODELS: dict[str, type[Model]] = {
    f"{_EXCHANGE}.Data.Directory.Management.Mailbox": Mailbox,
    f"Selected.{_EXCHANGE}.Data.Directory.Management.Mailbox": MailboxGuids,
    f"{_EXCHANGE}.Data.Directory.Management.MailUser": MailUser,
    f"{_EXCHANGE}.Management.RecipientTasks.MailboxRestoreRequest": MailboxRestoreRequest,
    "Microsoft.Online.Administration.User": MsolUser,
    f"{_SYNC}.SchedulerSettings": ADSyncScheduler,
    f"{_SYNC}.SyncCycleResult": ADSyncCycleResult,
}


def models_of(entries: list[Entry]) -> Iterator[Model]:
    """Every object of the run's answers as its model; rows that a command cut out of an object have none here."""
    for entry in entries:
        for value in Result.of(entry.reply).output if entry.reply else ():
            assert isinstance(value, PSObject)
            if model := MODELS.get(value.types[0].removeprefix("Deserialized.")):
                yield model.parse(value, entry.command)


def told(entry: Entry) -> tuple[object, ...]:
    """All that an entry tells."""
    return entry.key, entry.kind, entry.state, entry.attempt, entry.endpoint, entry.command, entry.reply, entry.error, entry.at


class FollowedClock(SkippingClock):
    """When the run's time skips, the organisation's time passes."""

    def __init__(self, shared: SharedState) -> None:
        super().__init__(BEGIN)
        self._shared = shared

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self._shared.advance(self.now())


def run_to_the_end(folder: Path, endpoints: Endpoints, clock: SkippingClock) -> tuple[Engine, Outcome]:
    folder.mkdir()
    engine = engine_for(journal_in(folder), endpoints, clock)
    return engine, carry_on(engine, begin(engine), clock, lambda: None)


def test_option_zero_over_psrp_and_processes_is_recorded_and_replays_to_the_same_models(tmp_path: Path) -> None:
    state, cassette = tmp_path / "tenant.json", tmp_path / "run.cassette"
    shared = SharedState(state, seed="option-0")
    clock = FollowedClock(shared)
    metadata = {"playbook": NAME, "inputs": {"identity": USER}, "run": RUN, "tenant": "domain.onmicrosoft.com"}
    with served(shared) as server, Recording(cassette, clock.now, metadata=metadata) as recording:

        def connect(name: str) -> Transport:
            live = transport(server, name, "ntlm") if name == "onprem" else session(name, state, "option-0")
            return recording.wrap(name, live)

        endpoints = Endpoints(connect)
        engine, outcome = run_to_the_end(tmp_path / "live", endpoints, clock)
        endpoints.close()
    assert isinstance(outcome, Done), outcome
    assert (outcome.result["merge"], outcome.result["source_mailbox"], outcome.result["target_mailbox"]) == (
        "Completed",
        CAPTURED,
        TARGET,
    )
    assert clock.now() > BEGIN

    with Playback(Cassette.load(cassette)) as playback:
        replayed, again = run_to_the_end(tmp_path / "replay", Endpoints(playback.transport), SkippingClock(BEGIN))
    assert again == outcome
    live_entries, replayed_entries = engine.entries(RUN), replayed.entries(RUN)
    assert [told(entry) for entry in replayed_entries] == [told(entry) for entry in live_entries]
    models = list(models_of(live_entries))
    assert {type(model) for model in models} == set(MODELS.values())
    assert list(models_of(replayed_entries)) == models
