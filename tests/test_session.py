"""Sessions: reads are repeated after a loss, writes are sent once; and a Reply is decoded."""

from __future__ import annotations

import threading
import time

import pytest

from psbridge.command import Pipeline
from psbridge.errors import (
    AuthenticationFailed,
    ConnectionLost,
    DeadlineExceeded,
    EndpointRefused,
    SessionExpired,
    StartError,
    Throttled,
    TransportError,
)
from psbridge.reply import Record, Reply, State, Stream
from psbridge.session import Result, Session
from psbridge.transports.base import Transport

WRITE = Pipeline.of("Remove-MsolUser", UserPrincipalName="a")
READ = Pipeline.of("Get-Mailbox", Identity="a")
DONE = Reply(State.COMPLETED)


class Scripted(Transport):
    """Answers in order; an exception is raised."""

    def __init__(self, *answers: Reply | TransportError) -> None:
        self.answers = list(answers)
        self.sent = 0
        self.deadlines: list[float | None] = []

    def open(self) -> None: ...

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        self.sent += 1
        self.deadlines.append(deadline)
        answer = self.answers.pop(0)
        if isinstance(answer, TransportError):
            raise answer
        return answer

    def stop(self) -> None: ...

    def close(self) -> None: ...


@pytest.mark.parametrize("lost", [ConnectionLost("gone"), SessionExpired("gone"), StartError("no"), Throttled("busy")])
def test_a_read_is_repeated_with_growing_pauses_after_a_loss(lost: TransportError) -> None:
    pauses: list[float] = []
    transport = Scripted(lost, lost, DONE)
    assert Session("exo", transport, sleep=pauses.append).ask(READ, reads=True) is DONE
    assert (transport.sent, pauses) == (3, [0.5, 1.0])


def test_a_stop_while_a_read_waits_for_its_next_attempt_ends_it_at_once() -> None:
    transport = Scripted(Throttled("busy", retry_after=60.0), DONE)
    session = Session("exo", transport)
    stopper = threading.Timer(0.2, session.stop)
    stopper.start()
    began = time.monotonic()
    assert session.ask(READ, reads=True).state is State.STOPPED
    assert time.monotonic() - began < 10
    assert transport.sent == 1
    assert session.ask(READ, reads=True) is DONE, "the stop was for that call only"


def test_a_stop_that_comes_after_the_turn_keeps_the_call_from_being_sent_and_no_other() -> None:
    transport = Scripted(DONE)
    session = Session("exo", transport)
    session.turn(wait=True)
    session.stop()
    assert session.ask(WRITE, reads=False).state is State.STOPPED
    assert transport.sent == 0
    session.stop()
    session.turn(wait=True)
    assert session.ask(WRITE, reads=False) is DONE, "that stop was for somebody else's call"


def test_a_read_gives_up_with_the_last_error() -> None:
    transport = Scripted(*(ConnectionLost(f"loss {n}") for n in (1, 2, 3)))
    with pytest.raises(ConnectionLost, match="loss 3"):
        Session("exo", transport, sleep=lambda _: None).ask(READ, reads=True)


def test_a_write_is_sent_once_whatever_happens() -> None:
    transport = Scripted(ConnectionLost("gone"), DONE)
    with pytest.raises(ConnectionLost):
        Session("exo", transport).ask(Pipeline.of("Remove-MsolUser", UserPrincipalName="a"), reads=False)
    assert transport.sent == 1


@pytest.mark.parametrize("refused", [AuthenticationFailed("no"), EndpointRefused("no")])
def test_what_a_repeat_cannot_mend_is_not_repeated(refused: TransportError) -> None:
    transport = Scripted(refused, DONE)
    with pytest.raises(type(refused)):
        Session("exo", transport, sleep=lambda _: None).ask(READ, reads=True)
    assert transport.sent == 1


def test_a_refusal_is_waited_out_for_a_read() -> None:
    pauses: list[float] = []
    transport = Scripted(Throttled("busy", retry_after=7.0), Throttled("busy", retry_after=0.04), DONE)
    assert Session("exo", transport, sleep=pauses.append).ask(READ, reads=True) is DONE
    assert pauses == [7.0, 1.0]


@pytest.mark.parametrize("may_have_run", [True, False])
def test_a_write_is_sent_once_whatever_comes_of_it(may_have_run: bool) -> None:
    transport = Scripted(Throttled("busy", may_have_run=may_have_run), DONE)
    with pytest.raises(Throttled):
        Session("exo", transport, sleep=lambda _: None).ask(WRITE, reads=False)
    assert transport.sent == 1


def test_a_server_that_asks_for_an_hour_is_believed_and_not_waited_for() -> None:
    transport = Scripted(Throttled("busy", retry_after=3_600.0), DONE)
    with pytest.raises(Throttled):
        Session("exo", transport, sleep=lambda _: None).ask(READ, reads=True)
    assert transport.sent == 1


def test_after_a_micro_delay_calls_are_half_a_second_apart_until_the_server_is_quick_again() -> None:
    warned = Record(Stream.WARNING, b"<S>Micro delay applied. Actual delayed: 125 msecs, Enforced: True</S>")
    pauses: list[float] = []
    session = Session("exo", Scripted(Reply(State.COMPLETED, (warned,)), DONE, DONE), sleep=pauses.append)
    for _ in range(3):
        session.ask(WRITE, reads=False)
    assert pauses == [0.5]


def test_a_read_that_took_too_long_is_not_repeated() -> None:
    transport = Scripted(DeadlineExceeded("slow"), DONE)
    with pytest.raises(DeadlineExceeded):
        Session("exo", transport, deadline=5).ask(READ, reads=True)
    assert transport.deadlines == [5]


def test_a_null_output_is_none_and_texts_of_warnings_are_kept() -> None:
    warning = (
        b'\xef\xbb\xbf<Obj RefId="0"><ToString>careful</ToString><MS><S N="InformationalRecord_Message">careful</S></MS></Obj>'
    )
    reply = Reply(State.COMPLETED, (Record(Stream.OUTPUT, b""), Record(Stream.WARNING, warning)))
    result = Result.of(reply)
    assert (result.output, result.warnings, result.first_error) == ((None,), ("careful",), None)


def test_many_outputs_are_the_same_as_each_on_its_own_with_the_nulls_in_their_places() -> None:
    bodies = [b"" if number % 3 == 0 else b"<I32>%d</I32>" % number for number in range(30)]
    result = Result.of(Reply(State.COMPLETED, tuple(Record(Stream.OUTPUT, body) for body in bodies)))
    assert result.output == tuple(None if number % 3 == 0 else number for number in range(30))


def test_a_failed_pipeline_has_the_error_that_ended_it() -> None:
    reason = (
        b'\xef\xbb\xbf<Obj RefId="0"><MS><I32 N="PipelineState">5</I32><Obj N="ExceptionAsErrorRecord" RefId="1">'
        b'<ToString>no</ToString><MS><S N="FullyQualifiedErrorId">CommandNotFoundException</S>'
        b'<I32 N="ErrorCategory_Category">13</I32></MS></Obj></MS></Obj>'
    )
    failure = Result.of(Reply(State.FAILED, reason=reason)).first_error
    assert failure is not None
    assert (failure.error_id, failure.category.name) == ("CommandNotFoundException", "ObjectNotFound")


def test_a_stopped_pipeline_without_a_record_is_no_success() -> None:
    assert Result.of(Reply(State.STOPPED)).first_error is not None
