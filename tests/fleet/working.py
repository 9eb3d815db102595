"""`python -m tests.fleet.working ADDRESS FOLDER JSON`: a worker process whose far end is in files, so that it outlives a kill.

Each person has a far end of its own, `FOLDER/user-N`, whose effects are the witness of what happened how often. Sessions write
down when they are opened and closed. While there is a file `FOLDER/refuses`, every sign-in is refused.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, uuid4, uuid5

from psbridge.command import Pipeline
from psbridge.engine import Input, Look, Playbook, Run, Settings
from psbridge.errors import AuthenticationFailed
from psbridge.fleet.worker import Worker, WorkerSettings
from psbridge.profile import Limits
from psbridge.reply import Reply
from tests.engine.far_end import FarEnd, get_account, get_request, new_request, remove_account

TENANT = "contoso"
QUICK = Settings(lease=timedelta(seconds=2), cmdlet_timeout=timedelta(seconds=1), settle=timedelta(seconds=0.2), attempts=20)


def body(run: Run) -> Mapping[str, object]:
    """Delete one account, wait a moment, make one request; `ask=yes` waits for an approval first, `fail=yes` fails.

    `remind`: the seconds after which somebody is reminded of what stands.
    """
    name = run.inputs["identity"]
    account = run.evidence("account", "directory", get_account(name), need=("id",))
    if run.inputs["remind"]:
        run.warn("end", "It ends.", asking=[run.began("account") + timedelta(seconds=float(run.inputs["remind"]))])
    run.guard("it may be done", run.inputs["fail"] == "no", found="it may not.", expected="it may.", remedy="-")
    removal = remove_account(name)
    if run.inputs["ask"] == "yes":
        run.approval("consent", [("directory", removal)], requires=["account"], says="It goes.")
    approval = "consent" if run.inputs["ask"] == "yes" else None

    def is_deleted(look: Look) -> bool | None:
        if look.read("directory", get_account(name)).objects:
            return False
        return True if look.read("directory", list_accounts_beside(name)).objects else None

    run.destroy("delete", "directory", removal, requires=["account"], approval=approval, verify=is_deleted)
    run.poll(
        "gone",
        "directory",
        get_account(name),
        until=lambda seen: seen.absent,
        every=timedelta(seconds=1),
        timeout=timedelta(hours=1),
        why="it to be gone",
    )
    request = f"{name}.{run.id}"

    def is_requested(look: Look) -> bool | None:
        return bool(look.read("exo", get_request(request)).objects)

    run.destroy("request", "exo", new_request(request), requires=["account"], approval=None, verify=is_requested)
    return {"id": str(account.id)}


def list_accounts_beside(name: str) -> Any:
    """Any account of the same far end."""
    return get_account(f"{name}.beside")


PLAYBOOK = Playbook(
    "fleet-test",
    "1",
    "A test.",
    (Input("identity"), Input("ask", default="no"), Input("fail", default="no"), Input("remind", default="")),
    ("directory", "exo"),
    (),
    body,
)


class FleetSession:
    """A session to the far ends of all people; a cmdlet takes a moment."""

    def __init__(self, root: Path, endpoint: str, name: str, slowness: float, delay: float) -> None:
        self._root, self._endpoint, self.name = root, endpoint, name
        self._slowness, self._delay = slowness, delay

    def ask(self, pipeline: Pipeline, *, reads: bool) -> Reply:
        person = str(pipeline.commands[0].parameters["Name"]).partition(".")[0]
        note(self._root / "asked", f"{time.time()} {self._endpoint} {pipeline}")
        if (self._root / "refuses").exists():
            raise AuthenticationFailed("the server refused the credentials", endpoint=self._endpoint)
        time.sleep(random.uniform(0, self._slowness))
        answer = far_end_of(self._root, person).run(self._endpoint, pipeline)
        # The server has done its work; its answer is on the way.
        time.sleep(0 if reads else self._delay)
        return answer

    def stop(self) -> None:
        """A cmdlet here is not worth stopping."""


class FleetEndpoints:
    """Sessions that say when they are open."""

    def __init__(self, root: Path, slowness: float, delay: float = 0.0) -> None:
        self._root, self._slowness, self._delay = root, slowness, delay
        self._open: dict[str, FleetSession] = {}

    def session(self, endpoint: str) -> FleetSession:
        if endpoint not in self._open:
            session = FleetSession(self._root, endpoint, uuid4().hex, self._slowness, self._delay)
            note(self._root / "sessions", f"{time.time()} open {endpoint} {session.name} {os.getpid()}")
            self._open[endpoint] = session
        return self._open[endpoint]

    def close(self) -> None:
        for endpoint, session in self._open.items():
            note(self._root / "sessions", f"{time.time()} close {endpoint} {session.name} {os.getpid()}")
        self._open.clear()


def note(path: Path, line: str) -> None:
    """Add a line in one piece, whatever other processes do."""
    with path.open("ab", buffering=0) as file:
        file.write(f"{line}\n".encode())


def far_end_of(root: Path, person: str) -> FarEnd:
    """The far end of one person: the account, and one beside it that nobody touches."""
    folder = root / person
    if not folder.exists():
        folder.mkdir(exist_ok=True)
        end = FarEnd(folder)
        names = (person, f"{person}.beside")
        accounts = {name: {"id": str(uuid5(NAMESPACE_DNS, name)), "name": name} for name in names}
        end.write({"accounts": accounts})
    return FarEnd(folder)


def main() -> None:
    address, folder, options = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
    slowness, delay = options.pop("slowness", 0.02), options.pop("delay", 0.0)
    limits = Limits.model_validate(options.pop("limits", {}))
    engine = replace(QUICK, lease=timedelta(seconds=options.pop("lease", 2)))
    tenant, sweep = options.pop("tenant", TENANT), options.pop("sweep", 0.5)
    settings = WorkerSettings(engine=engine, sweep=sweep, **options)
    Worker(
        address,
        {PLAYBOOK.name: PLAYBOOK},
        lambda: FleetEndpoints(folder, slowness, delay),
        tenant=tenant,
        limits=limits,
        settings=settings,
        tell=lambda text: sys.stderr.write(f"{text}\n"),
    ).run()


if __name__ == "__main__":
    main()
