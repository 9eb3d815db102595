"""One endpoint of the simulator on standard input and output, with a log of what it ran: `python -m tests.chaos.endpoint`.

python -m tests.chaos.endpoint FOLDER ENDPOINT
"""

from __future__ import annotations

import sys
from pathlib import Path

from psbridge.simulator.server.shared_state import SharedState
from psbridge.simulator.server.stdio import serve
from tests.playbooks.witness import STATE, witnessed


def main(folder: Path, endpoint: str) -> int:
    """Serve one client until its input ends."""
    session = SharedState(folder / STATE).session(endpoint)
    return serve(witnessed(session, endpoint, folder), endpoint, sys.stdin.buffer, sys.stdout.buffer, sys.stderr.write)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
