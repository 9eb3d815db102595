"""`python -m tests.journal.record_journals FOLDER`: journals as this version writes them, kept for the versions to come.

Two rehearsals of OPTION #0: one that has ended, one that waits for an approval. A folder of `fixtures/journals` bears the number
of the schema; one that is there is never made again.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from psbridge.clock import SkippingClock
from psbridge.discovery import find_playbooks
from psbridge.endpoints import Endpoints
from psbridge.engine import Engine
from psbridge.journal import Kind, SqliteStore, Status
from psbridge.simulator import SimulatedOrganisation
from psbridge.transports.simulated import SimulatedTransport

PLAYBOOK: Final = "duplicate-mailbox-delete-account"
ADMINISTRATOR: Final = "DOMAIN\\administrator on jump"


def record(path: Path, run_id: str, *, approve: bool) -> None:
    """Write one journal with one run."""
    organisation = SimulatedOrganisation.from_seed("option-0")
    clock = SkippingClock(organisation.state.now)
    endpoints = Endpoints(lambda endpoint: SimulatedTransport(organisation, endpoint, clock))
    with SqliteStore(path) as store:
        engine = Engine(
            store, find_playbooks(), endpoints, clock=clock, tenant="domain.onmicrosoft.com", actor=lambda: ADMINISTRATOR
        )
        engine.start(PLAYBOOK, {"identity": "testduplicate@domain.com", "merge": "no"}, run_id=run_id)
        while (run := engine.run(run_id)).status is not Status.DONE:
            engine.advance(run_id)
            run = engine.run(run_id)
            if run.signal.startswith("approval:"):
                if not approve:
                    return
                key = run.signal.partition(":")[2]
                asked = [e for e in engine.entries(run_id) if e.kind is Kind.APPROVAL and e.key == key][-1]
                engine.approve(run_id, key, str(asked.body["sha"]))
            elif run.status is Status.WAITING and run.wake_at is not None:
                clock.sleep((run.wake_at - clock.now()).total_seconds())
            elif run.status is not Status.DONE:
                raise SystemExit(f"{run.status}: {run.why}")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True)
    record(folder / "finished.db", "finished", approve=True)
    record(folder / "waiting.db", "waiting", approve=False)
