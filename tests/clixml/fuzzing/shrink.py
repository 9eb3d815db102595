"""An input that shows something in; the smallest input that still shows it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.clixml.fuzzing.elements import attributes, elements

Shows = Callable[[bytes], bool]


def shrink(data: bytes, shows: Shows, *, tries: int = 3_000) -> bytes:
    """Take out elements, attributes and bytes as long as what is left still shows it."""
    left = tries
    while left > 0:
        for smaller in _smaller(data):
            left -= 1
            if shows(smaller):
                data = smaller
                break
            if left == 0:
                return data
        else:
            return data
    return data


def _smaller(data: bytes) -> Iterator[bytes]:
    """What is left without some part, the largest parts first."""
    found = sorted(elements(data), key=lambda element: element.start - element.end)
    for element in found:
        yield data[: element.start] + data[element.end :]
        if not element.is_empty:
            yield data[: element.start] + data[element.opened : element.closed] + data[element.end :]
            yield data[: element.opened] + data[element.closed :]
    for attribute in attributes(data):
        yield data[: attribute.start] + data[attribute.end :]
    size = len(data) // 2
    while size:
        for start in range(0, len(data), size):
            yield data[:start] + data[start + size :]
        size = size // 2 if size > 8 or size < 2 else size - 1
