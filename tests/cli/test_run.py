"""`psbridge run`, `approve`, `resume`, `show` and `runs` over real sessions: an administrator's day."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from psbridge.journal import Kind, SqliteStore, Status
from tests.cli.commands import profile_of, psbridge
from tests.playbooks.live_tenant import MIGRATE, LiveTenant, today
from tests.playbooks.option_zero import CAPTURED, NAME, TARGET, USER


@pytest.mark.timeout(300)
def test_a_run_is_approved_resumed_and_shown_until_it_is_done(tmp_path: Path, exchange_like: str) -> None:
    tenant = LiveTenant(tmp_path, exchange_like, change=today)
    journal = tmp_path / "journal.db"
    profile = profile_of(tenant, tmp_path, journal=journal)
    at = ("--profile", profile)

    begun = psbridge("run", NAME, USER, *at, "--wait", "0")
    assert begun.returncode == 3, begun.stderr
    assert "Exactly this will run:" in begun.stdout
    assert not tenant.ran("Remove-MsolUser")
    run_id, sha = re.findall(r"psbridge approve (\S+) ([0-9a-f]{64})", begun.stdout)[0]

    wrong = psbridge("approve", run_id, "0" * 64, "--journal", journal)
    assert wrong.returncode == 1
    assert f"asks for {sha}" in wrong.stderr
    assert f"psbridge approve {run_id} {sha} --profile {profile}" in begun.stdout
    assert "somebody must approve" in psbridge("runs", *at).stdout
    approved = psbridge("approve", run_id, sha, "--journal", journal)
    assert approved.returncode == 0
    assert f"Go on with: psbridge resume {run_id} --journal {journal}" in approved.stdout
    ready = psbridge("runs", *at).stdout
    assert "it goes on when it is resumed" in ready
    assert "must approve" not in ready

    waiting = psbridge("resume", run_id, *at)
    assert waiting.returncode == 3, waiting.stderr
    assert "the on-premises mailbox to be migrated" in waiting.stdout
    assert f"Go on later with: psbridge resume {run_id} --profile {profile}" in waiting.stdout
    assert len(tenant.ran("Remove-MsolUser")) == 2
    listed = psbridge("runs", *at)
    assert run_id in listed.stdout
    assert "waiting" in listed.stdout

    tenant.operator(MIGRATE)
    restoring = psbridge("resume", run_id, *at, "--yes")
    assert restoring.returncode == 3, restoring.stderr
    tenant.operator("$null = Step-TenantClock -Minutes 5", endpoint="all")
    done = psbridge("resume", run_id, *at)
    assert done.returncode == 0, done.stderr
    assert "Done. " in done.stdout

    shown = psbridge("show", run_id, "--report", "--journal", journal)
    for part in (CAPTURED, TARGET, "Completed", "[PS] C:\\>Get-Mailbox", "REPORT", "Approved"):
        assert part in shown.stdout
    again = psbridge("resume", run_id, *at)
    assert again.returncode == 0
    assert "This run ended at" in again.stdout


def test_what_if_shows_the_commands_and_changes_nothing(tmp_path: Path, exchange_like: str) -> None:
    tenant = LiveTenant(tmp_path, exchange_like)
    journal = tmp_path / "journal.db"
    done = psbridge("run", NAME, USER, "--profile", profile_of(tenant, tmp_path), "--journal", journal, "--what-if")
    assert done.returncode == 0, done.stderr
    assert f"What if: PS C:\\> Remove-MsolUser -UserPrincipalName {USER} -Force" in done.stdout
    assert "Nothing was changed." in done.stdout
    assert not tenant.ran("Remove-MsolUser")
    assert "There is no run yet." in psbridge("runs", "--journal", journal).stdout


def test_a_recorded_refusal_replays_to_the_same_end(tmp_path: Path, exchange_like: str) -> None:
    def hold(state: dict[str, list[dict[str, object]]]) -> None:
        next(person for person in state["cloud"] if person["userPrincipalName"] == USER)["litigationHold"] = True

    tenant = LiveTenant(tmp_path, exchange_like, change=hold)
    cassette = tmp_path / "held.cassette"
    profile = profile_of(tenant, tmp_path, journal=tmp_path / "journal.db")
    recorded = psbridge("run", NAME, USER, "--profile", profile, "--record", cassette)
    assert recorded.returncode == 1
    assert "Stopped at no hold is on the cloud mailbox. Found: LitigationHoldEnabled." in recorded.stderr
    (run_id,) = re.findall(r"^Run (\S+) of", recorded.stdout, re.MULTILINE)
    shown = psbridge("show", run_id, "--report", "--journal", tmp_path / "journal.db")
    assert shown.returncode == 0, shown.stderr
    assert "FAILS: no hold is on the cloud mailbox" in shown.stdout
    replayed = psbridge("run", NAME, USER, "--replay", cassette)
    assert replayed.returncode == 1
    assert "Stopped at no hold is on the cloud mailbox. Found: LitigationHoldEnabled." in replayed.stderr


def test_a_manual_synchronisation_is_asked_of_the_operator(tmp_path: Path, exchange_like: str) -> None:
    tenant = LiveTenant(tmp_path, exchange_like)
    journal = tmp_path / "journal.db"
    profile = profile_of(tenant, tmp_path, journal=journal)
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text[: text.index("[endpoints.sync]")] + '[endpoints.sync]\ntransport = "manual"\n', encoding="utf-8")
    asked = psbridge("run", NAME, USER, "--profile", profile, "--yes", "--option", "merge=no", "--wait", "0")
    assert asked.returncode == 4, asked.stdout + asked.stderr
    assert "Pause the scheduler on the Entra Connect server" in asked.stderr
    assert not tenant.ran("Remove-MsolUser")
    run_id = re.findall(r"psbridge answer (\S+)", asked.stderr)[0]
    told = "WARNING: The scheduler of directory synchronisation was to be paused by hand. To end it: Set-ADSyncScheduler"
    assert told in asked.stderr
    assert psbridge("answer", run_id, "done", "--journal", journal).returncode == 0
    again = psbridge("resume", run_id, "--profile", profile)
    assert again.returncode == 4, again.stdout + again.stderr
    assert "start a directory synchronisation cycle on the Entra Connect server." in again.stderr
    assert told in psbridge("runs", "--journal", journal).stdout
    tenant.operator("$null = Start-ADSyncSyncCycle -PolicyType Delta; $null = Step-TenantClock -Minutes 3")
    assert psbridge("answer", run_id, "done", "--journal", journal).returncode == 0
    done = psbridge("resume", run_id, "--profile", profile)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "merge: not done" in done.stdout
    assert told not in done.stderr


def test_a_run_is_not_resumed_in_another_tenant(tmp_path: Path, exchange_like: str) -> None:
    tenant = LiveTenant(tmp_path, exchange_like)
    journal = tmp_path / "journal.db"
    profile = profile_of(tenant, tmp_path, journal=journal)
    begun = psbridge("run", NAME, USER, "--profile", profile, "--wait", "0")
    run_id, sha = re.findall(r"psbridge approve (\S+) ([0-9a-f]{64})", begun.stdout)[0]
    assert psbridge("approve", run_id, sha, "--journal", journal).returncode == 0
    other = tmp_path / "other.toml"
    other.write_text(profile.read_text(encoding="utf-8").replace('"domain.onmicrosoft.com"', '"fabrikam.onmicrosoft.com"'))
    named = psbridge("resume", run_id, "--profile", other, "--yes")
    assert named.returncode == 2
    assert named.stderr == (
        f"psbridge: run {run_id} is of the tenant 'domain.onmicrosoft.com', and the profile leads to "
        "'fabrikam.onmicrosoft.com'; nothing was sent\n"
    )
    assert psbridge("resume", "--due", "--profile", other, "--yes").returncode == 0
    assert not tenant.ran("Remove-MsolUser")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to one process there")
def test_ctrl_c_in_the_middle_of_a_removal_says_what_may_have_happened_and_loses_nothing(
    tmp_path: Path, exchange_like: str
) -> None:
    fault = {"command": "Remove-MsolUser", "call": 1, "kind": "slow", "seconds": 30, "after": True}
    tenant = LiveTenant(tmp_path, exchange_like, change=lambda state: state.setdefault("faults", []).append(fault))
    journal = tmp_path / "journal.db"
    arguments = ["run", NAME, USER, "--profile", str(profile_of(tenant, tmp_path, journal=journal)), "--yes"]
    # Where the tests run in the background SIGINT is ignored, and a child would inherit that.
    program = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from psbridge.cli import main; main()"
    command = [sys.executable, "-c", program, *arguments]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        while not tenant.ran("Remove-MsolUser"):
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        _, told = run.communicate(timeout=30)
    assert run.returncode == 130
    assert "Interrupted. A cmdlet that was under way may still have its effect; the run looks for it when it goes on." in told
    run_id = re.findall(r"psbridge resume (\S+)", told)[0]
    assert psbridge("show", run_id, "--journal", journal).returncode == 0
    with SqliteStore.view(journal) as view:
        assert view.run(run_id).status is Status.READY
        assert [e.state for e in view.entries(run_id) if e.kind is Kind.DESTROY] == ["intent"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo terminal in Python's library there")
@pytest.mark.parametrize(
    ("typed", "code", "told"), [(b"\x03", 130, "Interrupted."), (b"no\n", 3, "Not approved; nothing was sent")]
)
def test_a_person_at_an_approval_can_say_no_or_press_ctrl_c_and_nothing_is_sent(
    typed: bytes, code: int, told: str, tmp_path: Path, exchange_like: str
) -> None:
    import pty  # not there on Windows

    tenant = LiveTenant(tmp_path, exchange_like)
    program = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from psbridge.cli import main; main()"
    profile = profile_of(tenant, tmp_path, journal=tmp_path / "journal.db")
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", program, "run", NAME, USER, "--profile", str(profile)])
    seen = b""
    while True:
        try:
            if not (more := os.read(terminal, 4096)):
                break
        except OSError:  # a terminal whose program has ended
            break
        asked = b"Type yes" in seen
        seen += more
        if not asked and b"Type yes" in seen:
            os.write(terminal, typed)
    _, status = os.waitpid(child, 0)
    text = seen.decode()
    assert (os.waitstatus_to_exitcode(status), told in text) == (code, True), text
    assert re.search(r"psbridge (resume|approve) [0-9a-f]", text), text
    assert not tenant.ran("Remove-MsolUser")
