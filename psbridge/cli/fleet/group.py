"""The group `psbridge fleet` out: its commands, each imported when it is asked for."""

from __future__ import annotations

from typing import Final

from psbridge.cli.lazy import group_of

__all__ = ["fleet"]

_NAMES: Final = ("status", "pause", "resume", "drain")

fleet: Final = group_of(
    "fleet",
    {name: f"psbridge.cli.fleet.{'status' if name == 'status' else 'brakes'}" for name in _NAMES},
    says="Many runs over many workers (`psbridge worker`): how they stand, and the brake for all of them.",
    epilog="Exit codes: 0 done, 1 the journal cannot be reached, 2 usage.",
)
