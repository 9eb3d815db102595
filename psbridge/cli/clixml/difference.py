"""Two values in, the lines that tell how they differ out; they are compared as JSON: equal values give equal JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from psbridge.clixml_json import Json, JsonReader, JsonWriter, to_text
from psbridge.errors import ValueTypeError
from psbridge.psobject import Kind, PSObject, Value
from psbridge.report.display import display, plain_text
from psbridge.report.screen import Screen

__all__ = ["difference", "facts", "shown"]

_MOST: Final = 20
_LONGEST: Final = 200
_SCREEN: Final = Screen()


def difference(old: Json, new: Json) -> list[str]:
    """Give lines that begin with `-` for what is gone and `+` for what is new; nothing for equal values."""
    if to_text(old) == to_text(new):
        return []
    before, after = JsonReader().value(old), JsonReader().value(new)
    if isinstance(before, PSObject) and isinstance(after, PSObject) and before.items is not None and after.items is not None:
        lines = _of_lists(before.items, after.items)
    else:
        lines = _of_texts(_line(before), _line(after))
    lines = lines or list(_inside("", old, new))
    return lines if len(lines) <= _MOST else [*lines[:_MOST], f"... and {len(lines) - _MOST} lines more"]


def shown(node: Json) -> str:
    """Give one line for a value that stands on one side only."""
    return _line(JsonReader().value(node))


def _line(value: Value) -> str:
    # Cut where it is long: a mailbox has values of a hundred thousand characters.
    text = display(value, _SCREEN).replace("\r", "\u240d").replace("\n", "\u240a")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}{_SCREEN.ellipsis}"


def _of_texts(old: str, new: str) -> list[str]:
    return [f"- {old}", f"+ {new}"] if old != new else []


def _of_lists(old: list[Value], new: list[Value]) -> list[str]:
    before, after = ([to_text(fact(item)) for item in items] for items in (old, new))
    gone, added = Counter(before) - Counter(after), Counter(after) - Counter(before)
    lines = [f"{sign} {_line(item)}" for sign, item in (*_picked("-", old, before, gone), *_picked("+", new, after, added))]
    return lines or ([] if before == after else ["the same items in another order"])


def _picked(sign: str, items: list[Value], texts: list[str], wanted: Counter[str]) -> Iterator[tuple[str, Value]]:
    left = wanted.copy()
    for item, text in zip(items, texts, strict=True):
        if left[text]:
            left[text] -= 1
            yield sign, item


def _inside(path: str, old: Json, new: Json) -> Iterator[str]:
    """Where two JSON values part that are shown alike."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys((*old, *new)):
            if name != "id":
                yield from _inside(f"{path}.{name}", old.get(name), new.get(name))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _inside(f"{path}[{place}]", before, after)
    elif (type(old), old) != (type(new), new):
        where = f"{_line(path)}: " if path else ""
        yield f"- {where}{_line(to_text(old))}"
        yield f"+ {where}{_line(to_text(new))}"


def facts(value: Value) -> dict[str, Json]:
    """Give each property's value, and under names in parentheses what an object is beside them: type, text, content."""
    if not isinstance(value, PSObject):
        return {"(value)": fact(value)}
    found: dict[str, Json] = {name: fact(value.get(name)) for name in value.names()}
    if value.types:
        found["(type)"] = value.type_name
    if value.to_string is not None:
        found["(text)"] = value.to_string
    if value.has_base:
        found["(value)"] = fact(value.base)
    elif value.kind in (Kind.DICT, Kind.ORDERED):
        found |= {f"({plain_text(key)})": fact(item) for key, item in value.entries or []}
    elif value.kind is not None:
        found["(items)"] = fact(PSObject(kind=value.kind, items=value.items))
    return found


def fact(value: Value) -> Json:
    """Give one value with ids of its own."""
    try:
        return JsonWriter().node(value)
    except ValueTypeError:
        return plain_text(value)  # references made it deeper than any file nests
