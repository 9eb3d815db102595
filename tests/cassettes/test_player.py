"""Replay: the recorded order, each interaction once, recorded errors again, and misses that explain themselves."""

from __future__ import annotations

import threading
from pathlib import Path
from uuid import UUID

import pytest

from psbridge.cassettes import Cassette, Playback, Recording
from psbridge.command import SWITCH, Command, Pipeline
from psbridge.errors import CassetteError, CassetteMiss, ConnectionLost, DeadlineExceeded, StartError
from psbridge.psobject import SecureString
from psbridge.reply import Reply
from psbridge.transports.base import Transport
from tests.cassettes.scripted import (
    EXCHANGE_GUID,
    GET_MAILBOX,
    MAILBOX,
    REMOVE,
    Clock,
    ScriptedTransport,
    output,
    small_recording,
)


@pytest.fixture
def playback(tmp_path: Path) -> Playback:
    return Playback(Cassette.load(small_recording(tmp_path / "small.cassette")))


def recording_of(path: Path, *pipelines: Pipeline) -> Playback:
    with Recording(path, Clock()) as recording:
        transport = recording.wrap("exo", ScriptedTransport([output(MAILBOX)] * len(pipelines)))
        for pipeline in pipelines:
            transport.run(pipeline)
    return Playback(Cassette.load(path))


def miss(transport: Transport, pipeline: Pipeline) -> CassetteMiss:
    with pytest.raises(CassetteMiss) as caught:
        transport.run(pipeline)
    return caught.value


def test_a_run_that_goes_the_recorded_way_gets_the_recorded_answers(playback: Playback) -> None:
    with playback, playback.transport("exo") as exo, playback.transport("directory") as directory:
        assert exo.run(GET_MAILBOX, deadline=900) == output(MAILBOX)
        assert exo.run(EXCHANGE_GUID) == playback.cassette.interactions[1].answer
        with pytest.raises(ConnectionLost) as caught:
            directory.run(REMOVE)
        assert str(caught.value) == (
            "[directory] the process ended. The command may have run: look before you repeat it. Start it again."
        )
        assert [one.text for one in playback.unread()] == [str(GET_MAILBOX)]
        exo.stop()
        exo.close()
        assert exo.run(GET_MAILBOX) == output(b"")
    assert playback.unread() == ()


def test_what_was_not_played_is_reported(playback: Playback) -> None:
    playback.transport("exo").run(GET_MAILBOX)
    with pytest.raises(CassetteError) as caught:
        playback.finish()
    assert str(caught.value) == (
        f"{playback.cassette.name}: 3 of 4 interactions were not played:"
        f"\n  2 [exo] {EXCHANGE_GUID}\n  3 [directory] {REMOVE}\n  4 [exo] {GET_MAILBOX}"
    )


def test_a_long_rest_is_cut_in_the_report(tmp_path: Path) -> None:
    playback = recording_of(tmp_path / "long.cassette", *[GET_MAILBOX] * 13)
    with pytest.raises(CassetteError, match=r"\n  and 3 more$"), playback:
        pass


def test_an_exception_is_not_covered_by_what_was_not_played(playback: Playback) -> None:
    with pytest.raises(KeyError), playback:
        raise KeyError


def test_a_miss_shows_the_nearest_recording_what_is_the_same_and_what_differs(playback: Playback) -> None:
    error = miss(playback.transport("exo"), Pipeline.of("Get-Mailbox", Identity="other@domain.com", SoftDeletedMailbox=SWITCH))
    assert str(error) == (
        f"{playback.cassette.name}: no recorded answer for: [exo] Get-Mailbox -Identity other@domain.com -SoftDeletedMailbox\n"
        "  nearest recording: 1 [exo] Get-Mailbox -Identity testduplicate@domain.com\n"
        "  position: asked for as interaction 1 of 4; the nearest recording is 1\n"
        "  same:     endpoint exo\n"
        "  same:     cmdlet Get-Mailbox\n"
        '  differs:  Get-Mailbox -Identity: recorded "testduplicate@domain.com", asked "other@domain.com"\n'
        '  differs:  Get-Mailbox -SoftDeletedMailbox: recorded nothing, asked {"switch": true}'
    )


def test_a_miss_consumes_nothing(playback: Playback) -> None:
    exo = playback.transport("exo")
    miss(exo, REMOVE)
    assert exo.run(GET_MAILBOX) == output(MAILBOX)


def test_the_order_holds_across_endpoints(playback: Playback) -> None:
    error = miss(playback.transport("directory"), REMOVE)
    assert error.nearest == f"3 [directory] {REMOVE}"
    assert error.differences == (
        "position: asked for as interaction 1 of 4; the nearest recording is 3",
        f"          the cassette goes on with 1 [exo] {GET_MAILBOX}",
        "same:     endpoint directory",
        "same:     cmdlet Remove-MsolUser",
        'same:     Remove-MsolUser -UserPrincipalName "testduplicate@domain.com"',
        'same:     Remove-MsolUser -Force {"switch": true}',
    )


def test_another_endpoint_is_another_call(playback: Playback) -> None:
    error = miss(playback.transport("onprem"), GET_MAILBOX)
    assert error.differences[:3] == (
        "position: asked for as interaction 1 of 4; the nearest recording is 1",
        "differs:  endpoint: recorded exo, asked onprem",
        "same:     cmdlet Get-Mailbox",
    )


def test_each_interaction_is_played_once(tmp_path: Path) -> None:
    playback = recording_of(tmp_path / "two.cassette", GET_MAILBOX, REMOVE)
    transport = playback.transport("exo")
    transport.run(GET_MAILBOX)
    error = miss(transport, GET_MAILBOX)
    assert error.nearest == f"1 [exo] {GET_MAILBOX}"
    assert error.differences[:3] == (
        "position: asked for as interaction 2 of 2; the nearest recording is 1",
        "          1 has been played already; each is played once",
        f"          the cassette goes on with 2 [exo] {REMOVE}",
    )
    transport.run(REMOVE)
    error = miss(transport, REMOVE)
    assert error.nearest == f"2 [exo] {REMOVE}"
    assert error.differences[0] == "position: all 2 interactions have been played; each is played once"


def test_a_miss_in_a_pipeline_compares_its_commands(playback: Playback) -> None:
    exo = playback.transport("exo")
    exo.run(GET_MAILBOX)
    longer = Pipeline((*EXCHANGE_GUID.commands, Command("Select-Object", {"First": 1})))
    assert miss(exo, longer).differences[-2:] == (
        'same:     Select-Object -Property ["ExchangeGuid"]',
        "differs:  cmdlet: recorded nothing, asked Select-Object",
    )


def test_an_empty_cassette_answers_nothing(tmp_path: Path) -> None:
    playback = recording_of(tmp_path / "empty.cassette")
    playback.finish()
    assert str(miss(playback.transport("exo"), GET_MAILBOX)) == (
        f"{playback.cassette.name}: no recorded answer for: [exo] {GET_MAILBOX}\n"
        "  nearest recording: none is left\n  the cassette holds no interaction"
    )


GUID = "fa38094d-cbfd-46b7-82f6-8a3022e39a66"


@pytest.mark.parametrize(
    ("recorded", "asked"),
    [
        (True, 1),
        (1, True),
        (1, 1.0),
        ("1", 1),
        (SWITCH, True),
        (GUID, UUID(GUID)),
        ("a", "A"),
        (["a"], "a"),
        (["a", "b"], ["b", "a"]),
        (None, ""),
        ({"a": 1}, {"a": "1"}),
    ],
)
def test_values_of_other_types_and_spellings_do_not_match(tmp_path: Path, recorded: object, asked: object) -> None:
    playback = recording_of(tmp_path / "one.cassette", Pipeline.of("Get-Mailbox", Identity=recorded))
    miss(playback.transport("exo"), Pipeline.of("Get-Mailbox", Identity=asked))
    playback.transport("exo").run(Pipeline.of("Get-Mailbox", Identity=recorded))


def test_the_order_of_parameters_has_no_meaning_and_that_of_commands_has(tmp_path: Path) -> None:
    playback = recording_of(tmp_path / "one.cassette", EXCHANGE_GUID, REMOVE)
    miss(playback.transport("exo"), Pipeline(EXCHANGE_GUID.commands[::-1]))
    playback.transport("exo").run(EXCHANGE_GUID)
    (command,) = REMOVE.commands
    backwards = {name: command.parameters[name] for name in reversed(list(command.parameters))}
    playback.transport("exo").run(Pipeline((Command(command.name, backwards),)))


def test_commands_that_differ_in_a_secret_only_are_alike(tmp_path: Path) -> None:
    recorded = Pipeline.of("New-MsolUser", Password="recorded-one", Secret=SecureString.of("recorded-two"))
    playback = recording_of(tmp_path / "one.cassette", recorded)
    playback.transport("exo").run(Pipeline.of("New-MsolUser", Password="other-one", Secret=SecureString.of("other-two")))


def test_a_miss_never_shows_a_secret(tmp_path: Path) -> None:
    playback = recording_of(tmp_path / "one.cassette", GET_MAILBOX)
    error = miss(
        playback.transport("exo"), Pipeline.of("New-MsolUser", Password="hunter-two", Secret=SecureString.of("hunter-two"))
    )
    assert "hunter-two" not in str(error)
    hidden = SecureString.of("")
    assert f"[exo] {Pipeline.of('New-MsolUser', Password=hidden, Secret=hidden)}\n" in str(error)


def test_a_long_value_is_shown_where_it_differs(tmp_path: Path) -> None:
    playback = recording_of(tmp_path / "one.cassette", Pipeline.of("Get-Mailbox", Filter="x" * 5000 + "recorded" + "y" * 500))
    error = miss(playback.transport("exo"), Pipeline.of("Get-Mailbox", Filter="x" * 5000 + "asked for\n" + "y" * 500))
    text = str(error)
    assert "..." + "x" * 20 + "recorded" + "y" * 52 + "... (5510 characters), asked ..." + "x" * 20 + "asked for\\nyyy" in text
    assert len(text) < 2000
    assert error.asked.endswith("... (5532 characters)")


def test_a_recorded_failure_to_open_happens_again(tmp_path: Path) -> None:
    path = tmp_path / "opening.cassette"
    with Recording(path, Clock()) as recording:
        transport = recording.wrap("exo", ScriptedTransport([output()], opening=[StartError("refused", endpoint="exo")]))
        with pytest.raises(StartError):
            transport.open()
        transport.run(GET_MAILBOX)
    playback = Playback(Cassette.load(path))
    playback.transport("onprem").open()
    exo = playback.transport("exo")
    with pytest.raises(StartError, match=r"\[exo\] refused. The command did not run."):
        exo.open()
    exo.open()
    exo.run(GET_MAILBOX)
    playback.finish()


def test_a_call_without_any_time_left_ends_and_plays_nothing(playback: Playback) -> None:
    with pytest.raises(DeadlineExceeded) as caught:
        playback.transport("exo").run(GET_MAILBOX, deadline=0)
    assert str(caught.value) == "[exo] no time was left for the call. The command did not run."
    assert len(playback.unread()) == 4


def test_threads_never_get_the_same_interaction(tmp_path: Path) -> None:
    path = tmp_path / "many.cassette"
    bodies = [f"<I32>{number}</I32>".encode() for number in range(200)]
    with Recording(path, Clock()) as recording:
        transport = recording.wrap("exo", ScriptedTransport(map(output, bodies)))
        for _ in bodies:
            transport.run(GET_MAILBOX)
    playback = Playback(Cassette.load(path))
    played: list[Reply] = []
    threads = [
        threading.Thread(target=lambda: played.extend(playback.transport("exo").run(GET_MAILBOX) for _ in range(50)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reply.records[0].clixml for reply in played) == sorted(bodies)
