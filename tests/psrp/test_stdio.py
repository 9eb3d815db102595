"""When a line may be written: one Data or Command at a time, and a Close after the Signal's ack."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from psbridge.errors import ProtocolError
from psbridge.psrp.events import PoolChanged
from psbridge.psrp.fragments import Fragmenter
from psbridge.psrp.messages import NO_ID, Destination, Message, MessageType, PoolState
from psbridge.psrp.outofproc import Packet, Tag
from psbridge.psrp.session import RunspacePool
from psbridge.psrp.stdio import Acknowledged, StdioClient

ID = UUID("2ee14d69-828f-4ca0-b151-b29f435ab77c")


class Session:
    """A client whose session is open, and the server's voice."""

    def __init__(self) -> None:
        self.client = StdioClient(RunspacePool(uuid4(), packet_size=1_000))
        self._fragmenter = Fragmenter()
        self.client.open()
        while self.sent():
            self.ack(Tag.DATA_ACK, NO_ID)
        self.say(MessageType.SESSION_CAPABILITY, '<Obj><MS><Version N="protocolversion">2.4</Version></MS></Obj>')
        assert self.say(MessageType.RUNSPACEPOOL_STATE, '<Obj><MS><I32 N="RunspaceState">2</I32></MS></Obj>') == [
            PoolChanged(PoolState.OPENED)
        ]

    def say(self, kind: MessageType, body: str) -> list[object]:
        message = Message(Destination.CLIENT, kind, self.client.pool.pool_id, NO_ID, body.encode())
        (packet,) = self._fragmenter.packets([message.pack()])
        return list(self.client.receive(Packet(Tag.DATA, NO_ID, packet).render()))

    def ack(self, tag: Tag, psguid: UUID = ID) -> list[object]:
        return list(self.client.receive(Packet(tag, psguid).render()))

    def sent(self) -> list[tuple[Tag, bool]]:
        """The lines that may be written now: their tags, and whether the server may begin to run commands with them."""
        lines = []
        while line := self.client.next_line():
            lines.append((Packet.parse(line.data.rstrip(b"\n")).tag, line.starts_pipeline))
        return lines


@pytest.fixture
def session() -> Session:
    return Session()


def test_the_next_line_waits_for_the_ack_of_the_one_before(session: Session) -> None:
    session.client.begin(ID, [("Get-Thing", {"Text": "x" * 1_000})])
    assert session.sent() == [(Tag.COMMAND, False)]
    assert session.sent() == []
    session.ack(Tag.COMMAND_ACK)
    data = 0
    while sent := session.sent():
        assert sent == [(Tag.DATA, True)]
        data += 1
        session.ack(Tag.DATA_ACK)
    assert data >= 3


def test_a_signal_waits_for_the_pipeline_to_be_there_and_holds_up_nothing(session: Session) -> None:
    session.client.begin(ID, [("Get-Thing", {})])
    session.client.signal(ID)
    assert session.sent() == [(Tag.COMMAND, False)]
    session.ack(Tag.COMMAND_ACK)
    while session.sent() == [(Tag.DATA, True)]:
        session.ack(Tag.DATA_ACK)
    session.client.begin(other := uuid4(), [("Get-Thing", {})])
    assert session.sent() == [(Tag.COMMAND, False)]
    assert session.ack(Tag.SIGNAL_ACK) == [Acknowledged(Tag.SIGNAL_ACK, ID)]
    session.ack(Tag.COMMAND_ACK, other)


def test_a_close_waits_for_the_ack_of_the_signal(session: Session) -> None:
    session.client.signal(ID)
    session.client.close_pipeline(ID)
    assert session.sent() == [(Tag.SIGNAL, False)]
    session.ack(Tag.SIGNAL_ACK)
    assert session.sent() == [(Tag.CLOSE, False)]
    assert session.ack(Tag.CLOSE_ACK) == [Acknowledged(Tag.CLOSE_ACK, ID)]


@pytest.mark.parametrize("tag", [Tag.DATA_ACK, Tag.COMMAND_ACK, Tag.SIGNAL_ACK, Tag.CLOSE_ACK, Tag.COMMAND, Tag.CLOSE])
def test_an_ack_that_nothing_asked_for_is_refused(session: Session, tag: Tag) -> None:
    with pytest.raises(ProtocolError) as refused:
        session.ack(tag)
    assert refused.value.problem == f"{tag} for {ID} came; nothing was sent that it could acknowledge"


def test_lines_that_are_no_packets_are_kept_aside(session: Session) -> None:
    assert session.client.receive(b"WARNING: the profile is slow\n\n  \nhello\r\n") == []
    assert list(session.client.noise) == [b"WARNING: the profile is slow", b"hello"]
    session.client.receive(b"x\n" * 10_000)
    assert len(session.client.noise) == 20


def test_a_value_that_cannot_travel_queues_nothing(session: Session) -> None:
    with pytest.raises(Exception, match="cannot be sent as Get-Thing -Bad"):
        session.client.begin(ID, [("Get-Thing", {"Bad": object()})])
    assert session.sent() == []
