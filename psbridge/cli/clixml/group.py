"""The group `psbridge clixml` out: its commands, each imported when it is asked for."""

from __future__ import annotations

from typing import Final

from psbridge.cli.lazy import group_of

__all__ = ["clixml"]

_NAMES: Final = ("show", "check", "diff", "to-json", "to-jsonl", "from-json", "to-csv")

clixml: Final = group_of(
    "clixml",
    {name: f"psbridge.cli.clixml.{name.replace('-', '_')}" for name in _NAMES},
    says="Show, check and compare what Export-Clixml or redirected PowerShell wrote; turn it into JSON or CSV.",
    epilog="Exit codes: 0 done, 1 a file cannot be read to its end (what can be read is shown) or files differ, 2 usage.",
)
