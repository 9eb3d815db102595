"""What a scan of a large organisation costs the client: time, memory, objects for each second.

    python -m benchmarks.scan [--users N] [--duplicates N] [--unclean N]

The organisation is a simulated tenant; each of its three endpoints is a process of its own, reached over PSRP as PowerShell would
be. The scan runs in a process of its own, with a journal on the disk. Wall time has the simulator in it, which makes the objects.
CPU time and peak memory are the scan's alone: without its children, and CPU time without its start. One run; needs Linux.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.table import megabytes, number, ratio, seconds, table

__all__ = ["main"]

_ENDPOINTS = ("exo", "onprem", "directory")


def main() -> None:
    """Make the tenant, scan it, print."""
    given = _parser().parse_args()
    if given.scan:
        _scan(given.scan)
        return
    special = ["--duplicates", str(given.duplicates), "--unclean", str(given.unclean)]
    with TemporaryDirectory(prefix="psbridge-benchmark-") as folder:
        file = Path(folder, "tenant.json")
        _python("psbridge.simulator.generate", str(given.users), str(file), *special)
        measured = json.loads(_python("benchmarks.scan", "--scan", folder))
    print(_table(measured, given.users))


def _python(module: str, *arguments: str) -> str:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _scan(folder: Path) -> None:
    """Scan the tenant of this folder, and write down what it took."""
    from playbooks.duplicate_mailbox.scan import playbook
    from psbridge.endpoints import Endpoints
    from psbridge.engine import Done, Engine
    from psbridge.journal import SqliteStore
    from psbridge.profile import Profile

    arguments = ["-m", "psbridge.simulator", "-s", "--seed", str(folder / "tenant.json"), "--endpoint"]
    endpoints = {
        # A large tenant takes its time until the first object comes.
        name: {"transport": "process", "command": [sys.executable, *arguments, name], "deadline": 7200.0, "open_timeout": 1800.0}
        for name in _ENDPOINTS
    }
    store = SqliteStore(folder / "journal.db")
    engine = Engine(store, {playbook.name: playbook}, Endpoints.of(Profile.model_validate({"endpoints": endpoints})))
    before, began, cpu = _peak(), time.perf_counter(), time.process_time()
    run_id = engine.start(playbook.name, {})
    outcome = engine.advance(run_id)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    if not isinstance(outcome, Done):
        raise SystemExit(str(outcome))
    lists = [entry.body["gathered"] for entry in engine.entries(run_id) if "gathered" in entry.body]
    told = {
        "objects": sum(one["count"] for one in lists if "rows" in one),
        "findings": outcome.result["findings"],
        "cpu": cpu,
        "wall": wall,
        "before": before,
        "peak": _peak(),
        "disk": sum(path.stat().st_size for path in folder.glob("journal.db.tables/*")),
        "journal": (folder / "journal.db").stat().st_size,
    }
    sys.stdout.write(json.dumps(told))


def _peak() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _table(measured: dict[str, float], users: int) -> str:
    objects, cpu = int(measured["objects"]), measured["cpu"]
    row = [
        number(objects),
        number(int(measured["findings"])),
        seconds(measured["wall"]),
        seconds(cpu),
        number(objects / cpu),
        megabytes(int(measured["before"])),
        megabytes(int(measured["peak"])),
        megabytes(int(measured["disk"])),
        megabytes(int(measured["journal"])),
        ratio(measured["peak"] / measured["before"]),
    ]
    heading = [
        "objects",
        "findings",
        "wall s",
        "CPU s",
        "objects/s of CPU",
        "MB at the start",
        "peak MB",
        "tables MB",
        "journal MB",
    ]
    return table(f"A scan of {number(users)} users on each side", [*heading, "peak : start"], [row])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scan", description=__doc__)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--duplicates", type=int, default=500)
    parser.add_argument("--unclean", type=int, default=200)
    parser.add_argument("--scan", type=Path, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    main()
