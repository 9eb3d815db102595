"""What the playbook's README shows can be typed, and what it says of exit codes and verdicts is so."""

from __future__ import annotations

import re
import shlex

import typer

from playbooks.migration.migration_report import playbook
from playbooks.migration.verdict import Judgement
from psbridge.cli.app import app
from psbridge.cli.options import named_values
from tests.readme.readme import ROOT, commands

README = ROOT / "playbooks" / "migration" / "README.md"


def test_every_command_is_one_that_psbridge_takes_with_inputs_that_the_playbook_has() -> None:
    group = typer.main.get_command(app)
    for line in commands(README, "psbridge"):
        _, name, *arguments = shlex.split(line)
        with group.make_context("psbridge", [name, *arguments]) as context:
            found, command, rest = group.resolve_command(context, [name, *arguments])  # type: ignore[attr-defined]  # a group has it
            parsed = command.make_context(found, rest, parent=context)
        if name == "run":
            assert parsed.params["playbook"] == playbook.name
            playbook.filled({"identity": parsed.params["identity"], **named_values(parsed.params["option"] or [])})


def test_every_verdict_stands_there_with_the_exit_code_that_it_ends_with() -> None:
    rows = dict(re.findall(r"^\| ([a-z ]+) \| ([06]) \|", README.read_text(encoding="utf-8"), re.MULTILINE))
    assert rows == {str(judgement): "0" if judgement is Judgement.VERIFIED else "6" for judgement in Judgement}
