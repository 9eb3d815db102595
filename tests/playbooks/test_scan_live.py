"""The scan over real PowerShell sessions, with the tenant's own log as the witness that it only reads; and its recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psbridge.cassettes import Cassette, Playback
from psbridge.endpoints import Endpoints
from tests.playbooks.live_tenant import LiveTenant
from tests.playbooks.record_scan_cassette import CASSETTE
from tests.playbooks.scanning import engine_for, scanned, short, simulated

BOTH, RISK, NO_GUID, ERROR = "mailbox-on-both-sides", "mail-user-at-risk", "mail-user-without-guid", "validation-error"
DOCUMENTS = [
    (BOTH, "testduplicate", "delete-account"),
    (BOTH, "testLicense", "delete-account"),
    (BOTH, "testerror", "validation-error"),
    (ERROR, "testerror", "validation-error"),
]


def changed(tenant: dict[str, Any]) -> None:
    """One more person of each class that the documents' tenant does not have, and a group that assigns a licence."""
    cloud = {person["userPrincipalName"].lower(): person for person in tenant["cloud"]}
    directory = {person["userPrincipalName"].lower(): person for person in tenant["directory"]}
    cloud["testmailuser@domain.com"]["previousRecipientTypeDetails"] = "UserMailbox"
    cloud["testduplicate@domain.com"]["litigationHold"] = True
    for licence in directory["testlicense@domain.com"]["licenses"]:
        licence["assignedByGroup"] = "5b000000-0000-4000-8000-0000000000aa"


def test_the_documents_tenant_is_scanned_and_nothing_is_written(tmp_path: Path, exchange_like: str) -> None:
    tenant = LiveTenant(tmp_path, exchange_like)
    engine = engine_for(tmp_path, tenant.endpoints())
    outcome = scanned(engine)
    assert short(engine) == DOCUMENTS
    assert outcome.result["findings"] == 4
    ran = [(line["endpoint"], line["command"], line["outcome"]) for line in tenant.log() if line["event"] == "end"]
    assert ran == [
        ("exo", "Get-Mailbox", "ok"),
        ("exo", "Get-MailUser", "ok"),
        ("exo", "Get-User", "ok"),
        ("onprem", "Get-Mailbox", "ok"),
        ("directory", "Get-MsolUser", "ok"),
    ]


def test_the_simulator_and_the_engine_find_the_same(tmp_path: Path, exchange_like: str) -> None:
    live = engine_for(tmp_path / "live", LiveTenant(tmp_path, exchange_like, change=changed).endpoints())
    scanned(live)
    assert short(live) == [
        (BOTH, "testduplicate", "none"),
        (BOTH, "testLicense", "none"),
        (BOTH, "testerror", "validation-error"),
        (RISK, "testmailuser", "none"),
        (ERROR, "testerror", "validation-error"),
    ]
    here = engine_for(tmp_path / "simulated", simulated("documents"))
    scanned(here)
    assert short(here) == DOCUMENTS


def test_the_recording_replays_to_the_same_findings(tmp_path: Path) -> None:
    with Playback(Cassette.load(CASSETTE)) as playback:
        engine = engine_for(tmp_path, Endpoints(playback.transport))
        scanned(engine)
    assert short(engine) == DOCUMENTS
