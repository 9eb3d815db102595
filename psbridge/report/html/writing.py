"""Times, durations, sizes and names in, the words out in which the page tells them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = ["iso", "moment", "name", "number", "shortened", "span"]

_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def moment(at: datetime) -> str:
    """A time with its zone, which is UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def iso(at: datetime) -> str:
    """For machines: the attribute `datetime` of the element `time`."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def span(duration: timedelta) -> str:
    """A duration in its units, without those in front that are nothing: `1 h 12 m 30 s`."""
    left = max(0, round(duration.total_seconds()))
    if not left:
        return "under 1 s"
    told = []
    for seconds, unit in _UNITS:
        count, left = divmod(left, seconds)
        if count:
            told.append(f"{count} {unit}")
    return " ".join(told)


def number(value: int) -> str:
    """A whole number with its thousands apart."""
    return f"{value:,}"


def name(key: str) -> str:
    """The name of a value as a person would write it: `gb_per_hour` is `Gb per hour`; other names stay."""
    if not key.islower() or not key.replace("_", "").isalnum():
        return key
    return key.replace("_", " ").capitalize()


def shortened(text: str, most: int) -> str:
    """The text, or its beginning with a mark that it goes on."""
    return text if len(text) <= most else f"{text[: most - 1]}\u2026"
