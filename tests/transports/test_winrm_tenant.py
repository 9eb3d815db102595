"""Cmdlets of a tenant over the winrm transport; its own log is the witness."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from psbridge.command import SWITCH, Command, Pipeline
from psbridge.errors import ConfirmationRequired, ConnectionLost
from psbridge.psobject import PSObject
from psbridge.reply import State, Stream
from psbridge.session import Result
from psbridge.transports.process import ProcessTransport
from psbridge.transports.winrm import WinRmTransport
from tests.transports.far_end import error_id, output
from tests.transports.winrm_far_end import reaching, serving

pytestmark = pytest.mark.tenant

USER = "testduplicate@domain.com"


@pytest.fixture
def tenant(exchange_like: str, tmp_path: Path) -> Path:
    path = tmp_path / "tenant.json"
    shutil.copy(Path(exchange_like).resolve().parent / "tenants" / "documents.json", path)
    return path


@pytest.fixture
def environment(tenant: Path) -> dict[str, str]:
    return {"REALPS_TENANT": str(tenant), "REALPS_ENDPOINT": "all", "REALPS_LOG": str(tenant.with_name("log.jsonl"))}


@pytest.fixture
def transport(exchange_like: str, environment: dict[str, str]) -> Iterator[WinRmTransport]:
    with serving(exchange_like) as server, reaching(server, environment=environment) as opened:
        yield opened


def outcomes(tenant: Path) -> list[tuple[str, str]]:
    log = tenant.with_name("log.jsonl")
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []
    return [(entry["command"], entry["outcome"]) for entry in entries if "outcome" in entry]


def test_objects_and_errors_are_those_that_another_transport_gives(
    exchange_like: str, environment: dict[str, str], transport: WinRmTransport
) -> None:
    pipelines = [
        Pipeline.of("Get-Mailbox", Identity=USER),
        Pipeline.of("Get-Mailbox", Identity="nobody@domain.com"),
        Pipeline((Command("Get-Mailbox", {"Identity": USER}), Command("Select-Object", {"Property": ["ExchangeGuid", "Alias"]}))),
    ]
    with ProcessTransport([exchange_like], environment=environment) as other:
        expected = [other.run(pipeline) for pipeline in pipelines]
    replies = [transport.run(pipeline) for pipeline in pipelines]
    assert [reply.of(Stream.OUTPUT) for reply in replies] == [reply.of(Stream.OUTPUT) for reply in expected]
    assert isinstance(output(replies[0])[0], PSObject)
    (error,), (same,) = (Result.of(found[1]).errors for found in (replies, expected))
    assert (error.bare_id, error.category, error.reason) == (same.bare_id, same.category, same.reason)
    assert error.message == same.message
    assert error.header
    assert error.header.failure_category == "Cmdlet-ManagementObjectNotFoundException"


def test_a_removal_that_asks_is_refused_and_one_with_force_is_done(transport: WinRmTransport, tenant: Path) -> None:
    with pytest.raises(ConfirmationRequired) as question:
        transport.run(Pipeline.of("Remove-MsolUser", UserPrincipalName=USER))
    assert "Continue with this operation?" in question.value.question
    assert ("Remove-MsolUser", "ok") not in outcomes(tenant)
    reply = transport.run(Pipeline.of("Remove-MsolUser", UserPrincipalName=USER, Force=SWITCH))
    assert (reply.state, reply.of(Stream.ERROR)) == (State.COMPLETED, [])
    assert ("Remove-MsolUser", "ok") in outcomes(tenant)


@pytest.mark.parametrize("fault", ["terminating", "exit"])
def test_a_fault_of_the_cmdlet_is_told(transport: WinRmTransport, tenant: Path, fault: str) -> None:
    content = json.loads(tenant.read_text(encoding="utf-8-sig"))
    content["faults"] = [{"command": "Get-Mailbox", "call": 1, "kind": fault, "message": "no", "fqid": "NotToday", "exitCode": 9}]
    tenant.write_text(json.dumps(content), encoding="utf-8")
    if fault == "exit":
        with pytest.raises(ConnectionLost, match=r"the PowerShell process is gone \(exit code 9\)"):
            transport.run(Pipeline.of("Get-Mailbox", Identity=USER))
    else:
        reply = transport.run(Pipeline.of("Get-Mailbox", Identity=USER))
        assert reply.state is State.FAILED
        assert "NotToday" in str(error_id(reply.reason))
