"""The scan over real PowerShell sessions, with the tenant's own log as the witness that it only reads; and its recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psbridge.cassettes import Cassette, Playback
from psbridge.endpoints import Endpoints
from tests.playbooks.change import user
from tests.playbooks.live_tenant import LiveTenant
from tests.playbooks.record_scan_cassette import CASSETTE
from tests.playbooks.scanning import engine_for, findings, scanned, short, simulated

BOTH, RISK, NO_GUID, ERROR = "mailbox-on-both-sides", "mail-user-at-risk", "mail-user-without-guid", "validation-error"
DOCUMENTS = [
    (BOTH, "testduplicate", "delete-account"),
    (BOTH, "testLicense", "delete-account"),
    (BOTH, "testerror", "validation-error"),
    (ERROR, "testerror", "validation-error"),
]


# What the documents' tenant does not have: a mail user at risk, a hold, a group that assigns, a licence without Exchange.
_BY_GROUP = {"sku": "ENTERPRISEPACK", "assignedByGroup": "5b000000-0000-4000-8000-0000000000aa"}
_WITHOUT_EXCHANGE = {"sku": "ENTERPRISEPACK", "disabledPlans": ["EXCHANGE_S_ENTERPRISE"]}
CHANGES = (
    user("cloud", "testmailuser@domain.com", previousRecipientTypeDetails="UserMailbox"),
    user("cloud", "testduplicate@domain.com", litigationHold=True),
    user("directory", "testlicense@domain.com", licenses=[_BY_GROUP]),
    user("directory", "testerror@domain.com", licenses=[_WITHOUT_EXCHANGE]),
)


def changed(tenant: dict[str, Any]) -> None:
    for change in CHANGES:
        change.live(tenant)


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
    here = engine_for(tmp_path / "simulated", simulated("documents", CHANGES))
    scanned(here)
    assert list(findings(here)) == list(findings(live))


def test_the_recording_replays_to_the_same_findings(tmp_path: Path) -> None:
    with Playback(Cassette.load(CASSETTE)) as playback:
        engine = engine_for(tmp_path, Endpoints(playback.transport))
        scanned(engine)
    assert short(engine) == DOCUMENTS
