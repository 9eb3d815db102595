"""`psbridge run duplicate-mailbox-scan` and `run PLAYBOOK --from`: from a whole organisation to a run for each user."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from psbridge.cli.app import app
from psbridge.cli.exit_codes import ExitCode, code_for
from psbridge.errors import InputError
from tests.cli.commands import psbridge
from tests.playbooks.record_scan_cassette import CASSETTE
from tests.playbooks.scanning import NAME
from tests.real_engine import said

DELETE = "duplicate-mailbox-delete-account"
HOSTILE = '=HYPERLINK("http://contoso.com";"click")'


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scan of the seed `scan`, in every format."""
    folder = tmp_path_factory.mktemp("scan")
    names = ("scan.csv", "scan.json", "scan.xml", "scan.txt")
    done = psbridge(
        "run", NAME, "--simulate", "--seed", "scan", *(word for name in names for word in ("--output", name)), cwd=folder
    )
    assert done.returncode == 6, done.stderr
    assert "Done. findings: 18" in done.stdout
    assert "18 lines are in scan.csv" in done.stdout
    return folder


def in_json(folder: Path) -> list[dict[str, str | None]]:
    lines: list[dict[str, str | None]] = json.loads((folder / "scan.json").read_text(encoding="utf-8"))
    return lines


def test_every_format_holds_the_same(outputs: Path) -> None:
    data = (outputs / "scan.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == 19
    rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
    told = in_json(outputs)
    assert len(rows) == len(told) == 18
    for row, line in zip(rows, told, strict=True):
        assert {name: value.removeprefix("'") for name, value in row.items()} == {
            name: value or "" for name, value in line.items()
        }
    text = (outputs / "scan.txt").read_text(encoding="utf-8").splitlines()
    assert text[0].split() == ["Class", "Playbook", "UserPrincipalName", "Why"]
    assert len(text) == 20


def test_no_name_is_run_by_a_spreadsheet(outputs: Path) -> None:
    (risk,) = [line for line in in_json(outputs) if line["Class"] == "mail-user-at-risk"]
    assert risk["DisplayName"] == HOSTILE
    rows = csv.reader((outputs / "scan.csv").read_text(encoding="utf-8-sig").splitlines())
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_import_clixml_of_the_real_engine_reads_the_export(outputs: Path, pwsh: str) -> None:
    script = f"Import-Clixml -LiteralPath '{outputs / 'scan.xml'}' | ConvertTo-Json -Depth 3 -Compress -AsArray"
    assert json.loads(said(pwsh, script)) == in_json(outputs)


def test_a_scan_that_finds_nothing_ends_with_zero(tmp_path: Path) -> None:
    without = "without=mailbox-on-both-sides,validation-error"
    done = psbridge("run", NAME, "--simulate", "--seed", "option-0", "--option", without, "--output", "s.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "s.json").read_text(encoding="utf-8") == "[]\n"


def test_the_recording_is_replayed_from_the_command_line(tmp_path: Path) -> None:
    done = psbridge("run", NAME, "--replay", CASSETTE, "--output", tmp_path / "s.csv")
    assert done.returncode == 6, done.stderr
    assert "for everybody, recorded 2018-07-15" in done.stdout
    assert len((tmp_path / "s.csv").read_text(encoding="utf-8-sig").splitlines()) == 5


@pytest.mark.parametrize("name", ["scan.csv", "scan.json", "scan.xml"])
def test_a_result_starts_the_playbook_for_each_line_that_fits(name: str, outputs: Path) -> None:
    given = ("--from", name, "--simulate", "--seed", "scan", "--option", "merge=no")
    planned = psbridge("run", DELETE, *given, "--what-if", cwd=outputs)
    assert planned.returncode == 0, planned.stderr
    assert f"{name}: 1 users for {DELETE}; skipped: 2 for duplicate-mailbox-validation-error, 15 for none." in planned.stdout
    assert "Get-Mailbox -Identity 5c020000-0000-4000-8000-000000000001" in planned.stdout, "the cloud mailbox by the account's id"
    assert "[PS] C:\\>Get-Mailbox -Identity 5c010000-0000-4000-8000-000000000001" in planned.stdout, "the local one by its Guid"
    assert "What if: PS C:\\> Remove-MsolUser -UserPrincipalName both@domain.com -Force" in planned.stdout
    assert "Nothing was changed." in planned.stdout


def test_the_runs_are_carried_out_and_summed_up(outputs: Path) -> None:
    given = ("--from", "scan.csv", "--simulate", "--seed", "scan", "--option", "merge=no", "--yes")
    done = psbridge("run", DELETE, *given, cwd=outputs)
    assert done.returncode == 0, done.stderr
    assert f"SUMMARY of {DELETE}: 1 of 1 users" in done.stdout
    assert "both@domain.com  done" in done.stdout
    assert "Remove-MsolUser -UserPrincipalName both@domain.com -Force -RemoveFromRecycleBin" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((NAME, "somebody@domain.com"), "is for everybody"),
        ((NAME, "--from", "scan.csv"), "is for everybody"),
        ((DELETE,), "is for one user"),
        ((DELETE, "a@domain.com", "--from", "scan.csv"), "not both"),
        ((DELETE, "--from", "nothing.csv"), "cannot be read"),
        ((DELETE, "--from", "scan.txt"), "must end with one of .csv"),
        ((DELETE, "--from", "scan.csv", "--output", "x.csv"), "--from goes with none of"),
        ((NAME, "--output", "scan.xlsx"), "must end with one of .csv"),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_is_begun(
    arguments: tuple[str, ...], expected: str, outputs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(outputs)
    with pytest.raises(InputError, match=expected) as refused:
        app(["run", *arguments, "--simulate", "--seed", "scan"], standalone_mode=False)
    assert code_for(refused.value) is ExitCode.USAGE
    assert "Run " not in capsys.readouterr().out
