"""Shells by their id, with their owners: quotas, idle times, and which of them are busy."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from psbridge.simulator.server.shell import Shell
from psbridge.simulator.server.wsman_fault import MAX_OPERATIONS, MAX_SHELLS, SHELL_EXISTS, SHELL_NOT_FOUND, WsmanFault

__all__ = ["Entry", "Limits", "ShellTable"]

# What begins something is refused when the quota is used up; what has begun goes on, so that a user can get below it again.
_BEGINNING: Final = frozenset({"Create", "Command"})


@dataclass(frozen=True, slots=True)
class Limits:
    """What one user may have, as `winrm get winrm/config` shows it on Windows Server 2012 and newer; seconds and bytes.

    `operations`: requests that are being worked on, and commands that were not closed.
    """

    shells: int = 30
    operations: int = 1_500
    idle_seconds: float = 7_200.0
    envelope: int = 512_000


@dataclass(slots=True, eq=False)
class Entry:
    """A shell in the table. `used`: when the last request for it had been answered; `busy`: how many are worked on."""

    shell_id: str
    shell: Shell
    owner: str
    resource_uri: str
    endpoint: str
    idle_seconds: float
    used: float = 0.0
    busy: int = 0


class ShellTable:
    """The shells of a server. `now` gives seconds."""

    def __init__(self, limits: Limits, now: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._now = now
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}
        self._working: Counter[str] = Counter()

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)

    @property
    def open_commands(self) -> int:
        """How many commands were not closed, in all shells."""
        with self._lock:
            return sum(entry.shell.open_commands for entry in self._entries.values())

    @contextmanager
    def operation(self, user: str, operation: str) -> Iterator[None]:
        """Count a request while it is worked on. Raises WsmanFault when the user has too many operations."""
        self._sweep()
        with self._lock:
            commands = sum(entry.shell.open_commands for entry in self._entries.values() if entry.owner == user)
            if operation in _BEGINNING and self._working[user] + commands >= self._limits.operations:
                raise WsmanFault(MAX_OPERATIONS, self._limits.operations)
            self._working[user] += 1
        try:
            yield
        finally:
            with self._lock:
                self._working[user] -= 1

    def add(self, entry: Entry) -> None:
        """Keep a new shell. Raises WsmanFault, and closes it, where its owner may have no other one or the id is taken."""
        with self._lock:
            problem = self._problem(entry)
            if problem is None:
                self._entries[entry.shell_id] = entry
                entry.used = self._now()
        if problem is not None:
            entry.shell.close()
            raise problem

    def _problem(self, entry: Entry) -> WsmanFault | None:
        if entry.shell_id in self._entries:
            return WsmanFault(SHELL_EXISTS, entry.shell_id)
        if sum(other.owner == entry.owner for other in self._entries.values()) >= self._limits.shells:
            return WsmanFault(MAX_SHELLS, self._limits.shells)
        return None

    @contextmanager
    def using(self, shell_id: str, endpoint: str) -> Iterator[Entry]:
        """A shell while a request is at it: it is not idle meanwhile. Raises WsmanFault for one that is not there."""
        with self._lock:
            entry = self._entries.get(shell_id.upper())
            if entry is None or entry.endpoint != endpoint:
                raise WsmanFault(SHELL_NOT_FOUND, shell_id)
            entry.busy += 1
        try:
            yield entry
        finally:
            with self._lock:
                entry.busy -= 1
                entry.used = self._now()

    def remove(self, entry: Entry) -> None:
        """Close a shell and forget it."""
        with self._lock:
            self._entries.pop(entry.shell_id, None)
        entry.shell.close()

    def close(self) -> None:
        """Close every shell."""
        with self._lock:
            entries, self._entries = list(self._entries.values()), {}
        for entry in entries:
            entry.shell.close()

    def _sweep(self) -> None:
        """End the shells that were idle for too long."""
        now = self._now()
        with self._lock:
            over = [entry for entry in self._entries.values() if not entry.busy and now - entry.used > entry.idle_seconds]
        for entry in over:
            self.remove(entry)
