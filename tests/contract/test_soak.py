"""Two thousand calls on one session, and several workers at once: nothing is left behind, at either end.

Over psrp, where the far end has commands and shells, tests/simulator/test_wsman_transport.py counts them.
"""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from psbridge.command import Pipeline
from psbridge.transports.base import Transport
from psbridge.transports.process import ProcessTransport
from tests.contract.carriers import Carrier
from tests.contract.limits import Need, needs
from tests.transports.far_end import connected, output

pytestmark = pytest.mark.realps


def test_two_thousand_calls_leave_no_object_and_no_thread_here_and_no_memory_in_the_engine(pwsh: str) -> None:
    with connected(pwsh) as transport:
        pid = transport.pid
        objects, threads, memory = left_after(transport, 500)
        more_objects, more_threads, more_memory = left_after(transport, 1_500)
        assert more_objects - objects < 150, "not one object for each call"
        assert more_threads == threads
        assert more_memory - memory < 150_000, "not a hundred bytes for each call"
        assert transport.pid == pid


def left_after(transport: ProcessTransport, calls: int) -> tuple[int, int, int]:
    """The objects and threads of this process, and the bytes of the engine's heap."""
    for _ in range(calls):
        transport.run(Pipeline.of("Get-Many", Count=1))
    # What only finalizers held is gone at the second look.
    memory = [output(transport.run(Pipeline.of("Get-ServerMemory")))[0] for _ in range(3)]
    gc.collect()
    return len(gc.get_objects()), threading.active_count(), min(int(str(bytes_)) for bytes_ in memory)


@needs(Need.SESSION, Need.LIVE)
def test_several_workers_at_once_have_each_its_own_session(carrier: Carrier) -> None:
    def work(number: int, transport: Transport) -> list[object]:
        with transport:
            transport.run(Pipeline.of("Set-Memory", Text=f"worker {number}"))
            return [output(transport.run(Pipeline.of("Get-Memory")))[0] for _ in range(50)]

    transports = [carrier.connected() for _ in range(4)]
    with ThreadPoolExecutor(4) as workers:
        found = list(workers.map(work, range(4), transports))
    assert found == [[f"worker {number}"] * 50 for number in range(4)]
