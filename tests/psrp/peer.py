"""psrpcore's server as the far end of our client machine, in memory."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID, uuid4

from psrpcore import PSRPEvent, PSRPPayload, ServerPipeline, ServerRunspacePool, StreamType

from psbridge.psrp.bodies import PlainCommand
from psbridge.psrp.events import Event
from psbridge.psrp.messages import PoolState
from psbridge.psrp.session import RunspacePool

logging.getLogger("psrpcore").setLevel(logging.WARNING)


class Peers:
    """A client machine and a psrpcore server. `pump` carries all packets both ways and gives the client's events."""

    def __init__(self, *, packet_size: int = 32_768) -> None:
        self.client = RunspacePool(uuid4(), packet_size=packet_size)
        self.server = ServerRunspacePool()
        self.seen: list[PSRPEvent] = []  # type: ignore[type-arg]  # psrpcore's events carry their payload's type

    def open(self) -> list[Event]:
        self.to_server(self.client.open())
        events = self.from_server()
        assert self.client.state is PoolState.OPENED
        return events

    def pipeline(self, commands: Sequence[PlainCommand]) -> tuple[UUID, ServerPipeline]:
        pipeline_id = uuid4()
        packets = self.client.create_pipeline(pipeline_id, commands)
        server = ServerPipeline(self.server, pipeline_id)
        self.to_server(packets, pipeline_id)
        server.start()
        return pipeline_id, server

    def to_server(self, packets: Sequence[bytes], pipeline_id: UUID | None = None) -> None:
        for packet in packets:
            self.server.receive_data(PSRPPayload(packet, StreamType.default, pipeline_id))
        while event := self.server.next_event():
            self.seen.append(event)

    def from_server(self) -> list[Event]:
        events: list[Event] = []
        while payload := self.server.data_to_send():
            events.extend(self.client.receive(payload.data))
        return events
