"""Every command's help ends with examples, and every example does what it is there for."""

from __future__ import annotations

import re
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer.main

from psbridge.cli.app import app
from psbridge.cli.examples import EXAMPLES
from tests.cli.clixml.exports import mailboxes
from tests.cli.in_process import runner
from tests.playbooks.record_cassettes import CASSETTES

WHERE = "psbridge/cli/examples.py"
EXPORTED = CASSETTES.parent / "clixml" / "Get-MigrationUserStatistics" / "exported.clixml"
RECORDED = CASSETTES / "duplicate-mailbox-delete-account"
# The programs are never started: what the examples carry on comes to rest before that.
ENDPOINT = '[endpoints.{name}]\ntransport = "process"\ncommand = ["{python}"]\n'
PROFILE = 'tenant = "simulated domain.onmicrosoft.com"\ndialect = "msonline"\n' + "".join(
    ENDPOINT.format(name=name, python=Path(sys.executable).as_posix()) for name in ("onprem", "exo", "directory", "sync")
)
SHOWN = [line.partition("  #")[0].strip() for lines in EXAMPLES.values() for line in lines]
# How an example ends that does not end with 0, and what it says then; by the beginning of the line, the longest one counts.
ENDS = {
    "psbridge run duplicate-mailbox-delete-account testduplicate@domain.com --simulate --journal": (
        3,
        "cannot be approved later",
    ),
    "psbridge run duplicate-mailbox-scan": (6, "duplicate-mailbox-delete-account"),
    "psbridge resume RUN": (3, "Not approved"),
    "psbridge approve RUN": (2, "Nobody is at a terminal"),
    "psbridge approve RUN SHA256": (0, "pproved"),
    "psbridge answer RUN": (2, "no question"),
    "psbridge retry RUN": (2, "waiting"),
    "psbridge cassette diff option-0.cassette x500.cassette": (1, "differences"),
    "psbridge cassette scrub option-0.cassette shared.cassette": (6, "Not judged"),
    "psbridge clixml diff before.xml after.xml": (1, "1 changed"),
    "psbridge init": (2, "is there already"),
    "psbridge init --tenant": (0, "contoso.toml"),
    "psbridge doctor": (1, "failed"),
    # Without a database they say what they need; tests/cli/test_fleet.py runs them with one.
    "psbridge fleet": (2, "name the address of a PostgreSQL database"),
    "psbridge worker": (2, "name the address of a PostgreSQL database"),
}
# They serve until they are stopped (tests/cli/test_simulate.py), or need what is not there (tests/cli/test_fleet.py).
PARSED_ONLY = ("psbridge simulate", "psbridge worker --journal")
RUN = [line for line in dict.fromkeys(SHOWN) if not line.startswith(PARSED_ONLY)]


def walk(command: Any, path: str = "") -> dict[str, Any]:
    """Every command under the words that are typed behind `psbridge`."""
    found = {path: command}
    for name, inner in getattr(command, "commands", {}).items():
        found |= walk(inner, f"{path} {name}".strip())
    return found


COMMANDS = walk(typer.main.get_command(app))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A folder with what the examples name, and a run in its journal that waits to be approved: its id, and of what."""
    folder = tmp_path_factory.mktemp("examples")
    for name in ("option-0.cassette", "x500.cassette"):
        shutil.copy(RECORDED / name, folder)
    shutil.copy(EXPORTED, folder / "statistics.xml")
    more = '<S N="RecipientTypeDetails">UserMailbox</S><S N="IssueWarningQuota">49 GB</S>'
    for name in ("mailboxes.xml", "before.xml"):
        (folder / name).write_bytes(mailboxes(3, more))
    (folder / "after.xml").write_bytes(mailboxes(3, more).replace(b"49 GB", b"50 GB", 1))
    (folder / "psbridge").mkdir()
    (folder / "psbridge" / "profile.toml").write_text(PROFILE, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        run = runner(folder, patch)
        # Today's, so that the approval that it waits for is still to be given.
        (folder / "today.toml").write_text(
            f'extends = "option-0"\nnow = {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n', encoding="utf-8"
        )
        delete = "psbridge run duplicate-mailbox-delete-account testduplicate@domain.com"
        begun = run(f"{delete} --simulate --seed today.toml --journal psbridge/journal.db")
        assert run("psbridge clixml to-json mailboxes.xml --output mailboxes.json").code == 0
    shutil.copy(folder / "psbridge" / "journal.db", folder / "rehearsal.db")
    (sha,) = re.findall(r"^  SHA-256 ([0-9a-f]{64})$", begun.out, re.MULTILINE)
    (run_id,) = re.findall(r"^Run (\S+) of", begun.out, re.MULTILINE)
    return folder, run_id, sha


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path or "psbridge")
def test_help_ends_with_examples(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert EXAMPLES.get(path), f"`psbridge {path}` has no examples: add them to {WHERE}"
    shown = runner(tmp_path, monkeypatch)(f"psbridge {path} --help")
    assert shown.code == 0
    lines = [line.strip() for line in shown.out.rstrip().splitlines()]
    place = lines.index("Examples:")
    assert lines[place + 1 :] == list(EXAMPLES[path])


def test_there_are_no_examples_of_what_is_not_there() -> None:
    assert set(EXAMPLES) - set(COMMANDS) == set(), f"{WHERE} names commands that are not registered"


@pytest.mark.parametrize(("path", "line"), [(path, line) for path, lines in EXAMPLES.items() for line in lines])
def test_an_example_is_one_of_its_command(path: str, line: str) -> None:
    assert line.startswith(f"psbridge {path}".strip()), f"{WHERE} shows another command under {path!r}"
    assert line.isascii()


@pytest.mark.parametrize("line", RUN)
def test_an_example_runs(line: str, prepared: tuple[Path, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template, run_id, sha = prepared
    folder = tmp_path / "there"
    shutil.copytree(template, folder)
    if "--simulate --journal" in line:
        (folder / "rehearsal.db").unlink()
    command = line.partition(" | ")[0]
    for name, meant in (("RUN", run_id), ("SHA256", sha)):
        command = re.sub(rf"\b{name}\b", meant, command)
    done = runner(folder, monkeypatch)(command)
    code, says = (
        ENDS[max((start for start in ENDS if line.startswith(start)), key=len, default="")]
        if any(line.startswith(start) for start in ENDS)
        else (0, "")
    )
    assert done.code == code, (done.out, done.err)
    assert says in done.out + done.err


@pytest.mark.parametrize("line", [line for line in dict.fromkeys(SHOWN) if line.startswith(PARSED_ONLY)])
def test_an_example_that_serves_is_one_that_psbridge_takes(line: str) -> None:
    _, name, *arguments = line.split()
    # Making the context parses; an argument or option that is not known raises a usage error.
    COMMANDS[name].make_context(name, arguments)
