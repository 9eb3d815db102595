"""The beginning of a word in, what it may become out: playbooks, runs and endpoints, without an engine and without a session.

Nothing is said where something cannot be read: a shell would print it into the line that is being typed.
"""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final

from psbridge.small_file import read_small

__all__ = ["endpoints", "playbooks", "runs"]

# The newest runs; nobody reads more.
_MOST: Final = 200
_USUAL: Final = ("onprem", "exo", "directory", "sync")


def playbooks(incomplete: str) -> list[tuple[str, str]]:
    """The names of the installed playbooks, from what the packages declare: no playbook is loaded."""
    names = sorted({point.name for point in entry_points(group="psbridge.playbooks")})
    return [(name, "") for name in names if name.startswith(incomplete)]


def runs(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """The newest runs of the journal in a file that the command line names, or of the default one, each with what it is."""
    path = _journal(ctx)
    if path is None or not path.is_file():
        return []
    return [(run, about) for run, about in _rows(path) if run.startswith(incomplete)]


def endpoints(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """The endpoints of the profile that the command line names, or of the default one; else those that playbooks use."""
    names = _USUAL
    with contextlib.suppress(OSError, ValueError, TypeError):
        names = tuple(tomllib.loads(read_small(_profile(ctx)))["endpoints"])
    return [(name, "") for name in names if name.startswith(incomplete)]


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    from psbridge.errors import JournalError  # noqa: PLC0415 - no other completion needs it
    from psbridge.journal.view import JournalView  # noqa: PLC0415

    with contextlib.suppress(JournalError), contextlib.closing(JournalView(path)) as view:
        newest = sorted(view.runs(problems=[]), key=lambda run: run.started_at, reverse=True)
        yield from ((run.run_id, f"{run.playbook}, {run.status}") for run in newest[:_MOST])


def _journal(ctx: Any) -> Path | None:
    named = ctx.params.get("journal")
    if named is None:
        with contextlib.suppress(OSError, ValueError, TypeError):
            named = tomllib.loads(read_small(_profile(ctx))).get("journal")
    if named is not None:
        return None if "://" in str(named) else Path(str(named)).expanduser()
    from psbridge.profile import default_journal_path  # noqa: PLC0415 - it brings pydantic

    return default_journal_path()


def _profile(ctx: Any) -> Path:
    named = ctx.params.get("profile")
    if named is not None:
        return Path(named)
    from psbridge.profile import default_profile_path  # noqa: PLC0415 - it brings pydantic

    return default_profile_path()
