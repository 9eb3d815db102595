"""A duration of the state: .NET's own 100 ns ticks, written `[d.]hh:mm:ss[.fffffff]` as the documents print them."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import BeforeValidator, PlainSerializer

from psbridge.psobject import TICKS_PER_SECOND, TimeSpan

__all__ = ["NO_TIME", "Span", "parse_span"]

_WRITTEN: Final = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?")
NO_TIME: Final = TimeSpan(0)


def parse_span(written: str) -> TimeSpan:
    """Read a duration. Raises ValueError."""
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise ValueError(f"{written!r} is no duration such as '6.04:36:17.0329441'")
    days, hours, minutes, seconds = (int(part or 0) for part in found.group(1, 2, 3, 4))
    whole = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    return TimeSpan(whole * TICKS_PER_SECOND + int((found[5] or "").ljust(7, "0")))


def _given(value: object) -> object:
    return parse_span(value) if isinstance(value, str) else value


Span = Annotated[TimeSpan, BeforeValidator(_given), PlainSerializer(str)]
