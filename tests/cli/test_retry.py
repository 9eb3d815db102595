"""`psbridge retry`, and where it is offered: only where it may help."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from playbooks.duplicate_mailbox.delete_account import playbook
from psbridge.engine import Engine
from psbridge.journal import SqliteStore
from tests.cli.in_process import Run, runner


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """psbridge with a profile whose endpoints answer nothing."""
    lines = ['tenant = "domain.onmicrosoft.com"', f"journal = '{tmp_path / 'journal.db'}'"]
    for name in ("onprem", "exo", "directory", "sync"):
        lines += [f"[endpoints.{name}]", f"transport = \"process\"\ncommand = ['{sys.executable}', '-c', 'pass']"]
    (tmp_path / "profile.toml").write_text("\n".join(lines), encoding="utf-8")
    return runner(tmp_path, monkeypatch)


def test_a_run_that_its_inputs_have_stopped_offers_a_new_run_and_no_retry(command: Run) -> None:
    stopped = command(f"psbridge run {playbook.name} a@domain.com --option migration=batch --profile profile.toml")
    assert stopped.code == 1
    assert "Begin a new run with these inputs" in stopped.err
    assert "A retry would not help, because it keeps its inputs, and they are what stopped it: begin a new run." in stopped.err
    assert "psbridge retry" not in stopped.err


def test_a_cancelled_run_is_not_tried_again_and_says_what_to_do(command: Run, tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "journal.db") as store:
        engine = Engine(store, {playbook.name: playbook}, tenant="domain.onmicrosoft.com")
        engine.start(playbook.name, {"identity": "a@domain.com"}, run_id="run-1")
    assert command("psbridge cancel run-1 --profile profile.toml").code == 0
    refused = command("psbridge retry run-1 --profile profile.toml")
    assert refused.code == 2
    assert f"Run run-1 was cancelled, and is over. Begin a new run of {playbook.name} instead" in refused.err
