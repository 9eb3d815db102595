"""What a large simulated tenant costs: to make, to load, to look somebody up in, to list and to filter.

    python -m benchmarks.simulator [--users N] [--duplicates N] [--unclean N] [--mobile-overrides N] [--repeat N]

Each stage is a process of its own, which begins with the tenant's file as another endpoint would. Seconds are CPU time (user and
system) of the whole process but for its start, which `start` shows; memory is its peak. Figures are medians.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.program import Ran, run
from benchmarks.table import megabytes, number, ratio, seconds, table

__all__ = ["main"]


def main() -> None:
    """Measure and print; with --stage do one stage."""
    given = _parser().parse_args()
    if given.stage:
        sys.stdout.write(str(STAGES[given.stage](given.users, given.file)))
        return
    special = [f"--{name}={count}" for name, count in _special(given).items()]
    with TemporaryDirectory(prefix="psbridge-benchmark-") as folder:
        file = Path(folder, "tenant.json")
        figures: dict[str, list[Ran]] = {}
        for round_ in range(1, given.repeat + 1):
            sys.stderr.write(f"round {round_} of {given.repeat}\n")
            make = [sys.executable, "-m", "psbridge.simulator.generate", str(given.users), str(file), *special]
            figures.setdefault("generate and write", []).append(_ran(make))
            for stage in STAGES:
                figures.setdefault(stage, []).append(_ran(_command(stage, given.users, file)))
        print(_table(figures, given.users, file.stat().st_size, _special(given)))


def _start(_users: int, _file: Path) -> int:
    """What every stage needs is imported."""
    import psbridge.simulator.seed
    import psbridge.transports.simulated  # noqa: F401

    return 0


def _load(_users: int, file: Path) -> int:
    return len(_organisation(file).state.on_premises)


def _look(_users: int, file: Path) -> int:
    """The first look-up makes the index."""
    from psbridge.simulator.generate import generate

    name = generate(1).on_premises[0].user_principal_name
    return _count(file, Identity=name)


def _list(_users: int, file: Path) -> int:
    return _count(file, ResultSize="Unlimited")


def _filter(_users: int, file: Path) -> int:
    return _count(file, ResultSize="Unlimited", Filter="Alias -like 'north.*' -and -not (DisplayName -like '*5')")


STAGES: Final[Mapping[str, Callable[[int, Path], int]]] = {
    "start": _start,
    "load": _load,
    "load, Get-Mailbox -Identity": _look,
    "load, Get-Mailbox -ResultSize Unlimited": _list,
    "load, Get-Mailbox -Filter": _filter,
}


def _organisation(file: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202 - imported where a stage needs it
    from psbridge.simulator import SimulatedOrganisation
    from psbridge.simulator.seed import state_from_json

    return SimulatedOrganisation(state_from_json(file.read_bytes()))


def _count(file: Path, **parameters: object) -> int:
    """How many objects the local Get-Mailbox gives, each encoded as it goes over a wire."""
    from psbridge.clock import SystemClock
    from psbridge.command import Pipeline
    from psbridge.reply import Stream
    from psbridge.transports.simulated import SimulatedTransport

    reply = SimulatedTransport(_organisation(file), "onprem", SystemClock()).run(Pipeline.of("Get-Mailbox", **parameters))
    return len(reply.of(Stream.OUTPUT))


def _command(stage: str, users: int, file: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.simulator", "--stage", stage, "--users", str(users), "--file", str(file)]


def _ran(command: list[str]) -> Ran:
    done = run(command)
    if done.code:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.errors}")
    return done


def _table(figures: Mapping[str, list[Ran]], users: int, size: int, special: Mapping[str, int]) -> str:
    start = median(ran.cpu for ran in figures["start"])
    rows = []
    for stage, ran in figures.items():
        cpu = median(one.cpu for one in ran) - (start if stage != "start" else 0.0)
        count = int(ran[0].output or 0)
        rate = number(count / cpu) if count > 1 else "-"
        peak = max(one.peak for one in ran)
        rows.append([stage, number(count) if count else "-", seconds(cpu), rate, megabytes(peak), ratio(peak / size)])
    told = ", ".join(f"{number(count)} {name}" for name, count in special.items())
    title = f"A tenant of {number(users)} users ({told}); its file has {megabytes(size)} MB"
    return table(title, ["stage", "objects", "CPU s", "objects/s", "peak MB", "peak : file"], rows)


def _special(given: argparse.Namespace) -> dict[str, int]:
    return {name: getattr(given, name.replace("-", "_")) for name in ("duplicates", "unclean", "mobile-overrides")}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulator", description=__doc__)
    parser.add_argument("--users", type=int, default=100_000)
    for name, count in (("duplicates", 500), ("unclean", 200), ("mobile-overrides", 1_000)):
        parser.add_argument(f"--{name}", type=int, default=count)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--stage", choices=list(STAGES), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    main()
