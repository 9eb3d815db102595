"""What the how-to pages show is run: every command with its exit code, every line they quote, every stop they explain."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest
import typer.main

from psbridge.cli.app import app
from psbridge.discovery import find_playbooks
from tests.docs.console import Console
from tests.docs.far_ends import MORE_STOPS, Stop
from tests.docs.pages import DOCS, HOW_TO, broken_links, scenes, stops, typed_in
from tests.docs.reader import Reader, missing, pattern
from tests.playbooks.scenario import Scenario
from tests.playbooks.scenarios import (
    duplicate_mailbox_delete_account,
    duplicate_mailbox_remove_license,
    duplicate_mailbox_validation_error,
    mobile_phone,
)
from tests.readme.readme import ROOT

PAGES: Final = (DOCS / "README.md", *HOW_TO)
FIXTURES: Final = ROOT / "fixtures"
EXPORTED: Final = FIXTURES / "clixml" / "Get-MigrationUserStatistics" / "exported.clixml"
SCENARIOS: Final[dict[str, Sequence[Scenario]]] = {
    "option-0": duplicate_mailbox_delete_account.SCENARIOS,
    "option-1": duplicate_mailbox_remove_license.SCENARIOS,
    "option-3": duplicate_mailbox_validation_error.SCENARIOS,
    "mobile-phone": mobile_phone.SCENARIOS,
}
named = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


@pytest.mark.timeout(300)
@named
def test_the_commands_of_a_page_do_what_it_says_and_print_what_it_quotes(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = ""
    for number, scene in enumerate(scenes(page)):
        folder = tmp_path / str(number)
        folder.mkdir()
        shutil.copyfile(EXPORTED, folder / "migration.xml")
        shutil.copyfile(_seed("duplicate-mailbox-validation-error/nothing-is-left"), folder / "nothing-is-left.toml")
        reader = Reader(Console(folder, monkeypatch, str(_seed(scene.seed))), scene)
        printed += "".join(reader.follow(quote) for quote in scene.quotes)
    # Its own commands print some of what its tables of stops explain; the rest needs tenants that stop a run.
    printed += "".join(_refusals(page, tmp_path, monkeypatch).values()) + _other_stops(page, tmp_path, monkeypatch)
    unheard = [says for says in stops(page) if not re.search(pattern(says), printed)]
    assert unheard == [], f"{page.name} explains what psbridge does not say"


def _refusals(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What is printed in each tenant that the page's playbooks refuse; each must be explained."""
    console = Console(_made(folder / "refusals"), monkeypatch)
    printed = {}
    for scenario in SCENARIOS.get(page.stem, ()):
        if scenario.name.startswith("refused"):
            options = [f"--option={name}={value}" for name, value in scenario.inputs.items() if name != "identity"]
            seed = FIXTURES / "tenants" / scenario.playbook.name / f"{scenario.name}.toml"
            place = seed if seed.exists() else scenario.seed
            command = ["psbridge", "run", scenario.playbook.name, scenario.inputs["identity"], "--simulate", f"--seed={place}"]
            name = f"{scenario.playbook.name}: {scenario.name}"
            printed[name] = console.type(shlex.join([*command, *options]), [*scenario.answers.values(), "yes"]).text
    explained = [*stops(page), *(stops(DOCS / "how-to" / "option-0.md") if page.stem == "option-3" else ())]
    assert [name for name, text in printed.items() if not any(re.search(pattern(says), text) for says in explained)] == []
    return printed


def _other_stops(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is printed where something goes wrong on the way."""
    console = Console(_made(folder / "stops"), monkeypatch)
    shutil.copyfile(EXPORTED, console.folder / "migration.xml")
    return "".join(_stopped(stop, console) for stop in MORE_STOPS.get(page.stem, ()))


def _stopped(stop: Stop, console: Console) -> str:
    for name, text in stop.files.items():
        (console.folder / name).write_text(text, encoding="utf-8")
    printed = console.type(stop.command, stop.answers)
    assert printed.code != 0, printed.text
    return printed.text


@named
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert broken_links(page) == []


@named
def test_every_command_that_is_named_in_a_sentence_is_one_that_psbridge_takes(page: Path) -> None:
    for line in typed_in(page):
        _, *arguments = shlex.split(line)
        _parsed(arguments)


def test_a_command_that_does_not_exist_is_seen() -> None:
    for wrong in (["runn", "mobile-phone"], ["run", "mobile-phone", "--simulated"], ["journal", "exports", "RUN", "ticket"]):
        with pytest.raises(Exception, match="No such"):
            _parsed(wrong)


def _parsed(arguments: list[str]) -> None:
    """Parse a command line as psbridge does; raises UsageError."""
    group: Any = typer.main.get_command(app)
    with group.make_context("psbridge", list(arguments)) as context:
        while hasattr(group, "resolve_command"):
            name, group, arguments = group.resolve_command(context, arguments)
        group.make_context(name, arguments, parent=context)


def test_every_playbook_has_its_how_to() -> None:
    told = {line.split()[2] for page in HOW_TO for line in typed_in(page) if line.startswith("psbridge run ")}
    assert told == {playbook.name for playbook in find_playbooks().values()}


def test_the_index_names_every_how_to() -> None:
    text = (DOCS / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in HOW_TO if f"(how-to/{page.name})" not in text] == []


def test_a_quoted_line_that_is_not_printed_is_seen() -> None:
    printed = "one\ntwo  three\nfour"
    assert missing(["one", "two three", "..."], printed) == []
    assert missing(["two three", "one"], printed) == ["one"]
    assert missing(["two"], printed) == ["two"]
    assert missing(["twothree", "fo...r x"], printed) == ["twothree", "fo...r x"]
    assert missing(["two ... three ..."], printed) == []


def _seed(name: str) -> Path:
    return FIXTURES / "tenants" / f"{name}.toml"


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
