"""A limit of the fleet at a moment that would hurt: nothing lies half done, and nothing is held for all meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from psbridge.engine import Done, Engine
from psbridge.errors import HeldBack
from psbridge.fleet.file_store import LimitedFile
from psbridge.journal import Draft, Kind, RunRecord
from psbridge.journal.rows import Transaction
from tests.playbooks.far_ends import Simulated
from tests.playbooks.option_zero import RUN
from tests.playbooks.playing import Meanwhile, Skipping, carry_on, engine_for
from tests.playbooks.scenarios.duplicate_mailbox_delete_account import done

SCENARIO = done("held-back")


@contextmanager
def played(store: LimitedFile) -> Iterator[Engine]:
    far = Simulated(SCENARIO)
    meanwhile = Meanwhile.of(SCENARIO, far)
    endpoints = Skipping(far, [], meanwhile)
    engine = engine_for(SCENARIO, store, endpoints, far.clock)
    engine.start(SCENARIO.playbook.name, SCENARIO.inputs, run_id=RUN)
    assert isinstance(carry_on(engine, RUN, far.clock, meanwhile), Done)
    yield engine
    endpoints.really_close()


def test_an_account_that_was_deleted_is_purged_whatever_the_limit_says(tmp_path: Path) -> None:
    with LimitedFile(tmp_path / "journal.db", destructive_per_hour=1) as store, played(store) as engine:
        begun = {e.key: e.at for e in engine.entries(RUN) if e.kind is Kind.DESTROY and e.state == "intent"}
    assert begun["purge-account"] - begun["delete-account"] < timedelta(minutes=1)
    assert begun["restore-request"] - begun["purge-account"] >= timedelta(hours=1)


def test_the_scheduler_runs_while_a_limit_holds_the_deletion_back(tmp_path: Path) -> None:
    with Late(tmp_path / "journal.db") as store, played(store) as engine:
        entries = engine.entries(RUN)
    states = [(e.key, e.state) for e in entries if e.kind is Kind.WARNING or (e.kind is Kind.DESTROY and e.state == "done")]
    paused = [state for key, state in states if key == "pause-scheduler"]
    assert paused == ["stands", "undone", "stands", "lifted"]
    assert states.index(("pause-scheduler", "undone")) < states.index(("delete-account", "done"))


class Late(LimitedFile):
    """The first destructive step may begin an hour after it was to."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(path, destructive_per_hour=100)
        self._until: datetime | None = None

    def _let_through(self, tx: Transaction, run: RunRecord, draft: Draft, now: datetime) -> None:
        if draft.kind is Kind.DESTROY and now < (until := self._until or now + timedelta(hours=1)):
            self._until = until
            raise HeldBack("a limit", until)
        super()._let_through(tx, run, draft, now)
