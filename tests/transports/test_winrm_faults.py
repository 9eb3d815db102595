"""Every fault of a WinRS server over real sockets: our error, whose fault it is, and whether the command may have run."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from psbridge.command import Pipeline
from psbridge.errors import (
    AuthenticationFailed,
    ConnectionLost,
    EndpointRefused,
    ProtocolError,
    SessionExpired,
    StartError,
    Throttled,
    TransportError,
)
from psbridge.transports.winrm import WinRmTransport
from psbridge.transports.winrm_faults import FAULTS, STATUSES, judged
from tests.transports.winrm_far_end import at, idle_program, reaching, serving
from tests.transports.winrs_server import Fault, WinRsServer

ONE = Pipeline.of("Get-Many", Count=1)
XHTML = b"<html xmlns='http://www.w3.org/1999/xhtml'><body>proxy</body></html>"
BUSY = "The user load quota of 1000 requests per 2 seconds has been exceeded."


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WinRsServer]:
    with serving(idle_program(tmp_path)) as opened:
        yield opened


def failed(server: WinRsServer, fault: Fault) -> TransportError:
    server.faults.append(fault)
    transport = reaching_quickly(server)
    with pytest.raises(TransportError) as caught:
        transport.run(ONE, deadline=10.0)
    transport.close()
    return caught.value


def reaching_quickly(server: WinRsServer, **options: object) -> WinRmTransport:
    return reaching(server, stop_grace=0.3, close_seconds=2.0, endpoint="sync", **options)


def http(action: str, status: int, body: bytes = b"") -> Fault:
    return Fault(action, "http", value=(status, body))


def soap(action: str, code: int | None, subcode: str = "w:InternalError", text: str = "No.") -> Fault:
    return Fault(action, "fault", value=(code, subcode, text))


# Fault, error, whether the command may have run, a part of the text.
CASES = [
    (Fault("Create", "drop"), StartError, False, "the connection failed"),
    (Fault("Command", "drop"), StartError, False, "the connection failed"),
    (Fault("Command", "drop-after"), StartError, False, "the connection failed"),
    (Fault("Send", "drop"), ConnectionLost, True, "the connection failed"),
    (Fault("Receive", "drop"), ConnectionLost, True, "the connection failed"),
    (Fault("Receive", "half"), ConnectionLost, True, "the connection failed"),
    (Fault("Receive", "kill"), ConnectionLost, True, "the PowerShell process is gone (exit code -9)"),
    (http("Create", 401), AuthenticationFailed, False, "the server refused the credentials"),
    (http("Receive", 401), ConnectionLost, True, "the server refused the credentials"),
    (http("Create", 403), EndpointRefused, False, "HTTP 403"),
    (http("Create", 404), EndpointRefused, False, "there is no WinRM at this address"),
    (http("Create", 407), EndpointRefused, False, "a proxy wants credentials"),
    (http("Create", 429), Throttled, False, "too many requests"),
    (http("Command", 503), Throttled, False, "HTTP 503"),
    (http("Receive", 503), ConnectionLost, True, "HTTP 503"),
    (http("Create", 502, XHTML), StartError, False, "a proxy answered"),
    (http("Receive", 502, b"<html>"), ConnectionLost, True, "a proxy answered"),
    (http("Receive", 504), ConnectionLost, True, "a proxy answered"),
    (http("Receive", 500, XHTML), ProtocolError, True, "the answer is no WS-Management (HTTP 500)"),
    (http("Create", 200, XHTML), ProtocolError, False, "the answer is no WS-Management"),
    (http("Command", 200, XHTML), ProtocolError, False, "the answer is no WS-Management"),
    (http("Receive", 200, b"<s:Envelope"), ProtocolError, True, "the answer is no WS-Management"),
    (http("Receive", 200), ProtocolError, True, "the answer is no WS-Management"),
    (soap("Create", 5, "w:AccessDenied", "Access is denied."), EndpointRefused, False, "Access is denied. (WSManFault 5)"),
    (soap("Create", 2150858811, "w:InvalidResourceURI"), EndpointRefused, False, "no command shell"),
    (soap("Create", 2150858793, "w:TimedOut"), StartError, False, "did not answer in the time"),
    (soap("Create", 2150859173, "w:QuotaLimit"), Throttled, False, "as many shells of this user as it allows"),
    (soap("Command", 2150859174, "w:QuotaLimit", BUSY), Throttled, False, BUSY),
    (soap("Create", 17, "w:QuotaLimit"), Throttled, False, "a quota of the server is used up"),
    (soap("Create", None, "w:QuotaLimit"), Throttled, False, "WSManFault w:QuotaLimit"),
    (soap("Create", 87, "w:InvalidParameter"), EndpointRefused, False, "the server refused the request"),
    (soap("Receive", 2150858843, "w:InvalidSelectors"), SessionExpired, True, "does not know the shell any more"),
    (Fault("Receive", "expire"), SessionExpired, True, "does not know the shell any more"),
    (soap("Receive", 1726), ConnectionLost, True, "the process behind the shell died"),
    (soap("Receive", 995), ConnectionLost, True, "the server ended the command"),
    (soap("Receive", 5, "w:AccessDenied"), ConnectionLost, True, "access is denied"),
]


@pytest.mark.parametrize(
    ("fault", "kind", "may_have_run", "text"),
    CASES,
    ids=[f"{number}-{case[0].action}-{case[0].kind}" for number, case in enumerate(CASES)],
)
def test_a_fault_is_one_of_our_errors(
    server: WinRsServer, fault: Fault, kind: type[TransportError], may_have_run: bool, text: str
) -> None:
    error = failed(server, Fault(fault.action, fault.kind, fault.number, fault.value))
    assert type(error) is kind
    assert error.may_have_run is may_have_run
    assert error.endpoint == "sync"
    assert text in error.problem
    assert "Pa55word" not in str(error)
    assert (server.shells, server.commands) == ({}, {})


def test_every_row_of_the_tables_has_a_case() -> None:
    codes = {fault.value[0] for fault, *_ in CASES if fault.kind == "fault"}
    assert set(FAULTS) <= codes
    assert set(STATUSES) <= {fault.value[0] for fault, *_ in CASES if fault.kind == "http"}


def test_a_redirect_is_not_followed(server: WinRsServer, tmp_path: Path) -> None:
    with serving(idle_program(tmp_path)) as other:
        error = failed(server, Fault("Create", "redirect", value=other.uri))
        assert type(error) is EndpointRefused
        assert "redirects" in error.problem
        assert other.actions == []


@pytest.mark.parametrize("status", [429, 503])
def test_how_long_a_busy_server_asks_to_wait_is_told(server: WinRsServer, status: int) -> None:
    error = failed(server, Fault("Command", "busy", value=(status, "7")))
    assert isinstance(error, Throttled)
    assert (error.retry_after, error.may_have_run) == (7.0, False)


def test_a_server_that_is_not_there_is_a_start_error(tmp_path: Path) -> None:
    with serving(idle_program(tmp_path)) as server:
        endpoint = at(server)
    with pytest.raises(StartError) as refused:
        WinRmTransport(endpoint, endpoint="sync").open()
    assert not refused.value.may_have_run
    assert "the connection failed" in refused.value.problem


def test_a_wrong_password_is_told_without_it_and_tried_once(server: WinRsServer) -> None:
    server.faults.append(http("Create", 401))
    transport = reaching_quickly(server)
    with pytest.raises(AuthenticationFailed) as refused:
        transport.open()
    assert "Pa55word" not in str(refused.value)
    assert server.actions == ["Create"]


def test_a_receive_is_never_made_again_after_a_failure(server: WinRsServer) -> None:
    failed(server, http("Receive", 503))
    assert server.actions.count("Receive") == 1


def test_an_error_that_nobody_knows_becomes_one_of_ours() -> None:
    error = judged(RuntimeError("what"), endpoint="sync", sent=True)
    assert type(error) is ConnectionLost
    assert error.problem == "the connection failed in a way that psbridge does not know: RuntimeError: what"


def test_what_is_no_powershell_is_named_with_what_it_said(tmp_path: Path) -> None:
    script = "echo 'powershell: not found' >&2; exit 127"
    with (
        serving(idle_program(tmp_path, script)) as server,
        reaching_quickly(server) as transport,
        pytest.raises(StartError) as lost,
    ):
        transport.run(ONE)
    assert lost.value.problem == "PowerShell ended before the command began (exit code 127): powershell: not found"


def test_standard_error_in_clixml_is_read(tmp_path: Path) -> None:
    clixml = (
        '#< CLIXML\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
        '<S S="Error">Cannot invoke method._x000D__x000A_</S><S S="Error">in this language mode.</S></Objs>'
    )
    (tmp_path / "said").write_text(clixml, encoding="utf-8")
    script = f"cat {tmp_path}/said >&2; exit 1"
    with (
        serving(idle_program(tmp_path, script)) as server,
        reaching_quickly(server) as transport,
        pytest.raises(StartError) as lost,
    ):
        transport.run(ONE)
    assert lost.value.problem.endswith("(exit code 1): Cannot invoke method. in this language mode.")


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files as Linux shows them")
def test_a_hundred_calls_leave_no_command_no_thread_and_no_file_open(tmp_path: Path) -> None:
    with serving(idle_program(tmp_path, "echo no >&2; exit 1")) as server, reaching_quickly(server) as transport:
        counts = []
        for number in range(110):
            with pytest.raises(StartError, match="PowerShell ended before the command began"):
                transport.run(ONE)
            if number in (9, 109):
                counts.append((threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))))
        assert server.actions.count("Create") == 1
        assert (server.commands, len(server.shells)) == ({}, 1)
    (threads, files), (threads_later, files_later) = counts
    assert threads_later <= threads + 2  # one may be on its way out
    assert files_later <= files + 4
