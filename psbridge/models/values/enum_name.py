"""An enum as object, text or number in; its name out, which also knows the number where it was sent."""

from __future__ import annotations

from typing import Final, Self

from psbridge.models.values.shape import WrongShape, unwrapped
from psbridge.psobject import PSObject, Value

__all__ = ["EnumName"]

EXPECTED: Final = "an enum: its name, its number, or both"


class EnumName(str):
    """The name of an enum's value, to be compared as text; `number` is its number, None where only the text came.

    Names decide, because numbers differ between the generations of Exchange. Undefined numbers are their own name,
    as .NET shows them.
    """

    __slots__ = ("_number",)
    _number: int | None

    def __new__(cls, name: str, number: int | None = None) -> Self:
        """Make a name, with its number where it is known."""
        made = super().__new__(cls, name)
        made._number = number
        return made

    @classmethod
    def parse(cls, value: Value) -> Self:
        """Read `UserMailbox`, an enum object, or a bare number. Raises WrongShape."""
        if type(value) is str and value:
            return cls(value)
        plain = unwrapped(value)
        if isinstance(plain, PSObject) and plain.is_enum and plain.to_string is not None:
            return cls(plain.to_string, _number(plain))
        if isinstance(plain, int) and not isinstance(plain, bool):
            return cls(str(int(plain)), int(plain))
        if isinstance(plain, str) and plain:
            return cls(plain)
        raise WrongShape(value, EXPECTED)

    @property
    def number(self) -> int | None:
        """The number behind the name."""
        return self._number

    @property
    def flags(self) -> tuple[str, ...]:
        """The names in a value of several flags: `CrossOrg, Pull` has two."""
        return tuple(name.strip() for name in self.split(","))


def _number(value: PSObject) -> int | None:
    base = unwrapped(value.base)
    return int(base) if isinstance(base, int) and not isinstance(base, bool) else None
