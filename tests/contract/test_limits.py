"""What a carrier does not keep, as the table of limits says it: a proof of each line, so that none stands there for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from psbridge.clock import SkippingClock
from psbridge.command import Pipeline
from psbridge.errors import CassetteMiss, ConfirmationRequired, DeadlineExceeded, ProtocolError, StartError, ValueTypeError
from psbridge.psobject import PSObject, SecureString
from psbridge.simulator import SimulatedOrganisation
from psbridge.simulator.state import Fault
from psbridge.simulator.state.fault import CALL_FAULTS
from psbridge.transports.base import Transport
from psbridge.transports.simulated import SimulatedTransport
from tests.contract.carriers import CARRIERS, Carrier
from tests.contract.limits import LIMITS, Need
from tests.transports.far_end import output

pytestmark = pytest.mark.realps


# By what a limit shows that is no carrier's name.
CARRIED_BY = {"powershell-per-call": "winrm", "simulator": "process"}


@dataclass
class Scene:
    """A carrier, an open transport of it, and a folder."""

    carrier: Carrier
    transport: Transport
    folder: Path

    def run(self, cmdlet: str, /, **parameters: object) -> list[object]:
        return list(output(self.transport.run(Pipeline.of(cmdlet, **parameters))))

    def rewind(self) -> None:
        assert self.carrier.reel
        self.carrier.reel.rewind()


@pytest.fixture(scope="module")
def carriers(pwsh: str) -> Iterator[dict[str, Carrier]]:
    made = {kind.name: kind(pwsh) for kind in CARRIERS}
    yield made
    for one in made.values():
        one.close()


@pytest.fixture
def scene(carriers: dict[str, Carrier], name: str, tmp_path: Path) -> Iterator[Scene]:
    carrier = carriers[CARRIED_BY.get(name, name)]
    if carrier.reel:
        carrier.reel.record(tmp_path / "recording.psbridge")
    with carrier.connected() as transport:
        yield Scene(carrier, transport, tmp_path)
    if carrier.reel:
        carrier.reel.end()


def winrm_gives_one_stream_after_another(scene: Scene) -> None:
    reply = scene.transport.run(Pipeline.of("Write-EveryStream"))
    assert [record.stream.value for record in reply.records].count("output") == 3
    assert output(reply) == ["one", None, "nine"]
    assert not scene.transport.keeps_order


def winrm_forgets(scene: Scene) -> None:
    scene.run("Set-Memory", Text="forgotten")
    assert scene.run("Get-Memory") == [None]
    assert not scene.transport.keeps_session


def winrm_refuses_a_secret_before_anything_is_sent(scene: Scene) -> None:
    witness = scene.folder / "witness"
    with pytest.raises(ValueTypeError, match="plain text") as refused:
        scene.run("Remove-Thing", Identity=["a"], Path=str(witness), Confirm=SecureString.of("Pa55word"))
    assert (refused.value.where, witness.exists()) == ("Remove-Thing -Confirm", False)


def winrm_cannot_tell_a_question(scene: Scene) -> None:
    witness = scene.folder / "witness"
    with pytest.raises(ConfirmationRequired) as asked:
        scene.run("Remove-Thing", Identity=["a"], Path=str(witness))
    assert (asked.value.method, asked.value.choices) == ("HostException", ())
    assert 'Performing the operation "Remove" on target "a".' in asked.value.question
    assert not witness.exists()  # and yet nothing is done without an answer


def winrm_says_that_a_noncharacter_could_not_come_back(scene: Scene) -> None:
    with pytest.raises(ProtocolError, match="cannot write a record"):
        scene.run("Get-Argument", Value="\ufffe")


def winrm_connects_with_the_call(scene: Scene) -> None:
    with scene.carrier.connected(connect=[Pipeline.of("Connect-Nothing")]) as transport, pytest.raises(StartError) as failed:
        transport.run(Pipeline.of("Get-Many", Count=1))
    assert "Connect-Nothing failed" in failed.value.problem
    assert not failed.value.may_have_run


def winrm_starts_a_powershell_for_each_call(scene: Scene) -> None:
    pids = {str(scene.run("Get-ServerProcess")) for _ in range(2)}
    assert len(pids) == 2


def simulator_takes_no_time(_: Scene) -> None:
    organisation = SimulatedOrganisation.from_seed("documents")
    organisation.state.faults.append(Fault("hang", cmdlet="Get-Mailbox"))
    far = SimulatedTransport(organisation, "exo", SkippingClock(organisation.state.now))
    with pytest.raises(DeadlineExceeded):
        far.run(Pipeline.of("Get-Mailbox"), deadline=86_400.0)
    assert "slow" not in CALL_FAULTS


def replay_hides_what_repeats_a_secret(scene: Scene) -> None:
    secret = SecureString.of("Pa55wörd")
    assert scene.run("Get-SecretText", Secret=secret)[1] == "Pa55wörd"
    scene.rewind()
    assert scene.run("Get-SecretText", Secret=secret)[1] == "(hidden)"
    assert "Pa55wörd" not in (scene.folder / "recording.psbridge").read_text(encoding="utf-8")


def replay_does_nothing(scene: Scene) -> None:
    witness = scene.folder / "witness"
    for _ in range(2):
        assert scene.run("Remove-Thing", Identity=["a"], Path=str(witness), Confirm=False) == ["removed a"]
        if witness.exists():
            witness.unlink()
            scene.rewind()
    assert not witness.exists()
    scene.transport.stop()


def replay_knows_nothing_that_was_refused(scene: Scene) -> None:
    with pytest.raises(ValueTypeError):
        scene.run("Get-Argument", Value=SecureString("AAAA"))
    scene.rewind()
    with pytest.raises(CassetteMiss):
        scene.run("Get-Argument", Value=SecureString("AAAA"))


def replay_refuses_an_object(scene: Scene) -> None:
    with pytest.raises(ValueTypeError, match="no canonical form") as refused:
        scene.run("Get-Argument", Value=PSObject((), props={"a": 1}))
    assert refused.value.where == "Get-Argument -Value"


PROOFS: Final[dict[tuple[str, Need], Callable[[Scene], None]]] = {
    ("winrm", Need.ORDER): winrm_gives_one_stream_after_another,
    ("winrm", Need.SESSION): winrm_forgets,
    ("winrm", Need.SECRETS): winrm_refuses_a_secret_before_anything_is_sent,
    ("winrm", Need.HOST): winrm_cannot_tell_a_question,
    ("powershell-per-call", Need.NONCHARACTERS): winrm_says_that_a_noncharacter_could_not_come_back,
    ("winrm", Need.OPENING): winrm_connects_with_the_call,
    ("powershell-per-call", Need.PROMPT): winrm_starts_a_powershell_for_each_call,
    ("simulator", Need.TIME): simulator_takes_no_time,
    ("replay", Need.SECRETS): replay_hides_what_repeats_a_secret,
    ("replay", Need.LIVE): replay_does_nothing,
    ("replay", Need.WIRE): replay_knows_nothing_that_was_refused,
    ("replay", Need.OBJECTS): replay_refuses_an_object,
}


EVERY: Final = [(name, need) for name, limits in LIMITS.items() for need in limits]


@pytest.mark.parametrize(("name", "need"), EVERY, ids=[f"{name}-{need.name.lower()}" for name, need in EVERY])
def test_a_limit_is_what_the_table_says(scene: Scene, name: str, need: Need) -> None:
    PROOFS[name, need](scene)


def test_the_carriers_of_a_session_have_no_limit_and_every_need_is_a_limit_of_some_carrier() -> None:
    assert LIMITS.keys() & {"process", "psrp"} == set()
    assert {need for limits in LIMITS.values() for need in limits} == set(Need)
