"""`psbridge profiles`: the profile of each tenant, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from psbridge.cli.again import Again
from psbridge.errors import ProfileError
from psbridge.profile import Profile, default_profile_path, profile_files

__all__ = ["profiles"]


def profiles() -> None:
    """List the profiles that have no need of a path: the default one, and those with a name; and how to look at one."""
    table = Table("PROFILE", "TENANT", "ENDPOINTS", "FILE", box=None, pad_edge=False)
    found = profile_files()
    for path in found:
        name = "(default)" if path == default_profile_path() else path.stem
        try:
            profile = Profile.load(path)
        except ProfileError:
            table.add_row(name, "(it has mistakes: psbridge doctor tells them)", "", str(path))
        else:
            table.add_row(name, profile.tenant, ", ".join(profile.endpoints), str(path))
    if not found:
        typer.echo(f"There is no profile yet. Write one with psbridge init: {default_profile_path()}")
        return
    Console(highlight=False, markup=False, width=1_000 if not Console().is_terminal else None).print(table)
    typer.echo(f"Can its endpoints be worked with? {_doctor(found)}")


def _doctor(found: Sequence[Path]) -> str:
    """The command for the one profile that there is, or for one of several."""
    if len(found) > 1:
        return Again(profile=Path("NAME")).command("doctor")
    return Again(profile=None if found[0] == default_profile_path() else Path(found[0].stem)).command("doctor")
