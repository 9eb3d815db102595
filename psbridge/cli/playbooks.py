"""`psbridge playbooks`: every playbook there is, one line each."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.table import Table

from psbridge.cli.options import PlaybooksOption
from psbridge.discovery import find_playbooks

__all__ = ["playbooks"]


def playbooks(*, playbooks: PlaybooksOption = None) -> None:
    """List all playbooks: their names, for whom they are, and what they do."""
    found = find_playbooks(playbooks)
    table = Table("PLAYBOOK", "FOR", "WHAT IT DOES", box=None, pad_edge=False)
    # Earlier versions are kept for runs that need them, and begun by nobody.
    for name, playbook in sorted((name, playbook) for name, playbook in found.items() if name == playbook.name):
        for_one = any(known.name == "identity" for known in playbook.inputs)
        table.add_row(name, "a user" if for_one else "everybody", playbook.summary)
    Console(highlight=False, markup=False).print(table)
    typer.echo("\nMore about one: psbridge playbook show NAME")
