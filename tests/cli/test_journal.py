"""`psbridge journal`: check, back up and hand on, as a user's shell starts it."""

from __future__ import annotations

import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from psbridge.journal import NewRun
from psbridge.journal.opening import open_journal
from tests.cli.commands import psbridge
from tests.postgres_server import PostgresServer

KEPT = Path(__file__).resolve().parents[2] / "fixtures" / "journals" / "1" / "finished.db"


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    shutil.copy(KEPT, tmp_path / "journal.db")
    return tmp_path / "journal.db"


def test_a_whole_journal_is_told_so(journal: Path) -> None:
    done = psbridge("journal", "verify", "--journal", journal)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{journal}: 1 run, every chain and seal fits.\n", "")


def test_a_damaged_journal_is_named_and_left_as_it_is(journal: Path) -> None:
    damaged = bytearray(journal.read_bytes())
    place = damaged.index(b"testduplicate")
    damaged[place] ^= 1
    journal.write_bytes(damaged)
    done = psbridge("journal", "verify", "--journal", journal)
    assert (done.returncode, done.stdout) == (1, "")
    assert "does not fit" in done.stderr
    assert journal.read_bytes() == bytes(damaged)


def test_a_backup_is_a_journal(journal: Path, tmp_path: Path) -> None:
    done = psbridge("journal", "backup", tmp_path / "copy.db", "--journal", journal)
    assert (done.returncode, done.stdout) == (0, f"{tmp_path / 'copy.db'}: 1 run, every chain and seal fits.\n")
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert psbridge("show", "finished", "--journal", tmp_path / "copy.db").returncode == 0
    again = psbridge("journal", "backup", tmp_path / "copy.db", "--journal", journal)
    assert (again.returncode, "there is a file already" in again.stderr) == (1, True)


def test_a_run_is_handed_on_and_checked(journal: Path, tmp_path: Path) -> None:
    done = psbridge("journal", "export", "finished", tmp_path / "ticket", "--journal", journal)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Remove-MsolUser" in (tmp_path / "ticket" / "transcript.txt").read_text(encoding="utf-8")
    assert (tmp_path / "ticket" / "report.txt").read_text(encoding="utf-8").startswith("REPORT\n")
    whole = psbridge("journal", "verify", tmp_path / "ticket")
    assert (whole.returncode, whole.stdout) == (0, f"{tmp_path / 'ticket'}: the run is whole.\n")
    (tmp_path / "ticket" / "report.txt").write_text("all went well", encoding="utf-8")
    changed = psbridge("journal", "verify", tmp_path / "ticket")
    assert (changed.returncode, "report.txt is not the file that was written" in changed.stderr) == (1, True)


def test_a_journal_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    done = psbridge("journal", "verify", "--journal", tmp_path / "none.db")
    assert (done.returncode, "there is no journal" in done.stderr) == (1, True)
    assert not (tmp_path / "none.db").exists()


def test_a_run_is_shown_and_checked_in_a_database_too(postgres: PostgresServer, tmp_path: Path) -> None:
    """The commands take the database's address where they take a file; only a copy is the database's own affair."""
    address = postgres.new_database()
    assert "there is no journal" in psbridge("runs", "--journal", address).stderr
    with open_journal(address) as store:
        store.create(NewRun("run-1", "p", "1", "contoso", {"identity": "ada"}, "kim"), now=datetime.now(UTC))
    assert "run-1" in psbridge("runs", "--journal", address).stdout
    assert psbridge("journal", "verify", "--journal", address).stdout.endswith(": 1 run, every chain and seal fits.\n")
    assert psbridge("journal", "export", "run-1", tmp_path / "ticket", "--journal", address).returncode == 0
    assert "pg_dump" in psbridge("journal", "backup", tmp_path / "copy.db", "--journal", address).stderr
    assert psbridge("cancel", "run-1", "--journal", address).returncode == 0
    assert "failed" in psbridge("runs", "--journal", address).stdout
    simulated = psbridge("run", "duplicate-mailbox-delete-account", "x@domain.com", "--simulate", "--journal", address)
    assert (simulated.returncode, "never in a database" in simulated.stderr) == (2, True)
