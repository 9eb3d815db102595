"""The output of a cmdlet that has no model in, the same value out."""

from __future__ import annotations

from typing import Self

from psbridge.models.base import Model
from psbridge.psobject import PSObject, Value

__all__ = ["Untyped"]


class Untyped(Model):
    """Whatever a cmdlet returned; its properties are read through `raw`."""

    @classmethod
    def read(cls, obj: Value) -> Self:
        """Take any value; one that is no object is wrapped in one, as PowerShell does."""
        return cls(raw=obj if isinstance(obj, PSObject) else PSObject.wrapping(obj))

    @property
    def value(self) -> Value:
        """The value itself: what `raw` wraps, or the object."""
        return self.raw.base if self.raw.has_base and not self.raw.types else self.raw
