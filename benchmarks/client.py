"""A client's name, a PowerShell and a tenant in; one line of JSON out for each line in: what one Get-Mailbox took.

    python -m benchmarks.client NAME POWERSHELL TENANT OBJECTS

The process of one client; the PowerShell that answers is its child. CPU time is that of this process alone, from before the
call to each stage: the objects of one call go through all stages.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from benchmarks.tenant import environment
from psbridge.command import Pipeline
from psbridge.models import Mailbox
from psbridge.session import Result
from psbridge.transports.process import ProcessTransport

__all__ = ["CLIENTS"]

# Each step gives the name of the stage that was reached and the number of objects.
Call = Callable[[], Iterator[tuple[str, int]]]


def _psbridge(powershell: str, tenant: Path, objects: int) -> Call:
    transport = ProcessTransport([powershell], environment=environment(tenant))
    transport.open()

    def call() -> Iterator[tuple[str, int]]:
        reply = transport.run(Pipeline.of("Get-Mailbox", ResultSize=objects))
        yield "psbridge, messages", len(reply.records)
        values = Result.of(reply).output
        yield "psbridge, decoded", len(values)
        models = [Mailbox.parse(value, "Get-Mailbox") for value in values]
        yield "psbridge, models", len(models)

    return call


def _psrpcore(powershell: str, tenant: Path, objects: int) -> Call:
    from benchmarks.psrpcore_client import PsrpcoreClient

    client = PsrpcoreClient(powershell, environment(tenant))

    def call() -> Iterator[tuple[str, int]]:
        yield "psrpcore", len(client.call("Get-Mailbox", ResultSize=objects))

    return call


CLIENTS: Final[dict[str, Callable[[str, Path, int], Call]]] = {"psbridge": _psbridge, "psrpcore": _psrpcore}


def main() -> None:
    """Call once for each line of standard input."""
    name, powershell, tenant, objects = sys.argv[1:]
    call = CLIENTS[name](powershell, Path(tenant), int(objects))
    for _ in sys.stdin:
        gc.collect()
        begin = time.process_time()
        stages = [[stage, found, time.process_time() - begin] for stage, found in call()]
        print(json.dumps(stages), flush=True)


if __name__ == "__main__":
    main()
