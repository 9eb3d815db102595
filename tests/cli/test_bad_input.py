"""Bad input on the command line: a clear message, the right exit code, and nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from psbridge import __version__
from psbridge.discovery import find_playbooks
from tests.cli.commands import psbridge
from tests.playbooks.option_zero import NAME, USER

CASSETTE = Path(__file__).resolve().parents[2] / "fixtures" / "cassettes" / NAME / "option-0.cassette"


def test_an_unknown_playbook_is_named_with_those_there_are() -> None:
    done = psbridge("run", "no-such-playbook", USER)
    assert (done.returncode, done.stdout) == (2, "")
    there = ", ".join(sorted(find_playbooks()))
    assert done.stderr == f"psbridge: There is no playbook 'no-such-playbook'; there are: {there}\n"


@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        ("", "it is empty; Exchange would take that for every object"),
        ("test*", "it has a wildcard; name exactly one object"),
        ("00000000-0000-0000-0000-000000000000", "it is the empty GUID; it names no object"),
    ],
)
def test_an_identity_that_could_mean_many_is_refused(identity: str, reason: str) -> None:
    done = psbridge("run", NAME, identity)
    assert done.returncode == 2
    assert done.stderr == f"psbridge: The identity {identity!r} cannot be used: {reason}\n"


def test_a_missing_profile_says_where_it_was_looked_for(tmp_path: Path) -> None:
    done = psbridge("run", NAME, USER, "--profile", tmp_path / "none.toml")
    assert done.returncode == 2
    assert "there is no profile" in done.stderr


def test_a_powershell_that_is_not_there_is_said_before_anything_begins(tmp_path: Path) -> None:
    endpoint = 'transport = "process"\ncommand = ["no-such-pwsh"]\n'
    profile = tmp_path / "profile.toml"
    profile.write_text("".join(f"[endpoints.{name}]\n{endpoint}" for name in ("onprem", "exo", "directory", "sync")))
    done = psbridge("run", NAME, USER, "--profile", profile, "--journal", tmp_path / "journal.db")
    assert done.returncode == 2
    assert "endpoints.exo: no PowerShell was found at 'no-such-pwsh'" in done.stderr
    assert "Install PowerShell 7, or name its program in the profile. Nothing was begun." in done.stderr
    assert not (tmp_path / "journal.db").exists()


def test_an_endpoint_that_is_not_described_is_to_be_described_and_not_installed(tmp_path: Path) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text('[endpoints.sync]\ntransport = "manual"\n')
    done = psbridge("run", NAME, USER, "--profile", profile, "--journal", tmp_path / "journal.db")
    assert done.returncode == 2
    assert "endpoints.exo is not configured" in done.stderr
    assert "Describe it in the profile as [endpoints.exo]" in done.stderr
    assert "Install" not in done.stderr


def test_the_version_is_told() -> None:
    assert psbridge("--version").stdout == f"psbridge {__version__}\n"


def test_an_unreadable_cassette_is_an_error_and_never_an_empty_one(tmp_path: Path) -> None:
    cut = tmp_path / "cut.cassette"
    content = CASSETTE.read_bytes()
    cut.write_bytes(content[: len(content) // 2])
    for path in (cut, tmp_path / "none.cassette"):
        done = psbridge("run", NAME, USER, "--replay", path)
        assert done.returncode == 2, done.stdout
        assert str(path) in done.stderr


def test_a_cassette_of_another_user_is_refused() -> None:
    done = psbridge("run", NAME, "somebody@domain.com", "--replay", CASSETTE)
    assert done.returncode == 2
    assert f"was recorded for identity '{USER}', not 'somebody@domain.com'" in done.stderr


@pytest.mark.parametrize(
    "command", [("runs",), ("show", "0a1b2c3d4e5f"), ("approve", "0a1b2c3d4e5f"), ("cancel", "0a1b2c3d4e5f")]
)
def test_a_damaged_journal_is_refused_and_left_as_it_is(command: tuple[str, ...], tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    assert psbridge("run", NAME, USER, "--replay", CASSETTE, "--yes", "--journal", journal).returncode == 0
    content = bytearray(journal.read_bytes())
    content[4096 : 4096 + 64] = b"\xff" * 64
    journal.write_bytes(content)
    done = psbridge(*command, "--journal", journal)
    assert done.returncode == 1, done.stdout + done.stderr
    assert str(journal) in done.stderr
    assert journal.read_bytes() == content


def test_a_journal_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    done = psbridge("runs", "--journal", tmp_path / "none.db")
    assert done.returncode == 1
    assert "there is no journal" in done.stderr
    assert not (tmp_path / "none.db").exists()


def test_an_unknown_run_is_an_error(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    assert psbridge("run", NAME, USER, "--replay", CASSETTE, "--yes", "--journal", journal).returncode == 0
    assert psbridge("show", "nothing", "--journal", journal).returncode == 2


def test_demo_replays_option_zero_to_its_end(tmp_path: Path) -> None:
    done = psbridge("demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for part in ("Remove-MsolUser", "Approved", "merge: Completed", "REPORT"):
        assert part in done.stdout


def test_a_run_without_a_mailbox_can_be_shown_with_its_report(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    refused = CASSETTE.with_name("refused-no-cloud-mailbox.cassette")
    assert psbridge("run", NAME, USER, "--replay", refused, "--journal", journal).returncode == 1
    shown = psbridge("show", "0a1b2c3d4e5f", "--report", "--journal", journal)
    assert shown.returncode == 0, shown.stderr
    assert "gave 0 objects" in shown.stdout


def test_a_replay_is_never_played_into_a_journal_that_is_there(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    assert psbridge("run", NAME, USER, "--replay", CASSETTE, "--yes", "--journal", journal).returncode == 0
    content = journal.read_bytes()
    done = psbridge("run", NAME, USER, "--replay", CASSETTE, "--yes", "--journal", journal)
    assert done.returncode == 2
    assert done.stderr == (
        f"psbridge: {journal} is there already; a replay needs a journal of its own: name a new file, or none\n"
    )
    assert journal.read_bytes() == content
