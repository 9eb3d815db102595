"""Bad input on the command line: a clear message, the right exit code, and nothing lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from psbridge import __version__
from psbridge.discovery import find_playbooks
from tests.cli import here
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


@pytest.mark.skipif(sys.platform == "win32", reason="a device without end has a name in the file system elsewhere only")
@pytest.mark.parametrize("suffix", [".toml", ".json"])
def test_a_file_without_end_is_refused_in_one_line(suffix: str, tmp_path: Path) -> None:
    endless = tmp_path / f"endless{suffix}"
    endless.symlink_to("/dev/zero")
    for done in (
        here.psbridge("doctor", "--profile", endless),
        here.psbridge("run", NAME, USER, "--simulate", "--seed", endless),
    ):
        assert done.returncode == 2
        assert "it has no end, or more than 64 MiB" in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("values", [f"now = {'[' * 100_000}", f"now = {'[' * 400}{']' * 400}"])
def test_a_seed_that_is_nested_too_deep_is_refused_in_one_line(values: str, tmp_path: Path) -> None:
    deep = tmp_path / "deep.toml"
    deep.write_text(f'extends = "option-0"\n{values}\n', encoding="utf-8")
    done = here.psbridge("run", NAME, USER, "--simulate", "--seed", deep)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "deep.toml" in done.stderr


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


@pytest.mark.parametrize("kept", [b"SQLite format 3\0 and more", b"psbridge cassette 1\n"])
def test_an_output_never_replaces_a_journal_or_a_recording(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "kept.json").write_bytes(kept)
    done = psbridge("run", "duplicate-mailbox-scan", "--simulate", "--output", tmp_path / "kept.json")
    assert done.returncode == 2
    assert "is a journal or a recording, which would be lost" in done.stderr
    assert (tmp_path / "kept.json").read_bytes() == kept


def test_a_playbook_that_ends_python_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("raise SystemExit(0)\n")
    done = psbridge("playbooks", "--playbooks", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "bad.py cannot be loaded: SystemExit: 0" in done.stderr


def test_an_empty_file_of_users_is_no_list_of_nobody(tmp_path: Path) -> None:
    (tmp_path / "users.csv").touch()
    done = psbridge("run", NAME, "--from", tmp_path / "users.csv", "--simulate")
    assert done.returncode == 2
    assert "users.csv is empty" in done.stderr


def test_a_profile_in_another_encoding_or_nested_too_deep_is_refused_in_a_line(tmp_path: Path) -> None:
    profile = tmp_path / "profile.toml"
    for content, expected in (
        (b"\xff\xfet\0", "is no text in UTF-8. Save it as UTF-8"),
        (b"x=" + b"[" * 3000, "nested too deep"),
    ):
        profile.write_bytes(content)
        done = psbridge("doctor", "--profile", profile)
        assert done.returncode == 2
        assert expected in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_what_steers_a_terminal_is_shown_in_messages(tmp_path: Path) -> None:
    done = psbridge("runs", "--journal", tmp_path / "a\x1b[31mb.db")
    assert done.returncode == 1
    assert "\x1b" not in done.stderr
    assert "a\u241b[31mb.db" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_behind_standard_output_is_said_in_a_line(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "psbridge", "playbooks"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == (
        "psbridge: standard output cannot be written: No space left on device. A run that was begun is kept: psbridge runs\n"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows gives files the rights of their folder")
def test_what_is_written_is_for_its_owner_alone(tmp_path: Path) -> None:
    done = psbridge(
        "run", "duplicate-mailbox-scan", "--simulate", "--output", tmp_path / "scan.csv", "--journal", tmp_path / "j.db"
    )
    assert done.returncode == 6
    assert {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir() if path.stat().st_mode & 0o077} == {}


def test_a_profile_may_forbid_yes(tmp_path: Path) -> None:
    """Then an approval is given by somebody who was shown what it stands for."""
    command = [sys.executable, "-m", "psbridge.simulator", "-s", "--endpoint", "exo"]
    profile = tmp_path / "profile.toml"
    endpoints = "".join(
        f'[endpoints.{name}]\ntransport = "process"\ncommand = {command}\n' for name in ("onprem", "exo", "directory", "sync")
    )
    profile.write_text(f"journal = '{tmp_path / 'journal.db'}'\n[approvals]\nyes = false\n{endpoints}")
    done = psbridge("run", NAME, USER, "--profile", profile, "--yes")
    assert (done.returncode, done.stdout) == (2, "")
    assert "this profile forbids --yes" in done.stderr
    assert not (tmp_path / "journal.db").exists()
