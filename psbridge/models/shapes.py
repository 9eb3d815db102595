"""The shapes that a property can have: Python's type on the left, how it is read on the right. Models are written with these.

Null and the empty text mean "nothing here" (Exchange writes the empty text where a Nullable has no value), and become None;
only Text keeps the empty text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar
from uuid import UUID

from psbridge.models.read import Read
from psbridge.models.values import (
    ADObjectId,
    ByteQuantifiedSize,
    EnhancedTimeSpan,
    EnumName,
    ItemCount,
    ProxyAddress,
    SmtpAddress,
    Unlimited,
    WrongShape,
    read_bool,
    read_bytes,
    read_guid,
    read_int,
    read_moment,
    read_shown_text,
    read_text,
)
from psbridge.models.values.shape import unwrapped
from psbridge.psobject import DateTime, PSObject, Value

__all__ = [
    "Bool",
    "Bytes",
    "Count",
    "Directory",
    "DirectoryIds",
    "Duration",
    "DurationLimit",
    "Enum",
    "Guid",
    "Guids",
    "Int",
    "Limit",
    "Moment",
    "Proxies",
    "Proxy",
    "Quota",
    "ShownText",
    "ShownTexts",
    "Size",
    "Smtp",
    "Smtps",
    "Text",
    "Texts",
    "each",
    "or_nothing",
]

T = TypeVar("T")


def or_nothing(read: Callable[[Value], T]) -> Callable[[Value], T | None]:
    """Read a value that may be null or the empty text."""

    def read_or_nothing(value: Value) -> T | None:
        if type(value) is str:
            return read(value) if value else None
        return None if _is_nothing(value) else read(value)

    return read_or_nothing


def each(read: Callable[[Value], T]) -> Callable[[Value], tuple[T, ...]]:
    """Read a MultiValuedProperty: a list, one value that came without a list, or nothing."""

    def read_each(value: Value) -> tuple[T, ...]:
        if isinstance(value, PSObject) and value.items is not None:
            return tuple([_item(read, item, place) for place, item in enumerate(value.items)])
        return () if _is_nothing(value) else (read(value),)

    return read_each


def _is_nothing(value: Value) -> bool:
    if not isinstance(value, PSObject):
        return value is None or (isinstance(value, str) and not value)
    text = unwrapped(value) if value.has_base else value.to_string
    return isinstance(text, str) and not text


def _item(read: Callable[[Value], T], item: Value, place: int) -> T:
    try:
        return read(item)
    except WrongShape as error:
        raise error.below(f"[{place}]") from None


def _text_or_null(value: Value) -> str | None:
    return None if value is None else read_text(value)


def _quota(value: Value) -> Unlimited[ByteQuantifiedSize]:
    return Unlimited.parse(value, ByteQuantifiedSize.parse)


def _limit(value: Value) -> Unlimited[int]:
    return Unlimited.parse(value, read_int)


def _duration_limit(value: Value) -> Unlimited[EnhancedTimeSpan]:
    return Unlimited.parse(value, EnhancedTimeSpan.parse)


Text = Annotated[str, Read(_text_or_null)]
ShownText = Annotated[str, Read(or_nothing(read_shown_text))]
Bool = Annotated[bool, Read(or_nothing(read_bool))]
Int = Annotated[int, Read(or_nothing(read_int))]
Bytes = Annotated[bytes, Read(or_nothing(read_bytes))]
Guid = Annotated[UUID, Read(or_nothing(read_guid))]
Enum = Annotated[EnumName, Read(or_nothing(EnumName.parse))]
Moment = Annotated[DateTime, Read(or_nothing(read_moment))]
Duration = Annotated[EnhancedTimeSpan, Read(or_nothing(EnhancedTimeSpan.parse))]
Size = Annotated[ByteQuantifiedSize, Read(or_nothing(ByteQuantifiedSize.parse))]
Count = Annotated[ItemCount, Read(or_nothing(ItemCount.parse))]
Quota = Annotated[Unlimited[ByteQuantifiedSize], Read(or_nothing(_quota))]
Limit = Annotated[Unlimited[int], Read(or_nothing(_limit))]
DurationLimit = Annotated[Unlimited[EnhancedTimeSpan], Read(or_nothing(_duration_limit))]
Smtp = Annotated[SmtpAddress, Read(or_nothing(SmtpAddress.parse))]
Proxy = Annotated[ProxyAddress, Read(or_nothing(ProxyAddress.parse))]
Directory = Annotated[ADObjectId, Read(or_nothing(ADObjectId.parse))]

Texts = Annotated[tuple[str, ...], Read(each(read_text))]
ShownTexts = Annotated[tuple[str, ...], Read(each(read_shown_text))]
Guids = Annotated[tuple[UUID, ...], Read(each(read_guid))]
Smtps = Annotated[tuple[SmtpAddress, ...], Read(each(SmtpAddress.parse))]
Proxies = Annotated[tuple[ProxyAddress, ...], Read(each(ProxyAddress.parse))]
DirectoryIds = Annotated[tuple[ADObjectId, ...], Read(each(ADObjectId.parse))]
