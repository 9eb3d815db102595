"""The GUID that is none: Guid.Empty, which Exchange writes where there is no mailbox and no archive."""

from __future__ import annotations

from typing import Final
from uuid import UUID

__all__ = ["NO_GUID"]

NO_GUID: Final = UUID(int=0)
