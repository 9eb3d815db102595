"""Our own `psrp` transport against the served simulator: the same answers as in-process, every fault, every loss."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from psbridge.command import SWITCH, Command, Pipeline
from psbridge.errors import (
    AuthenticationFailed,
    ConfirmationRequired,
    ConnectionLost,
    DeadlineExceeded,
    EndpointRefused,
    StartError,
    Throttled,
    TransportError,
)
from psbridge.psobject import Char, DateTime, Int64, SecureString
from psbridge.reply import State, Stream
from psbridge.session import Result
from psbridge.simulator import SimulatedOrganisation
from psbridge.simulator.generate import Makeup, generate
from psbridge.simulator.server.shared_state import SharedState
from psbridge.simulator.server.shell_table import Limits
from psbridge.simulator.server.wsman import WsmanServer
from psbridge.simulator.state import Fault
from psbridge.simulator.state.fault import CALL_FAULTS, FaultName
from tests.simulator.rehearsal import DUPLICATE, Rehearsal
from tests.simulator.served import served, transport

USER = Pipeline.of("Get-User", Identity="testmobile")
REMOVE = Pipeline.of("Remove-MsolUser", UserPrincipalName=DUPLICATE, Force=SWITCH)


@dataclass
class Scene:
    """An organisation and its server."""

    organisation: SimulatedOrganisation = field(default_factory=lambda: SimulatedOrganisation.from_seed("documents"))

    def strike(self, fault: Fault) -> None:
        self.organisation.state.faults.append(fault)

    @property
    def account_is_there(self) -> bool:
        (account,) = [one for one in self.organisation.state.directory if one.user_principal_name == DUPLICATE]
        return account.deleted is None


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def server(scene: Scene) -> Iterator[WsmanServer]:
    with served(scene.organisation) as running:
        yield running


SEQUENCE: list[tuple[str, Pipeline]] = [
    ("onprem", Pipeline.of("Get-Mailbox", Identity="testduplicate")),
    ("exo", Pipeline.of("Get-Mailbox", Identity="testduplicate")),
    ("exo", Pipeline.of("Get-Mailbox", Identity="nobody")),
    ("exo", Pipeline.of("Get-Mailbox", ResultSize=2)),
    ("exo", Pipeline.of("Get-Mailbox", ResultSize=Int64(2))),
    ("exo", Pipeline.of("Get-Mailbox", Identity=UUID("fa38094d-cbfd-46b7-82f6-8a3022e39a66"))),
    ("exo", Pipeline.of("Get-Mailbox", Identity=Char("x"))),
    ("exo", Pipeline.of("Get-Mailbox", Bogus=[1, "two", {"three": 3.0}, DateTime.of(datetime(2018, 7, 15, 15, 45, tzinfo=UTC))])),
    ("exo", Pipeline.of("Get-Nosuch")),
    ("exo", Pipeline((Command("Get-Mailbox", {"Identity": "testduplicate"}), Command("Select-Object", {"Property": "Name"})))),
    ("exo", Pipeline.of("Get-MigrationUserStatistics", Identity="user@domain.com", IncludeReport=SWITCH)),
    ("exo", Pipeline.of("Get-User", Identity="a'b\u2019c\u201c\u0024(1) \U0001f600\nnext")),
    ("exo", Pipeline.of("Get-User", Identity="x" * 400_000)),
    ("directory", Pipeline.of("Get-MsolUser", UserPrincipalName=DUPLICATE)),
    ("directory", REMOVE),
    ("directory", Pipeline.of("Get-MsolUser", ReturnDeletedUsers=SWITCH)),
    ("sync", Pipeline.of("Start-ADSyncSyncCycle", PolicyType="Delta")),
    ("sync", Pipeline.of("Get-ADSyncScheduler")),
    ("directory", Pipeline.of("Get-MsolUser", UserPrincipalName=DUPLICATE)),
    ("exo", Pipeline.of("Connect-ExchangeOnline", CertificatePassword=SecureString.of("word"), ShowBanner=False)),
]


@pytest.mark.parametrize("authentication", ["basic", "ntlm"])
def test_the_same_cmdlets_give_the_same_answers_as_in_process_to_the_byte(server: WsmanServer, authentication: str) -> None:
    near = Rehearsal()
    far = {name: transport(server, name, authentication) for name in near.transports}
    for endpoint, pipeline in SEQUENCE:
        assert far[endpoint].run(pipeline) == near.transports[endpoint].run(pipeline), str(pipeline)[:200]
    for one in far.values():
        one.close()
    assert server.open_shells == 0


def test_thousands_of_objects_come_whole() -> None:
    organisation = SimulatedOrganisation(generate(1_000, Makeup(1_000)))
    with served(organisation) as server, transport(server) as far:
        reply = far.run(Pipeline.of("Get-Mailbox", ResultSize="Unlimited"), deadline=60.0)
    assert (reply.state, len(reply.of(Stream.OUTPUT))) == (State.COMPLETED, 1_000)


def test_a_question_is_refused_and_nothing_is_done(scene: Scene, server: WsmanServer) -> None:
    with transport(server, "directory") as far:
        for parameters, method in (({"UserPrincipalName": DUPLICATE}, "PromptForChoice"), ({"Force": SWITCH}, "Prompt")):
            with pytest.raises(ConfirmationRequired) as asked:
                far.run(Pipeline.of("Remove-MsolUser", **parameters))
            assert asked.value.method == method
    assert scene.account_is_there


@pytest.mark.parametrize("operation", ["", "Command", "Receive"])
@pytest.mark.parametrize("after", [False, True])
def test_a_dropped_connection_loses_the_answer_and_only_the_organisation_tells_what_was_done(
    scene: Scene, server: WsmanServer, operation: str, after: bool
) -> None:
    with transport(server, "directory") as far:
        far.open()
        # The receives of the opening are over; the next one is that of the command.
        number = 0 if operation == "Receive" else 1
        cmdlet = "" if operation else "Remove-MsolUser"
        fault = Fault("dropped-connection", cmdlet=cmdlet, operation=operation, call=number, after=after)
        scene.strike(fault)
        with pytest.raises(ConnectionLost) as lost:
            far.run(REMOVE)
        assert lost.value.may_have_run
        scene.organisation.state.faults.clear()
        wait_until(lambda: server.open_shells == 0)
        found = Result.of(far.run(Pipeline.of("Get-MsolUser", UserPrincipalName=DUPLICATE)))
        assert bool(found.output) is scene.account_is_there
        # A Command that never arrived did nothing; a Receive is too late to prevent anything.
        assert scene.account_is_there is (not after and operation != "Receive")


def test_a_lost_opening_says_that_nothing_ran(scene: Scene, server: WsmanServer) -> None:
    scene.strike(Fault("dropped-connection", operation="Create"))
    with closing(transport(server, "directory")) as far:
        with pytest.raises(StartError) as lost:
            far.run(REMOVE)
        assert not lost.value.may_have_run
        assert scene.account_is_there
        assert far.run(REMOVE).state is State.COMPLETED


def test_a_fault_that_another_process_puts_into_the_shared_file_strikes_too(tmp_path: Path) -> None:
    file = tmp_path / "tenant.json"
    shared, other = SharedState(file, seed="documents"), SharedState(file)
    with served(shared) as server, closing(transport(server)) as far:
        assert far.run(USER).state is State.COMPLETED
        with other.open() as organisation:
            organisation.state.faults.append(Fault("user-quota", operation="Command", call=2))
        with pytest.raises(Throttled):
            far.run(USER)
        assert far.run(USER).state is State.COMPLETED
    assert other.state.calls["Get-User"] == 2


REQUEST_FAULTS: list[tuple[Fault, type[TransportError], float | None, str]] = [
    (Fault("too-many-requests", operation="Create", seconds=7), Throttled, 7.0, "HTTP 429"),
    (Fault("service-unavailable", operation="Create", seconds=9), Throttled, 9.0, "HTTP 503"),
    (Fault("user-quota", operation="Create"), Throttled, None, "2150859174"),
    (Fault("access-denied", operation="Create"), EndpointRefused, None, "fault 5"),
    (Fault("too-many-requests", operation="Command", seconds=7), Throttled, 7.0, "HTTP 429"),
    (Fault("service-unavailable", operation="Command", seconds=9), Throttled, 9.0, "HTTP 503"),
    (Fault("user-quota", operation="Command"), Throttled, None, "2150859174"),
    (Fault("access-denied", operation="Command"), EndpointRefused, None, "fault 5"),
]


@pytest.mark.parametrize(
    ("fault", "error", "wait", "says"), REQUEST_FAULTS, ids=[f"{fault.operation}-{fault.name}" for fault, *_ in REQUEST_FAULTS]
)
def test_a_refused_request_is_an_error_of_ours_that_did_nothing_and_the_next_call_works(
    scene: Scene, server: WsmanServer, fault: Fault, error: type[TransportError], wait: float | None, says: str
) -> None:
    scene.strike(fault)
    with closing(transport(server, "directory")) as far:
        with pytest.raises(error) as refused:
            far.run(REMOVE)
        assert says in refused.value.problem
        assert scene.account_is_there
        if isinstance(refused.value, Throttled):
            assert refused.value.retry_after == wait
        assert far.run(REMOVE).state is State.COMPLETED
        assert not scene.account_is_there


def test_a_seed_names_the_faults_of_requests_too(tmp_path: Path) -> None:
    seed = tmp_path / "busy.toml"
    fault = '[[faults]]\nname = "service-unavailable"\noperation = "Create"\nendpoint = "exo"\nseconds = 30\n'
    seed.write_text(fault, encoding="utf-8")
    with served(SimulatedOrganisation.from_seed(seed)) as server, closing(transport(server)) as far:
        with closing(transport(server, "onprem")) as other:
            other.open()
        with pytest.raises(Throttled) as refused:
            far.open()
        assert refused.value.retry_after == 30
        far.open()


@pytest.mark.parametrize("name", ["too-many-requests", "service-unavailable", "user-quota"])
def test_a_refused_receive_is_asked_again_and_the_command_runs_once(scene: Scene, server: WsmanServer, name: str) -> None:
    with transport(server, "directory") as far:
        far.open()
        scene.strike(Fault(name, operation="Receive", call=0, seconds=1))  # type: ignore[arg-type]
        timer = threading.Timer(0.3, scene.organisation.state.faults.clear)
        timer.start()
        reply = far.run(REMOVE)
        timer.join()
        assert (reply.state, reply.of(Stream.ERROR)) == (State.COMPLETED, [])
    assert scene.organisation.state.calls["Remove-MsolUser"] == 1


@pytest.mark.parametrize("name", sorted(CALL_FAULTS - {"dropped-connection", "hang"}))
@pytest.mark.parametrize("after", [False, True])
def test_every_fault_of_a_call_shows_as_it_does_in_process(
    scene: Scene, server: WsmanServer, name: FaultName, after: bool
) -> None:
    near = Rehearsal()
    for state in (near.state, scene.organisation.state):
        state.faults.append(Fault(name, cmdlet="Get-User", call=0, after=after, message="It is so.", error_id="ItIsSo"))
    pipeline = Pipeline.of("Get-User", Identity="testmobile", Verbose=SWITCH, Debug=SWITCH)
    with transport(server) as far:
        reply = far.run(pipeline)
    assert reply == near.transports["exo"].run(pipeline)
    assert (reply == Rehearsal().transports["exo"].run(pipeline)) is (name == "sync-cycle")


def test_exchanges_own_throttling_fails_the_pipeline_and_the_session_lives(scene: Scene, server: WsmanServer) -> None:
    scene.strike(Fault("throttled", cmdlet="Get-User", call=1))
    with transport(server) as far:
        assert far.run(USER).state is State.FAILED
        assert far.run(USER).state is State.COMPLETED
        assert server.open_shells == 1


@pytest.mark.parametrize("after", [False, True])
def test_a_hanging_cmdlet_ends_at_the_deadline_and_is_stopped(scene: Scene, server: WsmanServer, after: bool) -> None:
    scene.strike(Fault("hang", cmdlet="Remove-MsolUser", after=after))
    with transport(server, "directory") as far:
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded) as late:
            far.run(REMOVE, deadline=0.5)
        assert late.value.may_have_run
        assert time.monotonic() - began < 15
        assert scene.account_is_there is not after
        assert far.run(Pipeline.of("Get-MsolUser", ReturnDeletedUsers=SWITCH)).state is State.COMPLETED
        assert server.open_shells == 1, "the stop was heeded, and the session goes on"


def test_every_stream_comes_in_the_order_in_which_it_was_written(scene: Scene, server: WsmanServer) -> None:
    order = (Stream.WARNING, Stream.VERBOSE, Stream.DEBUG, Stream.INFORMATION, Stream.PROGRESS)
    for stream in order:
        scene.strike(Fault(stream.value, cmdlet="Get-User", call=0, message=f"a {stream}"))  # type: ignore[arg-type]
    pipeline = Pipeline.of("Get-User", Identity="testmobile", Verbose=SWITCH, Debug=SWITCH)
    with transport(server) as far:
        reply = far.run(pipeline)
    # What the cmdlet tells of itself stands around what the faults write; progress has three steps.
    own = (Stream.VERBOSE, Stream.VERBOSE, Stream.DEBUG)
    written = (*own, *order, Stream.PROGRESS, Stream.PROGRESS, Stream.OUTPUT, Stream.VERBOSE)
    assert tuple(record.stream for record in reply.records) == written
    near = Rehearsal()
    near.state.faults.extend(scene.organisation.state.faults)
    assert reply == near.transports["exo"].run(pipeline)


def test_a_wrong_password_is_told_as_such(server: WsmanServer) -> None:
    from psbridge.transports.psrp import PsrpTransport
    from psbridge.transports.wsman import WsmanEndpoint

    for authentication in ("basic", "ntlm"):
        where = WsmanEndpoint(server.uri("exo"), "Microsoft.Exchange", authentication, "administrator", SecureString.of("wrong"))
        with pytest.raises(AuthenticationFailed):
            PsrpTransport(where).open()


def test_a_configuration_that_is_not_there_is_told_with_those_that_are(server: WsmanServer) -> None:
    from psbridge.transports.psrp import PsrpTransport
    from psbridge.transports.wsman import WsmanEndpoint

    where = WsmanEndpoint(server.uri("onprem"), "Microsoft.PowerShell", "basic", "administrator", SecureString.of("Pa55word!"))
    with pytest.raises(EndpointRefused, match=r"This endpoint has: Microsoft\.Exchange"):
        PsrpTransport(where).open()


def test_a_session_that_the_server_ended_is_opened_again() -> None:
    with served(limits=Limits(idle_seconds=0.2)) as server, transport(server) as far:
        far.run(USER)
        time.sleep(0.3)
        assert far.run(USER).state is State.COMPLETED
    with served(limits=Limits(shells=1)) as server, transport(server) as far:
        far.run(USER)
        with pytest.raises(Throttled) as refused:
            transport(server).run(USER)
        assert "2150859173" in refused.value.problem
        assert not refused.value.may_have_run


def test_a_thousand_calls_leave_no_command_no_shell_no_thread_and_no_object_behind(server: WsmanServer) -> None:
    scheduler = Pipeline.of("Get-ADSyncScheduler")
    with transport(server, "sync") as far:

        def left_after(calls: int) -> tuple[int, int]:
            for _ in range(calls):
                far.run(scheduler)
            wait_until(lambda: server.open_commands == 0)
            gc.collect()
            return threading.active_count(), len(gc.get_objects())

        threads, objects = left_after(200)
        more_threads, more_objects = left_after(800)
        assert more_threads <= threads
        assert more_objects - objects < 300, "not one object for each call"
        assert server.open_shells == 1


def test_several_workers_each_with_a_session_see_one_organisation(server: WsmanServer) -> None:
    found: list[int] = []

    def work() -> None:
        with transport(server, "directory") as far:
            found.extend(len(far.run(Pipeline.of("Get-MsolUser")).of(Stream.OUTPUT)) for _ in range(5))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert len(found) == 20
    assert len(set(found)) == 1


def wait_until(done: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)
