"""A PSRP client's lines in, the server's lines out, and a note of the client's CPU time at each begin and end of a pipeline.

    python -m benchmarks.watch_client NOTES PROGRAM ARGS ...

Stands between a client and the server that it starts, and passes on every byte. The client names a pipeline with its first
`<Command>` line, and sends `<Close>` for it as soon as it has taken in the final state; what it does with the objects
afterwards lies behind that. So the time between the two is the client's own work for one call. Needs Linux (/proc).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["cpu_seconds"]

_POOL = b"00000000-0000-0000-0000-000000000000"


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all its threads so far; its children are left out. Counted in ticks of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
