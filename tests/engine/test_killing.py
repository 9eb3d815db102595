"""SIGKILL at every point of a run and at any time: nothing is lost, nothing destructive happens twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.postgres_server import PostgresServer

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="kills are forked; this system has no fork"),
    pytest.mark.timeout(400),
]


@pytest.fixture(params=["sqlite", "postgres"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: a kill loses nothing that the system has taken, so no disk is needed."""
    memory = Path("/dev/shm")
    on_disk = not (memory.is_dir() and os.access(memory, os.W_OK))
    with tempfile.TemporaryDirectory(dir=None if on_disk else memory) as created:
        if request.param == "postgres":
            server: PostgresServer = request.getfixturevalue("postgres")
            (Path(created) / "server").write_text(f"host={server.folder} user=postgres")
        yield Path(created)


def killing(*arguments: str) -> dict[str, Any]:
    """Run tests.engine.killing in a process that has no threads, so that it may fork."""
    command = [sys.executable, "-m", "tests.engine.killing", *arguments]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def test_a_run_killed_at_any_point_ends_as_if_nothing_had_happened(folder: Path) -> None:
    """Before and after each write of the journal, each question and each effect."""
    seen = killing("matrix", str(folder))
    assert seen["wrong"] == []
    assert seen["expected"]["status"] == "done"
    assert seen["expected"]["destructive"] == [
        "Remove-Account -Name ada",
        "Remove-Account -Name ada -Purge",
        "New-Request -Name psb-run-0",
    ]
    assert len(seen["points"]) > 90


def test_the_matrix_sees_a_step_that_repeats_blindly(folder: Path) -> None:
    """The control: the same run with a request that is made without a verification."""
    seen = killing("matrix", str(folder), "careless")
    requests = [wrong["seen"]["destructive"].count("New-Request -Name psb-run-0") for wrong in seen["wrong"]]
    assert requests
    assert all(count == 2 for count in requests)


def test_runs_killed_at_random_times_all_come_to_their_end_with_each_effect_once(folder: Path) -> None:
    seen = killing("chaos", str(folder), "8", "20261123")
    assert seen["kills"] > 10
    for run in seen["seen"]:
        assert (run["status"], run["problems"]) == ("done", [])
        assert [effect.split(" -Name psb")[0] for effect in run["destructive"]] == [
            "Remove-Account -Name ada",
            "Remove-Account -Name ada -Purge",
            "New-Request",
        ]
