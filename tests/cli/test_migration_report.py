"""`psbridge run migration-report` as an administrator types it: from a file without any profile, and for a scheduler."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.commands import psbridge

EXPORTED = Path(__file__).resolve().parents[2] / "fixtures" / "clixml" / "Get-MigrationUserStatistics" / "exported.clixml"


def test_a_file_is_reported_without_a_profile_and_kept_in_the_journal(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    done = psbridge("run", "migration-report", "user@domain.com", "--option", f"file={EXPORTED}", "--journal", journal)
    assert done.returncode == 0, done.stderr
    assert "verdict                : verified" in done.stdout
    assert "  2018-07-03 14:41:04 StalledDueToTarget_DiskLatency 2018-07-03 14:42:04 2018-07-03 14:49:49 00:07:45" in done.stdout
    run_id = done.stdout.partition("Run ")[2].split()[0]
    shown = psbridge("show", run_id, "--json", "--journal", journal)
    assert shown.returncode == 0, shown.stderr
    result = json.loads(shown.stdout)
    assert (result["verdict"], result["data"]["ratio"]) == ("verified", 1.655)


def test_what_is_not_verified_ends_with_a_code_of_its_own() -> None:
    done = psbridge("run", "migration-report", "synced.user@domain.com", "--simulate", "--seed", "migration")
    assert done.returncode == 6, done.stderr
    assert "attention              : synced.user@domain.com: under way" in done.stdout


def test_a_session_still_needs_its_endpoint(tmp_path: Path) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text("[endpoints]\n", encoding="utf-8")
    refused = psbridge("run", "migration-report", "user@domain.com", "--profile", profile)
    assert refused.returncode != 0
    assert "endpoints.exo is not configured" in refused.stderr
