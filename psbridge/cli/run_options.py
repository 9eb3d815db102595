"""The options of one `psbridge run` in, refused out where they do not go together, before anything is begun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from psbridge.errors import InputError

__all__ = ["STANDARD_OUTPUT", "check_together"]

# What `--output FORMAT` is called here.
STANDARD_OUTPUT: Final = "--output FORMAT"

# Each row: an option, and those that mean something else beside it.
_APART: Final[Mapping[str, tuple[str, ...]]] = {
    "--replay": ("--record", "--what-if", "--simulate", "--seed"),
    "--simulate": ("--record",),
    "--what-if": ("--record", "--output", STANDARD_OUTPUT),
    "--from": ("--record", "--replay", "--output", STANDARD_OUTPUT),
    "--json": ("--from", "--replay", "--simulate", "--what-if", STANDARD_OUTPUT),
    "--fleet": ("--simulate",),
}
# What an option is of no use without: without the first the second would be a real run, without the third one for nobody.
_NEEDS: Final[Mapping[str, str]] = {"--seed": "--simulate", "--fleet": "--from", "--repeat": "--from"}


def check_together(given: Mapping[str, object]) -> None:
    """Take the options by name, with their values. Raises InputError."""
    there = {name for name, value in given.items() if value}
    for option, others in _APART.items():
        if option in there and there.intersection(others):
            raise InputError(f"{option} goes with none of {_listed(others)}; nothing was begun")
    for option, needed in _NEEDS.items():
        if option in there and needed not in there:
            raise InputError(f"{option} needs {needed}; nothing was begun")


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
