"""The simulator behind its WS-Man server, with a log of what it ran; it may kill its client in the middle of a call.

    python -m tests.playbooks.witness FOLDER

It prints its port, and serves until its standard input ends. In the folder: the tenant, the log (a line when a command is taken,
a line when it is done, with whether it changed the tenant), and the order to kill: {"call", "when", "pid"}.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from psbridge.scripts import SCRIPTS
from psbridge.simulator import Invocation, Outcome
from psbridge.simulator.organisation import RunPipeline
from psbridge.simulator.server.shared_state import SharedState
from psbridge.simulator.server.shell_table import Limits
from psbridge.simulator.server.wsman import WsmanServer

__all__ = ["CONTROL", "LOG", "PASSWORD", "STATE", "USER", "witnessed"]

STATE: Final = "tenant.json"
LOG: Final = "calls.jsonl"
CONTROL: Final = "kill.json"
USER, PASSWORD = "administrator", "Pa55word!"
# A client that is killed leaves its shells behind, for two hours: thirty, as a server allows, are soon used up.
_LIMITS: Final = Limits(shells=100_000, operations=1_000_000)
# What differs after any command, also one with -WhatIf.
_PASSING: Final = frozenset({"now", "calls", "faults", "serial"})


def witnessed(run: RunPipeline, endpoint: str, folder: Path) -> RunPipeline:
    """A session whose every command is written down."""

    def watched(commands: Sequence[Invocation], *, consent: bool = False) -> Outcome:
        # Held until the command is over, also where its client is gone: who waits for it knows that nothing is under way.
        with (folder / f"{LOG}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            command = " | ".join(_typed(command) for command in commands)
            _log(folder, event="taken", endpoint=endpoint, command=command)
            _strike(folder, "taken")
            before = _lasting(folder)
            try:
                return run(commands, consent=consent)
            finally:
                _log(folder, event="done", endpoint=endpoint, command=command, changed=_lasting(folder) != before)
                _strike(folder, "done")

    return watched


def _strike(folder: Path, when: str) -> None:
    """Kill the client, if this is the call and the moment."""
    try:
        order = json.loads((folder / CONTROL).read_text())
    except FileNotFoundError:
        return
    if order["when"] == when and order["call"] == sum('"taken"' in line for line in (folder / LOG).read_text().splitlines()):
        os.kill(order["pid"], signal.SIGKILL)


def _log(folder: Path, **line: Any) -> None:
    with (folder / LOG).open("a") as file:
        file.write(f"{json.dumps(line)}\n")


def _lasting(folder: Path) -> Any:
    state = json.loads((folder / STATE).read_bytes())
    return {name: value for name, value in state.items() if name not in _PASSING}


def _typed(command: Invocation) -> str:
    names = {script.text: name for name, script in SCRIPTS.items()}
    name = names.get(command.name, command.name) if command.is_script else command.name
    return " ".join((name, *(f"-{argument.name} {argument.value}" for argument in command.arguments)))


def main(folder: Path) -> None:
    """Serve until nobody needs it."""
    shared = SharedState(folder / STATE)

    def session(endpoint: str) -> RunPipeline:
        return witnessed(shared.session(endpoint), endpoint, folder)

    with WsmanServer(shared, USER, PASSWORD, session=session, limits=_LIMITS) as server:
        print(server.port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
