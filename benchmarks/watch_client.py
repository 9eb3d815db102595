"""A PSRP client's lines in, the server's lines out, and a note of the client's CPU time at each begin and end of a pipeline.

    python -m benchmarks.watch_client NOTES PROGRAM ARGS ...

Stands between a client and the server that it starts, and passes on every byte. The client names a pipeline with its first
`<Command>` line, and sends `<Close>` for it as soon as it has taken in the final state; what it does with the objects
afterwards lies behind that. So the time between the two is the client's own work for one call. Needs Linux.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

__all__ = ["cpu_seconds"]

_POOL = b"00000000-0000-0000-0000-000000000000"


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all its threads so far, to the nanosecond; its children are left out.

    The number of the clock is what clock_getcpuclockid(3) gives on Linux (CPUCLOCK_SCHED).
    """
    return time.clock_gettime((~pid << 3) | 2)


def main() -> None:
    """Pass everything on until both sides have ended."""
    notes, *command = sys.argv[1:]
    client = os.getppid()
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=sys.stdout.buffer)
    assert server.stdin is not None
    with Path(notes).open("a", encoding="ascii") as file:
        for line in sys.stdin.buffer:
            word = line[:8].partition(b" ")[0]
            if word in (b"<Command", b"<Close") and _POOL not in line:
                print(word[1:].decode(), cpu_seconds(client), file=file, flush=True)
            server.stdin.write(line)
            server.stdin.flush()
    server.stdin.close()
    server.wait()


if __name__ == "__main__":
    main()
