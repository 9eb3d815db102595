"""A length of time in, how people say it out."""

from __future__ import annotations

from datetime import timedelta

__all__ = ["spoken"]

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def spoken(length: timedelta) -> str:
    """The two units that matter: `29 d 4 h`, `2 h 5 min`, `12 min 30 s`, `8 s`; nothing below zero."""
    seconds = max(0, int(length.total_seconds()))
    for large, small, in_large, in_small in (("d", "h", _DAY, _HOUR), ("h", "min", _HOUR, _MINUTE), ("min", "s", _MINUTE, 1)):
        if seconds >= in_large:
            rest = seconds % in_large // in_small
            return f"{seconds // in_large} {large}{f' {rest} {small}' if rest else ''}"
    return f"{seconds} s"
