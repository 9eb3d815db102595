"""An object of any generation in; each property that can be read out, and for each that cannot a sentence in `problems`.

A model refuses an object whose one property has the wrong shape. A report on somebody's mail must rather say what it could
not read, and go on. Several names are the names that the generations of Exchange have for one property.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Self, TypeVar

from psbridge.models.base import Model
from psbridge.models.shapes import each, or_nothing
from psbridge.models.values import (
    ByteQuantifiedSize,
    EnhancedTimeSpan,
    EnumName,
    Unlimited,
    WrongShape,
    read_bool,
    read_int,
    read_moment,
    read_shown_text,
)
from psbridge.models.values.shape import unwrapped
from psbridge.psobject import DateTime, PSObject, Value

__all__ = ["Reading"]

T = TypeVar("T")


class Reading:
    """Reads one object property by property. What is absent, null or empty is None; what cannot be read is None and a problem."""

    def __init__(self, value: Value, place: str = "", problems: list[str] | None = None) -> None:
        self._value = value
        self._place = place
        self.problems: list[str] = [] if problems is None else problems

    @classmethod
    def of(cls, model: Model) -> Self:
        """Read the object behind a model."""
        return cls(model.raw)

    @property
    def shown(self) -> str:
        """The text that PowerShell shows for the object itself; empty where it has none."""
        try:
            return read_shown_text(self._value)
        except WrongShape:
            return ""

    @property
    def has_properties(self) -> bool:
        """Whether there is more than a text: beyond the serialisation depth nothing else is left of an object."""
        inner = unwrapped(self._value)
        return isinstance(inner, PSObject) and bool(inner.props or inner.ms)

    def size(self, *names: str) -> int | None:
        """A number of bytes, in any form in which Exchange sends a size (field-notes 2.6); an unlimited one is no size."""
        limit = self._read(names, or_nothing(_size))
        if limit is not None and limit.is_unlimited:
            self._cannot(names, WrongShape("Unlimited", "a size with an end"))
        return None if limit is None or limit.value is None else limit.value.bytes

    def duration(self, *names: str) -> EnhancedTimeSpan | None:
        """A duration in any form (field-notes 2.6); a negative one is none."""
        return self._read(names, or_nothing(_duration))

    def moment(self, *names: str) -> DateTime | None:
        """A time."""
        return self._read(names, or_nothing(read_moment))

    def number(self, *names: str) -> int | None:
        """A whole number, not negative: what is counted here cannot be less than nothing."""
        return self._read(names, or_nothing(_number))

    def truth(self, *names: str) -> bool | None:
        """True or False."""
        return self._read(names, or_nothing(read_bool))

    def name(self, *names: str) -> EnumName | None:
        """The name of an enum's value, whatever it is: other generations know other names."""
        return self._read(names, or_nothing(EnumName.parse))

    def text(self, *names: str) -> str:
        """The text that PowerShell shows; empty where there is none."""
        return self._read(names, or_nothing(read_shown_text)) or ""

    def child(self, *names: str) -> Reading | None:
        """An object inside this one; its problems are counted here."""
        value = self._raw(names)
        return None if value is None else Reading(value, f"{self._place}{names[0]}.", self.problems)

    def children(self, *names: str) -> tuple[Reading, ...]:
        """The items of a list."""
        items = each(lambda value: value)(self._raw(names))
        return tuple(
            Reading(item, f"{self._place}{names[0]}[{place}].", self.problems)
            for place, item in enumerate(items)
            if item is not None
        )

    def _read(self, names: tuple[str, ...], read: Callable[[Value], T]) -> T | None:
        value = self._raw(names)
        try:
            return None if value is None else read(value)
        except WrongShape as error:
            self._cannot(names, error)
            return None

    def _raw(self, names: tuple[str, ...]) -> Value:
        inner = self._value
        if not isinstance(inner, PSObject):
            return None
        return next((value for value in map(inner.get, names) if value is not None), None)

    def _cannot(self, names: tuple[str, ...], error: WrongShape) -> None:
        self.problems.append(str(error.below(f"{self._place}{names[0]}")))


def _size(value: Value) -> Unlimited[ByteQuantifiedSize]:
    return Unlimited.parse(value, ByteQuantifiedSize.parse)


def _duration(value: Value) -> EnhancedTimeSpan:
    duration = EnhancedTimeSpan.parse(value)
    if duration.ticks < 0:
        raise WrongShape(value, "a duration that is not negative")
    return duration


def _number(value: Value) -> int:
    number = read_int(value)
    if number < 0:
        raise WrongShape(value, "a number that is not negative")
    return number
