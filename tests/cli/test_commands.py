"""The commands there are, and that none is imported for another's sake."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import typer.main

from psbridge.cli.app import app
from tests.cli.commands import psbridge

COMMANDS = (
    *("run", "resume", "approve", "answer", "retry", "cancel", "runs", "show", "report", "demo"),
    *("init", "profiles", "doctor"),
    *("simulate", "clixml", "cassette", "playbooks", "playbook", "journal", "worker", "fleet", "completion"),
)
OF_EXPORTS = ("show", "check", "diff", "to-json", "to-jsonl", "from-json", "to-csv")
OF_PLAYBOOKS = ("show", "new")
OF_JOURNALS = ("verify", "backup", "export", "forget")
OF_CASSETTES = ("show", "diff", "verify", "scrub")
OF_FLEETS = ("status", "pause", "resume", "drain")


def test_every_command_is_there_under_its_name_and_says_what_it_does() -> None:
    group = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group has it
    assert tuple(group) == COMMANDS
    assert tuple(group["clixml"].commands) == OF_EXPORTS
    assert tuple(group["journal"].commands) == OF_JOURNALS
    assert tuple(group["fleet"].commands) == OF_FLEETS
    assert tuple(group["playbook"].commands) == OF_PLAYBOOKS
    assert tuple(group["cassette"].commands) == OF_CASSETTES
    groups = [group[name].commands for name in ("clixml", "cassette", "playbook", "journal", "fleet")]
    for name, command in (*group.items(), *(item for inner in groups for item in inner.items())):
        assert command.name == name
        assert command.help


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ((), COMMANDS),
        (("clixml",), OF_EXPORTS),
        (("playbook",), OF_PLAYBOOKS),
        (("journal",), OF_JOURNALS),
        (("fleet",), OF_FLEETS),
        (("cassette",), OF_CASSETTES),
    ],
)
def test_help_lists_the_commands_in_their_order(arguments: tuple[str, ...], names: tuple[str, ...]) -> None:
    done = psbridge(*arguments, "--help")
    assert done.returncode == 0
    words = [line.strip("\u2502| ").split(" ")[0] for line in done.stdout.splitlines()]
    assert [word for word in words if word in names] == list(names)


@pytest.mark.parametrize("given", [["clxml"], ["clixml", "chek"]])
def test_a_mistyped_command_is_a_usage_error(given: list[str]) -> None:
    done = psbridge(*given)
    assert done.returncode == 2
    assert f"No such command '{given[-1]}'" in done.stderr


def test_a_command_for_exports_imports_nothing_of_runs() -> None:
    program = (
        "import atexit, json, sys; from psbridge.cli import main\n"
        "atexit.register(lambda: print(json.dumps(sorted(sys.modules))))\n"
        "sys.argv = ['psbridge', 'clixml', 'to-csv', 'none.xml']; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    heavy = {"psbridge.engine", "psbridge.session", "psbridge.models", "psbridge.journal", "pypsrp", "keyring", "sqlite3"}
    assert heavy & set(json.loads(done.stdout)) == set()
