"""Recordings of the real engine: what was recorded live comes again offline, without its secrets."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from psbridge.cassettes import Cassette, Playback, Recording
from psbridge.command import SWITCH, Pipeline
from psbridge.errors import ConfirmationRequired, DeadlineExceeded, TransportError
from psbridge.psobject import PSObject, SecureString
from psbridge.reply import Reply
from psbridge.session import Result
from psbridge.transports.base import Transport
from psbridge.transports.process import ProcessTransport
from tests.cassettes.scripted import Clock

pytestmark = pytest.mark.tenant

UPN = "testduplicate@domain.com"
SECRET = "Pa55w&rd-<é>"
RUN = (
    ("exo", Pipeline.of("Get-Mailbox", Identity=UPN)),
    ("onprem", Pipeline.of("Get-Mailbox", Identity=UPN)),
    ("exo", Pipeline.of("Get-Mailbox", Identity="nobody")),
    ("directory", Pipeline.of("Remove-MsolUser", UserPrincipalName=UPN)),
    ("directory", Pipeline.of("Remove-MsolUser", UserPrincipalName=UPN, Force=SWITCH)),
    ("directory", Pipeline.of("Get-MsolUser", UserPrincipalName=UPN)),
    ("exo", Pipeline.of("Write-Warning", Message="line one\r\nline two\t⟦ ")),
    ("exo", Pipeline.of("Get-Nothing")),
    ("exo", Pipeline.of("Start-Sleep", Seconds=60)),
)


def ask(transport: Transport, pipeline: Pipeline) -> Reply | TransportError:
    try:
        return transport.run(pipeline, deadline=1 if pipeline.commands[0].name == "Start-Sleep" else 60)
    except TransportError as error:
        return error


def live(program: str, endpoint: str, tenant: Path) -> ProcessTransport:
    environment = {"REALPS_ENDPOINT": endpoint, "REALPS_TENANT": str(tenant)}
    return ProcessTransport([program], environment=environment, endpoint=endpoint)


@pytest.fixture
def tenant(exchange_like: str, tmp_path: Path) -> Path:
    copy = tmp_path / "tenant.json"
    copy.write_bytes((Path(exchange_like).parent / "tenants" / "documents.json").read_bytes())
    return copy


def test_a_recorded_run_replays_as_it_was_live(exchange_like: str, tenant: Path, tmp_path: Path) -> None:
    path = tmp_path / "run.cassette"
    with Recording(path, Clock()) as recording:
        transports = {name: recording.wrap(name, live(exchange_like, name, tenant)) for name in ("exo", "onprem", "directory")}
        seen = [ask(transports[endpoint], pipeline) for endpoint, pipeline in RUN]
        for transport in transports.values():
            transport.close()

    with Playback(Cassette.load(path)) as playback:
        again = [ask(playback.transport(endpoint), pipeline) for endpoint, pipeline in RUN]
    assert [isinstance(answer, TransportError) for answer in seen].count(True) == 2
    for (_, pipeline), before, after in zip(RUN, seen, again, strict=True):
        assert type(after) is type(before), pipeline
        if isinstance(before, Reply) and isinstance(after, Reply):
            assert after == before, pipeline
            assert Result.of(after) == Result.of(before)
        else:
            assert vars(after) == vars(before)
    assert [type(answer) for answer in seen if isinstance(answer, TransportError)] == [ConfirmationRequired, DeadlineExceeded]


def test_a_credential_that_the_engine_returns_is_not_in_the_file(exchange_like: str, tenant: Path, tmp_path: Path) -> None:
    path = tmp_path / "run.cassette"
    password = SecureString.of(SECRET)
    pipeline = Pipeline.of(
        "New-Object", TypeName="System.Management.Automation.PSCredential", ArgumentList=["ann@domain.com", password]
    )
    with Recording(path, Clock()) as recording, recording.wrap("exo", live(exchange_like, "exo", tenant)) as transport:
        (credential,) = Result.of(transport.run(pipeline)).output
    assert isinstance(credential, PSObject)
    assert credential["Password"] == SecureString(base64.b64encode(SECRET.encode("utf-16-le")).decode())
    text = path.read_text("utf-8")
    assert "ann@domain.com" in text
    for form in (SECRET, "Pa55w", base64.b64encode(SECRET.encode("utf-16-le")).decode()):
        assert form not in text
    (replayed,) = Result.of(Playback(Cassette.load(path)).transport("exo").run(pipeline)).output
    assert isinstance(replayed, PSObject)
    assert replayed["UserName"] == "ann@domain.com"
    assert isinstance(replayed["Password"], SecureString)
