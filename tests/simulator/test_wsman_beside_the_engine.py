"""The same stock pypsrp session at the served simulator and, behind a relay, at the real engine: message for message."""

from __future__ import annotations

import re
import shutil
import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from psbridge.clixml import decode_message
from psbridge.psobject import PSObject
from psbridge.simulator.server.messages import FRAGMENT_SIZE
from tests.contract.carriers import CONFIGURATION, Relay, relay_of
from tests.simulator.rehearsal import DUPLICATE
from tests.simulator.served import served, wsman

_HEADER = struct.Struct(">QQBI")
_CAPABILITY, _PRIVATE_DATA, _PIPELINE_STATE, _POOL_STATE, _OUTPUT = 0x10002, 0x21009, 0x41006, 0x21005, 0x41004


@dataclass(frozen=True)
class Heard:
    """A message of the server: its number in the row, kind, whether its pool is named, the command that it is for, its body."""

    number: int
    kind: int
    pool: bool
    command: int
    body: bytes

    @property
    def told(self) -> tuple[object, ...]:
        """What both servers must agree in."""
        exact = self.body if self.kind == _POOL_STATE or (self.kind == _PIPELINE_STATE and b"Error" not in self.body) else b""
        return self.number, self.kind, self.pool, self.command, self.body[:3], exact, error_id(self.body)


class Ear:
    """Hears what one pool of pypsrp receives and asks."""

    def __init__(self, connection: WSMan, configuration: str) -> None:
        self.heard: list[Heard] = []
        self.fragments: list[int] = []
        self.asked: list[str] = []
        self._parts: dict[int, list[bytes]] = {}
        self._commands: list[uuid.UUID] = [uuid.UUID(int=0)]
        self.pool = RunspacePool(connection, configuration_name=configuration)
        stock: Any = self.pool._fragmenter.defragment
        sent: Any = connection.transport.send

        def defragment(data: bytes) -> Any:
            self._hear(data)
            return stock(data)

        def send(message: bytes, **more: Any) -> bytes:
            action = re.search(rb"Action[^>]*>([^<]*)<", message)
            assert action
            self.asked.append(action[1].rsplit(b"/", 1)[-1].decode())
            answer: bytes = sent(message, **more)
            return answer

        self.pool._fragmenter.defragment = defragment  # type: ignore[method-assign]  # pypsrp has no other way to listen
        connection.transport.send = send  # type: ignore[method-assign]

    def run(self, cmdlet: str, **parameters: object) -> None:
        one = PowerShell(self.pool).add_cmdlet(cmdlet).add_parameters(parameters)
        one.invoke()
        one.close()

    def _hear(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            number, _, flags, length = _HEADER.unpack_from(data, at)
            at += _HEADER.size + length
            self.fragments.append(_HEADER.size + length)
            self._parts.setdefault(number, []).append(data[at - length : at])
            if flags & 2:
                raw = b"".join(self._parts.pop(number))
                command = uuid.UUID(bytes_le=raw[24:40])
                if command not in self._commands:
                    self._commands.append(command)
                kind = int.from_bytes(raw[4:8], "little")
                self.heard.append(Heard(number, kind, raw[8:24] != bytes(16), self._commands.index(command), raw[40:]))


def error_id(body: bytes) -> str:
    """The id of an error record, without what differs from request to request and from build to build."""
    found = re.search(rb'<S N="FullyQualifiedErrorId">([^<]*)<', body)
    return re.sub(r"RequestId=[^,]*,TimeStamp=[^\]]*|\b[0-9A-F]{8}(?=,)", "", found[1].decode()) if found else ""


def session(ear: Ear) -> Ear:
    """Open, four commands (unknown; an object; an error; a parameter that is none), close."""
    ear.pool.open()
    ear.run("Get-Nosuch")
    ear.run("Get-Mailbox", Identity=DUPLICATE)
    ear.run("Get-Mailbox", Identity="nobody")
    ear.run("Get-Mailbox", Bogus=1)
    ear.pool.close()
    return ear


@dataclass(frozen=True)
class Described:
    """What a server says of a command: its parameters with type, aliases, and whether they are switches."""

    name: str
    kind: str
    parameters: dict[str, tuple[str, tuple[str, ...], bool]]

    @classmethod
    def of(cls, ear: Ear, *patterns: str) -> list[Described]:
        ear.heard.clear()
        ear.pool.get_command_metadata(list(patterns))
        count, *commands = [decode_message(heard.body) for heard in ear.heard if heard.kind == _OUTPUT]
        assert isinstance(count, PSObject)
        assert count["Count"] == len(commands)
        return [cls._read(command) for command in commands]

    @classmethod
    def _read(cls, command: object) -> Described:
        assert isinstance(command, PSObject)
        parameters = command["Parameters"]
        assert isinstance(parameters, PSObject)
        read = {}
        for name, known in parameters.entries or ():
            assert isinstance(known, PSObject)
            aliases = known["Aliases"]
            assert isinstance(aliases, PSObject)
            read[str(name)] = str(known["ParameterType"]), tuple(map(str, aliases.items or ())), known["SwitchParameter"] is True
        return cls(str(command["Name"]), " ".join((command.types[0], str(command["CommandType"]))), read)


@pytest.fixture
def engine(exchange_like: str, tmp_path: Path) -> Iterator[Ear]:
    """A pool at the real engine's tenant."""
    if not relay_of(exchange_like).exists():
        pytest.skip("needs wsman_relay.py beside the PowerShell")
    tenant = tmp_path / "tenant.json"
    shutil.copy(Path(exchange_like).resolve().parent / "tenants" / "documents.json", tenant)
    relay = Relay(exchange_like, {"PSModulePath": "", "REALPS_TENANT": str(tenant), "REALPS_ENDPOINT": "exo"})
    port = int(relay.uri.rpartition(":")[2].partition("/")[0])
    yield Ear(
        WSMan("127.0.0.1", port=port, ssl=False, auth="basic", username="user", password="p", encryption="never"), CONFIGURATION
    )
    relay.close()


@pytest.mark.tenant
def test_the_commands_are_described_as_the_engine_describes_them(engine: Ear) -> None:
    engine.pool.open()
    engine.run("Import-Module", Name="ExchangeLike")
    with served() as server:
        simulator = Ear(wsman(server), "Microsoft.Exchange")
        simulator.pool.open()
        for patterns in (("Get-Mailbox",), ("get-m*request", "Remove-MoveRequest"), ("Get-Nosuch",)):
            here, there = Described.of(simulator, *patterns), Described.of(engine, *patterns)
            assert sorted(here, key=lambda one: one.name) == sorted(there, key=lambda one: one.name)
        assert len(Described.of(simulator, "*")) > 20
        simulator.pool.close()
    engine.pool.close()


@pytest.mark.tenant
def test_every_message_comes_in_the_order_and_form_of_the_engine(engine: Ear) -> None:
    session(engine)
    with served() as server:
        simulator = session(Ear(wsman(server), "Microsoft.Exchange"))
    assert [heard.told for heard in simulator.heard] == [heard.told for heard in engine.heard]
    # What is read in one Receive or in two is a matter of time at both.
    assert [ask for ask in simulator.asked if ask != "Receive"] == [ask for ask in engine.asked if ask != "Receive"]
    capability, private = simulator.heard[0].body, simulator.heard[1].body
    assert (simulator.heard[0].kind, simulator.heard[1].kind) == (_CAPABILITY, _PRIVATE_DATA)
    assert sorted(re.findall(rb"<Version.*?</Version>", capability)) == sorted(
        re.findall(rb"<Version.*?</Version>", engine.heard[0].body)
    )
    assert b"PSRemotingProtocolVersion" in private


def test_a_large_message_comes_in_fragments_as_powershell_cuts_them() -> None:
    with served() as server:
        ear = Ear(wsman(server), "Microsoft.Exchange")
        ear.pool.open()
        ear.run("Get-User", Identity="x" * 100_000)
        ear.pool.close()
    assert max(ear.fragments) == FRAGMENT_SIZE == 32_768
    assert [heard.number for heard in ear.heard] == list(range(1, len(ear.heard) + 1))
