"""How a field of a model is read, and what becomes of it in a dump: the bridge between our readers and pydantic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from pydantic import BaseModel, GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema

from psbridge.models.values import WrongShape
from psbridge.psobject import Value

__all__ = ["Read", "reader_of"]


class Read:
    """Stands in `Annotated[type, Read(reader)]`. The reader's answer is taken as it is: nothing is checked twice.

    A dump holds what JSON can hold: sizes, times and addresses are texts, as Exchange shows them.
    """

    def __init__(self, reader: Callable[[Value], object]) -> None:
        self.reader = reader

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        dumped = core_schema.plain_serializer_function_ser_schema(_plain)
        return core_schema.no_info_plain_validator_function(self.reader, serialization=dumped)


def reader_of(field: FieldInfo) -> tuple[Callable[[Value], object], bool]:
    """Give what reads the values of a field, and whether null is left as it is: where the field may be None, as with pydantic."""
    of_optional = [part.__metadata__ for part in get_args(field.annotation) if hasattr(part, "__metadata__")]
    readers = [each.reader for found in (field.metadata, *of_optional) for each in found if isinstance(each, Read)]
    return (readers[0], bool(of_optional)) if readers else (_by_pydantic(field.annotation), False)


def _by_pydantic(annotation: Any) -> Callable[[Value], object]:
    """A model of somebody else's may have fields of plain types: pydantic reads those."""
    adapter = TypeAdapter(annotation)

    def read(value: Value) -> object:
        try:
            return adapter.validate_python(value)
        except ValidationError as error:
            raise WrongShape(value, error.errors(include_url=False)[0]["msg"]) from None

    return read


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | BaseModel):
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.hex() if isinstance(value, bytes) else str(value)
