"""JSON as JsonWriter writes it in, the values out."""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from psbridge.clixml_json.scalars import READ
from psbridge.clixml_json.text import Json
from psbridge.clixml_json.writing import MOST_LEVELS
from psbridge.errors import InputError
from psbridge.psobject import Kind, MemberSet, ProgressRecord, PSObject, Value

__all__ = ["JsonReader"]


class JsonReader:
    """The values of one document, one after the other; a reference means the last object before it that has the id.

    `referred`: the only ids that references name (None: any may come), so that no other object is kept.
    """

    def __init__(self, referred: Container[int] | None = None) -> None:
        self._referred = referred
        self._objects: dict[int, PSObject] = {}

    def value(self, node: Json) -> Value:
        """Give the next value. Raises InputError with the place in the JSON."""
        try:
            return self._value(node, 0)
        except _Wrong as wrong:
            where = "".join(reversed(wrong.path)).lstrip(".")
            raise InputError(f"{f'{where}: ' if where else ''}{wrong.reason}") from None

    def _value(self, node: Json, level: int) -> Value:
        if isinstance(node, list):
            raise _Wrong(f'a list stands as {{"list": [...]}}. {_PLAIN}')
        if not isinstance(node, dict):
            return node  # type: ignore[no-any-return]  # JSON's other values are their own
        if level > MOST_LEVELS:
            raise _Wrong(f"it is nested more than {MOST_LEVELS} levels deep")
        if len(node) == 1:
            (tag, content), *_ = node.items()
            if tag in READ or tag in _SPECIAL:
                return self._tagged(tag, content, level)
        return self._object(node, level)

    def _tagged(self, tag: str, content: Json, level: int) -> Value:
        try:
            if tag == "ref":
                return self._target(content)
            if tag == "set":
                return MemberSet(self._members(content, level + 1))
            return _progress(content) if tag == "PR" else _scalar(tag, content)
        except _Wrong as wrong:
            wrong.path.append(f".{tag}")
            raise

    def _object(self, node: dict[str, Json], level: int) -> PSObject:
        made = PSObject()
        number = node.get("id")
        if type(number) is int and (self._referred is None or number in self._referred):
            self._objects[number] = made  # before the rest, which may refer to it
        # In the order of writing, whatever other tools made of it: a reference stands behind what it refers to.
        for part in sorted(node, key=lambda name: _ORDER.get(name, len(_ORDER))):
            try:
                self._part(made, part, node[part], level + 1)
            except _Wrong as wrong:
                if part not in _KINDS:
                    wrong.path.append(f".{part}")
                raise
        if len([part for part in node if part in _KINDS or part == "base"]) > 1:
            raise _Wrong("an object has one content only")
        return made

    def _part(self, made: PSObject, part: str, content: Json, level: int) -> None:
        if part == "types":
            made.types = tuple(_of(str, name) for name in _of(list, content))
        elif part == "toString":
            made.to_string = _of(str, content)
        elif part == "base":
            made.base, made.has_base = self._value(content, level), True
        elif part == "props":
            made.props = self._members(content, level)
        elif part == "notes":
            made.ms = self._members(content, level)
        elif part == "shares":
            _share(made, _of(list, content))
        elif part in _KINDS:
            self._contain(made, Kind(part), _of(list, content), level)
        elif part == "id":
            _of(int, content)
        else:
            raise _Wrong(f"an object has no such part; it has {', '.join(_PARTS)}. {_PLAIN}")

    def _contain(self, made: PSObject, kind: Kind, content: list[Json], level: int) -> None:
        made.kind = kind
        if kind not in (Kind.DICT, Kind.ORDERED):
            made.items = [self._at(f"[{place}]", item, level) for place, item in enumerate(content)]
            return
        made.entries = []
        for place, pair in enumerate(content):
            if not isinstance(pair, list) or len(pair) != 2:
                raise _Wrong(f"expected [key, value], found {_shown(pair)}", f"[{place}]")
            made.entries.append((self._at(f"[{place}].key", pair[0], level), self._at(f"[{place}]", pair[1], level)))

    def _members(self, content: Json, level: int) -> dict[str, Value]:
        return {name: self._at(f".{name}", item, level) for name, item in _of(dict, content).items()}

    def _target(self, content: Json) -> PSObject:
        target = self._objects.get(_of(int, content))
        if target is None:
            raise _Wrong(f"no object before it has the id {content}")
        return target

    def _at(self, step: str, node: Json, level: int) -> Value:
        try:
            return self._value(node, level)
        except _Wrong as wrong:
            wrong.path.append(step)
            raise


class _Wrong(Exception):
    def __init__(self, reason: str, *path: str) -> None:
        super().__init__(reason)
        self.reason, self.path = reason, list(path)


def _scalar(tag: str, content: Json) -> Value:
    try:
        return READ[tag](_of(str, content))
    except (ValueError, ArithmeticError):
        raise _Wrong(f"{_shown(content)} is no value of {tag}") from None


def _progress(content: Json) -> ProgressRecord:
    fields = _of(dict, content)
    wanted = ProgressRecord.__annotations__
    if set(fields) != set(wanted):
        raise _Wrong(f"a progress record has {', '.join(wanted)}")
    for name, kind in wanted.items():
        if not (name == "current_operation" and fields[name] is None):
            _of(str if "str" in kind else int, fields[name])
    return ProgressRecord(**fields)


def _share(made: PSObject, parts: list[Json]) -> None:
    """Take over the very sets of members that the base has; it stands before."""
    if not isinstance(made.base, PSObject) or not all(part in ("props", "notes") for part in parts):
        raise _Wrong("an object shares props or notes, with a base that is an object and stands before")
    if "props" in parts:
        made.props = made.base.props
    if "notes" in parts:
        made.ms = made.base.ms


def _of(kind: type, content: Json) -> Json:
    # A truth value is no number here, though it is one to Python.
    if type(content) is not kind:
        raise _Wrong(f"expected {_NAMES[kind]}, found {_shown(content)}")
    return content


def _shown(content: Json) -> str:
    text = repr(content)
    return text if len(text) <= 60 else f"{text[:60]}..."


_SPECIAL: Final = ("ref", "set", "PR")
_KINDS: Final = tuple(str(kind) for kind in Kind)
_PARTS: Final = ("id", "types", "toString", "base", *_KINDS, "props", "notes", "shares")
_ORDER: Final = {part: place for place, part in enumerate(_PARTS)}
_NAMES: Final = {int: "a whole number", str: "a string", list: "a list", dict: "an object with names and values"}
_PLAIN: Final = "What was written with --plain cannot be read back"
