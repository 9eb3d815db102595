"""The name of a profile in, its file out; and where profiles and journals lie on this machine.

One tenant, one file: `profile.toml` is used where none is named, the others are `profiles/NAME.toml` beside it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from platformdirs import site_data_path, user_config_path, user_data_path

__all__ = [
    "default_journal_path",
    "default_profile_path",
    "named_journal_path",
    "named_profile_path",
    "profile_files",
    "profile_path",
]

_SUFFIX = ".toml"


def default_profile_path() -> Path:
    """The profile that is used where none is named."""
    return user_config_path("psbridge", appauthor=False) / f"profile{_SUFFIX}"


def named_profile_path(name: str) -> Path:
    """The profile of this name, one of several tenants'."""
    return default_profile_path().parent / "profiles" / f"{name}{_SUFFIX}"


def profile_path(named: Path) -> Path:
    """What `--profile` means: a file, or a bare name (no folder, no suffix): the profile that has it."""
    if named.suffix == _SUFFIX or len(named.parts) != 1:
        return named
    kept = named_profile_path(named.name)
    return named if named.is_file() and not kept.exists() else kept


def profile_files() -> list[Path]:
    """Every profile that has no need of a path: the default one first, then those with a name."""
    named = default_profile_path().parent / "profiles"
    return [path for path in (default_profile_path(), *sorted(named.glob(f"*{_SUFFIX}"))) if path.is_file()]


def default_journal_path() -> Path:
    """The journal that is used where none is named: one for all operators on Windows, the user's own elsewhere."""
    folder = site_data_path if sys.platform == "win32" else user_data_path
    return folder("psbridge", appauthor=False) / "journal.db"


def named_journal_path(name: str) -> Path:
    """The journal of the profile of this name: each tenant has its own."""
    return default_journal_path().with_name(f"journal-{name}.db")
