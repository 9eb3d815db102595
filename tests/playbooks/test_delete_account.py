"""OPTION #0 beyond its scenarios: without the merge, as -WhatIf, and what its transcript shows."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from psbridge.engine import Done
from psbridge.report.run_transcript import items_of
from psbridge.report.transcript import transcript
from tests.playbooks.far_ends import Live, Replayed
from tests.playbooks.live_tenant import LiveSessions
from tests.playbooks.option_zero import CAPTURED, TARGET, USER, begin, journal_in
from tests.playbooks.playing import Meanwhile, Skipping, engine_for, play
from tests.playbooks.record_cassettes import cassette_of
from tests.playbooks.scenarios.duplicate_mailbox_delete_account import COMPLETE, NEW_ACCOUNT


def test_without_the_merge_the_run_ends_with_the_mail_user(tmp_path: Path, live_sessions: LiveSessions) -> None:
    far = Live(COMPLETE, live_sessions)
    played = play(replace(COMPLETE, inputs={**COMPLETE.inputs, "merge": "no"}), far, tmp_path)
    assert played.outcome == Done({"merge": "not done", "soft_deleted_mailbox": CAPTURED, "account": NEW_ACCOUNT})
    assert "New-MailboxRestoreRequest" not in {call.cmdlet for call in far.log()}


def test_what_if_looks_and_changes_nothing(tmp_path: Path, live_sessions: LiveSessions) -> None:
    far = Live(COMPLETE, live_sessions)
    before = accounts(far)
    engine = engine_for(COMPLETE, journal_in(tmp_path), Skipping(far, [], Meanwhile(far)), far.clock)
    plan = engine.plan(COMPLETE.playbook.name, {"identity": USER})
    assert [write.command for write in plan.writes] == [
        "Set-ADSyncScheduler -SyncCycleEnabled:$false",
        f"Remove-MsolUser -UserPrincipalName {USER} -Force",
        f"Remove-MsolUser -UserPrincipalName {USER} -Force -RemoveFromRecycleBin",
    ]
    assert {call.cmdlet for call in far.log()} == {"Get-ADSyncScheduler", "Get-Mailbox", "Get-MsolUser", "Get-OrganizationConfig"}
    assert accounts(far) == before
    run_id = begin(engine)
    engine.advance(run_id)
    (asked,) = engine.pending_approvals(run_id)
    assert asked.sha == plan.approvals[0].sha


def accounts(far: Live) -> list[tuple[str, bool, int]]:
    return [(a["objectId"], a.get("deleted") is not None, len(a["licenses"])) for a in far.state()["directory"]]


def test_the_transcript_shows_what_the_documents_show(tmp_path: Path, documents: Path) -> None:
    played = play(COMPLETE, Replayed(COMPLETE, cassette_of(COMPLETE)), tmp_path)
    shown = " ".join("\n".join(transcript(items_of(played.entries))).split())
    text = (documents / "timmcmic-2018-07.txt").read_text(encoding="utf-8")
    section = text[text.index("OPTION #0") : text.index("OPTION #1:")]
    guids = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", section)) - {"76d78567-e257-4608-a175-2dc3cd8658c2"}
    assert guids == {CAPTURED, TARGET, NEW_ACCOUNT}
    for guid in guids:
        assert guid in shown
    assert "[PS] C:\\>Get-Mailbox" in shown
    for value in (
        "NAMPR06DG282-db128",
        "NAMPR06DG143-db051",
        "49.5 GB (53,150,2",
        "99 GB (106,300,44",
        "azure-mbx",
        "User Not Found. User: testduplicate@domain.com.",
        "OperationStopped: (:) [Get-MsolUser], MicrosoftOnlineException",
        "Microsoft.Online.Administration.Automation.UserNotFoundException",
        "NotSpecified: (:) [Get-Mailbox], ManagementObjectNotFoundException",
        "Server=DM6PR06MB4026",
        "CO1PR06A002DC02.NAMPR06A002.prod.outlook.com",
    ):
        assert value in section or value.split()[0] in section
        assert value in shown
