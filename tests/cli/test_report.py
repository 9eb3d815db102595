"""`psbridge report` as an administrator types it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.commands import psbridge


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with the journal of a scan, and the run."""
    folder = tmp_path_factory.mktemp("scan")
    return folder, _begun(folder, "duplicate-mailbox-scan", "--seed", "scan")


def _begun(folder: Path, *arguments: str) -> str:
    done = psbridge("run", *arguments, "--simulate", "--journal", "journal.db", cwd=folder)
    assert done.returncode in {0, 6}, done.stderr
    return done.stdout.partition("Run ")[2].split()[0]


def test_a_rehearsal_that_was_kept_has_a_report_which_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = _begun(tmp_path, "migration-report", "user@domain.com", "--seed", "migration")
    (tmp_path / "browser.py").write_text("import sys; open('shown', 'w').write(sys.argv[1])", encoding="utf-8")
    monkeypatch.setenv("BROWSER", f'"{sys.executable}" browser.py %s')
    done = psbridge("report", run, "--journal", "journal.db", "--open", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "shown").read_text(encoding="utf-8") == (tmp_path / f"psbridge-{run}.html").as_uri()
    assert done.stdout == f"The report of run {run} is in psbridge-{run}.html\n"
    page = (tmp_path / f"psbridge-{run}.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>")
    assert "What became of a migration" in page


def test_the_commands_that_the_page_advises_name_the_journal(scan: tuple[Path, str]) -> None:
    folder, run = scan
    done = psbridge("report", run, "--journal", "journal.db", "--output", "scan.HTM", cwd=folder)
    assert done.returncode == 0, done.stderr
    page = (folder / "scan.HTM").read_text(encoding="utf-8")
    assert f"psbridge show {run} --output list.csv --journal journal.db" in page
    assert page.count("<tr><td>") == 18


def test_a_list_whose_table_is_gone_is_not_in_the_page(scan: tuple[Path, str], tmp_path: Path) -> None:
    folder, run = scan
    (folder / "journal.db.tables").rename(folder / "elsewhere")
    done = psbridge("report", run, "--journal", folder / "journal.db", cwd=tmp_path)
    (folder / "elsewhere").rename(folder / "journal.db.tables")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / f"psbridge-{run}.html").read_text(encoding="utf-8")
    assert "kept on the machine on which the run was carried on" in page
    assert "mailbox-on-both-sides" in page


def test_a_name_that_no_browser_opens_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    done = psbridge("report", "0a1b2c3d4e5f", "--journal", "journal.db", "--output", "report.pdf", cwd=tmp_path)
    assert done.returncode == 2
    assert "report.pdf: its name must end with one of .html, .htm" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_not_there_is_an_error_and_leaves_no_file(scan: tuple[Path, str], tmp_path: Path) -> None:
    done = psbridge("report", "0a1b2c3d4e5f", "--journal", scan[0] / "journal.db", cwd=tmp_path)
    assert done.returncode == 2
    assert "There is no run '0a1b2c3d4e5f'" in done.stderr
    assert list(tmp_path.iterdir()) == []
