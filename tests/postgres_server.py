"""A real PostgreSQL server of the tests' own: made, started and thrown away by them, reached through a socket in its folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

import psycopg

__all__ = ["PostgresServer", "as_another_user", "other_user", "postgres_programs", "postgres_server"]

_USERS: Final = ("postgres", "nobody")


def postgres_programs() -> Path | None:
    """The folder of initdb and pg_ctl: on the PATH, or where Debian puts them; None if there is no server here."""
    found = shutil.which("pg_ctl")
    if found is not None:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


class PostgresServer:
    """One server. `settings` go to the server's command line; they can be changed by a restart."""

    def __init__(self, programs: Path, folder: Path, **settings: str) -> None:
        self._programs, self.folder, self._settings = programs, folder, settings
        self._data = folder / "data"

    def initialise(self) -> None:
        """Make the cluster."""
        initdb: list[str | Path] = [self._programs / "initdb", "-D", self._data, "-U", "postgres", "-A", "trust"]
        self._run(*initdb, "-E", "UTF8", "--no-locale", "--no-instructions")

    def start(self, **settings: str) -> None:
        """Start it, and wait until it answers."""
        wanted = {"listen_addresses": "", "unix_socket_directories": str(self.folder), **self._settings, **settings}
        options = " ".join(f"-c {name}='{value}'" for name, value in wanted.items())
        self._run(self._programs / "pg_ctl", "-D", self._data, "-l", self.folder / "log", "-w", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; `immediate` is what a crash leaves."""
        self._run(self._programs / "pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def address(self, database: str = "postgres") -> str:
        """The connection string of a database."""
        return f"host={self.folder} user=postgres dbname={database}"

    def new_database(self) -> str:
        """Make an empty database; gives its connection string."""
        name = f"t{uuid4().hex}"
        with psycopg.connect(self.address(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.address(name)

    def _run(self, *command: str | Path) -> None:
        done = subprocess.run(
            [*as_another_user(), *map(str, command)],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            log = self.folder / "log"
            raise RuntimeError(f"{command[0]}: {done.stdout}\n{log.read_text() if log.exists() else ''}")


@contextmanager
def postgres_server(programs: Path, **settings: str) -> Iterator[PostgresServer]:
    """A server in a folder of its own; both are gone afterwards."""
    # Not below pytest's folder: the server's user could not get there, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="psb-"))
    user = other_user()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    server = PostgresServer(programs, folder, **settings)
    try:
        server.initialise()
        server.start()
        yield server
    finally:
        with suppress(RuntimeError):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def other_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in _USERS if name in known)


def as_another_user() -> list[str]:
    """What a command line begins with where we are root."""
    user = other_user()
    if user is None:
        return []
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]
