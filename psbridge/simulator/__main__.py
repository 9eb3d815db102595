"""`python -m psbridge.simulator -s --endpoint exo --state FILE`: a simulated endpoint where a profile would start PowerShell."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from psbridge.errors import InputError
from psbridge.simulator.organisation import ENDPOINTS, SimulatedOrganisation
from psbridge.simulator.server.shared_state import SharedState
from psbridge.simulator.server.stdio import serve

__all__ = ["main"]

_USAGE = 64


def main() -> int:
    """Serve one client on standard input and output; gives the exit code."""
    asked = _arguments()
    try:
        if asked.state is None:
            run = SimulatedOrganisation.from_seed(asked.seed).session(asked.endpoint)
        else:
            run = SharedState(asked.state, seed=asked.seed).session(asked.endpoint)
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return _USAGE
    return serve(run, asked.endpoint, sys.stdin.buffer, sys.stdout.buffer, lambda text: sys.stderr.write(f"{text}\n"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m psbridge.simulator", description=__doc__)
    parser.add_argument("-s", action="store_true", help="serve a session on standard input and output, as pwsh -s does")
    parser.add_argument("--endpoint", choices=ENDPOINTS, required=True, help="which end of the organisation this is")
    parser.add_argument("--seed", default="documents", help="a .toml file, or the name of a seed that comes with psbridge")
    parser.add_argument("--state", type=Path, help="the file that the processes of one organisation share; made of the seed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
