"""A name that no object has is told on standard error, with the nearest ones; what is printed stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.clixml.exports import clixml, mailboxes, saved
from tests.cli.here import psbridge


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show", "--property", "Nmae,Alias"), "Nmae; did you mean Name?"),
        (("to-csv", "--where", "Itmes -gt 3"), "Itmes; did you mean Items?"),
        (("to-json", "--property", "Adresses"), "Adresses; did you mean Addresses?"),
        (("to-jsonl", "--where", "Xyzzy -eq 3"), "Xyzzy."),
    ],
)
def test_a_mistyped_name_is_told(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    command, *options = arguments
    export = saved(tmp_path, mailboxes(4))
    done = clixml(command, export, *options)
    assert done.returncode == 0
    assert f"export.xml: no object that was read has a property {told}" in done.stderr


def test_a_table_of_which_every_column_is_mistyped_is_no_table(tmp_path: Path) -> None:
    export, output = saved(tmp_path, mailboxes(4)), tmp_path / "table.csv"
    done = psbridge("clixml", "to-csv", export, "--property", "Nmae,Itmes", "--output", output)
    assert done.returncode == 2
    assert "a property Nmae; did you mean Name?" in done.stderr
    assert "no object has any property of --property, so every line is empty" in done.stderr
    assert not output.exists()
    assert psbridge("clixml", "to-csv", export, "--property", "Nmae,Items", "--output", output).returncode == 0


def test_so_it_is_from_a_pipe() -> None:
    assert "Nmae; did you mean Name?" in clixml("show", "-", "--property", "Nmae", stdin=mailboxes(4)).stderr


@pytest.mark.parametrize(
    "options",
    [("--property", "name,*e,Nos*"), ("--where", "Office -eq $null"), ("--where", "ALIAS -eq user1", "--property", "Items")],
)
def test_what_some_object_has_is_not_told(tmp_path: Path, options: tuple[str, ...]) -> None:
    assert clixml("show", saved(tmp_path, mailboxes(4)), *options).stderr == ""


def test_an_export_without_objects_says_nothing_of_names(tmp_path: Path) -> None:
    assert clixml("show", saved(tmp_path, mailboxes(0)), "--property", "Nmae").stderr == ""


@pytest.mark.parametrize(("command", "content"), [("show", b""), ("to-csv", b"\n"), ("check", b"\xef\xbb\xbf")])
def test_an_empty_file_is_called_so(tmp_path: Path, command: str, content: bytes) -> None:
    done = clixml(command, saved(tmp_path, content))
    assert done.returncode == 1
    assert "the file is empty" in done.stdout + done.stderr
    assert "no element found" not in done.stdout + done.stderr
