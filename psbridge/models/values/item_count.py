"""`10188 [1.152 GB (1,237,342,091 bytes)]` in, a number of items and their size out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from psbridge.models.values.byte_quantified_size import ByteQuantifiedSize
from psbridge.models.values.shape import WrongShape, unwrapped
from psbridge.psobject import PSObject, Value

__all__ = ["ItemCount"]

EXPECTED: Final = "a count with a size such as '10188 [1.152 GB (1,237,342,091 bytes)]'"
FORM: Final = re.compile(r"([0-9]{1,18}) \[(.+)\]")


@dataclass(frozen=True, slots=True)
class ItemCount:
    """The items of a folder or bucket in a mailbox verification, and their bytes. Judge a move by `count`, never by `size`.

    Good moves differ by 1.27 to 2.02 times in bytes (field-notes section 0).
    """

    count: int
    size: ByteQuantifiedSize

    @classmethod
    def parse(cls, value: Value) -> Self:
        """Read the text, or an object that is shown so. Raises WrongShape."""
        plain = unwrapped(value)
        text = plain.to_string if isinstance(plain, PSObject) else plain
        parts = FORM.fullmatch(text) if isinstance(text, str) else None
        if parts is None:
            raise WrongShape(value, EXPECTED)
        try:
            return cls(int(parts[1]), ByteQuantifiedSize.parse(parts[2]))
        except WrongShape:
            raise WrongShape(value, EXPECTED) from None

    def __str__(self) -> str:
        return f"{self.count} [{self.size}]"
