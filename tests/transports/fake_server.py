"""A server on standard input and output that opens a session as it should, and then does what its argument says.

`fake_server.py MODE`: the faults that the real engine cannot be made to have.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from uuid import UUID

from psbridge.psrp.fragments import Defragmenter, Fragmenter
from psbridge.psrp.messages import NO_ID, Destination, Message, MessageType
from psbridge.psrp.outofproc import Packet, Tag

STATE = '<Obj RefId="0"><MS><I32 N="{}">{}</I32></MS></Obj>'


class Server:
    def __init__(self) -> None:
        self._fragmenter = Fragmenter()
        self._joined = Defragmenter()
        self.pool = NO_ID

    def packets(self) -> Iterator[tuple[Packet, list[Message]]]:
        for line in sys.stdin.buffer:
            packet = Packet.parse(line.rstrip(b"\n"))
            messages = [Message.unpack(data) for data in self._joined.feed(packet.data)]
            if messages:
                self.pool = messages[0].pool_id
            yield packet, messages

    def write(self, line: bytes) -> None:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()

    def fragments(self, kind: MessageType, body: str, pipeline: UUID = NO_ID) -> bytes:
        message = Message(Destination.CLIENT, kind, self.pool, pipeline, body.encode())
        (packet,) = self._fragmenter.packets([message.pack()])
        return packet

    def send(self, kind: MessageType, body: str, pipeline: UUID = NO_ID) -> None:
        self.write(Packet(Tag.DATA, pipeline, self.fragments(kind, body, pipeline)).render())

    def ack(self, tag: Tag, psguid: UUID) -> None:
        self.write(Packet(tag, psguid).render())

    def open(self) -> None:
        self.send(MessageType.SESSION_CAPABILITY, '<Obj><MS><Version N="protocolversion">2.4</Version></MS></Obj>')
        self.send(MessageType.RUNSPACEPOOL_STATE, STATE.format("RunspaceState", 2))
        self.ack(Tag.DATA_ACK, NO_ID)


def misbehave(mode: str, server: Server, pipeline: UUID) -> None:  # noqa: PLR0912 - one branch for each fault
    """What happens when CREATE_PIPELINE has come."""
    if mode == "no-data-ack":
        time.sleep(60)
    server.ack(Tag.DATA_ACK, pipeline)
    if mode == "no-answer":
        time.sleep(60)
    elif mode == "half-line":
        server.write(b"<Data Stream='Default' PSGu")
        os._exit(5)
    elif mode == "garbage-line":
        server.write(b"<Objs>what is this</Objs>\n")
    elif mode == "noise":
        server.write(b"a profile says hello\n\n")
        complete(server, pipeline)
    elif mode == "wrong-ack":
        server.ack(Tag.SIGNAL_ACK, pipeline)
    elif mode == "lost-fragment":
        data = server.fragments(MessageType.PIPELINE_OUTPUT, "<S>x</S>", pipeline)
        server.write(Packet(Tag.DATA, pipeline, data[:16] + b"\2" + data[17:]).render())
    elif mode == "complaint":
        print("Remote transport error: no root element", file=sys.stderr, flush=True)
        time.sleep(60)
    elif mode == "complaint-and-answer":
        print("Remote transport error: something else", file=sys.stderr, flush=True)
        complete(server, pipeline)
    elif mode == "flood-of-errors":
        sys.stderr.write("x" * 5_000_000 + "\n" + "y\n" * 100_000)
        complete(server, pipeline)
    elif mode == "pool-closes":
        close_pool(server)
    elif mode == "output-closed":
        os.close(1)
        time.sleep(60)
    elif mode == "helper-keeps-output":
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stderr=subprocess.DEVNULL)
        os._exit(6)
    else:
        complete(server, pipeline)


def complete(server: Server, pipeline: UUID) -> None:
    server.send(MessageType.PIPELINE_OUTPUT, "<S>done</S>", pipeline)
    server.send(MessageType.PIPELINE_STATE, STATE.format("PipelineState", 4), pipeline)


def close_pool(server: Server) -> None:
    server.send(MessageType.RUNSPACEPOOL_STATE, STATE.format("RunspaceState", 4))
    server.send(MessageType.RUNSPACEPOOL_STATE, STATE.format("RunspaceState", 3))


def main() -> None:
    mode, server = sys.argv[1], Server()
    for packet, messages in server.packets():
        if packet.tag is Tag.CLOSE:
            if mode == "no-close-ack":
                continue
            server.ack(Tag.CLOSE_ACK, packet.psguid)
            if mode == "pool-closes-when-idle":
                close_pool(server)
        elif packet.tag is Tag.COMMAND:
            if mode == "no-command-ack":
                continue
            server.ack(Tag.COMMAND_ACK, packet.psguid)
            if mode == "stops-reading":
                time.sleep(60)
        elif packet.tag is Tag.SIGNAL:
            server.ack(Tag.SIGNAL_ACK, packet.psguid)
        elif not messages:
            server.ack(Tag.DATA_ACK, packet.psguid)
        elif messages[0].kind is MessageType.SESSION_CAPABILITY:
            server.open()
        else:
            misbehave(mode, server, packet.psguid)
    if mode == "does-not-end":
        time.sleep(60)


if __name__ == "__main__":
    main()
