"""Where a journal is in, the journal out: a file, or a PostgreSQL database by its URL or connection string."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from psbridge.errors import InputError
from psbridge.journal.reading import Journal
from psbridge.journal.sqlite import SqliteStore

if TYPE_CHECKING:
    from psbridge.journal.postgres import PostgresStore

__all__ = ["Place", "is_database", "open_journal", "place_of", "view_journal"]

# A file, or a database by its address.
Place: TypeAlias = Path | str

_DATABASE: Final = re.compile(r"postgres(ql)?://|(host|hostaddr|dbname|service|user)\s*=")


def is_database(where: Place) -> bool:
    """Whether this names a PostgreSQL database and no file."""
    return isinstance(where, str) and _DATABASE.match(where) is not None


def place_of(text: str) -> Place:
    """Tell a database's address from a file's path."""
    return text if is_database(text) else Path(text)


def open_journal(where: Place) -> SqliteStore | PostgresStore:
    """Open a journal to work with; it is made if there is none. Raises what the store raises."""
    if isinstance(where, str) and is_database(where):
        return _postgres()(where)
    return SqliteStore(where)


def view_journal(where: Place) -> Journal:
    """Open a journal to look only; it must be there. Raises what the store raises."""
    if isinstance(where, str) and is_database(where):
        return _postgres().view(where)
    return SqliteStore.view(where)


def _postgres() -> type[PostgresStore]:
    """Import it only where it is used: most have a file, and psycopg takes its time."""
    try:
        from psbridge.journal.postgres import PostgresStore  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise InputError('a journal in PostgreSQL needs a further package: python -m pip install "psbridge[fleet]"') from error
    return PostgresStore
