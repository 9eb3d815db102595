"""A plan in, what PowerShell would call -WhatIf out."""

from __future__ import annotations

import typer

from psbridge.cli.live import Live
from psbridge.engine import Plan
from psbridge.report.command_line import pasteable
from psbridge.report.result import opened_by
from psbridge.report.transcript import prompt_of
from psbridge.report.visible import visible

__all__ = ["show_plan"]


def show_plan(plan: Plan, live: Live) -> None:
    """Print what would be done, the hashes that approvals would name, and what follows; the looks were shown when they came."""
    live.settle()
    typer.echo("")
    for write in plan.writes:
        typer.echo(f"What if: {prompt_of(write.endpoint)} {pasteable(write.command)}")
    for approval in plan.approvals:
        typer.echo(f"\nIt would ask for the approval {approval.key}: {visible(approval.says)}\n  SHA-256 {approval.sha}")
    if plan.ended:
        typer.echo(f"\nThe plan ends here: {plan.ended}. What would follow:")
        for phase in plan.remaining:
            typer.echo(f"  {phase}")
    if plan.result is not None and not plan.writes:
        for line in opened_by("It would end with:", plan.result):
            typer.echo(line)
    typer.echo("\nNothing was changed.")
