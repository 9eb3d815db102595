"""Rounds of random kills: `python -m tests.chaos --rounds N --seed S`. Prints a table, and what is wrong.

    python -m tests.chaos [PLAYBOOK[/SCENARIO] ...] [--far simulator|engine] [--rounds N] [--seed S]

Each round carries every chosen scenario to its end once, at each far end. The seed says which life is struck, what of it, and
when, in parts of the longest calm life: with the same seed the moments are the same as far as the machine is as fast.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.far_ends import Engine, FarEnd, Simulator
from tests.chaos.rounds import Calm, Report, calm_round, wild_round
from tests.playbooks.kill_matrix import KILLED, label
from tests.playbooks.scenario import Scenario

__all__ = ["FARS", "far_end", "main"]

FARS = ("simulator", "engine")
HEADER = """\
| playbook/scenario | far end | rounds | lives | psbridge killed | PowerShell killed | asked | lost | done twice | other ends |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"""


def far_end(name: str, scenario: Scenario, folder: Path) -> FarEnd:
    """A fresh organisation in a folder."""
    pwsh = os.environ.get("PSBRIDGE_PWSH", "pwsh")
    return Simulator(scenario, folder) if name == "simulator" else Engine(scenario, folder, pwsh)


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the rounds; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("playbooks", nargs="*", metavar="PLAYBOOK", help="its name, or name/scenario; without one all of them")
    parser.add_argument("--far", choices=FARS, action="append", help="which far end; without one both")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--kills", type=int, default=40, help="at most so many in a round")
    given = parser.parse_args(arguments)
    chosen = [one for one in KILLED if not given.playbooks or {one.playbook.name, label(one)} & set(given.playbooks)]
    print(f"Seed {given.seed}\n{HEADER}", flush=True)
    wrong = []
    for name in given.far or FARS:
        for scenario in chosen:
            with tempfile.TemporaryDirectory(prefix="psbridge-chaos-") as folder:
                reports = _rounds(scenario, name, Path(folder), given.seed, given.rounds, given.kills)
            print(_line(scenario, name, reports), flush=True)
            wrong += [f"{label(scenario)} at {name}: {line}" for report in reports for line in report.wrong]
    print("\n".join(f"WRONG {line}" for line in wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


def _rounds(scenario: Scenario, name: str, folder: Path, seed: int, rounds: int, kills: int) -> list[Report]:
    calm: Calm | None = None
    reports = []
    for number in range(rounds + 1):
        place = folder / str(number)
        place.mkdir()
        far = far_end(name, scenario, place)
        if calm is None:
            calm = calm_round(scenario, far, place)
        else:
            reports.append(wild_round(scenario, far, place, calm, seed + number, kills=kills))
    return reports


def _line(scenario: Scenario, name: str, reports: Sequence[Report]) -> str:
    figures = [
        len(reports),
        sum(report.lives for report in reports),
        *(sum(report.killed[victim] for report in reports) for victim in ("psbridge", "beneath")),
        sum(report.asked for report in reports),
        *(sum(len(getattr(report, kind)) for report in reports) for kind in ("lost", "repeated", "different")),
    ]
    return f"| {label(scenario)} | {name} | {' | '.join(map(str, figures))} |"


if __name__ == "__main__":
    sys.exit(main())
