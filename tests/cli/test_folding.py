"""At a terminal a long line is broken at blanks, and an id stays in one piece; in a pipe nothing is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from psbridge.cli.folding import fold
from psbridge.engine import Engine, Playbook, Run
from psbridge.journal import SqliteStore
from tests.cli.here import psbridge
from tests.cli.terminal import Terminal

GUID = "fa38094d-cbfd-46b7-82f6-8a3022e39a66"


@pytest.mark.parametrize(
    ("line", "width", "lines"),
    [
        ("short", 10, ["short"]),
        ("  one two three", 9, ["  one two", "      three"]),
        (f"  a {GUID} b", 20, ["  a", f"      {GUID}", "      b"]),
        (f"{GUID}", 10, [GUID]),
        ("a  b", 4, ["a  b"]),
        ("  \u4e2d\u4e2d \u4e2d", 8, ["  \u4e2d\u4e2d", "      \u4e2d"]),
        ("", 10, [""]),
    ],
)
def test_a_line_is_broken_at_blanks_only_and_goes_on_further_in(line: str, width: int, lines: list[str]) -> None:
    assert fold(line, width) == lines


def test_no_id_of_a_list_of_runs_is_cut(tmp_path: Path) -> None:
    def body(run: Run) -> dict[str, object]:
        run.guard("g", False, found=f"{'something ' * 6}{GUID}.", expected="nothing.", remedy="Look.")
        return {}

    journal = tmp_path / "journal.db"
    with SqliteStore(journal) as store:
        engine = Engine(store, {"p": Playbook("p", "1", "A test.", (), (), (), body)})
        engine.advance(engine.start("p", {}, run_id="run-1"))
    with Terminal("-m", "psbridge", "runs", "--journal", journal) as terminal:
        pass
    row, *why = terminal.said.splitlines()[1:]
    assert (row.split()[:2], row.split()[-1]) == (["run-1", "p"], "failed")
    assert GUID in terminal.said
    assert len(why) > 1
    assert all(line.startswith("    ") and len(line) < 120 for line in why)
    assert psbridge("runs", "--journal", journal).stdout.count("\n") == 2
