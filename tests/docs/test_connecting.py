"""What docs/connecting.md shows is so: its commands run, its checks are the doctor's, its modules those that are asked for."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from psbridge.doctor.examination import CHECKS
from psbridge.doctor.modules import modules_of
from psbridge.profile import Profile, named_profile_path
from tests.cli.here import psbridge
from tests.readme.readme import ROOT, blocks, commands, links

PAGE = ROOT / "docs" / "connecting.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_commands_that_are_shown_run_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    shown = commands(PAGE, "psbridge")
    # A profile that is not filled in cannot be looked at, and says so: 2.
    ends = {"init": 0, "profiles": 0, "doctor": 2}
    said = {}
    for line in shown:
        _, name, *arguments = shlex.split(line)
        done = psbridge(name, *arguments)
        assert done.returncode == ends[name], (line, done.stderr)
        said[line] = done.stdout + done.stderr
    assert len(shown) == 6
    assert "fabrikam.onmicrosoft.com" in named_profile_path("fabrikam").read_text(encoding="utf-8")
    assert sum(re.search(r"\d+ mistakes:", text) is not None for text in said.values()) == 3
    assert "still to be filled in" in said["psbridge doctor --profile fabrikam"]


def test_every_check_of_the_doctor_is_explained() -> None:
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| [^|]+ \|$", TEXT, re.MULTILINE)
    explained = {name.strip() for row in rows for name in row.split(",")} - {"check"}
    assert explained == {check.name for checks in CHECKS.values() for check in checks} - {"operator"}


def test_the_modules_that_are_shown_are_those_that_are_asked_for() -> None:
    installed = {
        name
        for line in "".join(blocks(PAGE, "powershell")).splitlines()
        if line.startswith("Install-Module")
        for name in re.findall(r"(?<!-Scope )\b[A-Z][\w.]+(?=,|$| -)", line.removeprefix("Install-Module "))
    }
    wanted = {
        known.name
        for endpoint, dialect in (("exo", ""), ("directory", "graph"), ("directory", "entra"), ("sync", ""))
        for known in modules_of(endpoint, dialect)
    }
    assert installed == wanted - {"ADSync"}


def test_what_is_to_be_typed_at_a_server_says_where() -> None:
    assert all(block.startswith("# PowerShell, ") for block in blocks(PAGE, "powershell"))


def test_every_link_leads_somewhere_and_every_source_is_there() -> None:
    assert [str(path) for path in links(PAGE) if not path.exists()] == []
    cited = set(re.findall(r"\[(\d+)\](?!\()", TEXT))
    listed = set(re.findall(r"^(\d+)\. ", TEXT.partition("## Sources")[2], re.MULTILINE))
    assert cited == listed


def test_the_keys_that_are_shown_are_taken() -> None:
    text = '[endpoints.onprem]\ntransport = "psrp"\nserver = "ex01.contoso.com"\nspn = "HTTP/mail.contoso.com"\n'
    assert all(part in TEXT for part in ('transport = "psrp"', 'server = "ex01.contoso.com"', 'spn = "HTTP/mail.contoso.com"'))
    assert Profile.read(text, "FILE").endpoints["onprem"].spn == "HTTP/mail.contoso.com"
