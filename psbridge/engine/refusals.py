"""Entries in, as they are written; the endpoints out that have refused who we are, and have answered nothing since.

A run that was refused ends or asks a person. Whoever carries on several runs asks here before the next one signs in again with
the same credentials: that changes nothing, and may lock the account.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from psbridge.errors import AuthenticationFailed, ConnectRefused, EndpointRefused
from psbridge.journal import Entry

__all__ = ["Refusals"]

_REFUSALS: Final = frozenset(kind.__name__ for kind in (AuthenticationFailed, ConnectRefused, EndpointRefused))


class Refusals:
    """What was refused over all runs of one engine."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}

    @property
    def told(self) -> Mapping[str, str]:
        """The endpoints that refuse now, each with the text of its error."""
        return MappingProxyType(self._told)

    def take(self, entry: Entry) -> None:
        """Look at an entry that was just written."""
        if entry.body.get("error", {}).get("type") in _REFUSALS:
            self._told[entry.endpoint] = entry.error
        elif entry.sent:
            self._told.pop(entry.endpoint, None)
