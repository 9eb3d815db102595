"""Rows in, a Markdown table out; and how figures are written in it."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["megabytes", "number", "ratio", "seconds", "table"]


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align the columns: the first to the left, all others to the right, as they are figures."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])], *rows]
    drawn = ["| " + " | ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]) + " |" for line in lines]
    return "\n".join([f"\n{title}\n", *drawn])


def number(value: float) -> str:
    """A count or a rate, without decimals."""
    return f"{value:,.0f}"


def ratio(value: float | None) -> str:
    """A ratio with three digits; a dash where there is nothing to compare with."""
    if value is None:
        return "-"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def seconds(value: float) -> str:
    """Seconds, to the hundredth."""
    return f"{value:.2f}"


def megabytes(value: float) -> str:
    """Bytes as megabytes (10^6)."""
    return f"{value / 1e6:,.0f}"
