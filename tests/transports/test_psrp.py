"""The psrp transport's cost and its behaviour over time: requests beside pypsrp's, sizes, many workers, and many calls."""

from __future__ import annotations

import gc
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pypsrp.powershell import PowerShell
from pypsrp.powershell import RunspacePool as StockPool
from pypsrp.wsman import WSMan

from psbridge.command import Pipeline
from psbridge.errors import ConnectionLost, ProtocolError, TransportError
from psbridge.psobject import SecureString
from psbridge.psrp.messages import MessageType
from psbridge.transports.psrp import PsrpTransport
from psbridge.transports.wsman import WsmanEndpoint
from tests.contract.carriers import ByWsman, Relay, relay_of
from tests.transports.far_end import MODULES, output
from tests.transports.wsman_server import PASSWORD, USER, WsmanServer

CALL = Pipeline.of("Get-Thing", Text="x")


@pytest.fixture
def server() -> Iterator[WsmanServer]:
    with WsmanServer() as running:
        yield running


def connected(server: WsmanServer, **options: Any) -> PsrpTransport:
    size = options.pop("max_envelope_size", None)
    endpoint = WsmanEndpoint(
        server.uri, authentication="basic", username=USER, password=SecureString.of(PASSWORD), max_envelope_size=size
    )
    return PsrpTransport(endpoint, deadline=20.0, **options)


def test_a_call_takes_no_more_requests_than_pypsrp_itself(server: WsmanServer) -> None:
    with connected(server) as transport:
        ours_open = take(server)
        transport.run(CALL)
        ours = take(server)
    ours_close = take(server)
    stock = WSMan(
        "127.0.0.1",
        port=urlsplit(server.uri).port,
        path="PowerShell",
        ssl=False,
        username=USER,
        password=PASSWORD,
        auth="basic",
        encryption="never",
        no_proxy=True,
    )
    with StockPool(stock, configuration_name="Microsoft.Exchange") as pool:
        theirs_open = take(server)
        shell = PowerShell(pool)
        shell.add_cmdlet("Get-Thing").add_parameter("Text", "x")
        assert shell.invoke() == ["done"]
        shell.close()
        theirs = take(server)
    theirs_close = take(server)
    stock.close()
    assert ours == theirs == {"Command": 1, "Receive": 1, "Signal": 1}
    assert ours_open == theirs_open == {"Create": 1, "Receive": 1}
    assert ours_close == theirs_close == {"Delete": 1}


def take(server: WsmanServer) -> Counter[str]:
    counts = server.counts
    server.asked.clear()
    return counts


@pytest.mark.parametrize("size", [None, 40_000, 153_600])
def test_no_request_is_longer_than_the_envelope(server: WsmanServer, size: int | None) -> None:
    with connected(server, max_envelope_size=size) as transport:
        assert output(transport.run(Pipeline.of("Get-Thing", Text="x" * 1_200_000))) == ["done"]
        (sent,) = [m for shell in server.shells.values() for m in shell.heard if m.kind is MessageType.CREATE_PIPELINE]
    assert sent.body.count(b"x") >= 1_200_000
    assert (size or 512_000) * 0.7 < server.longest <= (size or 512_000)
    assert server.envelopes == ({size} if size else {153_600, 512_000})


def test_no_script_text_is_sent_and_every_pipeline_is_closed(server: WsmanServer) -> None:
    with connected(server) as transport:
        for _ in range(20):
            transport.run(CALL)
        (shell,) = server.shells.values()
        assert shell.commands == set()
        created = [message.body.decode() for message in shell.heard if message.kind is MessageType.CREATE_PIPELINE]
    assert len(created) == 20
    assert all(body.count('N="IsScript"') == body.count('<B N="IsScript">false</B>') == 1 for body in created)
    assert server.counts["Signal"] == 20
    assert server.shells == {}


def test_workers_with_a_session_each_do_not_disturb_one_another(server: WsmanServer) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with connected(server) as transport:
                for _ in range(20):
                    assert output(transport.run(CALL)) == ["done"]
        except BaseException as error:  # noqa: BLE001 - it must reach the test
            failures.append(error)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert server.counts == {"Create": 4, "Receive": 84, "Command": 80, "Signal": 80, "Delete": 4}
    assert server.shells == {}


def test_a_thousand_calls_on_one_session_leave_nothing_behind(server: WsmanServer) -> None:
    def calls(count: int) -> int:
        for _ in range(count):
            transport.run(CALL)
        for kept in (server.asked, shell.heard, shell.waiting, shell.done):
            kept.clear()
        gc.collect()
        return len(gc.get_objects())

    with connected(server) as transport:
        transport.open()
        (shell,) = server.shells.values()
        before = calls(200)
        assert calls(800) - before < 500
        assert shell.commands == set()
    assert (server.connections, server.shells) == (1, {})


def test_a_forgotten_transport_ends_its_threads(server: WsmanServer) -> None:
    transport = connected(server)
    transport.run(CALL)
    assert named("psbridge-wsman") == 1
    del transport
    gc.collect()
    for _ in range(100):
        if not named("psbridge-wsman"):
            break
        time.sleep(0.02)
    assert named("psbridge-wsman") == 0


def named(name: str) -> int:
    return sum(thread.name == name for thread in threading.enumerate())


# The same with the real engine behind the relay: what was done is proved by a file. A call may take one Receive or two, so
# calls are made until one is struck.
@pytest.mark.realps
@pytest.mark.parametrize(
    ("fault", "done"),
    [
        ("Command:3:drop", False),
        ("Receive:5:drop", True),
        ("Receive:5:half", True),
        ("Receive:5:truncate", True),
        ("Receive:5:http=502", None),
    ],
)
def test_a_fault_in_front_of_the_real_engine(pwsh: str, tmp_path: Path, fault: str, done: bool | None) -> None:
    witness = tmp_path / "witness"
    relay = Relay(pwsh, {"PSModulePath": str(MODULES)}, fault)
    try:
        transport = PsrpTransport(relay.endpoint, deadline=20.0)
        struck, error = until_struck(transport, witness)
        assert error.may_have_run
        assert isinstance(error, ProtocolError if "truncate" in fault else ConnectionLost)
        removed = witness.read_text(encoding="utf-8").split()
        assert removed[:struck] == [str(number) for number in range(struck)]
        assert done is None or (str(struck) in removed) is done
        assert output(transport.run(Pipeline.of("Get-Many", Count=2))) == [1, 2]
        transport.close()
    finally:
        relay.close()


def until_struck(transport: PsrpTransport, witness: Path) -> tuple[int, TransportError]:
    """Remove one thing after another; give the number of the removal that failed, and its error."""
    for number in range(10):
        removal = Pipeline.of("Remove-Thing", Identity=[str(number)], Path=str(witness), Confirm=False)
        try:
            assert output(transport.run(removal)) == [f"removed {number}"]
        except TransportError as error:
            return number, error
    pytest.fail("no call was struck")


@pytest.mark.realps
def test_a_session_that_the_relay_ended_because_it_was_idle_is_opened_again(pwsh: str) -> None:
    relay = Relay(pwsh, {"PSModulePath": str(MODULES)}, more=("--idle-timeout", "1"))
    try:
        with PsrpTransport(relay.endpoint, deadline=20.0, connect=[Pipeline.of("Set-Memory", Text="connected")]) as transport:
            assert output(transport.run(Pipeline.of("Get-Memory"))) == ["connected"]
            time.sleep(2.5)
            assert output(transport.run(Pipeline.of("Get-Memory"))) == ["connected"]
    finally:
        relay.close()


@pytest.mark.realps
def test_an_endpoint_without_a_language_takes_our_commands(pwsh: str, tmp_path: Path) -> None:
    session = tmp_path / "exchange.pssc"
    session.write_text(
        "@{SchemaVersion='2.0.0.0'; GUID='7a0c6a0e-0c3d-4a6c-8d0e-5a1f3f1c9a11'; SessionType='Empty'; LanguageMode='NoLanguage';"
        " ModulesToImport='FarEnd'; VisibleCmdlets='*'; VisibleFunctions='*'}",
        encoding="utf-8",
    )
    program = tmp_path / "restricted"
    program.write_text(f'#!/bin/sh\nexec "{pwsh}" "$@" -ConfigurationFile "{session}"\n', encoding="utf-8")
    program.chmod(0o755)
    by = ByWsman(str(program), relay_of(pwsh))
    try:
        with by.connected() as transport:
            assert output(transport.run(Pipeline.of("Get-Many", Count=2))) == [1, 2]
            assert output(transport.run(Pipeline.of("Get-Argument", Value="$(x)'; y"))) == ["System.String", "$(x)'; y"]
    finally:
        by.close()
