"""An ErrorRecord in, the lines out in which Windows PowerShell (`$ErrorView = 'NormalView'`) and the documents show it."""

from __future__ import annotations

import re
from typing import Final

from psbridge.error_record import ErrorCategory, ErrorRecord
from psbridge.report.lines import break_lines
from psbridge.report.screen import Screen
from psbridge.report.visible import visible

__all__ = ["format_error"]

# ErrorCategoryInfo shows this much of a target's name and type; the middle is left out.
LONGEST_TARGET: Final = 40
INDENT: Final = 4


def format_error(record: ErrorRecord, screen: Screen) -> list[str]:
    """Write message, position (where one is known), CategoryInfo, FullyQualifiedErrorId and PSComputerName."""
    message = visible(record.message)
    position = visible(record.position).strip("\n")
    # The name of the command stands in front where it is known, and that is where the position is.
    start = f"{visible(record.activity)} : " if position and record.activity else ""
    details = [
        ("CategoryInfo", _category(record, screen)),
        ("FullyQualifiedErrorId", visible(record.error_id)),
        ("PSComputerName", visible(record.computer_name)),
    ]
    texts = [
        start + message,
        position,
        *(_detail(name, text, screen) for name, text in details if text or name != "PSComputerName"),
    ]
    return [line for text in texts if text for line in break_lines(text, screen.columns, screen)]


def _category(record: ErrorRecord, screen: Screen) -> str:
    target = f"{_short(record.target_name, screen)}:{_short(record.target_type, screen)}"
    name = (
        "Deadlockdetected" if record.category is ErrorCategory.DeadlockDetected else record.category.name
    )  # PowerShell's spelling
    return visible(f"{name}: ({target}) [{_short(record.activity, screen)}], {_short(record.reason, screen)}")


def _short(text: str, screen: Screen) -> str:
    if len(text) <= LONGEST_TARGET:
        return text
    kept = (LONGEST_TARGET - len(screen.ellipsis)) // 2
    return text[:kept] + screen.ellipsis + text[-kept:]


def _detail(name: str, text: str, screen: Screen) -> str:
    """One `+ Name : text`, cut into pieces that are each indented, as the format file does; lines are broken afterwards."""
    whole = f"+ {name:<21} : {text}"
    pieces = re.findall(f".{{1,{screen.width - INDENT - 2}}}", whole, re.DOTALL)
    return "".join(" " * INDENT + piece for piece in pieces)
