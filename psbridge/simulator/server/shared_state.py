"""A file that several server processes share: each command reads the state, runs, and writes it again, one at a time.

So the four endpoints of one organisation can be four processes, and whoever has the file can look at it and let time pass.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from psbridge.simulator.organisation import RunPipeline, SimulatedOrganisation, check_endpoint
from psbridge.simulator.runspace.records import Dropped, Hung, Invocation, Outcome
from psbridge.simulator.seed import state_from_json, state_to_json
from psbridge.simulator.state import Tenant

__all__ = ["SharedState"]


class SharedState:
    """The state of an organisation in a file. The file is made of a seed where it is not there."""

    def __init__(self, path: Path, *, seed: str | Path | None = None) -> None:
        self._path = path
        self._read: tuple[bytes, SimulatedOrganisation] | None = None
        self._looked: tuple[tuple[int, int, int], Tenant] | None = None
        with _locked(path):
            if not path.exists():
                self._write(SimulatedOrganisation.from_seed(seed or "documents"))

    @property
    def state(self) -> Tenant:
        """Everything that lasts, to look at: a change to it is not kept."""
        known = self._seen()
        if self._looked is None or self._looked[0] != known:
            with _locked(self._path):
                self._looked = self._seen(), self._organisation().state
        return self._looked[1]

    @contextmanager
    def open(self) -> Iterator[SimulatedOrganisation]:
        """The organisation while nobody else has it; what is done to it is kept, also before a dropped connection or a hang."""
        with _locked(self._path):
            organisation = self._organisation()
            self._read = None  # what fails half-way is read again
            try:
                yield organisation
            except (Dropped, Hung):
                self._write(organisation)
                raise
            self._write(organisation)

    def advance(self, until: datetime) -> None:
        """Let time pass."""
        with self.open() as organisation:
            organisation.advance(until)

    def session(self, endpoint: str, clock: Callable[[], datetime] | None = None) -> RunPipeline:
        """A session at one endpoint; `clock` as SimulatedOrganisation has it. Raises InputError for an endpoint that is none."""
        check_endpoint(endpoint)

        def run(commands: Sequence[Invocation], *, consent: bool = False) -> Outcome:
            with self.open() as organisation:
                return organisation.session(endpoint, clock)(commands, consent=consent)

        return run

    def _organisation(self) -> SimulatedOrganisation:
        """Read the file, unless it still holds what was read or written here."""
        content = self._path.read_bytes()
        if self._read is None or self._read[0] != content:
            self._read = content, SimulatedOrganisation(state_from_json(content))
        return self._read[1]

    def _seen(self) -> tuple[int, int, int]:
        """What tells a file from the next: each one is a new one. Good enough to look, not to go on from."""
        known = self._path.stat()
        return known.st_ino, known.st_mtime_ns, known.st_size

    def _write(self, organisation: SimulatedOrganisation) -> None:
        content = state_to_json(organisation.state)
        new = self._path.with_name(f"{self._path.name}.new")
        new.write_bytes(content)
        new.replace(self._path)
        self._read = content, organisation


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the file `PATH.lock`; whoever comes second waits."""
    with path.with_name(f"{path.name}.lock").open("a+b") as file:
        _take(file.fileno())
        try:
            yield
        finally:
            _give(file.fileno())


if sys.platform == "win32":
    import msvcrt
    import time

    def _take(descriptor: int) -> None:
        while True:
            try:
                os.lseek(descriptor, 0, os.SEEK_SET)
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            except OSError:
                time.sleep(0.01)
            else:
                return

    def _give(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _give(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
