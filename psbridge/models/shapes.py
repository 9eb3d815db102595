"""The shapes that a property can have: Python's type on the left, how it is read on the right. Models are written with these.

Null and the empty text mean "nothing here" (Exchange writes the empty text where a Nullable has no value), and become None;
only Text keeps the empty text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import PlainValidator

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
Read = Callable[[Value], T]


def or_nothing(read: Read[T]) -> Callable[[Value], T | None]:
    """Read a value that may be null or the empty text."""

    def read_or_nothing(value: Value) -> T | None:
        return None if _is_nothing(value) else read(value)

    return read_or_nothing


def each(read: Read[T]) -> Callable[[Value], tuple[T, ...]]:
    """Read a MultiValuedProperty: a list, one value that came without a list, or nothing."""

    def read_each(value: Value) -> tuple[T, ...]:
        if isinstance(value, PSObject) and value.items is not None:
            return tuple([_item(read, item, place) for place, item in enumerate(value.items)])
        return () if _is_nothing(value) else (read(value),)

    return read_each


def _is_nothing(value: Value) -> bool:
    if value is None:
        return True
    text = value.to_string if isinstance(value, PSObject) and not value.has_base else unwrapped(value)
    return isinstance(text, str) and not text


def _item(read: Read[T], item: Value, place: int) -> T:
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


Text = Annotated[str, PlainValidator(_text_or_null)]
ShownText = Annotated[str, PlainValidator(or_nothing(read_shown_text))]
Bool = Annotated[bool, PlainValidator(or_nothing(read_bool))]
Int = Annotated[int, PlainValidator(or_nothing(read_int))]
Bytes = Annotated[bytes, PlainValidator(or_nothing(read_bytes))]
Guid = Annotated[UUID, PlainValidator(or_nothing(read_guid))]
Enum = Annotated[EnumName, PlainValidator(or_nothing(EnumName.parse))]
Moment = Annotated[DateTime, PlainValidator(or_nothing(read_moment))]
Duration = Annotated[EnhancedTimeSpan, PlainValidator(or_nothing(EnhancedTimeSpan.parse))]
Size = Annotated[ByteQuantifiedSize, PlainValidator(or_nothing(ByteQuantifiedSize.parse))]
Count = Annotated[ItemCount, PlainValidator(or_nothing(ItemCount.parse))]
Quota = Annotated[Unlimited[ByteQuantifiedSize], PlainValidator(or_nothing(_quota))]
Limit = Annotated[Unlimited[int], PlainValidator(or_nothing(_limit))]
DurationLimit = Annotated[Unlimited[EnhancedTimeSpan], PlainValidator(or_nothing(_duration_limit))]
Smtp = Annotated[SmtpAddress, PlainValidator(or_nothing(SmtpAddress.parse))]
Proxy = Annotated[ProxyAddress, PlainValidator(or_nothing(ProxyAddress.parse))]
Directory = Annotated[ADObjectId, PlainValidator(or_nothing(ADObjectId.parse))]

Texts = Annotated[tuple[str, ...], PlainValidator(each(read_text))]
ShownTexts = Annotated[tuple[str, ...], PlainValidator(each(read_shown_text))]
Guids = Annotated[tuple[UUID, ...], PlainValidator(each(read_guid))]
Smtps = Annotated[tuple[SmtpAddress, ...], PlainValidator(each(SmtpAddress.parse))]
Proxies = Annotated[tuple[ProxyAddress, ...], PlainValidator(each(ProxyAddress.parse))]
DirectoryIds = Annotated[tuple[ADObjectId, ...], PlainValidator(each(ADObjectId.parse))]
