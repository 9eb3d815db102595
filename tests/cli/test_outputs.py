"""`--output`: a table or a result in every format, alone on standard output or in a file, and read back by what it is for."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from psbridge.cli.app import app
from psbridge.cli.exit_codes import ExitCode, code_for
from psbridge.cli.output_formats import FORMATS
from psbridge.errors import InputError
from tests.cli.commands import psbridge
from tests.playbooks.option_zero import NAME, USER
from tests.real_engine import said

SCAN = ("run", "duplicate-mailbox-scan", "--simulate", "--seed", "scan")
REPORT = ("run", "migration-report", "synced.user@domain.com", "--simulate", "--seed", "migration")


@dataclass
class Kept:
    """A rehearsed run that is kept: what it said, its journal and its files."""

    said: subprocess.CompletedProcess[str]
    journal: Path

    @property
    def run(self) -> str:
        (run,) = re.findall(r"^Run (\S+) of ", self.said.stdout + self.said.stderr, re.MULTILINE)
        return str(run)

    def file(self, name: str) -> str:
        return (self.journal.parent / name).read_text(encoding="utf-8-sig")


def kept(folder: Path, *arguments: str) -> Kept:
    return Kept(psbridge(*arguments, "--journal", folder / "journal.db", cwd=folder), folder / "journal.db")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A migration-report: a run without a table. Its result is on standard output too."""
    files = [word for name in ("r.jsonl", "r.clixml", "r.csv", "r.txt") for word in ("--output", name)]
    return kept(tmp_path_factory.mktemp("report"), *REPORT, "--output", "json", *files)


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A scan, which makes a table."""
    return kept(tmp_path_factory.mktemp("scan"), *SCAN)


def test_a_format_has_standard_output_for_itself(report: Kept) -> None:
    assert report.said.returncode == ExitCode.FINDINGS
    assert json.loads(report.said.stdout)["verdict"] == "under way"
    for part in ("PS C:\\> Get-MigrationUserStatistics", "Done.", "The result is in r.clixml"):
        assert part in report.said.stderr


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_has_every_line_of_a_table(form: str, scan: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    app(["show", scan.run, "--journal", str(scan.journal), "--output", form], standalone_mode=False)
    assert _count(form, capsys.readouterr().out) == 18


def _count(form: str, text: str) -> int:
    """How many rows there are, by a reader of the format."""
    match form:
        case "json":
            return len(json.loads(text))
        case "jsonl":
            return len([json.loads(line) for line in text.splitlines()])
        case "csv":
            return len(list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))))
        case "clixml":
            return text.count('N="UserPrincipalName"')
    heading, rule, *lines = text.splitlines()
    assert heading.split() == ["Class", "Playbook", "UserPrincipalName", "Why"]
    assert set(rule) == {"-", " "}
    return len(lines)


def test_a_scan_says_how_many_people_its_lines_are_about_and_nothing_of_where_the_table_lies(scan: Kept) -> None:
    assert scan.said.stdout.endswith("\n18 lines about 16 people.\n")
    assert "Table findings: 18 lines (" in scan.said.stdout
    assert "journal.db" not in scan.said.stdout


def test_every_format_holds_the_whole_result(report: Kept) -> None:
    result = json.loads(report.said.stdout)
    assert result["data"]["items"] == 18011
    assert json.loads(report.file("r.jsonl")) == result
    (row,) = csv.DictReader(report.file("r.csv").splitlines())
    assert (row["user"], json.loads(row["data"])) == (result["user"], result["data"])
    assert "verdict                : under way" in report.file("r.txt")


def test_import_clixml_of_the_real_engine_gives_the_same_result(report: Kept, pwsh: str) -> None:
    path = report.journal.with_name("r.clixml")
    read = json.loads(said(pwsh, f"Import-Clixml -LiteralPath '{path}' | ConvertTo-Json -Depth 20 -Compress"))
    assert read == json.loads(report.said.stdout)


def test_runs_are_listed_in_a_format_and_read_back_with_their_times(
    report: Kept, pwsh: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "runs.xml"
    app(["runs", "--journal", str(report.journal), "--output", "json", "--output", str(file)], standalone_mode=False)
    listed = capsys.readouterr()
    (run,) = json.loads(listed.out)
    assert listed.err == f"1 lines are in {file}\n"
    assert (run["Run"], run["Playbook"], run["Status"], run["Changed"]) == (report.run, "migration-report", "done", False)
    script = f"$run = Import-Clixml '{file}'; $run.Run; $run.Started.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ss')"
    assert said(pwsh, script).split() == [run["Run"], run["Started"].removesuffix("+00:00")]


def test_a_run_that_has_not_ended_gives_nothing(tmp_path: Path) -> None:
    there = tmp_path / "r.json"
    waiting = psbridge("run", NAME, USER, "--simulate", "--output", "json", "--output", there)
    assert (waiting.returncode, waiting.stdout) == (ExitCode.WAITING, "")
    assert f"Nothing was written into standard output, {there}: the run has not come to its end." in waiting.stderr
    assert not there.exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--output", "josn"), "must end with one of .csv, .*or be one of table, json, jsonl, csv, clixml; nothing was begun"),
        (("--output", "json", "--output", "csv"), "would both be standard output"),
        (("--output", "no-such-folder/r.json"), "must be a file in a folder that is there; nothing was begun"),
        (("--output", "json", "--what-if"), "--what-if goes with none of"),
        (("--output", "r.json", "--what-if"), "--what-if goes with none of"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is_begun(
    arguments: tuple[str, ...], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InputError, match=expected) as refused:
        app([*REPORT, *arguments], standalone_mode=False)
    assert code_for(refused.value) is ExitCode.USAGE
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("resume", "--due", "--output", "json"), "--output goes with one run"),
        (("resume", "x", "--json", "--output", "json"), "both are standard output"),
        (("show", "x", "--json", "--output", "json"), "goes with neither --json nor --report"),
        (("run", "migration-report", "x", "--json", "--output", "csv"), "--json goes with none of"),
        (("run", "migration-report", "x", "--repeat"), "--repeat needs --from"),
    ],
)
def test_two_things_for_one_standard_output_are_refused(arguments: tuple[str, ...], expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        app([*arguments], standalone_mode=False)


@pytest.mark.parametrize("minutes", ["inf", "nan", "-1", "1e9"])
def test_no_length_of_time_is_a_usage_error(minutes: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        app(["run", NAME, USER, "--simulate", "--wait", minutes], standalone_mode=True)
    assert ended.value.code == ExitCode.USAGE
    assert "Invalid value for '--wait'" in capsys.readouterr().err
