"""Steps for many objects: `gather` reads a long list into a table, `tabulate` makes a table from tables.

The journal keeps the command, the numbers, the hash of what was read and where the table is; never the objects. A reading that
is broken off is begun again; one that was finished is not repeated as long as its table is there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from psbridge.clixml import decode_message
from psbridge.cmdlets.call import Call
from psbridge.engine.answer import errors_of
from psbridge.engine.context import Context
from psbridge.engine.ledger import call_hash, text_hash
from psbridge.engine.tables import Kept, Query, Row, TableWriter, table_name
from psbridge.errors import ClixmlError, CmdletError, ShapeError
from psbridge.journal import Entry, Kind, reply_from_json
from psbridge.journal.records import dump
from psbridge.models import Model
from psbridge.session import Result

__all__ = ["Gathered", "Tabulated", "gather", "tabulate"]

M = TypeVar("M", bound=Model)
# So many of the objects that could not be read are told; all are counted.
_TOLD: Final = 10


@dataclass(frozen=True, slots=True)
class Gathered:
    """A list that was read to its end: `count` objects came, `unreadable` of them had another shape than expected."""

    table: str
    count: int
    sha256: str
    unreadable: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tabulated:
    """A table that was made: its rows, and how many there are of each value of the column `by`."""

    table: str
    count: int
    sha256: str
    counts: Mapping[str, int]


def gather(
    c: Context,
    key: str,
    endpoint: str,
    call: Call[M],
    columns: Sequence[str],
    row: Callable[[M], Row | None],
    index: Sequence[str],
) -> Gathered:
    """Read every object as it comes and keep its row."""
    digest = call_hash(endpoint, call, columns=list(columns))
    c.ledger.enter(key, Kind.GATHER, digest, f"[{endpoint}] {call}")
    kept = c.ledger.last(key, Kind.GATHER)
    if kept is not None and kept.state == "failed":
        _whole(kept.body, call, endpoint)
    if kept is not None and _still_there(c, kept):
        return _gathered(kept.body["gathered"])
    reading = _Reading(call, lambda: c.tables.write(table_name(key), columns, index), row)
    body = c.gather(key, endpoint, call, "gather", reading.begin)
    try:
        _whole(body, call, endpoint)
    except CmdletError:
        reading.abandon()
        c.add(key, Kind.GATHER, "failed", body, digest=digest)
        raise
    told = {**reading.finish(), "table": table_name(key), "path": str(c.tables.path)}
    c.add(key, Kind.GATHER, "done", {**body, "gathered": told}, digest=digest)
    return _gathered(told)


def tabulate(
    c: Context, key: str, columns: Sequence[str], rows: Callable[[Query], Iterable[Row]], by: str, shown: Sequence[str]
) -> Tabulated:
    """Make a table from what `rows` gives, which reads other tables of the run."""
    digest = text_hash(key, *columns, by)
    c.ledger.enter(key, Kind.TABLE, digest, key)
    kept = c.ledger.last(key, Kind.TABLE)
    if kept is not None and _still_there(c, kept):
        return _tabulated(kept.body["gathered"])
    writer, sha, counts = c.tables.write(table_name(key), columns), hashlib.sha256(), dict[str, int]()
    try:
        for made in rows(Query(c.tables)):
            writer.add(made)
            sha.update(dump(list(made)).encode())
            value = str(made[columns.index(by)])
            counts[value] = counts.get(value, 0) + 1
        whole = writer.finish(sha.hexdigest())
    finally:
        writer.abandon()
    told = {
        "table": table_name(key),
        "path": str(c.tables.path),
        "columns": list(columns),
        "shown": list(shown or columns),
        "by": by,
        "count": whole.count,
        "sha256": whole.sha256,
        "counts": counts,
    }
    c.add(key, Kind.TABLE, "done", {"gathered": told, "asked": key}, digest=digest)
    return _tabulated(told)


class _Reading:
    """One list on its way into a table; it may have to begin again."""

    def __init__(self, call: Call[Any], table: Callable[[], TableWriter], row: Callable[[Any], Row | None]) -> None:
        self._call, self._table, self._row = call, table, row
        self._writer: TableWriter | None = None
        self._sha = hashlib.sha256()
        self.count = self.unreadable = 0
        self.problems: list[str] = []

    def begin(self) -> Callable[[bytes], None]:
        """Forget what came so far, and give what takes the next objects."""
        self.count = self.unreadable = 0
        self.problems.clear()
        self._sha = hashlib.sha256()
        self._writer = writer = self._table()
        return lambda body: self._take(body, writer)

    def finish(self) -> dict[str, Any]:
        """Keep the table; gives what the journal tells of it."""
        # An endpoint that was never asked has no table either.
        kept = (self._writer or self._table()).finish(self._sha.hexdigest())
        return {"count": self.count, "rows": kept.count, "sha256": kept.sha256, **self._unread()}

    def abandon(self) -> None:
        """Leave no trace."""
        if self._writer is not None:
            self._writer.abandon()

    def _take(self, body: bytes, writer: TableWriter) -> None:
        self.count += 1
        self._sha.update(len(body).to_bytes(8, "big"))
        self._sha.update(body)
        try:
            made = self._row(self._call.model.parse(decode_message(body) if body else None, self._call.cmdlet))
        except (ClixmlError, ShapeError) as error:
            # One object with another shape must not keep the others from being seen; but it is told.
            self.unreadable += 1
            if len(self.problems) < _TOLD:
                self.problems.append(f"object {self.count}: {error}")
            return
        if made is not None:
            writer.add(made)

    def _unread(self) -> dict[str, Any]:
        return {"unreadable": self.unreadable, "problems": list(self.problems)}


def _whole(body: Mapping[str, Any], call: Call[Any], endpoint: str) -> None:
    """A list with an error in it is not the whole list."""
    errors = errors_of(Result.of(reply_from_json(body["reply"])))
    if errors:
        raise CmdletError(str(call), errors[0], endpoint=endpoint)


def _still_there(c: Context, entry: Entry) -> bool:
    if entry.state != "done":
        return False
    told = entry.body["gathered"]
    return c.tables.kept(str(told["table"])) == Kept(int(told.get("rows", told["count"])), str(told["sha256"]))


def _gathered(told: Mapping[str, Any]) -> Gathered:
    return Gathered(
        str(told["table"]), int(told["count"]), str(told["sha256"]), int(told["unreadable"]), tuple(map(str, told["problems"]))
    )


def _tabulated(told: Mapping[str, Any]) -> Tabulated:
    return Tabulated(str(told["table"]), int(told["count"]), str(told["sha256"]), dict(told["counts"]))
