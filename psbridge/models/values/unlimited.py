"""`Unlimited`, or a value with a limit, as text or as object in; a value that knows which of both it is out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from psbridge.models.values.shape import WrongShape, unwrapped
from psbridge.psobject import PSObject, Value

__all__ = ["Unlimited"]

T = TypeVar("T")

UNLIMITED: Final = "Unlimited"


@dataclass(frozen=True, slots=True)
class Unlimited(Generic[T]):
    """Microsoft.Exchange.Data.Unlimited`1: a limit, or none (`value` is None)."""

    value: T | None = None

    @classmethod
    def parse(cls, value: Value, read: Callable[[Value], T]) -> Unlimited[T]:
        """Read `Unlimited`, an object with IsUnlimited and Value, or what `read` takes. Raises WrongShape.

        The property Value of an unlimited object throws, so it is not there (clixml-notes section 4, field-notes section 3).
        """
        plain = unwrapped(value)
        if isinstance(plain, PSObject) and "IsUnlimited" in plain:
            return cls._of_object(plain, read)
        if isinstance(plain, str) and plain.strip().lower() == UNLIMITED.lower():
            return cls()
        try:
            return cls(read(value))
        except WrongShape as error:
            raise WrongShape(value, f"'{UNLIMITED}' or {error.expected}") from None

    @classmethod
    def _of_object(cls, limit: PSObject, read: Callable[[Value], T]) -> Unlimited[T]:
        match unwrapped(limit["IsUnlimited"]):
            case True:
                return cls()
            case False:
                inner = limit.get("Value")
                return cls(read(limit.to_string if inner is None else inner))
        raise WrongShape(limit, f"'{UNLIMITED}', or an object that says whether it is")

    @property
    def is_unlimited(self) -> bool:
        """Whether there is no limit."""
        return self.value is None

    def __str__(self) -> str:
        return UNLIMITED if self.value is None else str(self.value)
