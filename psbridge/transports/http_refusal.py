"""An HTTP answer in; an error out where it stands in the place of WS-Management: a redirect, or a refusal for now."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Final

import requests

__all__ = ["HttpRefusal", "refuse"]

_FOR_NOW: Final = frozenset({429, 503})


class HttpRefusal(Exception):
    """The HTTP server answered in the place of WS-Management: 429, 503, or a redirect, which is not followed."""

    def __init__(self, status: int, text: str, retry_after: float | None = None, location: str = "") -> None:
        self.status, self.text, self.retry_after, self.location = status, text, retry_after, location
        super().__init__(f"HTTP {status}")


def refuse(response: requests.Response, *_: object, **__: object) -> None:
    """A response hook of requests: raises HttpRefusal, so that a redirect is not followed and Retry-After not lost."""
    if response.is_redirect or response.status_code in _FOR_NOW:
        raise HttpRefusal(
            response.status_code,
            response.text,
            _seconds(response.headers.get("Retry-After", ""), response.headers.get("Date", "")),
            response.headers.get("Location", ""),
        )


def _seconds(retry_after: str, date: str) -> float | None:
    """Retry-After in seconds (RFC 9110, 10.2.3): a number, or a date, which is counted from the server's own."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - parsedate_to_datetime(date)).total_seconds())
    except (TypeError, ValueError):
        return None
