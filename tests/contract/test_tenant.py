"""Cmdlets of a tenant over the process transport: faults, questions and the tenant's own log as the witness."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from psbridge.command import SWITCH, Command, Pipeline
from psbridge.errors import ConfirmationRequired, ConnectionLost, DeadlineExceeded
from psbridge.psobject import PSObject
from psbridge.reply import State, Stream
from psbridge.transports.base import Transport
from tests.contract.carriers import Carrier
from tests.contract.limits import Need, needs
from tests.transports.far_end import error_id, output

pytestmark = pytest.mark.tenant

USER = "testduplicate@domain.com"


class Tenant:
    """A tenant file of its own, with faults, and what its log says."""

    def __init__(self, folder: Path, source: Path) -> None:
        self.file, self._log = folder / "tenant.json", folder / "log.jsonl"
        shutil.copy(source, self.file)

    def fault(self, **fault: object) -> None:
        content = json.loads(self.file.read_text(encoding="utf-8-sig"))
        content.setdefault("faults", []).append(fault)
        self.file.write_text(json.dumps(content), encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        return {"REALPS_TENANT": str(self.file), "REALPS_ENDPOINT": "all", "REALPS_LOG": str(self._log)}

    @property
    def directory(self) -> object:
        return json.loads(self.file.read_text(encoding="utf-8-sig"))["directory"]

    @property
    def ends(self) -> list[tuple[str, str]]:
        entries = [json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines()] if self._log.exists() else []
        return [(entry["command"], entry["outcome"]) for entry in entries if "outcome" in entry]

    @property
    def begun(self) -> list[str]:
        return [json.loads(line)["command"] for line in self._log.read_text(encoding="utf-8").splitlines()]


Connect = Callable[[Tenant], Transport]


@pytest.fixture
def tenant(exchange_like: str, tmp_path: Path) -> Tenant:
    return Tenant(tmp_path, Path(exchange_like).resolve().parent / "tenants" / "documents.json")


@pytest.fixture
def connect(carrier: Carrier) -> Connect:
    def make(tenant: Tenant) -> Transport:
        return carrier.connected({"PSModulePath": "", **tenant.environment}, stop_grace=0.5)

    return make


def test_a_mailbox_comes_as_the_cmdlet_wrote_it(tenant: Tenant, connect: Connect) -> None:
    with connect(tenant) as transport:
        reply = transport.run(Pipeline.of("Get-Mailbox", Identity=USER))
        (mailbox,) = output(reply)
        assert isinstance(mailbox, PSObject)
        assert str(mailbox["PrimarySmtpAddress"]) == USER
        pipeline = Pipeline((Command("Get-Mailbox", {"Identity": USER}), Command("Select-Object", {"Property": "ExchangeGuid"})))
        (selected,) = output(transport.run(pipeline))
        assert isinstance(selected, PSObject)
        assert selected["ExchangeGuid"] == mailbox["ExchangeGuid"]


def test_an_error_of_exchange_keeps_its_header(tenant: Tenant, connect: Connect) -> None:
    with connect(tenant) as transport:
        reply = transport.run(Pipeline.of("Get-Mailbox", Identity="nobody@domain.com"))
        assert reply.state is State.COMPLETED
        assert "FailureCategory=Cmdlet-ManagementObjectNotFoundException" in str(error_id(reply.of(Stream.ERROR)[0]))


@needs(Need.HOST)
def test_a_removal_that_asks_is_refused_and_the_tenant_is_as_it_was(tenant: Tenant, connect: Connect) -> None:
    with connect(tenant) as transport:
        transport.run(Pipeline.of("Get-MsolUser", UserPrincipalName=USER))
        before = tenant.directory
        with pytest.raises(ConfirmationRequired) as question:
            transport.run(Pipeline.of("Remove-MsolUser", UserPrincipalName=USER))
        assert question.value.question == "Confirm: Continue with this operation?"
        assert question.value.choices == ("Yes", "No")
        assert not question.value.may_have_run
    assert tenant.directory == before
    assert ("Remove-MsolUser", "ok") not in tenant.ends


def test_a_removal_with_force_is_done_and_logged(tenant: Tenant, connect: Connect) -> None:
    with connect(tenant) as transport:
        reply = transport.run(Pipeline.of("Remove-MsolUser", UserPrincipalName=USER, Force=SWITCH))
        assert (reply.state, reply.of(Stream.ERROR)) == (State.COMPLETED, [])
        gone = transport.run(Pipeline.of("Get-MsolUser", UserPrincipalName=USER))
        assert gone.of(Stream.ERROR)
    assert ("Remove-MsolUser", "ok") in tenant.ends


def test_a_terminating_error_fails_the_pipeline(tenant: Tenant, connect: Connect) -> None:
    tenant.fault(command="Get-Mailbox", call=1, kind="terminating", message="not today", fqid="NotToday")
    with connect(tenant) as transport:
        reply = transport.run(Pipeline.of("Get-Mailbox", Identity=USER))
        assert reply.state is State.FAILED
        assert "NotToday" in str(error_id(reply.reason))
        assert transport.run(Pipeline.of("Get-Mailbox", Identity=USER)).state is State.COMPLETED


@pytest.mark.parametrize("stream", [Stream.WARNING, Stream.PROGRESS])
def test_what_a_cmdlet_says_before_its_output_comes_before_it(tenant: Tenant, connect: Connect, stream: Stream) -> None:
    tenant.fault(command="Get-Mailbox", call=1, kind=stream.value, message="slow today")
    with connect(tenant) as transport:
        reply = transport.run(Pipeline.of("Get-Mailbox", Identity=USER))
    assert [record.stream for record in reply.records if record.stream is not Stream.VERBOSE][-2:] == [stream, Stream.OUTPUT]


@needs(Need.LIVE)
def test_a_hanging_cmdlet_ends_at_the_deadline(tenant: Tenant, connect: Connect) -> None:
    tenant.fault(command="Get-Mailbox", call=1, kind="hang")
    with connect(tenant) as transport:
        with pytest.raises(DeadlineExceeded) as late:
            transport.run(Pipeline.of("Get-Mailbox", Identity=USER), deadline=2.0)
        assert late.value.may_have_run
        assert transport.run(Pipeline.of("Get-Mailbox", Identity=USER)).state is State.COMPLETED


@needs(Need.LIVE)
def test_a_slow_cmdlet_within_its_deadline_is_waited_for(tenant: Tenant, connect: Connect) -> None:
    tenant.fault(command="Get-Mailbox", call=1, kind="slow", seconds=1)
    with connect(tenant) as transport:
        assert transport.run(Pipeline.of("Get-Mailbox", Identity=USER), deadline=20.0).state is State.COMPLETED


@pytest.mark.parametrize("after", [False, True])
def test_a_server_that_exits_in_a_cmdlet_is_a_loss_and_only_the_tenant_tells_what_was_done(
    tenant: Tenant, carrier: Carrier, connect: Connect, after: bool
) -> None:
    tenant.fault(command="Remove-MsolUser", call=1, kind="exit", exitCode=9, after=after)
    with connect(tenant) as transport:
        with pytest.raises(ConnectionLost) as lost:
            transport.run(Pipeline.of("Remove-MsolUser", UserPrincipalName=USER, Force=SWITCH))
        assert lost.value.problem.startswith(carrier.gone)
        assert lost.value.may_have_run
        found = transport.run(Pipeline.of("Get-MsolUser", UserPrincipalName=USER))
        assert bool(found.of(Stream.OUTPUT)) is not after
    assert tenant.begun.count("Remove-MsolUser") >= 1


@needs(Need.LIVE)
def test_a_stopped_cmdlet_may_have_had_its_effect(tenant: Tenant, connect: Connect) -> None:
    tenant.fault(command="Remove-MsolUser", call=1, kind="slow", seconds=30)
    with connect(tenant) as transport:
        with pytest.raises(DeadlineExceeded) as late:
            transport.run(Pipeline.of("Remove-MsolUser", UserPrincipalName=USER, Force=SWITCH), deadline=2.0)
        assert late.value.may_have_run
