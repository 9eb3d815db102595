"""Pipes, terminals and code pages: what a command reads from and writes to."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.clixml.exports import clixml, document, mailbox, mailboxes, saved

COMMAND = [sys.executable, "-m", "psbridge", "clixml"]
# Letters of many scripts, half a surrogate pair, a control character, a mark of direction.
HARD = "Za\u017c\u00f3\u0142\u0107 \u4e2d\u6587 \U0001f600 _xD83D_ _x001B_[31m _x202E_"


def test_standard_input_is_read_as_slowly_as_it_comes() -> None:
    whole = mailboxes(40)
    with subprocess.Popen([*COMMAND, "to-jsonl", "-", "--plain", "-p", "Alias"], stdin=-1, stdout=-1, stderr=-1) as process:
        assert process.stdin is not None
        for start in range(0, len(whole), 3000):
            process.stdin.write(whole[start : start + 3000])
            process.stdin.flush()
            time.sleep(0.01)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert out.splitlines()[-1] == b'{"Alias":"user39"}'
    told = clixml("check", "-", stdin=whole[:-50])
    assert told.returncode == 1
    assert told.stdout.startswith("standard input: line ")


@pytest.mark.parametrize("arguments", [["show", "--list"], ["to-json"], ["to-jsonl"], ["to-csv"]])
def test_a_reader_that_has_seen_enough_ends_the_command_quietly(tmp_path: Path, arguments: list[str]) -> None:
    export = saved(tmp_path, mailboxes(3000))
    with subprocess.Popen([*COMMAND, *arguments, str(export)], stdout=-1, stderr=-1) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(100)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii", "utf-8"])
@pytest.mark.parametrize("command", ["show", "check", "to-json", "to-csv"])
def test_no_code_page_stops_a_command(tmp_path: Path, command: str, encoding: str) -> None:
    export = saved(tmp_path, document(mailbox(0, HARD, first=True)))
    environment = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    # What goes to a program is UTF-8 always; what a person reads is in the console's own encoding.
    done = clixml(command, export, environment=environment, encoding="utf-8" if command.startswith("to-") else encoding)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_name_that_no_code_page_has_is_shown_in_messages(tmp_path: Path) -> None:
    export = saved(tmp_path, b"<Objs", "\u4e2d\u202e.xml")
    done = clixml("show", export, environment={"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}, encoding="cp1252")
    assert done.returncode == 1
    assert "?<U+202E>.xml: " in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_progress_is_shown_on_a_terminal_only_and_taken_away_again() -> None:
    whole = mailboxes(3000)
    assert clixml("check", "-", stdin=whole).stderr == ""
    seen = _on_a_terminal("check", "-", slowly=whole)
    assert b"\rstandard input: 0 MB" in seen
    assert b"\rstandard input: 1 MB" in seen
    last_line = seen.rstrip().rpartition(b"\r")[2]
    assert last_line == b"standard input: 3000 values. PowerShell reads this file."
    assert seen.removesuffix(last_line + b"\r\n").endswith(b" \r")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("command", ["show", "to-json", "to-csv"])
def test_nothing_steers_a_terminal(tmp_path: Path, command: str) -> None:
    export = saved(tmp_path, document(mailbox(0, HARD, first=True)))
    seen = _on_a_terminal(command, export).decode()
    assert {character for character in seen if not character.isprintable()} <= {"\r", "\n"}


def _on_a_terminal(*arguments: str | Path, slowly: bytes = b"") -> bytes:
    """What a terminal gets; `slowly` comes through a pipe, in two seconds."""
    import pty

    ours, theirs = pty.openpty()
    command = [*COMMAND, *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        assert process.stdin is not None
        for start in range(0, len(slowly), len(slowly) // 20 or 1):
            process.stdin.write(slowly[start : start + len(slowly) // 20])
            process.stdin.flush()
            time.sleep(0.1)
        process.stdin.close()
        seen = b""
        try:
            while part := os.read(ours, 4096):
                seen += part
        except OSError:  # on Linux that is how a terminal ends
            pass
        assert process.wait(timeout=60) == 0, seen
    os.close(ours)
    return seen
