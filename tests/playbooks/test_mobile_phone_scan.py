"""What the table of a scan says of an account that has no other side, and a scan that was begun with version 1."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from playbooks.mobile_phone import scan
from psbridge.cli.tables import RunTable, table_of
from psbridge.engine import Done, Engine, Playbook
from psbridge.journal import SqliteStore
from tests.playbooks.far_ends import Simulated
from tests.playbooks.playing import TENANT, Meanwhile, Skipping
from tests.playbooks.scenario import RUN
from tests.playbooks.scenarios.mobile_phone import SIMULATED, USER

SCENARIO = next(scenario for scenario in SIMULATED if scenario.name == "scan-another-anchor")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "journal.db") as store:
        yield store


def table(engine: Engine) -> RunTable:
    made = table_of(engine.entries(RUN))
    assert made is not None
    return made


def test_a_synchronised_account_without_a_local_user_is_named_with_the_reason(store: SqliteStore) -> None:
    far = Simulated(SCENARIO)
    known = {scan.playbook.name: scan.playbook}
    engine = Engine(store, known, Skipping(far, [], Meanwhile(far)), clock=far.clock, tenant=TENANT)
    assert isinstance(engine.advance(engine.start(scan.playbook.name, {}, run_id=RUN)), Done)
    (line,) = table(engine).rows()
    assert (line["UserPrincipalName"], line["Verdict"], line["Authority"]) == (USER, "cannot be told", "cannot be told")
    assert (line["OnPremises"], line["Directory"]) == (None, "8035551212")
    assert "ms-DS-ConsistencyGuid" in str(line["Why"])


def test_a_scan_of_version_1_is_carried_to_its_end_with_its_own_table(store: SqliteStore) -> None:
    far = Simulated(SCENARIO)
    (before,) = scan.playbook.earlier

    def engine(known: dict[str, Playbook]) -> Engine:
        return Engine(store, known, Skipping(far, [], Meanwhile(far)), clock=far.clock, tenant=TENANT)

    engine({before.name: before}).start(before.name, {}, run_id=RUN)
    new = engine({scan.playbook.name: scan.playbook, f"{before.name}@1": before})
    assert isinstance(new.advance(RUN), Done)
    assert new.run(RUN).version == "1"
    assert tuple(table(new).columns) == scan.COLUMNS[:-1]
