"""The group `psbridge cassette` out: its commands, each imported when it is asked for."""

from __future__ import annotations

from typing import Final

from psbridge.cli.lazy import group_of

__all__ = ["cassette"]

_NAMES: Final = ("show", "diff", "verify", "scrub")

cassette: Final = group_of(
    "cassette",
    {name: f"psbridge.cli.cassette.{name}" for name in _NAMES},
    says="Show, compare and check what `psbridge run --record` has written, and take the people out of it before it is shared.",
    epilog="Exit codes: 0 done, 1 different or damaged, 2 usage or no cassette, 6 scrubbed, but something was not judged.",
)
