"""The arguments and options that several of the commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

__all__ = ["FileArgument", "FirstOption", "OutputOption", "PlainOption", "PropertyOption", "WhereOption"]

FileArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="FILE", help="What Export-Clixml or a redirected stream wrote; - for standard input.")
]
OutputOption: TypeAlias = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to this file instead of standard output.", show_default=False)
]
PropertyOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--property", "-p", metavar="A,B*", help="Properties by name or wildcard; may be repeated.", show_default=False),
]
WhereOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        "-w",
        metavar="'PROPERTY -OPERATOR VALUE'",
        help="Only objects like this, as with Where-Object: 'Name -like x*'. May be repeated; all must hold. "
        "Operators: -eq -ne -like -notlike -match -notmatch -gt -lt -ge -le -contains -notcontains.",
        show_default=False,
    ),
]
FirstOption: TypeAlias = Annotated[
    int | None, typer.Option("--first", "-n", min=1, help="Only so many objects; the rest is not read.", show_default=False)
]
PlainOption: TypeAlias = Annotated[
    bool, typer.Option("--plain", help="Names and values only, for people and other tools. It cannot be turned back.")
]
