"""Values in, lines that show all of them out. It ends with rings too, and needs no more of Python's stack for deep objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from psbridge.psobject.objects import MemberSet, PSObject, Value

__all__ = ["dump"]


def dump(*values: Value) -> Iterator[str]:
    """Give the lines that show values with everything in them, one member, item or entry a line, two blanks a level.

    An object that occurs again is shown once and named by its number: `-> #3`. SecureStrings stay hidden.
    """
    numbers: dict[int, int] = {}
    todo: list[tuple[int, str, Value]] = [(0, "", value) for value in reversed(values)]
    while todo:
        depth, label, value = todo.pop()
        if not isinstance(value, PSObject | MemberSet):
            text = "null" if value is None else f"{type(value).__name__} {value!r}"
        elif id(value) in numbers:
            text = f"-> #{numbers[id(value)]}"
        else:
            number = numbers[id(value)] = len(numbers) + 1
            text = f"#{number} {_title(value)}"
            todo.extend((depth + 1, f"{part}: ", content) for part, content in reversed(list(_parts(value))))
        yield f"{'  ' * depth}{label}{text}"


def _title(value: PSObject | MemberSet) -> str:
    if isinstance(value, MemberSet):
        return "named set"
    shown = "" if value.to_string is None else f" {value.to_string!r}"
    return f"{value.type_name or 'untyped'}{shown}{f' ({value.kind})' if value.kind else ''}"


def _parts(value: PSObject | MemberSet) -> Iterator[tuple[str, Value]]:
    if isinstance(value, MemberSet):
        yield from value.members.items()
        return
    if value.has_base:
        yield "base", value.base
    yield from ((f"[{index}]", item) for index, item in enumerate(value.items or []))
    for index, (key, content) in enumerate(value.entries or []):
        yield f"[{index}] key", key
        yield f"[{index}] value", content
    yield from _named("", value.props)
    yield from _named("note ", value.ms)


def _named(kind: str, members: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    return ((f"{kind}{name}", value) for name, value in members.items())
