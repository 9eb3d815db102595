"""Every fault of WS-Management and of HTTP: the call ends, with the error that says whose fault it is and what may have run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from spnego.exceptions import BadMICError

from psbridge.command import Pipeline
from psbridge.errors import (
    AuthenticationFailed,
    ConnectionLost,
    DeadlineExceeded,
    EndpointRefused,
    ProtocolError,
    Retry,
    SessionExpired,
    StartError,
    Throttled,
    TransportError,
)
from psbridge.psobject import SecureString
from psbridge.psrp.messages import NO_ID, MessageType
from psbridge.reply import State, Stream
from psbridge.transports.faults import ROWS, Operation, Whose, error_of, judge, read
from psbridge.transports.psrp import PsrpTransport
from psbridge.transports.wsman import WsmanEndpoint
from tests.transports.far_end import output
from tests.transports.wsman_server import PASSWORD, STATE, USER, Session, Spoil, WsmanServer, fault, http

CALL = Pipeline.of("Get-Thing", Text="x")
SHELLS = "This user is allowed a maximum number of 5 concurrent shells, which has been exceeded."
LOAD = (
    "The user load quota of 1000 requests per 2 seconds has been exceeded. "
    "The next request from this user will not be approved for at least 40 milliseconds."
)
HTML = b"<html><body><h1>502 Bad Gateway</h1><hr></body>"
XHTML = b'<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>502 Bad Gateway</h1></body></html>'
CONNECTIONS = (
    "[FailureCategory=AuthZ-AuthorizationException] Fail to create a runspace because you have exceeded the maximum "
    "number of connections allowed : 3 for the policy party : MaxConcurrency."
)


@pytest.fixture
def server() -> Iterator[WsmanServer]:
    with WsmanServer() as running:
        yield running


def connected(server: WsmanServer, **options: Any) -> PsrpTransport:
    options = {"deadline": 5.0, "stop_grace": 0.3, "endpoint": "onprem", **options}
    return PsrpTransport(
        WsmanEndpoint(server.uri, authentication="basic", username=USER, password=SecureString.of(PASSWORD)), **options
    )


@dataclass(frozen=True)
class Case:
    """A request that is spoilt, and the error: its class, the row of the table, and whether the command may have run."""

    operation: str
    spoil: Spoil
    error: type[TransportError]
    row: str
    may_have_run: bool = False


RESET, HALF, CUT, WRONG_ID = Spoil("reset"), Spoil("half"), Spoil("cut"), Spoil("wrong-id")
# The numbers are those of the table in remoting-notes 5. The pool's own Receive is the first, the command's the second.
CASES = {
    "1 reset instead of a Receive": Case("Receive", RESET, ConnectionLost, "lost", True),
    "2 half of the body, then a reset": Case("Receive", HALF, ConnectionLost, "lost", True),
    "3 reset on Command": Case("Command", RESET, ConnectionLost, "lost", True),
    "5 503 at Create": Case("Create", http(503), Throttled, "unavailable"),
    "7 503 on Command": Case("Command", http(503), Throttled, "unavailable", True),
    "8 502 with HTML": Case("Receive", http(502, HTML), ConnectionLost, "gateway", True),
    "9 502 with XHTML": Case("Receive", http(502, XHTML), ConnectionLost, "gateway", True),
    "10 200 with XHTML": Case("Receive", http(200, XHTML), ProtocolError, "foreign-answer", True),
    "11 200, the body is cut": Case("Receive", CUT, ProtocolError, "unreadable", True),
    "12 401 in mid session": Case("Receive", http(401), ConnectionLost, "credentials", True),
    "12 401 on Command": Case("Command", http(401), AuthenticationFailed, "credentials"),
    "13 302 at Create": Case("Create", http(302, Location="http://fabrikam.com/"), EndpointRefused, "redirect"),
    "13 302 in mid session": Case("Receive", http(302, Location="http://fabrikam.com/"), ConnectionLost, "redirect", True),
    "14 an answer to another request": Case("Receive", WRONG_ID, ProtocolError, "foreign-answer", True),
    "15 too many shells": Case("Create", fault(2150859173, SHELLS), Throttled, "quota"),
    "16 access denied": Case("Create", fault(5, "Access is denied."), EndpointRefused, "access-denied"),
    "17 shells per user": Case("Create", fault(2150859236, SHELLS), Throttled, "quota"),
    "17 a quota by its subcode": Case("Create", fault(1, SHELLS, "w:QuotaLimit"), Throttled, "quota"),
    "17 connections of Exchange's policy": Case("Create", fault(5, CONNECTIONS), Throttled, "quota"),
    "18 load quota on Command": Case("Command", fault(2150859174, LOAD), Throttled, "quota"),
    "23 Create timed out": Case("Create", fault(2150858793, "Timed out."), StartError, "timed-out"),
    "25 shell expired before Receive": Case("Receive", fault(2150858843), SessionExpired, "session-unknown", True),
    "no such configuration": Case("Create", fault(2150858811), EndpointRefused, "no-endpoint"),
    "no such path": Case("Create", http(404, HTML), EndpointRefused, "no-endpoint"),
    "authorisation in Exchange": Case(
        "Create", fault(1, "[FailureCategory=AuthZ-AuthorizationException] x"), EndpointRefused, "access-denied"
    ),
    "too large": Case("Command", fault(2150858790), EndpointRefused, "too-large"),
    "operation aborted": Case("Receive", fault(995), ConnectionLost, "broken-off", True),
    "host process died": Case("Receive", fault(1726), ConnectionLost, "host-died", True),
    "a fault of an unknown number": Case("Command", fault(1_234_567), ConnectionLost, "fault", True),
    "a fault without a number": Case("Command", fault(0), ConnectionLost, "fault", True),
    "429 on Command": Case("Command", http(429, Retry_After="7"), Throttled, "throttled"),
    "407 of a proxy": Case("Create", http(407), EndpointRefused, "proxy-wants-credentials"),
    "500 without a fault": Case("Receive", http(500), ConnectionLost, "http", True),
    "an empty answer": Case("Receive", http(200), ProtocolError, "unreadable", True),
    "400 in mid session": Case("Receive", http(400), SessionExpired, "bad-request", True),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_spoilt_request_is_one_of_our_errors(server: WsmanServer, case: Case) -> None:
    server.spoil(case.operation, 2 if case.operation == "Receive" else 1, case.spoil)
    transport, began = connected(server), time.monotonic()
    with pytest.raises(TransportError) as failed:
        transport.run(CALL)
    assert type(failed.value) is case.error
    assert failed.value.may_have_run is case.may_have_run
    assert failed.value.endpoint == "onprem"
    assert failed.value.__cause__ is not None
    assert judge(read(failed.value.__cause__)).name == case.row
    assert judge(read(failed.value.__cause__)).problem in failed.value.problem
    assert failed.value.remedy.startswith(f"It lies with {judge(read(failed.value.__cause__)).whose}.")
    assert time.monotonic() - began < 15
    assert PASSWORD not in str(failed.value)
    server.heal()
    assert output(transport.run(CALL)) == ["done"]
    transport.close()
    assert server.shells == {} or case.operation == "Receive"


def test_every_row_is_met_by_a_case_or_by_a_test_of_its_own() -> None:
    elsewhere = {"authentication-missing", "certificate", "local-file", "unreachable", "silent", "seal"}
    assert {case.row for case in CASES.values()} | elsewhere == {row.name for row in ROWS}
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_row_says_whose_fault_it_is_and_what_to_do(row: Any) -> None:
    assert isinstance(row.whose, Whose)
    assert row.problem
    if row.error.retry is Retry.UNSAFE:
        assert row.remedy
    # What is only refused for now is the load's; what is never to be repeated as it is lies with the caller or the way.
    assert (row.whose is Whose.LOAD) is (row.error is Throttled)
    assert (row.error.retry is Retry.UNSAFE) is issubclass(row.error, EndpointRefused | AuthenticationFailed)


def test_the_message_of_an_error_is_whole(server: WsmanServer) -> None:
    server.spoil("Command", 1, fault(2150859174, LOAD))
    with pytest.raises(Throttled) as failed:
        connected(server).run(CALL)
    assert str(failed.value) == (
        f"[onprem] a quota of the server is used up (Command, fault 2150859174: {LOAD}). The command did not run. "
        "It lies with the load or a quota of the server. Wait, or close other sessions of this account, and try again."
    )
    assert failed.value.retry_after == 0.04
    server.spoil("Create", 2, fault(2150858811, "The resource URI is not there."))
    with pytest.raises(EndpointRefused) as failed_start:
        connected(server).run(CALL)
    assert str(failed_start.value) == (
        f"[onprem] {server.uri} opened no session: the server has no such endpoint (Create, fault 2150858811: The resource "
        "URI is not there.). The command did not run. It lies with the profile or the account. Check uri and configuration: "
        "Microsoft.Exchange is at http://server/PowerShell/, Microsoft.PowerShell at :5985/wsman."
    )


def test_a_server_that_is_not_there_was_sent_nothing() -> None:  # row 4
    with WsmanServer() as server:
        transport = connected(server)
    with pytest.raises(StartError) as failed:
        transport.open()
    assert "the server cannot be reached (Create: " in failed.value.problem
    assert judge(read(failed.value.__cause__ or failed.value)).name == "unreachable"


def test_a_read_that_timed_out_is_a_connection_that_was_lost() -> None:  # in a session it takes half a minute
    seen = read(requests.exceptions.ReadTimeout("Read timed out."))
    error = error_of(judge(seen), seen, Operation.RECEIVE, opening="", endpoint="onprem", may_have_run=True)
    assert type(error) is ConnectionLost
    assert judge(seen).name == "silent"
    assert error.may_have_run


@pytest.mark.parametrize(
    ("raised", "row"),
    [(BadMICError(), "seal"), (requests.exceptions.ProxyError("Remote end closed connection without response"), "lost")],
)
def test_what_came_when_the_request_may_have_arrived_is_no_refusal(raised: Exception, row: str) -> None:
    seen = read(raised)
    assert judge(seen).name == row
    assert not judge(seen).refused
    error = error_of(judge(seen), seen, Operation.COMMAND, opening="", endpoint="onprem", may_have_run=True)
    assert type(error) is ConnectionLost


def test_a_refused_command_costs_no_session(server: WsmanServer) -> None:
    server.spoil("Command", 1, fault(2150859174, LOAD))
    transport = connected(server)
    with pytest.raises(Throttled):
        transport.run(CALL)
    assert output(transport.run(CALL)) == ["done"]
    assert server.counts["Create"] == 1
    transport.close()


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("Thu, 26 Nov 2026 08:00:09 GMT", 9.0), ("soon", None)])
def test_retry_after_is_kept(server: WsmanServer, header: str, seconds: float | None) -> None:
    server.spoil("Create", 1, http(429, Retry_After=header))
    with pytest.raises(Throttled) as failed:
        connected(server).run(CALL)
    if header.startswith("Thu"):  # counted from the server's own clock, which the answer names
        assert failed.value.retry_after is not None
    else:
        assert failed.value.retry_after == seconds


def test_a_redirect_is_not_followed(server: WsmanServer) -> None:
    with WsmanServer() as other:
        server.spoil("Create", 1, http(302, Location=other.uri))
        with pytest.raises(EndpointRefused) as failed:
            connected(server).run(CALL)
    assert other.uri in failed.value.problem
    assert other.asked == []


@pytest.mark.parametrize(
    "refusal", [http(503, Retry_After="0"), http(429, Retry_After="0"), fault(2150858815, "in 1 milliseconds")]
)
@pytest.mark.parametrize("operation", ["Receive", "Signal"])
def test_a_refused_request_of_a_running_command_is_sent_again(server: WsmanServer, operation: str, refusal: Spoil) -> None:
    number = 2 if operation == "Receive" else 1
    server.spoil(operation, number, refusal)
    server.spoil(operation, number + 1, refusal)
    transport = connected(server)
    assert output(transport.run(CALL)) == ["done"]
    assert server.counts[operation] == number + 2
    assert server.counts["Command"] == 1
    assert server.counts["Create"] == 1
    transport.close()


def test_a_server_that_refuses_for_ever_ends_the_call(server: WsmanServer) -> None:
    server.spoil("Receive", 2, http(503, Retry_After="0"), forever=True)
    with pytest.raises(Throttled) as failed:
        connected(server).run(CALL)
    assert failed.value.may_have_run
    assert server.counts["Receive"] == 7


def test_a_retry_after_that_is_longer_than_the_deadline_does_not_outlast_it(server: WsmanServer) -> None:
    server.spoil("Receive", 2, http(503, Retry_After="3600"), forever=True)
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        connected(server).run(CALL, deadline=0.5)
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(("operation", "number"), [("Receive", 2), ("Send", 1)])
def test_a_stop_is_heeded_during_a_long_retry_after(server: WsmanServer, operation: str, number: int) -> None:
    """While the answer is waited for, and while a command that needs several packets is still being sent."""
    server.spoil(operation, number, fault(2150858815, "in 3600000 milliseconds"))
    transport = connected(server, deadline=30.0)
    long = Pipeline.of("Get-Thing", Identity="x" * 400_000) if operation == "Send" else CALL
    stopper = threading.Timer(0.5, transport.stop)
    stopper.start()
    began = time.monotonic()
    reply = transport.run(long)
    assert time.monotonic() - began < 10
    # What was sent whole may have ended before the stop; what was not has never begun.
    assert reply.state is State.STOPPED or operation == "Receive"
    assert output(transport.run(CALL)) == ["done"]
    transport.close()


def test_an_old_session_that_does_not_close_is_waited_for_a_moment_only(server: WsmanServer) -> None:
    transport = connected(server, session_age=0.2, close_seconds=5.0)
    transport.run(CALL)
    time.sleep(0.3)
    server.spoil("Delete", 1, Spoil("hang", seconds=4.0))
    began = time.monotonic()
    assert output(transport.run(CALL)) == ["done"]
    assert time.monotonic() - began < 4
    assert server.counts["Create"] == 2
    transport.close()


def test_still_at_it_once_is_the_normal_course(server: WsmanServer) -> None:  # row 19
    server.spoil("Receive", 2, fault(2150858793, "Timed out."))
    transport = connected(server)
    assert output(transport.run(CALL)) == ["done"]
    assert server.counts["Receive"] == 3
    transport.close()


def test_still_at_it_for_ever_ends_at_the_deadline_and_is_not_asked_without_pause(server: WsmanServer) -> None:  # row 20
    server.spoil("Receive", 2, fault(2150858793, "Timed out."), forever=True)
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded) as late:
        connected(server).run(CALL, deadline=1.2)
    assert late.value.may_have_run
    assert time.monotonic() - began < 15
    assert server.counts["Receive"] <= 6
    assert server.counts["Delete"] == 1


@pytest.mark.parametrize("kind", ["hang", "dribble"])
@pytest.mark.parametrize("operation", ["Create", "Command", "Receive"])
def test_a_connection_that_never_answers_ends_at_the_deadline(server: WsmanServer, operation: str, kind: str) -> None:  # 21
    server.spoil(operation, 2 if operation == "Receive" else 1, Spoil(kind, seconds=6.0))
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded) as late:
        connected(server).run(CALL, deadline=0.5)
    assert time.monotonic() - began < 5.5
    assert late.value.may_have_run is (operation != "Create")


def test_a_close_that_is_not_answered_costs_the_session_and_not_the_answer(server: WsmanServer) -> None:
    server.spoil("Signal", 1, Spoil("hang", seconds=4.0))
    transport = connected(server, close_seconds=0.3)
    assert output(transport.run(CALL)) == ["done"]
    assert output(transport.run(CALL)) == ["done"]
    assert server.counts["Create"] == 2
    transport.close()


def test_a_session_that_expired_while_it_was_idle_is_opened_again_also_for_a_write(server: WsmanServer) -> None:  # 24
    transport = connected(server)
    assert output(transport.run(CALL)) == ["done"]
    server.shells.clear()
    assert output(transport.run(Pipeline.of("Remove-Thing", Identity="x"))) == ["done"]
    assert (server.counts["Create"], server.counts["Command"]) == (2, 3)
    transport.close()


def test_a_session_that_is_gone_at_the_close_is_no_error(server: WsmanServer) -> None:  # 24, 25
    transport = connected(server)
    transport.open()
    server.shells.clear()
    transport.close()
    assert server.counts["Delete"] == 1


def test_a_session_that_is_too_old_is_replaced(server: WsmanServer) -> None:
    transport = connected(server, session_age=0.2)
    transport.run(CALL)
    time.sleep(0.3)
    transport.run(CALL)
    assert (server.counts["Create"], server.counts["Delete"], len(server.shells)) == (2, 1, 1)
    transport.close()


def test_a_session_is_not_used_when_the_server_has_ended_it_by_its_own_idle_time(server: WsmanServer) -> None:
    server.idle_timeout = "PT0.4S"
    transport = connected(server)
    transport.run(CALL)
    time.sleep(0.5)
    transport.run(CALL)
    assert server.counts["Create"] == 2
    transport.close()


def broken(session: Session) -> None:
    session.say(MessageType.SESSION_CAPABILITY, '<Obj><MS><Version N="protocolversion">2.3</Version></MS></Obj>')
    session.say(MessageType.RUNSPACEPOOL_STATE, STATE.format("RunspaceState", 5))


def test_a_pool_that_says_it_is_broken_opens_nothing(server: WsmanServer) -> None:  # 29
    server.opened = broken
    with pytest.raises(StartError, match="the server says that its runspace pool is broken"):
        connected(server).open()


def failed_pipeline(session: Session, command: Any) -> None:
    session.end(command, 5)


def test_a_failed_pipeline_and_an_error_record_are_no_exception(server: WsmanServer) -> None:  # 26, 27, 28
    server.answer = failed_pipeline
    transport = connected(server)
    assert transport.run(CALL).state is State.FAILED

    def complaining(session: Session, command: Any) -> None:
        session.say(MessageType.ERROR_RECORD, "<S>no</S>", command)
        session.end(command)

    server.answer = complaining
    reply = transport.run(CALL)
    assert (reply.state, reply.of(Stream.ERROR)) == (State.COMPLETED, [b"<S>no</S>"])
    transport.close()


@pytest.mark.parametrize("body", ["<S>cut", "<S>a\x01b</S>", '<Obj RefId="0"><TNRef RefId="9"/></Obj>'])
def test_clixml_that_cannot_be_read_is_handed_over_as_it_came(server: WsmanServer, body: str) -> None:  # 30, 32, 33
    def malformed(session: Session, command: Any) -> None:
        session.output(command, body)
        session.end(command)

    server.answer = malformed
    transport = connected(server)
    assert transport.run(CALL).of(Stream.OUTPUT) == [body.encode()]
    transport.close()


def out_of_order(session: Session, command: Any) -> None:
    session.fragmenter.size = 200
    packets = session.packets(MessageType.PIPELINE_OUTPUT, f"<S>{'x' * 500}</S>", command)
    session.waiting[command].extend([packets[0], packets[2]])
    session.end(command)


def end_is_missing(session: Session, command: Any) -> None:
    session.fragmenter.size = 200
    session.waiting[command].extend(session.packets(MessageType.PIPELINE_OUTPUT, f"<S>{'x' * 500}</S>", command)[:-1])
    session.end(command)


def done_without_a_state(session: Session, command: Any) -> None:
    session.output(command)
    session.done.add(command)


def for_another_pool(session: Session, command: Any) -> None:
    session.pool, kept = command, session.pool
    session.output(command)
    session.pool = kept


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (out_of_order, "object 3: fragment 2 (flags 0) came where fragment 1 was due"),  # 31
        (end_is_missing, "the command ended before a message of its did: a part of it was lost"),
        (done_without_a_state, "the command is done, and no PIPELINE_STATE came"),
        (for_another_pool, "PIPELINE_OUTPUT is for the pool"),
    ],
)
def test_what_was_lost_or_does_not_belong_here_is_noticed(server: WsmanServer, answer: Any, problem: str) -> None:
    server.answer = answer
    transport = connected(server)
    with pytest.raises(ProtocolError) as failed:
        transport.run(CALL)
    assert problem in failed.value.problem
    assert failed.value.may_have_run
    assert server.shells == {}


def test_a_message_that_was_lost_while_the_server_refused_is_noticed(server: WsmanServer) -> None:
    def with_a_hole(session: Session, command: Any) -> None:
        session.output(command)
        session.packets(MessageType.PIPELINE_OUTPUT, "<S>lost</S>", command)
        session.end(command)

    server.answer = with_a_hole
    transport = connected(server)
    assert output(transport.run(CALL)) == ["done"]  # a suspicion only: other pools may use the row of ids too
    server.spoil("Receive", 3, http(503, Retry_After="0"))
    with pytest.raises(ConnectionLost, match="messages were lost while the server refused to be asked for them"):
        transport.run(CALL)


def test_a_stop_that_the_server_answers_with_the_end_of_the_command_is_a_stop(server: WsmanServer) -> None:
    server.answer = lambda session, command: session.output(command)
    server.stopped = lambda *_: server.spoil("Receive", 1, fault(995, "aborted"), forever=True)
    transport = connected(server, stop_grace=2.0)
    with pytest.raises(DeadlineExceeded, match="it was stopped"):
        transport.run(CALL, deadline=0.1)


def test_messages_of_the_pool_itself_do_not_disturb(server: WsmanServer) -> None:
    def chatty(session: Session) -> None:
        session.open()
        session.say(MessageType.RUNSPACE_AVAILABILITY, '<Obj><MS><I32 N="x">1</I32></MS></Obj>', NO_ID)

    server.opened = chatty
    with connected(server) as transport:
        assert output(transport.run(CALL)) == ["done"]


def test_the_words_of_operations_are_those_of_ws_management() -> None:
    assert [operation.value for operation in Operation] == ["Create", "Command", "Send", "Receive", "Signal", "Delete"]
