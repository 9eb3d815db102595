"""A few rounds of random kills by the real command line; many: `python -m tests.chaos --rounds N --seed S`."""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.__main__ import far_end
from tests.chaos.far_ends import Account
from tests.chaos.rounds import calm_round, repeated, wild_round
from tests.playbooks.kill_matrix import KILLED, label

SEED = int(os.environ.get("PSBRIDGE_CHAOS_SEED", "20261126"))
PLAYED = [("engine", "mobile-phone-set/taken")]


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="whether an orphan has ended is told by a pidfd; this system has none")
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("far", "name"), PLAYED)
def test_a_run_that_is_killed_at_random_ends_as_if_nothing_had_happened(
    far: str, name: str, tmp_path: Path, exchange_like: str
) -> None:
    (scenario,) = (one for one in KILLED if label(one) == name)
    calm = calm_round(scenario, far_end(far, scenario, folder(tmp_path, "calm")), tmp_path / "calm")
    seed = random.Random(f"{SEED} {far}").randrange(2**32)
    report = wild_round(scenario, far_end(far, scenario, folder(tmp_path, "wild")), tmp_path / "wild", calm, seed, kills=2)
    print(f"seed {seed}: {report.lives} lives, killed {dict(report.killed)}")
    assert report.wrong == [], seed
    assert report.killed.total() > 0, seed


def test_the_judge_sees_what_came_twice_and_what_never_came() -> None:
    remove, move = "[directory] Remove-MsolUser -ObjectId 1", "[exo] New-MoveRequest -Identity 1"
    meant = Counter({remove: 1, move: 1})
    names = {"Remove-MsolUser", "New-MoveRequest"}
    assert repeated(Account([remove, move], []), names, meant) == []
    assert repeated(Account([move], [remove]), names, meant) == []
    assert repeated(Account([remove, remove], []), names, meant) == [
        f"2 effects (and 0 unknown), not 1: {remove}",
        f"0 effects (and 0 unknown), not 1: {move}",
    ]
    assert repeated(Account([remove, remove, move], []), {"New-MoveRequest"}, meant) == []


def folder(root: Path, name: str) -> Path:
    made = root / name
    made.mkdir()
    return made
