"""Runs and leases for the journal's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from psbridge.journal import Draft, Entry, Kind, Lease, NewRun, Pause, SqliteStore, Status
from psbridge.journal.postgres import PostgresStore

__all__ = ["NOW", "AnyStore", "append", "filled", "lease_of", "new_run", "take"]

AnyStore: TypeAlias = SqliteStore | PostgresStore
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def new_run(run_id: str = "run-1", *, tenant: str = "contoso") -> NewRun:
    return NewRun(run_id, "p", "1", tenant, {"identity": "ada"}, "kim")


def take(
    store: AnyStore, run_id: str = "run-1", *, owner: str = "one", now: datetime = NOW, monotonic: float = 0.0
) -> Lease | None:
    """Ask for a lease of a minute."""
    until = now + timedelta(minutes=1)
    return store.acquire(run_id, owner=owner, now=now, until=until, monotonic=monotonic, monotonic_until=monotonic + 60)[1]


def lease_of(store: AnyStore, run_id: str = "run-1", *, owner: str = "one", now: datetime = NOW) -> Lease:
    """Begin a run and take it."""
    store.create(new_run(run_id), now=now)
    lease = take(store, run_id, owner=owner, now=now)
    assert lease is not None
    return lease


def append(
    store: AnyStore, lease: Lease, key: str, kind: Kind = Kind.READ, state: str = "done", *, now: datetime = NOW, **given: Any
) -> Entry:
    """Write an entry."""
    terms = {name: given.pop(name) for name in ("requires", "objects", "until", "monotonic_until") if name in given}
    return store.append(lease, Draft(key, kind, state, input_hash="0" * 64, body=given), now=now, **terms)


def filled(path: Path) -> None:
    """A journal with two runs, an approval, a signal and a lock on an object."""
    with SqliteStore(path) as store, store.worker("kim"):
        lease = lease_of(store)
        append(store, lease, "account", Kind.EVIDENCE, text="ä" * 300)
        append(store, lease, "consent", Kind.APPROVAL, "asked", objects=["guid-1"], sha="a" * 64)
        store.suspend(
            lease, Pause(Status.WAITING, "waits", wake_at=NOW + timedelta(days=1), signal="approval:consent"), now=NOW, seen=0
        )
        store.approve("run-1", "consent", "a" * 64, who="lee", now=NOW, expires_at=NOW + timedelta(days=1))
        second = lease_of(store, "run-2")
        append(store, second, "long", text="x" * 9000)
        store.finish(second, now=NOW, status=Status.DONE, result={"a": 1})
