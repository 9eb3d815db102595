"""A proxy between a client and a PowerShell that kills both itself and the PowerShell at one line.

`dying_proxy.py SIDE:TAG:N:WHEN PROGRAM ...`: at the N-th line of SIDE (client, server) that begins with <TAG, before or
after it was passed on. A line that holds a final pipeline state has the tag State.
"""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import threading
from typing import IO

PIPELINE_STATE = (0x00041006).to_bytes(4, "little")


def main() -> None:
    side, tag, number, when = sys.argv[1].split(":")
    child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    fault = Fault(child, tag, int(number), when)
    idle = Fault(child, "", 0, "")
    client = threading.Thread(
        target=carry, args=(sys.stdin.buffer, child.stdin, fault if side == "client" else idle), daemon=True
    )
    client.start()
    carry(child.stdout, sys.stdout.buffer, fault if side == "server" else idle)
    sys.exit(child.wait())


class Fault:
    def __init__(self, child: subprocess.Popen[bytes], tag: str, number: int, when: str) -> None:
        self.child, self.tag, self.left, self.when = child, tag, number, when

    def before(self, line: bytes) -> None:
        if self.left and self.tag in tags(line):
            self.left -= 1
            self.dies = self.left == 0
            if self.dies and self.when == "before":
                self.die()

    def after(self) -> None:
        if getattr(self, "dies", False):
            self.die()

    def die(self) -> None:
        self.child.kill()
        self.child.wait()
        os.kill(os.getpid(), signal.SIGKILL if os.name == "posix" else signal.SIGTERM)


def tags(line: bytes) -> set[str]:
    tag = line[1:].split(b" ")[0].decode()
    content = line.partition(b">")[2].partition(b"<")[0] if tag == "Data" else b""
    return {tag, "State"} if base64.b64decode(content)[25:29] == PIPELINE_STATE else {tag}


def carry(source: IO[bytes], target: IO[bytes], fault: Fault) -> None:
    for line in source:
        fault.before(line)
        target.write(line)
        target.flush()
        fault.after()
    target.close()


if __name__ == "__main__":
    main()
