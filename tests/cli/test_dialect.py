"""`psbridge run` takes the dialect of the directory from the profile, an option wins, and the run keeps it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from psbridge.journal import SqliteStore
from tests.cli.commands import psbridge

PLAYBOOK = '''
"""One look at an account."""

from psbridge.cmdlets import directory_of
from psbridge.engine import DIALECT, Input, Playbook


def body(run):
    directory = directory_of(run.inputs["dialect"])
    account = run.evidence("account", "directory", directory.get_user(run.inputs["identity"]), need=("object_id",))
    return {"account": str(account.object_id)}


playbook = Playbook(
    name="look",
    version="1",
    summary="look",
    inputs=(Input("identity", "the user"), DIALECT),
    endpoints=("directory",),
    outline=("look",),
    body=body,
)
'''
CMDLETS = {"msonline": "Get-MsolUser", "graph": "Get-MgUser", "entra": "Get-EntraUser"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the playbook."""
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / "look.py").write_text(PLAYBOOK, encoding="utf-8")
    return tmp_path


def profile(folder: Path, first: str) -> Path:
    program = [sys.executable, "-m", "psbridge.simulator", "-s", "--endpoint", "directory", "--seed", "documents"]
    described = f"{first}\n[endpoints.directory]\ntransport = 'process'\ncommand = {program!r}\n"
    path = folder / "profile.toml"
    path.write_text(described, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("first", "option", "expected"),
    [
        ("dialect = 'graph'", (), "graph"),
        ("dialect = 'graph'", ("--option", "dialect=entra"), "entra"),
    ],
)
def test_the_profile_decides_and_an_option_wins(folder: Path, first: str, option: tuple[str, ...], expected: str) -> None:
    at = ("--playbooks", folder / "playbooks", "--profile", profile(folder, first), "--journal", folder / "journal.db")
    done = psbridge("run", "look", "testlicense@domain.com", *at, *option)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "account: c686dfd9-aa4a-4b54-8680-cc0d4c9b0a62" in done.stdout
    with SqliteStore.view(folder / "journal.db") as view:
        (run,) = view.runs()
        assert run.inputs["dialect"] == expected
        (evidence,) = [entry for entry in view.entries(run.run_id) if entry.key == "account"]
        assert evidence.command.startswith(f"{CMDLETS[expected]} -User")


def test_another_dialect_is_refused_with_those_that_there_are(folder: Path) -> None:
    at = ("--playbooks", folder / "playbooks", "--journal", folder / "journal.db")
    refused = psbridge("run", "look", "x", *at, "--profile", profile(folder, "dialect = 'azuread'"))
    assert refused.returncode == 2
    assert "expected one of msonline, graph, entra" in refused.stderr
    refused = psbridge("run", "look", "x", *at, "--profile", profile(folder, ""), "--option", "dialect=azuread")
    assert refused.returncode == 2
    assert "dialect cannot be 'azuread'; choose one of msonline, graph, entra" in refused.stderr
