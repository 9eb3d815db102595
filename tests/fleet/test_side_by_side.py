"""Several engines in one process: over one journal they carry each run on once, over two they share nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from psbridge.engine import Busy, Done, Engine, Finished, Waiting
from psbridge.journal import SqliteStore
from psbridge.journal.postgres import PostgresStore
from tests.engine.bench import playbook_of
from tests.engine.far_end import FarEnd, FarEndpoints, answering
from tests.engine.test_gathering import gather, named
from tests.fleet.working import PLAYBOOK, TENANT, FleetEndpoints, far_end_of
from tests.postgres_server import PostgresServer


@pytest.mark.parametrize("where", ["file", "database"])
def test_engines_over_one_journal_in_one_process_carry_each_run_on_once(
    postgres: PostgresServer, tmp_path: Path, where: str
) -> None:
    store = SqliteStore(tmp_path / "journal.db") if where == "file" else PostgresStore(postgres.new_database(), connections=8)
    people = [f"user-{number}" for number in range(4)]
    with store:

        def work(_: int) -> None:
            engine = Engine(store, {PLAYBOOK.name: PLAYBOOK}, FleetEndpoints(tmp_path, 0.01), tenant=TENANT)
            for person in people:
                outcome = engine.advance(engine.start(PLAYBOOK.name, {"identity": person}, run_id=f"run-{person}"))
                assert isinstance(outcome, Busy | Done | Finished | Waiting)

        for person in people:
            far_end_of(tmp_path, person)
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(work, range(3)))
        assert [run.status.value for run in store.runs()] == ["done"] * 4
        assert store.verify() == []
    for person in people:
        assert [line.split()[0] for line in far_end_of(tmp_path, person).effects()] == ["Remove-Account", "New-Request"]


def test_runs_of_one_id_in_two_databases_keep_their_tables_apart(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program may give the numbers of its tickets as ids, and have two tenants."""
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "PROGRAMDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    for people in (("ada",), ("eve", "kim")):
        far_end = FarEnd(tmp_path)
        far_end.faults.before["Get-Account"] = [answering(named(*people))]
        playbook = playbook_of(lambda run: {"count": gather(run).count})
        with PostgresStore(postgres.new_database()) as store:
            engine = Engine(store, {"p": playbook}, FarEndpoints(far_end), tenant=people[0])
            outcome = engine.advance(engine.start("p", {}, run_id="ticket-1"))
        assert isinstance(outcome, Done)
        assert outcome.result["count"] == len(people)
    assert len(list(tmp_path.rglob("ticket-1.db"))) == 2
