"""Recording: the inner transport is left as it is, the order holds, and trouble with the file spares the run."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest

from psbridge.cassettes import Cassette, Recording
from psbridge.cassettes.failure import KINDS, Failure
from psbridge.command import Pipeline
from psbridge.errors import (
    CassetteError,
    ClixmlError,
    ConfirmationRequired,
    ConnectionLost,
    InputError,
    StartError,
    TransportError,
    ValueTypeError,
)
from psbridge.reply import Reply
from tests.cassettes.scripted import GET_MAILBOX, MAILBOX, REMOVE, Clock, ScriptedTransport, output


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "run.cassette"


def answers(path: Path) -> list[object]:
    return [interaction.answer for interaction in Cassette.load(path).interactions]


def test_a_recorded_transport_does_what_the_inner_one_does(path: Path) -> None:
    inner = ScriptedTransport([output(MAILBOX)])
    with Recording(path, Clock()) as recording, recording.wrap("exo", inner) as transport:
        assert transport.run(GET_MAILBOX, deadline=7) == output(MAILBOX)
        transport.stop()
    assert inner.calls == [("open", None), (GET_MAILBOX, 7), ("stop", None), ("close", None)]
    (only,) = Cassette.load(path).interactions
    assert (only.endpoint, only.text, only.answer, only.seconds) == ("exo", str(GET_MAILBOX), output(MAILBOX), 0.25)


def test_errors_of_the_transport_are_recorded_and_raised(path: Path) -> None:
    errors = [
        ConnectionLost("gone", endpoint="exo", may_have_run=False),
        ConfirmationRequired("PromptForChoice", "Are you sure?", ("&Yes", "&No"), endpoint="exo"),
        StartError("no program", remedy="Install it."),
    ]
    with Recording(path, Clock()) as recording:
        transport = recording.wrap("exo", ScriptedTransport(errors))
        for error in errors:
            with pytest.raises(type(error)) as caught:
                transport.run(REMOVE)
            assert caught.value is error
    assert answers(path) == [Failure.of(error) for error in errors]


def test_every_class_of_transport_error_has_a_row() -> None:
    def family(kind: type[TransportError]) -> set[type[TransportError]]:
        return {kind}.union(*(family(child) for child in kind.__subclasses__()))

    assert {kind for kind in family(TransportError) if kind.__module__ == "psbridge.errors"} == set(KINDS)


def test_a_failure_to_open_is_recorded_and_a_success_leaves_no_trace(path: Path) -> None:
    refused = StartError("refused", endpoint="onprem")
    with Recording(path, Clock()) as recording:
        transport = recording.wrap("onprem", ScriptedTransport([output()], opening=[refused]))
        with pytest.raises(StartError):
            transport.open()
        transport.open()
        transport.run(GET_MAILBOX)
    assert answers(path) == [Failure.of(refused), output()]


def test_what_was_refused_before_it_was_sent_leaves_no_trace(path: Path) -> None:
    inner = ScriptedTransport([ValueTypeError("Thing", "it cannot travel"), output()])
    with Recording(path, Clock()) as recording:
        transport = recording.wrap("exo", inner)
        with pytest.raises(ValueTypeError):
            transport.run(GET_MAILBOX)
        transport.run(GET_MAILBOX)
    assert answers(path) == [output()]


def deep() -> object:
    value: object = []
    for _ in range(100_000):
        value = [value]
    return value


@pytest.mark.parametrize("value", [object(), 2**70, deep()], ids=["no form", "too large", "too deep"])
def test_a_value_that_cannot_be_recorded_is_refused_before_it_is_sent(path: Path, value: object) -> None:
    inner = ScriptedTransport([output()])
    with Recording(path, Clock()) as recording:
        with pytest.raises(ValueTypeError) as refused:
            recording.wrap("exo", inner).run(Pipeline.of("Get-Mailbox", Identity=value))
        assert refused.value.where.startswith("Get-Mailbox")
        assert recording.problem is None
    assert inner.calls == []
    assert answers(path) == []


def test_a_value_that_has_no_text_for_people_is_recorded_all_the_same(path: Path) -> None:
    with Recording(path, Clock()) as recording:
        recording.wrap("exo", ScriptedTransport([output()])).run(Pipeline.of("Get-Mailbox", Identity="a\x00b"))
    (only,) = Cassette.load(path).interactions
    assert only.text == "Get-Mailbox # with a value that cannot be shown"
    assert only.commands[0].parameters == {"Identity": '"a\\u0000b"'}


def test_calls_stand_in_the_order_in_which_they_began(path: Path) -> None:
    began, may_end = threading.Event(), threading.Event()

    class Slow(ScriptedTransport):
        def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
            began.set()
            assert may_end.wait(10)
            return super().run(pipeline, deadline=deadline)

    with Recording(path, Clock()) as recording:
        slow, fast = recording.wrap("onprem", Slow([output()])), recording.wrap("exo", ScriptedTransport([output(MAILBOX)]))
        thread = threading.Thread(target=slow.run, args=(GET_MAILBOX,))
        thread.start()
        assert began.wait(10)
        fast.run(GET_MAILBOX)
        with pytest.raises(CassetteError, match="calls are still going on: 2"):
            recording.finish()
        may_end.set()
        thread.join()
    assert [interaction.endpoint for interaction in Cassette.load(path).interactions] == ["onprem", "exo"]


def test_many_threads_lose_nothing(path: Path) -> None:
    bodies = [[f"<S>{thread}-{number}</S>".encode() for number in range(25)] for thread in range(4)]
    with Recording(path, Clock()) as recording:

        def work(thread: int) -> None:
            transport = recording.wrap(f"e{thread}", ScriptedTransport([output(body) for body in bodies[thread]]))
            for _ in bodies[thread]:
                transport.run(GET_MAILBOX)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    interactions = Cassette.load(path).interactions
    for number in range(4):
        assert [one.answer for one in interactions if one.endpoint == f"e{number}"] == [output(body) for body in bodies[number]]


def test_a_cassette_or_an_unfinished_recording_of_the_same_name_is_not_overwritten(path: Path) -> None:
    unfinished = Recording(path, Clock())
    with pytest.raises(CassetteError) as caught:
        Recording(path, Clock())
    assert str(caught.value) == (
        f"{path}.partial: a recording of this name is going on, or was never finished. "
        "Let it end; or look at it, and move or delete it."
    )
    unfinished.finish()
    with pytest.raises(CassetteError) as caught:
        Recording(path, Clock())
    assert str(caught.value) == f"{path}: there is a cassette of this name. Choose another name, or move or delete the file."
    with Recording(path, Clock(), metadata={"run": "second"}, replace=True):
        assert Cassette.load(path).run_id is None
    assert Cassette.load(path).run_id == "second"


def test_metadata_can_be_added_until_something_was_recorded(path: Path) -> None:
    with Recording(path, Clock(), metadata={"playbook": "p"}) as recording:
        recording.note(run="r-7", inputs={"identity": "a", "tags": ("x",)})
        recording.wrap("exo", ScriptedTransport([output()])).run(GET_MAILBOX)
        with pytest.raises(CassetteError, match="metadata can be added before the first interaction only"):
            recording.note(late=True)
    cassette = Cassette.load(path)
    assert cassette.metadata == {"playbook": "p", "run": "r-7", "inputs": {"identity": "a", "tags": ["x"]}}


def test_a_recording_that_an_exception_ended_keeps_its_partial_file(path: Path) -> None:
    inner = ScriptedTransport([output(MAILBOX), RuntimeError()])

    def work() -> None:
        with Recording(path, Clock()) as recording:
            transport = recording.wrap("exo", inner)
            transport.run(GET_MAILBOX)
            transport.run(GET_MAILBOX)

    with pytest.raises(RuntimeError):
        work()
    assert not path.exists()
    partial = path.with_name("run.cassette.partial")
    assert '<S N="Name">Test</S>' in partial.read_text("utf-8")
    with pytest.raises(
        CassetteError, match="does not end with its end line: the recording was not finished, or the file was cut"
    ):
        Cassette.load(partial)


def test_a_killed_process_leaves_every_whole_interaction_and_no_cassette(path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from psbridge.cassettes import Recording;"
        "from tests.cassettes.scripted import *;"
        "t = Recording(Path(sys.argv[1]), Clock()).wrap('exo', ScriptedTransport([output(MAILBOX)] * 2));"
        "t.run(GET_MAILBOX); t.run(GET_MAILBOX); os._exit(9)"
    )
    root = Path(__file__).parents[2]
    search = os.pathsep.join([str(root), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    ended = subprocess.run(
        [sys.executable, "-c", script, str(path)], env={**os.environ, "PYTHONPATH": search}, timeout=60, check=False
    )
    assert ended.returncode == 9
    assert [entry.name for entry in path.parent.iterdir()] == ["run.cassette.partial"]
    assert path.with_name("run.cassette.partial").read_text("utf-8").count("\nseconds 0.250\n") == 2


def test_a_call_that_was_broken_off_spoils_the_recording_and_not_the_run(path: Path) -> None:
    recording = Recording(path, Clock())
    transport = recording.wrap("exo", ScriptedTransport([KeyboardInterrupt(), output(MAILBOX)]))
    with pytest.raises(KeyboardInterrupt):
        transport.run(REMOVE)
    assert transport.run(GET_MAILBOX) == output(MAILBOX)
    assert recording.problem == f"[exo] {REMOVE} was broken off by KeyboardInterrupt"
    with pytest.raises(CassetteError) as caught:
        recording.finish()
    assert str(caught.value) == (
        f"{path}: the recording is not whole: [exo] {REMOVE} was broken off by KeyboardInterrupt. "
        f"The run itself is not affected. What was recorded until then is in {path}.partial."
    )
    recording.abandon()
    assert not path.exists()


def test_an_answer_that_cannot_be_redacted_is_handed_over_and_never_written(path: Path) -> None:
    def refuse(_: bytes) -> bytes:
        raise ClixmlError("no element found", offset=3)

    recording = Recording(path, Clock(), redact=refuse)
    assert recording.wrap("exo", ScriptedTransport([output(b"<S>hunter2")])).run(GET_MAILBOX) == output(b"<S>hunter2")
    with pytest.raises(CassetteError, match="cannot be kept: CLIXML cannot be read at byte 3: no element found"):
        recording.finish()
    recording.abandon()
    assert b"hunter2" not in path.with_name("run.cassette.partial").read_bytes()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_spares_the_run(path: Path) -> None:
    path.parent.mkdir()
    path.with_name("run.cassette.partial").symlink_to("/dev/full")
    recording = Recording(path, Clock(), replace=True)
    assert recording.wrap("exo", ScriptedTransport([output(MAILBOX)])).run(GET_MAILBOX) == output(MAILBOX)
    assert recording.problem == "the recording cannot be written: No space left on device"
    with pytest.raises(
        CassetteError, match="the recording is not whole: the recording cannot be written: No space left on device"
    ):
        recording.finish()
    recording.abandon()
    assert not path.exists()


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CassetteError, match="the recording cannot be written: "):
        Recording(tmp_path / "file" / "run.cassette", Clock())


def test_nothing_is_sent_through_a_finished_recording(path: Path) -> None:
    recording = Recording(path, Clock())
    assert recording.finish() == recording.finish() == path
    inner = ScriptedTransport([output()])
    with pytest.raises(CassetteError, match="the recording is finished; the command was not sent"):
        recording.wrap("exo", inner).run(GET_MAILBOX)
    assert inner.calls == []


def test_a_clock_without_a_zone_and_a_bad_endpoint_are_refused(path: Path) -> None:
    with pytest.raises(InputError, match="a recording needs a clock that gives times with a zone"):
        Recording(path, lambda: datetime(2018, 7, 9))  # noqa: DTZ001 - it is the mistake that is tested
    assert not path.parent.exists()
    with Recording(path, Clock()) as recording, pytest.raises(InputError, match="cannot name an endpoint"):
        recording.wrap("my endpoint", ScriptedTransport())
