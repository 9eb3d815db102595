"""The warnings that stand of a run in, what a person sees of them out."""

from __future__ import annotations

from collections.abc import Iterable

import typer

from psbridge.report.visible import visible

__all__ = ["warn"]


def warn(warnings: Iterable[str]) -> None:
    """Print them where errors go: they are not part of what was asked for."""
    for text in warnings:
        typer.echo(visible(f"WARNING: {text}"), err=True)
