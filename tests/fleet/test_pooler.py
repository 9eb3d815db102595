"""Behind a real PgBouncer: one that keeps sessions is as good as the server, one that does not is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg
import pytest

from psbridge.errors import JournalError
from psbridge.journal.postgres import PostgresStore
from tests.fleet.test_fleet import Fleet, all_done, once_each
from tests.pgbouncer import pgbouncer
from tests.postgres_server import PostgresServer

pytestmark = [
    pytest.mark.skipif(shutil.which("pgbouncer") is None, reason="needs PgBouncer (Debian: apt install pgbouncer)"),
    pytest.mark.timeout(120),
]


@pytest.mark.parametrize("settings", [{}, {"default_pool_size": "1"}, {"server_round_robin": "1"}])
def test_a_pooler_that_shares_sessions_is_refused(settings: dict[str, str], postgres: PostgresServer) -> None:
    direct = postgres.new_database()
    refused = pytest.raises(JournalError, match=r"gives a session to another connection .*pool_mode = session")
    with pgbouncer(postgres, pool_mode="transaction", **settings) as by_way_of, refused:
        PostgresStore(by_way_of(direct))
    with psycopg.connect(direct) as connection:
        assert connection.execute("SELECT 1 FROM information_schema.schemata WHERE schema_name = 'psbridge'").fetchall() == []


def test_over_a_pooler_that_keeps_sessions_workers_carry_runs_on(postgres: PostgresServer, tmp_path: Path) -> None:
    with pgbouncer(postgres, pool_mode="session") as by_way_of:
        fleet = Fleet(by_way_of(postgres.new_database()), tmp_path)
        try:
            fleet.start(2)
            fleet.work(concurrency=1)
            fleet.until(all_done)
            assert once_each(fleet.effects())
        finally:
            fleet.close()
