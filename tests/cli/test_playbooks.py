"""`psbridge playbooks`, `psbridge playbook show` and `new`: what there is, what it does, and the beginning of one's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from psbridge.discovery import find_playbooks
from tests.cli.commands import psbridge

NAMES = sorted(name for name, playbook in find_playbooks().items() if name == playbook.name)


def test_every_playbook_is_listed_once_and_no_earlier_version() -> None:
    done = psbridge("playbooks")
    assert done.returncode == 0
    first = [line.split()[0] for line in done.stdout.splitlines() if line.startswith(tuple(NAMES))]
    assert first == NAMES
    assert "@" not in done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_every_playbook_tells_its_inputs_its_steps_and_its_page(name: str) -> None:
    done = psbridge("playbook", "show", name)
    assert done.returncode == 0, done.stderr
    playbook = find_playbooks()[name]
    assert playbook.summary.split(":")[0] in " ".join(done.stdout.split())
    for known in playbook.inputs:
        assert f"\n  {known.name}" in done.stdout
    assert f"\n  {len(playbook.outline):2}. " in done.stdout
    page = done.stdout.partition("Steps:")[2]
    others = [other for other in NAMES if other != name and f"\n# {other}\n" in page]
    assert others == []
    assert "It has no page of its own." not in page
    assert "\n#" in page


def test_an_unknown_playbook_is_named_with_those_there_are() -> None:
    done = psbridge("playbook", "show", "no-such-playbook")
    assert (done.returncode, "There is no playbook 'no-such-playbook'" in done.stderr) == (2, True)


@pytest.mark.timeout(200)
def test_a_new_playbook_works_and_its_own_test_passes(tmp_path: Path) -> None:
    done = psbridge("playbook", "new", "set-phone", tmp_path / "mine")
    assert done.returncode == 0, done.stderr
    test = tmp_path / "mine" / "test_set_phone.py"
    passed = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", str(test)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert passed.returncode == 0, passed.stdout
    assert "2 passed" in passed.stdout
    again = psbridge("playbook", "new", "set-phone", tmp_path / "mine")
    assert (again.returncode, "is there already; nothing was written" in again.stderr) == (2, True)


@pytest.mark.parametrize("name", ["Set", "set_phone", "../set", "set-", "-set", ""])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    done = psbridge("playbook", "new", "--", name, tmp_path / "mine")
    assert done.returncode == 2
    assert not (tmp_path / "mine").exists()
