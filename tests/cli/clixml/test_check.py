"""`psbridge clixml check`: every fault with its place, as PowerShell sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.clixml.exports import clixml, document, mailbox, mailboxes, peak_memory, saved

# What takes long to import, and what `check` has no use for.
HEAVY = {
    "typer",
    "click",
    "rich",
    "pydantic",
    "pypsrp",
    "keyring",
    "sqlite3",
    "psbridge.engine",
    "psbridge.session",
    "psbridge.models",
}


def test_a_clean_file_says_how_many_objects_it_holds(tmp_path: Path) -> None:
    export = saved(tmp_path, mailboxes(12))
    done = clixml("check", export)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{export}: 12 values. PowerShell reads this file.\n", "")


def test_every_fault_is_told_with_line_column_byte_and_path(tmp_path: Path) -> None:
    data = mailboxes(6).replace(b">7<", b">seven<").replace(b'<B N="Shared">false</B>', b'<B N="Shared">nein</B>', 2)
    export = saved(tmp_path, data)
    done = clixml("check", export)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert len(lines) == 4
    for line, fault in zip(lines[:3], (b'<B N="Shared">nein', b">seven", b'<B N="Shared">nein'), strict=True):
        place = data.index(fault) if line is not lines[2] else data.rindex(fault)
        place = data.rindex(b"<", 0, place + 1)
        row, column = data.count(b"\n", 0, place) + 1, place - data.rfind(b"\n", 0, place)
        assert line.startswith(f"{export}: line {row}, column {column}, byte {place}, Objs/Obj/Props/"), line
    assert "I32[Items]" in lines[1]
    assert lines[3] == f"{export}: 0 values can be read. PowerShell refuses this file at the first of these places."


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_places_are_those_of_the_file_in_any_encoding(tmp_path: Path, codec: str) -> None:
    text = document(mailbox(0, "Zo\u00eb \U0001f600", first=True), "<I32>x</I32>").decode()
    data = text.encode(codec)
    mark = len(data) - len(text.encode(codec.removesuffix("-sig").replace("utf-16", "utf-16-le").replace("utf-32", "utf-32-le")))
    before = text[: text.index("<I32>x")]
    body = before.encode({"utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(codec, "utf-8"))
    done = clixml("check", saved(tmp_path, data))
    assert f"line 3, column 3, byte {mark + len(body)}, Objs/I32: " in done.stdout


def test_a_note_is_no_fault(tmp_path: Path) -> None:
    together = document(mailbox(0, "a", first=True), mailbox(1, "b"), mailbox(0, "c", first=True), "<S>caf\u00e9</S>")
    data = together.replace("\u00e9".encode(), b"\xe9")
    done = clixml("check", saved(tmp_path, data))
    assert done.returncode == 0
    assert "line 4, column 3" in done.stdout.splitlines()[0]
    assert "note: the ids begin again" in done.stdout.splitlines()[0]
    assert "line 5" in done.stdout.splitlines()[1]
    assert "note: a byte that is no UTF-8" in done.stdout.splitlines()[1]
    assert done.stdout.splitlines()[2].endswith("4 values. PowerShell reads this file.")


def test_several_files_are_checked_and_one_fault_is_enough(tmp_path: Path) -> None:
    sound, broken = saved(tmp_path, mailboxes(1)), saved(tmp_path, b"<Objs", "broken.xml")
    done = clixml("check", sound, broken)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == f"{sound}: 1 value. PowerShell reads this file."
    assert done.stdout.splitlines()[-1].startswith(f"{broken}: 0 values can be read.")


@pytest.mark.realps
def test_powershell_reads_what_check_passes_and_refuses_what_it_does_not(realps: str, tmp_path: Path) -> None:
    whole = mailboxes(3)
    cases = {
        "sound": whole,
        "utf-16": whole.decode().encode("utf-16"),
        "no-mark": whole.decode().encode("utf-16-le"),
        "cut": whole[:-200],
        "text-before": b"Hello\n" + whole,
        "text-behind": whole + b"\nThanks",
        "blanks-around": b"\n " + whole + b"\r\n\n",
        "twice": whole + whole,
        "declared": b'<?xml version="1.0" encoding="utf-16"?>' + whole,
        "bad-number": whole.replace(b">7<", b">7.5<"),
        "no-byte": b"",
        "nul": whole + b"\0",
    }
    files = {name: saved(tmp_path, data, name) for name, data in cases.items()}
    script = "foreach ($f in $args) { try { $null = Import-Clixml $f -ErrorAction Stop; 'reads' } catch { 'refuses' } }"
    runner = tmp_path / "ask.ps1"
    runner.write_text(script, encoding="utf-8")
    asked = [realps, "-NoProfile", "-File", str(runner), *map(str, files.values())]
    answers = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True).stdout.split()
    told = {name: "reads" if clixml("check", file).returncode == 0 else "refuses" for name, file in files.items()}
    assert told == dict(zip(files, answers, strict=True))


def test_redirected_output_is_told_apart_from_an_export(tmp_path: Path) -> None:
    whole = b"#< CLIXML\r\n" + mailboxes(2)
    export = saved(tmp_path, whole + whole)
    done = clixml("check", export)
    told = f"{export}: 4 values. PowerShell reads this redirected output, Import-Clixml does not.\n"
    assert (done.returncode, done.stdout) == (0, told)


def test_check_imports_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    export = saved(tmp_path, mailboxes(3))
    program = (
        "import atexit, json, sys; from psbridge.cli import main\n"
        "atexit.register(lambda: print(json.dumps(sorted(sys.modules))))\n"
        f"sys.argv = ['psbridge', 'clixml', 'check', {str(export)!r}]; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    told, modules = done.stdout.splitlines()
    assert told.endswith("3 values. PowerShell reads this file.")
    assert HEAVY & set(json.loads(modules)) == set()


def test_check_with_an_option_is_the_same_command(tmp_path: Path) -> None:
    export = saved(tmp_path, mailboxes(3))
    assert clixml("check", "--", export).stdout == clixml("check", export).stdout
    assert "FILE..." in clixml("check", "--help").stdout
    assert clixml("check", "--nope", export).returncode == 2


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="needs wait4 to see the memory of a process")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    small, large = saved(tmp_path, mailboxes(100), "small.xml"), saved(tmp_path, mailboxes(15_000), "large.xml")
    assert large.stat().st_size > 6_000_000
    cut = saved(tmp_path, large.read_bytes()[:-100_000], "cut.xml")
    allowed = peak_memory("check", small) + 15_000_000
    assert peak_memory("check", large) < allowed
    first = peak_memory("show", small, "--table", "-p", "Name")
    assert peak_memory("show", large, "--table", "-p", "Name", "-w", "Name -eq none") < first + 15_000_000
    assert clixml("check", cut).returncode == 1
