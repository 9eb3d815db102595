"""`psbridge init` and `psbridge profiles` as they are typed, in a settings folder of their own."""

from __future__ import annotations

import os
import pty
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from psbridge.profile import Profile, named_journal_path
from tests.cli.here import psbridge

THUMBPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
EVERYTHING = (
    *("--tenant", "fabrikam.onmicrosoft.com", "--onprem", "ex01.fabrikam.com", "--sync", "manual"),
    *("--app-id", "00000000-1111-2222-3333-444444444444", "--certificate", THUMBPRINT),
)


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "config" / "psbridge"


def test_a_named_profile_is_found_by_its_name_and_keeps_its_own_journal(settings: Path) -> None:
    done = psbridge("init", "--name", "fabrikam", *EVERYTHING)
    assert (done.returncode, done.stderr) == (0, "")
    file = settings / "profiles" / "fabrikam.toml"
    assert done.stdout == f"{file} is written.\nThen try it: psbridge doctor --profile fabrikam\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Profile.load(file).journal == str(named_journal_path("fabrikam"))
    listed = psbridge("profiles").stdout
    assert "fabrikam  fabrikam.onmicrosoft.com  onprem, exo, directory, sync" in listed
    assert listed.endswith("Can its endpoints be worked with? psbridge doctor --profile fabrikam\n")
    (settings / "profile.toml").write_text("")
    assert psbridge("profiles").stdout.endswith("psbridge doctor --profile NAME\n")
    asked = psbridge("runs", "--profile", "fabrikam")
    assert f"{named_journal_path('fabrikam')}: there is no journal" in asked.stderr


def test_what_is_there_is_written_over_only_by_force(settings: Path) -> None:
    settings.mkdir(parents=True)
    file = settings / "profile.toml"
    file.write_text("mine")
    refused = psbridge("init", *EVERYTHING)
    assert (refused.returncode, file.read_text()) == (2, "mine")
    assert f"{file} is there already" in refused.stderr
    forced = psbridge("init", *EVERYTHING, "--force")
    assert forced.returncode == 0, forced.stderr
    assert Profile.load(file).tenant == "fabrikam.onmicrosoft.com"


def test_a_profile_that_is_written_over_is_ones_own_and_no_link_is_followed(settings: Path, tmp_path: Path) -> None:
    settings.mkdir(parents=True)
    elsewhere, file = tmp_path / "elsewhere.toml", settings / "profile.toml"
    elsewhere.write_text("another's")
    elsewhere.chmod(0o644)
    file.symlink_to(elsewhere)
    forced = psbridge("init", *EVERYTHING, "--force")
    assert forced.returncode == 0, forced.stderr
    assert (file.is_symlink(), elsewhere.read_text()) == (False, "another's")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(settings.iterdir()) == [file]


def test_a_profile_stays_where_the_new_one_cannot_be_written(settings: Path) -> None:
    settings.mkdir(parents=True)
    file = settings / "profile.toml"
    file.write_text("mine")

    def full_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))

    command = [sys.executable, "-B", "-m", "psbridge", "init", *EVERYTHING, "--force"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=full_disk)
    assert done.returncode == 2, done.stderr
    assert f"{file} cannot be written: File too large" in done.stderr
    assert (file.read_text(), list(settings.iterdir())) == ("mine", [file])


def test_what_nobody_said_is_marked_and_the_lines_are_told(tmp_path: Path) -> None:
    done = psbridge("init", "--output", tmp_path / "a b.toml", "--authentication", "ntlm")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "a b.toml").read_text(encoding="utf-8")
    lines = [str(number) for number, line in enumerate(text.splitlines(), start=1) if "<fill in: " in line]
    assert f"To be filled in: lines {', '.join(lines)}." in done.stdout
    assert "Store its secret once with: python -m keyring set psbridge onprem" in done.stdout
    assert f'psbridge doctor --profile "{tmp_path / "a b.toml"}"' in done.stdout
    checked = psbridge("doctor", "--profile", tmp_path / "a b.toml")
    assert checked.returncode == 2
    assert f"{len(lines)} mistakes:" in checked.stderr


def test_the_screen_shows_it_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = psbridge("init", "--output", "-", *EVERYTHING)
    assert Profile.read(done.stdout, "stdout").tenant == "fabrikam.onmicrosoft.com"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--name", "../x"], "--name '../x': write a name of letters"),
        (["--onprem", "ex01 contoso"], "--onprem 'ex01 contoso'"),
        (
            ["--sync", "sync01", "--sync-over", "winrm", "--authentication", "negotiate"],
            "these options do not go together, nothing was written",
        ),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error_and_nothing_is_written(settings: Path, arguments: list[str], says: str) -> None:
    refused = psbridge("init", *arguments)
    assert refused.returncode == 2
    assert says in refused.stderr
    assert not settings.exists()


def test_at_a_terminal_it_asks_for_what_was_not_named(settings: Path) -> None:
    controller, terminal = pty.openpty()
    process = subprocess.Popen([sys.executable, "-m", "psbridge", "init"], stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    said = ""
    for question, answer in (("The tenant", "contoso.onmicrosoft.com"), ("The Exchange server", "none"), ("Entra Connect", "")):
        while question not in said:
            said += os.read(controller, 1_024).decode()
        said = said.rpartition(question)[2]
        os.write(controller, f"{answer}\n".encode())
    while "psbridge doctor" not in said:
        said += os.read(controller, 1_024).decode()
    assert process.wait(60) == 0
    os.close(controller)
    text = (settings / "profile.toml").read_text(encoding="utf-8")
    assert 'tenant = "contoso.onmicrosoft.com"' in text
    assert "[endpoints.onprem]" not in text
    assert 'transport = "manual"' in text


def test_a_name_that_no_profile_has_is_told_with_those_that_there_are(settings: Path) -> None:
    assert psbridge("init", "--name", "fabrikam", *EVERYTHING).returncode == 0
    asked = psbridge("doctor", "--profile", "fabrikan")
    assert asked.returncode == 2
    assert f"{settings / 'profiles' / 'fabrikan.toml'}: there is no profile. Write one with psbridge init" in asked.stderr
    assert f"There are: {settings / 'profiles' / 'fabrikam.toml'}." in asked.stderr


def test_without_a_profile_the_list_says_how_to_write_one() -> None:
    assert "Write one with psbridge init" in psbridge("profiles").stdout
