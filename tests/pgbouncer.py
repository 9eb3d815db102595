"""A real PgBouncer before a PostgreSQL server of the tests: made, started and thrown away by them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from psycopg.conninfo import make_conninfo

from tests.postgres_server import PostgresServer, as_another_user, other_user

__all__ = ["pgbouncer"]

_PORT: Final = 6432


@contextmanager
def pgbouncer(server: PostgresServer, **settings: str) -> Iterator[Callable[[str], str]]:
    """Run one with these settings; gives what makes the address of a database into its address by way of the pooler."""
    folder = Path(tempfile.mkdtemp(prefix="psb-"))
    user = other_user()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    wanted = {
        "listen_addr": "",
        "listen_port": str(_PORT),
        "unix_socket_dir": str(folder),
        "auth_type": "trust",
        "auth_file": str(folder / "users"),
        "logfile": str(folder / "log"),
        **settings,
    }
    lines = ["[databases]", f"* = host={server.folder}", "[pgbouncer]", *(f"{name} = {value}" for name, value in wanted.items())]
    for name, text in {"users": '"postgres" ""\n', "ini": "\n".join(lines)}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o644)  # the other user's to read, whatever the umask is
    pooler = subprocess.Popen([*as_another_user(), "pgbouncer", "-q", str(folder / "ini")], cwd="/")
    try:
        give_up = time.monotonic() + 30
        while not (folder / f".s.PGSQL.{_PORT}").exists():
            assert pooler.poll() is None
            assert time.monotonic() < give_up
            time.sleep(0.02)
        yield lambda address: make_conninfo(address, host=str(folder), port=_PORT)
    finally:
        pooler.kill()
        pooler.wait()
        shutil.rmtree(folder, ignore_errors=True)
