"""A process that has nothing to do but to know what waits: `python -m benchmarks.waiting_process worker ADDRESS|loop FILE`.

It imports what such a process needs, and nothing of a benchmark's own: its memory is what is measured.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.fleet_runs import SIX_STEPS, WAITING, MemoryEndpoints
from psbridge.engine import Engine, Settings

__all__ = ["main"]

TENANT = "contoso"
_PLAYBOOKS = {playbook.name: playbook for playbook in (SIX_STEPS, WAITING)}
_SETTINGS = Settings(lease=timedelta(seconds=5))


def main() -> None:
    """Be one of the two until somebody kills it."""
    kind, where = sys.argv[1:]
    if kind == "worker":
        _worker(where)
    else:
        _loop(Path(where))


def _worker(address: str) -> None:
    from psbridge.fleet.worker import Worker, WorkerSettings

    settings = WorkerSettings(concurrency=8, engine=_SETTINGS)
    Worker(address, _PLAYBOOKS, MemoryEndpoints, tenant=TENANT, settings=settings).run()


def _loop(journal: Path) -> None:
    """The plain loop of docs/embedding.md, over every run of a file."""
    from psbridge.journal import SqliteStore

    with SqliteStore(journal) as store:
        engine = Engine(store, _PLAYBOOKS, MemoryEndpoints(), tenant=TENANT, settings=_SETTINGS)
        while True:
            for run_id in engine.due():
                engine.advance(run_id)
            time.sleep(2)


if __name__ == "__main__":
    main()
