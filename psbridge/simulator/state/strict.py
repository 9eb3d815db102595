"""How a seed is read into the state: a name that the state has not is a mistake, not a thing to pass over."""

from __future__ import annotations

from typing import Final

from pydantic import ConfigDict

__all__ = ["STRICT"]

STRICT: Final = ConfigDict(extra="forbid")
