"""The example of docs/your-own-playbook.md is run: the playbook, the test of it, and every command that the page shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from psbridge.discovery import find_playbooks
from psbridge.engine import Run
from tests.docs.console import Console
from tests.docs.pages import DOCS, broken_links, scenes
from tests.docs.reader import Reader
from tests.readme.readme import ROOT, blocks

PAGE: Final = DOCS / "your-own-playbook.md"
PLAYBOOK, TEST = blocks(PAGE, "python")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """The folder with the two files, as a reader makes it."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "hand_over_address.py").write_text(PLAYBOOK, encoding="utf-8")
    (folder / "test_hand_over_address.py").write_text(TEST, encoding="utf-8")
    return folder


def names_of_the_test(folder: Path) -> Mapping[str, Any]:
    """The names of the test on the page."""
    path = folder / "test_hand_over_address.py"
    names: dict[str, Any] = {"__name__": "test_hand_over_address", "__file__": str(path)}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
    return names


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", re.findall(r"^def (test_\w+)", TEST, re.MULTILINE))
def test_the_test_on_the_page_passes(name: str, mine: Path, tmp_path: Path) -> None:
    test: Callable[[Path], None] = names_of_the_test(mine)[name]
    test(tmp_path)


def test_the_commands_on_the_page_do_what_it_says(mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "organisation.toml").write_text(names_of_the_test(mine)["ORGANISATION"], encoding="utf-8")
    [scene] = scenes(PAGE)
    reader = Reader(Console(tmp_path, monkeypatch, str(ROOT / "fixtures" / "tenants" / f"{scene.seed}.toml")), scene)
    said = "".join(reader.follow(quote) for quote in scene.quotes)
    assert "mine/my_own.py: the playbook." in said.replace("\\", "/")


def test_every_step_of_a_run_is_explained(mine: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    unexplained = {"gather", "tabulate", "note"}  # for whole organisations, and for the reader of the journal
    steps = {name for name in vars(Run) if not name.startswith("_")}
    assert {name for name in steps if f"run.{name}" not in text} == unexplained
    [example] = [found for found in find_playbooks(mine).values() if found.name == "hand-over-address"]
    assert example.endpoints == ("onprem", "exo", "sync")


def test_every_link_leads_somewhere() -> None:
    assert broken_links(PAGE) == []
