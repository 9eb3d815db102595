"""How long the process transport takes: `python -m tests.transports.measure PROGRAM` prints it.

A tenant's cmdlets are measured where the program has them.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

from psbridge.command import Pipeline
from psbridge.reply import Stream
from tests.transports.far_end import connected


def main() -> None:
    program = sys.argv[1]
    openings, closings = [], []
    for _ in range(7):
        transport = connected(program)
        openings.append(timed(transport.open))
        closings.append(timed(transport.close))
    show("open", openings)
    show("close", closings)
    with connected(program, {"PSModulePath": ""}) as transport:
        for name, pipeline in (
            ("Write-Output 1", Pipeline.of("Write-Output", InputObject=1)),
            ("Get-Date", Pipeline.of("Get-Date")),
            ("Get-Mailbox", Pipeline.of("Get-Mailbox", Identity="testduplicate@domain.com")),
        ):
            transport.run(pipeline)
            show(name, [timed(partial(transport.run, pipeline)) for _ in range(50)])
    with connected(program) as transport:
        count = 20_000
        began, cpu = time.perf_counter(), time.process_time()
        records = transport.run(Pipeline.of("Get-Many", Count=count), deadline=120.0).of(Stream.OUTPUT)
        wall, used = time.perf_counter() - began, time.process_time() - cpu
        print(f"{len(records)} integers: {count / wall:,.0f} per second, {count / used:,.0f} per CPU second of the client")


def timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1_000


def show(name: str, times: list[float]) -> None:
    print(f"{name}: median {statistics.median(times):.1f} ms, least {min(times):.1f} ms, most {max(times):.1f} ms")


if __name__ == "__main__":
    main()
