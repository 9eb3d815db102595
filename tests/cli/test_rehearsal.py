"""`psbridge run --simulate`: a rehearsal as an administrator starts it, without any PowerShell."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli import here
from tests.cli.commands import psbridge
from tests.playbooks.option_zero import CAPTURED, NAME, TARGET, USER


def test_option_zero_is_rehearsed_from_the_first_look_to_the_completed_merge(tmp_path: Path) -> None:
    done = psbridge("run", NAME, USER, "--simulate", "--yes", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "nothing real is touched" in done.stdout
    for shown in ("[PS] C:\\>Get-Mailbox", "User Not Found.  User: testduplicate@domain.com.", CAPTURED, TARGET, "Completed"):
        assert shown in done.stdout
    assert not re.search("[\x1b\r]", done.stdout + done.stderr), "a pipe is no terminal"
    assert list(tmp_path.iterdir()) == []


def test_without_a_yes_nothing_is_deleted(tmp_path: Path) -> None:
    waiting = psbridge("run", NAME, USER, "--simulate", "--journal", tmp_path / "journal.db")
    assert waiting.returncode == 3, waiting.stderr
    assert "Not approved; nothing was sent for it." in waiting.stdout
    again = psbridge("run", NAME, USER, "--simulate", "--journal", tmp_path / "journal.db")
    assert again.returncode != 0
    assert "is there already" in again.stderr


def test_what_if_shows_what_would_be_done() -> None:
    plan = psbridge("run", NAME, USER, "--simulate", "--what-if")
    assert plan.returncode == 0, plan.stderr
    assert f"What if: PS C:\\> Remove-MsolUser -UserPrincipalName {USER} -Force" in plan.stdout


def test_a_rehearsal_in_which_nobody_migrates_ends_and_says_how_somebody_would(tmp_path: Path) -> None:
    seed = tmp_path / "nobody.toml"
    seed.write_text('extends = "option-0"\nmigrations = []\n', encoding="utf-8")
    done = psbridge("run", NAME, USER, "--simulate", "--seed", seed, "--yes")
    assert done.returncode == 3, done.stderr
    assert done.stdout.count("Get-Mailbox -Identity 7ba2fffc-e3ce-4d65-b350-d0a3763e5ffa") == 1, "the other looks saw the same"
    assert f"The rehearsal ends here: nobody migrates the mailbox of {USER} in this organisation." in done.stderr
    assert f'  [[migrations]]\n  user = "{USER}"\n' in done.stderr
    assert "Nothing is kept of this run; with --journal FILE it would be." in done.stderr
    assert "psbridge resume" not in done.stdout + done.stderr


def test_a_rehearsal_that_failed_tells_no_command_that_cannot_work(tmp_path: Path) -> None:
    failed = psbridge("run", NAME, "testmailuser@domain.com", "--simulate", "--journal", tmp_path / "journal.db")
    assert failed.returncode == 1
    assert "psbridge retry" not in failed.stderr
    (shown,) = re.findall(r"It cannot go on; all that happened: psbridge (.*)", failed.stderr)
    assert psbridge(*shown.split()).returncode == 0


def test_a_seed_that_is_not_there_is_named_with_those_that_are() -> None:
    refused = psbridge("run", NAME, USER, "--simulate", "--seed", "nosuch")
    assert refused.returncode == 2
    assert "option-0" in refused.stderr


def test_a_seed_of_ones_own_is_checked_line_by_line(tmp_path: Path) -> None:
    seed = tmp_path / "mine.toml"
    seed.write_text('[[cloud]]\nguid = "no guid"\nalais = "x"\n', encoding="utf-8")
    refused = psbridge("run", NAME, USER, "--simulate", "--seed", seed)
    assert refused.returncode == 2
    assert "cloud.0.guid" in refused.stderr
    assert "cloud.0.alais" in refused.stderr


def test_a_seed_without_simulate_begins_nothing(tmp_path: Path) -> None:
    refused = psbridge("run", NAME, USER, "--seed", "option-1", "--journal", tmp_path / "journal.db")
    assert refused.returncode == 2
    assert "--seed needs --simulate" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_kept_is_not_said_to_be_approvable_later() -> None:
    waiting = psbridge("run", NAME, USER, "--simulate")
    assert waiting.returncode == 3, waiting.stderr
    assert "nothing is kept of this run" in waiting.stdout
    assert "psbridge approve" not in waiting.stdout


def test_a_rehearsal_is_known_by_its_tenant_and_needs_its_hash_to_be_approved(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    begun = psbridge("run", NAME, USER, "--simulate", "--journal", journal)
    assert "in the tenant simulated domain.onmicrosoft.com" in begun.stdout
    [run] = re.findall(r"^Run ([0-9a-f]{12}) ", begun.stdout, re.MULTILINE)
    blind = psbridge("approve", run, "--journal", journal)
    assert blind.returncode == 2
    assert "Nobody is at a terminal" in blind.stderr
    assert USER in psbridge("runs", "--journal", journal).stdout


def test_the_commands_that_it_tells_name_the_journal(tmp_path: Path) -> None:
    journal = tmp_path / "a journal.db"
    begun = psbridge("run", NAME, USER, "--simulate", "--journal", journal)
    (told,) = re.findall(r"^All that happened: psbridge (.*)$", begun.stdout, re.MULTILINE)
    assert told.endswith(f'--journal "{journal}"')


def test_a_kept_rehearsal_is_told_in_its_own_time_and_cannot_be_approved_in_ours(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    begun = here.psbridge("run", NAME, USER, "--simulate", "--journal", journal)
    assert "this run cannot be approved later: its time ends here" in begun.stdout
    assert "psbridge approve" not in begun.stdout
    (sha,) = re.findall(r"^  SHA-256 ([0-9a-f]{64})$", begun.stdout, re.MULTILINE)
    (run,) = re.findall(r"^Run ([0-9a-f]{12}) ", begun.stdout, re.MULTILINE)
    late = here.psbridge("approve", run, sha, "--journal", journal)
    assert late.returncode == 1
    assert "until 2018-07-22 15:45 UTC, which is the time of its simulated organisation" in late.stderr
    assert "can be neither approved nor carried on later" in late.stderr
    own = "in a simulated organisation, where it is 2018-07-15 15:45 UTC"
    assert f"{own}: somebody must approve remove-account" in here.psbridge("runs", "--journal", journal).stdout
    assert f"This run is {own}: what follows from its times" in here.psbridge("show", run, "--journal", journal).stderr
