"""What 2,000 mailboxes cost a client, from the call to its objects: CPU time per object beside PowerShell's and psrpcore's.

    python -m benchmarks.end_to_end [--objects N] [--slow N] [--repeat N] [--json FILE]

All ask a PowerShell with the module ExchangeLike (PSBRIDGE_PWSH) for the same mailboxes, over its standard input and output,
each in a process of its own; they take turns, after one call that is not counted. What counts is the client's process alone:

- psbridge: from before the call until the raw messages, the decoded objects, and the models are there.
- PowerShell (`realps connect`): from the line that begins its pipeline to the line that closes it, which it sends when the
  final state has come, all objects behind it. Printing them comes later. Its compiler warms up with a whole call.
- psrpcore: from before the call until its events hold the objects. It gets fewer objects, as it is slow.

Needs Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final, Protocol

from benchmarks.program import ROOT, run
from benchmarks.table import number, ratio, table
from benchmarks.tenant import environment, write_tenant

__all__ = ["main"]

_POWERSHELL: Final = "PowerShell"

# Stage, and CPU seconds of the client for each object.
Figures = dict[str, list[float]]


class Client(Protocol):
    """Somebody who asks for mailboxes."""

    def call(self) -> Iterator[tuple[str, float]]:
        """Ask once; give CPU seconds per object for each stage."""

    def close(self) -> None:
        """Leave."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    given = _parser().parse_args(arguments)
    powershell = os.environ.get("PSBRIDGE_PWSH", "")
    if not powershell:
        raise SystemExit("PSBRIDGE_PWSH must name a PowerShell with the module ExchangeLike")
    with TemporaryDirectory(prefix="psbridge-benchmark-") as folder, ExitStack() as stack:
        tenant = Path(folder) / "tenant.json"
        write_tenant(tenant, given.objects)
        clients: list[Client] = [
            OwnProcess("psbridge", powershell, tenant, given.objects),
            PowerShellClient(powershell, tenant, given.objects),
            OwnProcess("psrpcore", powershell, tenant, min(given.slow, given.objects)),
        ]
        for client in clients:
            stack.callback(client.close)
        figures = _taking_turns(clients, given.repeat)
    print(_table(figures))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


class OwnProcess:
    """A client of `client`, in a process that lives until it is closed."""

    def __init__(self, name: str, powershell: str, tenant: Path, objects: int) -> None:
        command = [sys.executable, "-m", "benchmarks.client", name, powershell, str(tenant), str(objects)]
        self._objects = objects
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        list(self.call())

    def call(self) -> Iterator[tuple[str, float]]:
        """Ask once."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"a client ended with {self._process.wait()}")
        for stage, found, cpu in json.loads(answer):
            _check(stage, found, self._objects)
            yield stage, cpu / found

    def close(self) -> None:
        """End the process, and with it its PowerShell."""
        self._process.communicate()


class PowerShellClient:
    """`realps connect`, a process for each turn: the first of its two calls is not counted."""

    def __init__(self, powershell: str, tenant: Path, objects: int) -> None:
        step = {"addCommand": "Get-Mailbox", "namedParameters": {"ResultSize": objects}, "timeoutMs": 600_000}
        self._scenario = json.dumps({"steps": [step, step]})
        self._notes = tenant.with_name("notes")
        watcher = [sys.executable, "-m", "benchmarks.watch_client", str(self._notes)]
        self._command = [powershell, "connect", "--", *watcher, powershell, "-s", "-NoLogo", "-NoProfile"]
        self._environment = {**environment(tenant), "PYTHONPATH": str(ROOT)}
        self._objects = objects

    def call(self) -> Iterator[tuple[str, float]]:
        """Ask twice."""
        self._notes.unlink(missing_ok=True)
        ran = run(self._command, self._environment, given=self._scenario)
        found = [len(json.loads(line)["output"]) for line in ran.output.splitlines()]
        _check(_POWERSHELL, found[-1], self._objects)
        noted = [line.split() for line in self._notes.read_text("ascii").splitlines()]
        if [word for word, _ in noted] != ["Command", "Close"] * 2:
            raise SystemExit(f"PowerShell's client did not run two pipelines, but {noted}: {ran.errors}")
        yield _POWERSHELL, (float(noted[3][1]) - float(noted[2][1])) / found[-1]

    def close(self) -> None:
        """Nothing: the process has ended."""


def _taking_turns(clients: Sequence[Client], repeat: int) -> Figures:
    figures: Figures = {}
    for _ in range(repeat):
        for client in clients:
            for stage, cpu in client.call():
                figures.setdefault(stage, []).append(cpu)
    return figures


def _table(figures: Figures) -> str:
    medians = {stage: median(each) for stage, each in figures.items()}
    lines = [
        [stage, number(cpu * 1e6), *(ratio(cpu / medians[other]) for other in (_POWERSHELL, "psrpcore")), _fold(medians, cpu)]
        for stage, cpu in medians.items()
    ]
    head = ["client", "CPU us per object", "of PowerShell's", "of psrpcore's", "psrpcore takes"]
    return table("End to end", head, lines)


def _fold(medians: dict[str, float], cpu: float) -> str:
    return f"{ratio(medians['psrpcore'] / cpu)} times"


def _check(stage: str, found: int, objects: int) -> None:
    if found != objects:
        raise SystemExit(f"{stage}: {found} objects came, not {objects}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.end_to_end", description=__doc__.splitlines()[0])
    parser.add_argument("--objects", type=int, default=2_000)
    parser.add_argument("--slow", type=int, default=200, help="objects for psrpcore")
    parser.add_argument("--repeat", type=int, default=3, help="rounds that count (3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every single measurement")
    return parser


if __name__ == "__main__":
    main()
