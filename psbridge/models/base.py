"""PSObjects in, frozen typed models out; a property with the wrong shape is a ShapeError that names it.

A model names each property that it reads. All others stay reachable through `raw`, and cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple, Self, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from psbridge.models.read import reader_of
from psbridge.models.shapes import each
from psbridge.models.values import BeyondDepth, WrongShape
from psbridge.psobject import PSObject, Value

__all__ = ["Model", "many", "many_properties", "one", "prop", "required"]


class Model(BaseModel):
    """One object of a cmdlet's output. `raw` is the object itself, with every property that it came with.

    A property that the object does not have is None, a list of it is empty; `has` tells "not there" from "there and empty".
    """

    # pydantic's own validator of a model is made when somebody asks for it: `read` does without, and most programs need few.
    model_config = ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True, defer_build=True)

    raw: PSObject = Field(default_factory=PSObject, repr=False, exclude=True)

    @classmethod
    def parse(cls, obj: Value, cmdlet: str) -> Self:
        """Read what `cmdlet` returned. Raises ShapeError: cmdlet, property, type, value, and what was expected."""
        try:
            return cls.read(obj)
        except WrongShape as error:
            raise error.returned_by(cmdlet) from None

    @classmethod
    def read(cls, obj: Value) -> Self:
        """Read an object, also one inside another. Raises WrongShape with the way down to the property."""
        if not isinstance(obj, PSObject) or not (obj.props or obj.ms):
            raise WrongShape(obj, "an object with properties")
        read = _read(cls, obj)
        for alias, name in _required(cls):
            if read[name] is None:
                raise WrongShape(obj.get(alias), "a value", prop=alias)
        return cls._made_of(read)

    @classmethod
    def _made_of(cls, read: dict[str, object]) -> Self:
        """Make a model as model_validate does in the end, which takes as long again to look for the names that are not there."""
        model = cls.__new__(cls)
        _set(model, "__dict__", _unread(cls) | read)
        _set(model, "__pydantic_fields_set__", {*read})
        _set(model, "__pydantic_extra__", None)
        _set(model, "__pydantic_private__", None)
        return model

    @classmethod
    def properties(cls) -> tuple[str, ...]:
        """The properties that the model reads, by their names on the wire: what to select where a list is long."""
        return tuple(aliases[0] for _, aliases, _ in _fields(cls))

    def has(self, field: str) -> bool:
        """Whether the object came with this property at all, null or not. `field` is the Python name."""
        return field in self.model_fields_set

    def __eq__(self, other: object) -> bool:
        """Two models are equal if all that was read is: a text and an object in `raw` may say the same."""
        return type(self) is type(other) and self._what_was_read() == other._what_was_read()

    def __hash__(self) -> int:
        return hash(self._what_was_read())

    def _what_was_read(self) -> tuple[object, ...]:
        return tuple(value for name, value in self.__dict__.items() if name != "raw")


M = TypeVar("M", bound=Model)
_set: Final = object.__setattr__


def prop(name: str, *older: str) -> Any:
    """Declare a property by its name on the wire; `older` are the names that other generations of Exchange use for it."""
    return Field(default=None, validation_alias=_alias(name, older))


def many_properties(name: str, *older: str) -> Any:
    """Declare a property that holds a list."""
    return Field(default=(), validation_alias=_alias(name, older))


def required(name: str) -> Any:
    """Declare a property without which the object means nothing; missing, null and empty are errors."""
    return Field(validation_alias=name)


def _alias(name: str, older: tuple[str, ...]) -> str | AliasChoices:
    return AliasChoices(name, *older) if older else name


def one(model: type[M]) -> Callable[[Value], M | BeyondDepth | None]:
    """Read an object inside an object, or the text that the depth left of it."""

    def read_one(value: Value) -> M | BeyondDepth | None:
        return None if value is None else _inner(model, value)

    return read_one


def many(model: type[M]) -> Callable[[Value], tuple[M | BeyondDepth, ...]]:
    """Read a list of objects, each of them perhaps only a text."""

    def read_inner(value: Value) -> M | BeyondDepth:
        return _inner(model, value)

    return each(read_inner)


def _inner(model: type[M], value: Value) -> M | BeyondDepth:
    if isinstance(value, str):
        return BeyondDepth(str(value))
    if isinstance(value, PSObject) and not value.props and not value.ms and value.to_string is not None:
        return BeyondDepth(value.to_string)
    return model.read(value)


class _Place(NamedTuple):
    """Where the values of a field lie in objects of one form.

    `keys`: each with whether it is a note's; the first one whose value is not null counts. None if a required one is missing.
    """

    field: str
    alias: str
    read: Callable[[Value], object]
    keeps_null: bool
    keys: tuple[tuple[bool, str], ...]


def _read(cls: type[Model], obj: PSObject) -> dict[str, object]:
    """Read the model's own names; a form that was seen before costs one look-up per property, whatever it has beside."""
    ms, props = obj.ms, obj.props
    read: dict[str, object] = {"raw": obj}
    for field, alias, read_value, keeps_null, keys in _places(cls, tuple(ms), tuple(props)):
        if not keys:
            raise WrongShape.missing(alias, obj.names())
        for is_note, key in keys:
            value = ms[key] if is_note else props[key]
            if value is not None:
                break
        try:
            read[field] = None if value is None and keeps_null else read_value(value)
        except WrongShape as error:
            raise error.below(alias) from None
    return read


@lru_cache(maxsize=512)
def _places(cls: type[Model], notes: tuple[str, ...], properties: tuple[str, ...]) -> tuple[_Place, ...]:
    """Find the model's names among an object's, without regard to case; a note wins over a property of the same name."""
    known = {name.lower(): (False, name) for name in properties} | {name.lower(): (True, name) for name in notes}
    required = {name for _, name in _required(cls)}
    places = (
        _Place(name, aliases[0], *reader_of(field), tuple(known[each.lower()] for each in aliases if each.lower() in known))
        for name, aliases, field in _fields(cls)
    )
    return tuple(place for place in places if place.keys or place.field in required)


@cache
def _required(cls: type[Model]) -> tuple[tuple[str, str], ...]:
    return tuple((aliases[0], name) for name, aliases, field in _fields(cls) if field.is_required())


@cache
def _unread(cls: type[Model]) -> dict[str, object]:
    """A model's fields, each with the value that it has where nothing is read."""
    return {name: None if field.is_required() else field.default for name, field in cls.model_fields.items()}


def _fields(cls: type[Model]) -> Iterator[tuple[str, tuple[str, ...], FieldInfo]]:
    for name, field in cls.model_fields.items():
        alias = field.validation_alias
        if alias is not None:
            aliases = alias.choices if isinstance(alias, AliasChoices) else (alias,)
            yield name, tuple(str(choice) for choice in aliases), field
