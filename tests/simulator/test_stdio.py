"""The executable that stands where `pwsh -s` would: driven by the process transport, and by PowerShell's own client."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from psbridge.command import SWITCH, Command, Pipeline
from psbridge.errors import ConfirmationRequired, ConnectionLost
from psbridge.psobject import Char, Int64, PSObject
from psbridge.reply import State
from psbridge.session import Result
from psbridge.simulator.server.shared_state import SharedState
from psbridge.simulator.state import Fault
from psbridge.transports.process import ProcessTransport
from tests.simulator.rehearsal import DUPLICATE, Rehearsal


def program(endpoint: str, state: Path, seed: str = "documents") -> list[str]:
    arguments = ["-s", "--endpoint", endpoint, "--state", str(state), "--seed", seed]
    return [sys.executable, "-m", "psbridge.simulator", *arguments]


def session(endpoint: str, state: Path, seed: str = "documents") -> ProcessTransport:
    return ProcessTransport(program(endpoint, state, seed), endpoint=endpoint, deadline=30.0)


def test_over_a_process_every_answer_is_the_same_to_the_byte(tmp_path: Path) -> None:
    scene = Rehearsal()
    asked = [
        Pipeline.of("Get-Mailbox", Identity="testduplicate"),
        Pipeline.of("Get-Mailbox", Identity="nobody"),
        Pipeline.of("Get-Mailbox", ResultSize=2),
        Pipeline.of("Get-Mailbox", ResultSize=Int64(2)),
        Pipeline.of("Get-Mailbox", Identity=UUID("fa38094d-cbfd-46b7-82f6-8a3022e39a66")),
        Pipeline.of("Get-Mailbox", Identity=Char("x")),
        Pipeline.of("Get-Mailbox", Bogus=[1, "two", {"three": 3.0}]),
        Pipeline.of("Get-Nosuch"),
        Pipeline((Command("Get-Mailbox", {"Identity": "testduplicate"}), Command("Select-Object", {"Property": "ExchangeGuid"}))),
        Pipeline.of("Get-MigrationUserStatistics", Identity="user@domain.com", IncludeReport=SWITCH),
        Pipeline.of("Get-User", Identity="a'b\u2019c\u201c\u0024(1) \U0001f600\nnext"),
    ]
    with session("exo", tmp_path / "tenant.json") as transport:
        for pipeline in asked:
            assert transport.run(pipeline) == scene.transports["exo"].run(pipeline), str(pipeline)


def test_a_question_is_put_to_the_host_and_refused(tmp_path: Path) -> None:
    state = tmp_path / "tenant.json"
    with session("directory", state) as transport:
        for parameters, method in (({"UserPrincipalName": DUPLICATE}, "PromptForChoice"), ({"Force": SWITCH}, "Prompt")):
            with pytest.raises(ConfirmationRequired) as asked:
                transport.run(Pipeline.of("Remove-MsolUser", **parameters))
            assert asked.value.method == method
        found = Result.of(transport.run(Pipeline.of("Get-MsolUser", UserPrincipalName=DUPLICATE)))
        assert len(found.output) == 1


def test_the_four_endpoints_of_one_organisation_share_its_state(tmp_path: Path) -> None:
    state = tmp_path / "tenant.json"
    with session("directory", state) as directory, session("exo", state) as exo:
        directory.run(Pipeline.of("Remove-MsolUser", UserPrincipalName=DUPLICATE, Force=SWITCH))
        directory.run(Pipeline.of("Remove-MsolUser", UserPrincipalName=DUPLICATE, Force=SWITCH, RemoveFromRecycleBin=SWITCH))
        deleted = Result.of(exo.run(Pipeline.of("Get-Mailbox", SoftDeletedMailbox=SWITCH)))
        assert [str(mailbox) for mailbox in deleted.output] == ["Test Duplicate"]


@pytest.mark.parametrize("after", [False, True])
def test_a_dropped_connection_loses_the_answer_and_only_the_organisation_tells_what_was_done(tmp_path: Path, after: bool) -> None:
    state = tmp_path / "tenant.json"
    shared = SharedState(state, seed="documents")
    with shared.open() as organisation:
        organisation.state.faults.append(Fault("dropped-connection", cmdlet="Remove-MsolUser", after=after))
    with session("directory", state) as directory:
        with pytest.raises(ConnectionLost) as lost:
            directory.run(Pipeline.of("Remove-MsolUser", UserPrincipalName=DUPLICATE, Force=SWITCH))
        assert lost.value.may_have_run
        found = Result.of(directory.run(Pipeline.of("Get-MsolUser", UserPrincipalName=DUPLICATE)))
        assert bool(found.output) is not after


@pytest.mark.parametrize(
    "line", [b"garbage\n", b"<Nosuch PSGuid='0'/>\n", b"<Data PSGuid='00000000-0000-0000-0000-000000000000'/>\n", b"\n"]
)
def test_a_line_that_is_no_psrp_ends_the_process_as_the_engine_ends(tmp_path: Path, line: bytes) -> None:
    done = subprocess.run(program("exo", tmp_path / "tenant.json"), input=line, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (160, b"")
    assert done.stderr


def test_a_seed_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    done = subprocess.run(
        program("exo", tmp_path / "tenant.json", "nosuch"), input=b"", capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 64
    assert b"option-0" in done.stderr


def powershell(realps: str, endpoint: str, state: Path, *steps: dict[str, Any]) -> list[dict[str, Any]]:
    """What PowerShell's own client gets for each step."""
    done = subprocess.run(
        [realps, "connect", "--", *program(endpoint, state)],
        input=json.dumps({"steps": steps}),
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.realps
def test_powershells_own_client_gets_objects_errors_warnings_and_refusals(realps: str, tmp_path: Path) -> None:
    found, missing, limited, script, bogus, unknown = powershell(
        realps,
        "exo",
        tmp_path / "tenant.json",
        {"addCommand": "get-mailbox", "arguments": ["testduplicate"]},
        {"addCommand": "Get-Mailbox", "namedParameters": {"Identity": "nobody"}},
        {"addCommand": "Get-Mailbox", "namedParameters": {"ResultSize": 1}},
        {"script": "Get-Mailbox | Where-Object { $true }"},
        {"addCommand": "Get-Mailbox", "namedParameters": {"Bogus": 5}},
        {"addCommand": "Get-Nosuch"},
    )
    assert found["output"][0]["types"][0] == "Deserialized.Microsoft.Exchange.Data.Directory.Management.Mailbox"
    assert missing["error"][0]["fullyQualifiedErrorId"].endswith("Microsoft.Exchange.Management.RecipientTasks.GetMailbox")
    assert (missing["state"], len(limited["output"]), len(limited["warning"])) == ("Completed", 1, 1)
    for failed, says in ((script, "no-language mode"), (bogus, "'Bogus'"), (unknown, "not recognized")):
        assert failed["state"] == "Failed"
        assert says in failed["reason"]["message"]


@pytest.mark.realps
@pytest.mark.parametrize(("choice", "left"), [(0, 0), (1, 1)])
def test_powershells_own_client_answers_a_question(realps: str, tmp_path: Path, choice: int, left: int) -> None:
    state = tmp_path / "tenant.json"
    named = {"UserPrincipalName": DUPLICATE}
    (asked, look) = powershell(
        realps,
        "directory",
        state,
        {"addCommand": "Remove-MsolUser", "namedParameters": named, "useHost": True, "choice": choice},
        {"addCommand": "Get-MsolUser", "namedParameters": named},
    )
    assert asked["state"] == "Completed"
    assert asked["hostCalls"][0]["method"] == "PromptForChoice"
    assert len(look["output"]) == left


def test_a_secure_string_crosses_and_is_taken(tmp_path: Path) -> None:
    from psbridge.psobject import SecureString

    with session("exo", tmp_path / "tenant.json") as transport:
        connect = Pipeline.of("Connect-ExchangeOnline", CertificatePassword=SecureString.of("word"), ShowBanner=False)
        reply = transport.run(connect)
        assert (reply.state, reply.records) == (State.COMPLETED, ())
        assert isinstance(Result.of(transport.run(Pipeline.of("Get-OrganizationConfig"))).output[0], PSObject)
