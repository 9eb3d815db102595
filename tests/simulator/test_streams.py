"""Every stream of PowerShell can be seen from the simulator, each by what makes it flow, and none without it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from psbridge.clixml import decode_message
from psbridge.command import SWITCH, Command, Pipeline
from psbridge.psobject import PSObject, Value
from psbridge.reply import Reply, Stream
from psbridge.simulator.state import Fault
from psbridge.transports.process import ProcessTransport
from tests.simulator.both import signature
from tests.simulator.rehearsal import Rehearsal
from tests.simulator.test_stdio import powershell, session


@pytest.fixture
def scene() -> Rehearsal:
    return Rehearsal()


@pytest.fixture(scope="module")
def engine(realps: str) -> Iterator[ProcessTransport]:
    with ProcessTransport([realps]) as transport:
        yield transport


def reply(scene: Rehearsal, cmdlet: str, /, endpoint: str = "exo", **parameters: object) -> Reply:
    return scene.transports[endpoint].run(Pipeline.of(cmdlet, **parameters))


def texts(reply: Reply, stream: Stream) -> list[str]:
    return [str(decode_message(body)) for body in reply.of(stream)]


def test_verbose_and_debug_flow_only_when_they_are_asked_for(scene: Rehearsal) -> None:
    quiet = reply(scene, "Get-Mailbox", Identity="testduplicate")
    assert [record.stream for record in quiet.records] == [Stream.OUTPUT]
    told = reply(scene, "Get-Mailbox", Identity="testduplicate", Verbose=SWITCH)
    first, begins, ends = texts(told, Stream.VERBOSE)
    assert re.fullmatch(r"\[\d\d:\d\d:\d\d\.\d{3} GMT\] Get-Mailbox : Beginning processing &", begins)
    assert "Active Directory session settings" in first
    assert ends.endswith("Ending processing &")
    assert [record.stream for record in told.records] == [Stream.VERBOSE, Stream.VERBOSE, Stream.OUTPUT, Stream.VERBOSE]
    debug = reply(scene, "Get-Mailbox", Identity="testduplicate", Debug=SWITCH)
    assert [record.stream for record in debug.records] == [Stream.DEBUG, Stream.OUTPUT]
    assert "Identity" in texts(debug, Stream.DEBUG)[0]


def test_what_a_person_is_to_read_comes_in_the_information_stream_unless_it_is_silenced(scene: Rehearsal) -> None:
    (told,) = reply(scene, "Connect-ExchangeOnline").of(Stream.INFORMATION)
    record = decode_message(told)
    assert isinstance(record, PSObject)
    assert "REST API" in str(record["MessageData"])
    assert record["Source"] == "Connect-ExchangeOnline"
    for silent in ({"ShowBanner": False}, {"InformationAction": "Ignore"}):
        assert reply(scene, "Connect-ExchangeOnline", **silent).records == ()
    assert len(reply(scene, "Connect-MgGraph", "directory").of(Stream.INFORMATION)) == 1
    assert reply(scene, "Connect-MgGraph", "directory", NoWelcome=SWITCH).records == ()


def test_progress_goes_from_0_to_100_and_can_be_silenced(scene: Rehearsal) -> None:
    scene.state.faults.append(Fault("progress", cmdlet="Get-User", call=0, message="Searching"))
    told = reply(scene, "Get-User", Identity="testmobile")
    records = [decode_message(body) for body in told.of(Stream.PROGRESS)]
    assert [member(record, "PercentComplete") for record in records] == [0, 50, 100]
    assert [str(member(record, "Type")) for record in records] == ["Processing", "Processing", "Completed"]
    silenced = reply(scene, "Get-User", Identity="testmobile", ProgressAction="SilentlyContinue")
    assert [record.stream for record in silenced.records] == [Stream.OUTPUT]
    assert len(reply(scene, "Connect-ExchangeOnline", ShowProgress=True, ShowBanner=False).of(Stream.PROGRESS)) == 2


def test_a_warning_that_the_list_goes_on_comes_after_the_objects(scene: Rehearsal) -> None:
    assert [record.stream for record in reply(scene, "Get-Mailbox", ResultSize=1).records] == [Stream.OUTPUT, Stream.WARNING]


def test_what_was_given_out_before_a_terminating_error_is_kept(scene: Rehearsal) -> None:
    fault = Fault("terminating-error", cmdlet="Get-Mailbox", after=True)
    scene.state.faults.append(fault)
    told = reply(scene, "Get-Mailbox", Identity="testduplicate")
    assert (told.state, len(told.of(Stream.OUTPUT))) == ("Failed", 1)


def member(value: Value, name: str) -> Value:
    assert isinstance(value, PSObject)
    return value[name]


ALL: tuple[tuple[str, dict[str, object]], ...] = (
    ("Get-User", {"Identity": "testmobile", "Verbose": SWITCH, "Debug": SWITCH}),
    ("Connect-ExchangeOnline", {}),
    ("Get-Mailbox", {"ResultSize": 1}),
    ("Get-Mailbox", {"Identity": "nobody"}),
)


def test_over_a_process_every_stream_is_the_same_to_the_byte(tmp_path: Path) -> None:
    scene = Rehearsal()
    seen = set()
    with session("exo", tmp_path / "tenant.json") as transport:
        for cmdlet, parameters in ALL:
            pipeline = Pipeline((Command(cmdlet, parameters),))
            answer = transport.run(pipeline)
            assert answer == scene.transports["exo"].run(pipeline), str(pipeline)
            seen |= {record.stream for record in answer.records}
    assert seen == set(Stream) - {Stream.PROGRESS}


@pytest.mark.realps
def test_powershells_own_client_sees_every_stream(realps: str, tmp_path: Path) -> None:
    told, greeted = powershell(
        realps,
        "exo",
        tmp_path / "tenant.json",
        {"addCommand": "Get-User", "arguments": ["testmobile"], "namedParameters": {"Verbose": True, "Debug": True}},
        {"addCommand": "Connect-ExchangeOnline", "namedParameters": {"ShowProgress": True}},
    )
    assert (told["state"], len(told["verbose"]), len(told["debug"]), len(told["output"])) == ("Completed", 3, 1, 1), told
    assert (greeted["state"], len(greeted["information"]), len(greeted["progress"])) == ("Completed", 1, 2), greeted


@pytest.mark.realps
@pytest.mark.tenant
@pytest.mark.parametrize(
    ("stream", "theirs", "ours"),
    [
        (Stream.VERBOSE, ("Write-Verbose", {"Message": "x", "Verbose": SWITCH}), ("Get-User", {"Verbose": SWITCH})),
        (Stream.DEBUG, ("Write-Debug", {"Message": "x", "Debug": SWITCH}), ("Get-User", {"Debug": SWITCH})),
        (Stream.WARNING, ("Write-Warning", {"Message": "x"}), ("Get-User", {"ResultSize": 1})),
        (Stream.INFORMATION, ("Write-Host", {"Object": "x"}), ("Connect-ExchangeOnline", {})),
        (
            Stream.PROGRESS,
            ("Write-Progress", {"Activity": "x", "Status": "y", "PercentComplete": 0}),
            ("Connect-ExchangeOnline", {"ShowProgress": True}),
        ),
    ],
)
def test_a_record_is_made_as_the_engine_makes_it(
    engine: ProcessTransport,
    scene: Rehearsal,
    stream: Stream,
    theirs: tuple[str, dict[str, object]],
    ours: tuple[str, dict[str, object]],
) -> None:
    made = engine.run(Pipeline((Command(*theirs),))).of(stream)
    told = scene.transports["exo"].run(Pipeline((Command(*ours),))).of(stream)
    assert signature(decode_message(told[0])) == signature(decode_message(made[0]))
