"""A run of OPTION #0 that was begun with version 1 goes on with it, beside version 2."""

from __future__ import annotations

from pathlib import Path

from playbooks.duplicate_mailbox.delete_account import playbook
from playbooks.duplicate_mailbox.version_1.delete_account import playbook as version_1
from psbridge.discovery import find_playbooks
from psbridge.engine import Done, Engine, Waiting
from psbridge.journal import SqliteStore
from tests.playbooks.far_ends import Simulated
from tests.playbooks.option_zero import CAPTURED, NAME, USER
from tests.playbooks.playing import TENANT, Meanwhile, Skipping, carry_on
from tests.playbooks.scenario import RUN
from tests.playbooks.scenarios.duplicate_mailbox_delete_account import COMPLETE


def test_both_versions_are_found() -> None:
    found = find_playbooks()
    assert found[NAME] is playbook
    assert found[f"{NAME}@1"] is version_1
    assert playbook.version == "2"


def test_a_run_that_waits_is_carried_to_its_end_in_its_own_version(tmp_path: Path) -> None:
    far = Simulated(COMPLETE)
    meanwhile = Meanwhile.of(COMPLETE, far)
    with SqliteStore(tmp_path / "journal.db") as store:

        def engine(known: dict[str, object]) -> Engine:
            return Engine(store, known, Skipping(far, [], meanwhile), clock=far.clock, tenant=TENANT)  # type: ignore[arg-type]  # playbooks

        before = engine({NAME: version_1})
        before.start(NAME, {"identity": USER}, run_id=RUN)
        assert isinstance(before.advance(RUN), Waiting)
        after = engine({NAME: playbook, f"{NAME}@1": version_1})
        outcome = carry_on(after, RUN, far.clock, meanwhile)
        assert isinstance(outcome, Done)
        assert outcome.result["source_mailbox"] == CAPTURED
        assert after.run(RUN).version == "1"
