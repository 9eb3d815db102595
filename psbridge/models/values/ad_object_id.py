"""A reference to a directory object, as text or as object, in; what is known of it out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Self
from uuid import UUID

from psbridge.models.values.shape import WrongShape, unwrapped
from psbridge.models.values.simple import is_no_guid
from psbridge.psobject import PSObject, Value

__all__ = ["ADObjectId"]

EXPECTED: Final = "a directory object: its text, or an object with a ToString"


@dataclass(frozen=True, slots=True)
class ADObjectId:
    """Microsoft.Exchange.Data.Directory.ADObjectId.

    At depth 1 only `text` arrives; an object (`| Select-Object Database`) also has a name, a DN and perhaps a GUID. Two with
    the same text are equal, however much is known of them. Send the text back as an identity, never the object: Exchange
    does not take its own deserialised ids (field-notes section 3).
    """

    text: str
    name: str | None = field(default=None, compare=False)
    distinguished_name: str | None = field(default=None, compare=False)
    object_guid: UUID | None = field(default=None, compare=False)

    @classmethod
    def parse(cls, value: Value) -> Self:
        """Read a name, a canonical name, a DN, or the object. Raises WrongShape."""
        if type(value) is str and value:
            return cls(value)
        plain = unwrapped(value)
        if isinstance(plain, str) and plain:
            return cls(str(plain))
        if isinstance(plain, PSObject) and plain.to_string and plain.items is None and not plain.is_enum:
            return cls._of_object(plain, plain.to_string)
        raise WrongShape(value, EXPECTED)

    @classmethod
    def _of_object(cls, reference: PSObject, text: str) -> Self:
        guid = unwrapped(reference.get("ObjectGuid"))
        known = guid if isinstance(guid, UUID) and not is_no_guid(guid) else None
        return cls(text, _text(reference, "Name"), _text(reference, "DistinguishedName"), known)

    def __str__(self) -> str:
        return self.text


def _text(reference: PSObject, name: str) -> str | None:
    value = unwrapped(reference.get(name))
    return str(value) if isinstance(value, str) and value else None
