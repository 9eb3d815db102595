"""Sizes as Exchange sends them in, a number of bytes out: as object, as `99 GB (106,300,440,576 bytes)`, as number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from psbridge.models.values.shape import WrongShape, unwrapped
from psbridge.psobject import PSObject, Value

__all__ = ["ByteQuantifiedSize"]

EXPECTED: Final = "a size such as '99 GB (106,300,440,576 bytes)', or a number of bytes"
MOST_BYTES: Final = 2**64 - 1
UNITS: Final = ("B", "KB", "MB", "GB", "TB")
SIGNIFICANT_DIGITS: Final = 4

# The bytes in parentheses are exact, the quantity before them is rounded. Groups are parted by the server's culture.
GROUP_MARKS: Final = ".,' \u00a0\u202f\u2019"
SHOWN_SIZE: Final = re.compile(rf"[0-9][0-9{GROUP_MARKS}]* ?[KMGT]?B \(([0-9]{{1,3}}(?:[{GROUP_MARKS}]?[0-9]{{3}})*) bytes\)")
NO_MARKS: Final = dict.fromkeys(map(ord, GROUP_MARKS))
NUMBER: Final = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True, slots=True, order=True)
class ByteQuantifiedSize:
    """Microsoft.Exchange.Data.ByteQuantifiedSize: a number of bytes (UInt64)."""

    bytes: int

    @classmethod
    def parse(cls, value: Value) -> Self:
        """Read a size in any form that occurs, always exactly. Raises WrongShape.

        A quantity alone (`1.5 GB`) is refused: where Exchange shows one it has been rounded.
        """
        number = _bytes_of(value)
        if number is None or not 0 <= number <= MOST_BYTES:
            raise WrongShape(value, EXPECTED)
        return cls(number)

    def __int__(self) -> int:
        return self.bytes

    def __str__(self) -> str:
        """Write it as Exchange does: the largest unit that fits, four significant digits, then the bytes."""
        unit = min((self.bytes.bit_length() - 1) // 10, len(UNITS) - 1) if self.bytes else 0
        return f"{_rounded(self.bytes, 1024**unit)} {UNITS[unit]} ({self.bytes:,} bytes)"


def _bytes_of(value: Value) -> int | None:
    plain = unwrapped(value)
    if isinstance(plain, PSObject):
        plain = plain.to_string if plain.items is None else None
    if isinstance(plain, str):
        shown = SHOWN_SIZE.fullmatch(plain)
        digits = shown[1].translate(NO_MARKS) if shown else plain if NUMBER.fullmatch(plain) else None
        return int(digits) if digits is not None else None
    if isinstance(plain, int) and not isinstance(plain, bool):
        return int(plain)
    if isinstance(plain, float) and plain.is_integer():
        return int(plain)
    return None


def _rounded(number: int, unit: int) -> str:
    """Divide and round half up, in integers: a double would be wrong from 2**53 on."""
    decimals = max(0, SIGNIFICANT_DIGITS - len(str(number // unit)))
    scaled = (number * 10**decimals * 2 + unit) // (unit * 2)
    whole, fraction = divmod(scaled, 10**decimals)
    return f"{whole}.{fraction:0{decimals}}".rstrip("0").rstrip(".") if decimals else str(whole)
