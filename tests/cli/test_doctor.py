"""`psbridge doctor` as it is typed: what it prints, its JSON and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.here import psbridge
from tests.simulator.served import PASSWORD, USER, served

MANUAL = '[endpoints.sync]\ntransport = "manual"\n'
MISSING = '[endpoints.exo]\ntransport = "process"\ncommand = ["no-such-pwsh"]\n'


def profile(folder: Path, text: str) -> Path:
    path = folder / "profile.toml"
    path.write_text(f'tenant = "contoso.onmicrosoft.com"\n{text}', encoding="utf-8")
    return path


def test_what_fails_is_shown_with_cause_and_remedy_and_ends_with_1(tmp_path: Path) -> None:
    done = psbridge("doctor", "--profile", profile(tmp_path, MANUAL + MISSING))
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "exo (process)"
    assert "  FAILED   program                no program 'no-such-pwsh'" in lines
    assert f"{'':34}remedy: Install PowerShell 7, or name its program in the endpoint's command." in lines
    assert "  skipped  start                  because of: program" in lines
    assert lines[lines.index("") + 1] == "sync (manual)"
    assert lines[-1] == "1 failed, 0 to look at, 2 well."


def test_one_endpoint_can_be_named_and_all_well_ends_with_0(tmp_path: Path) -> None:
    done = psbridge("doctor", "sync", "--profile", profile(tmp_path, MANUAL + MISSING))
    assert (done.returncode, done.stderr) == (0, "")
    assert "exo" not in done.stdout


def test_an_endpoint_that_the_profile_has_not_is_a_usage_error(tmp_path: Path) -> None:
    done = psbridge("doctor", "onprem", "--profile", profile(tmp_path, MANUAL))
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no endpoint 'onprem' in the profile. There are: sync." in done.stderr


def test_a_profile_with_mistakes_is_a_usage_error_that_lists_them(tmp_path: Path) -> None:
    done = psbridge("doctor", "--profile", profile(tmp_path, "[endpoints.sync]\ntransport = 'manuel'\n[limit]\n"))
    assert done.returncode == 2
    assert "2 mistakes:" in done.stderr
    assert 'did you mean "manual"?' in done.stderr


def test_the_json_has_every_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSBRIDGE_TEST_WORD", PASSWORD)
    with served() as server:
        described = (
            f'[endpoints.onprem]\ntransport = "psrp"\nuri = "{server.uri("onprem")}"\nauthentication = "ntlm"\n'
            f'username = "{USER}"\npassword = {{ secret = "environment:PSBRIDGE_TEST_WORD" }}\n'
        )
        done = psbridge("doctor", "--json", "--profile", profile(tmp_path, described))
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["tenant"] == "contoso.onmicrosoft.com"
    assert told["counts"]["failed"] == 0
    assert sum(told["counts"].values()) == len(told["findings"]) > 10
    assert {tuple(finding) for finding in told["findings"]} == {("endpoint", "check", "verdict", "found", "cause", "remedy")}
    assert next(one["found"] for one in told["findings"] if one["check"] == "language mode") == "NoLanguage, as Exchange has it"
