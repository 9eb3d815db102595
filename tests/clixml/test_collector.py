"""Objects that refer to themselves are garbage that only the collector finds: reading many documents keeps none of it."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest

from psbridge.clixml import decode, decode_messages
from psbridge.psobject import PSObject
from tests.clixml.decoding import document

NOTES = "".join(f'<S N="n{number}">x</S>' for number in range(50))
RING = f'<Obj RefId="0"><MS>{NOTES}<Ref N="me" RefId="0"/></MS></Obj>'
LARGE = document(*[RING] * 100)


@pytest.mark.parametrize(
    ("read", "times", "made", "kept"),
    [
        (lambda: decode(LARGE), 600, 60_000, 30_000),
        (lambda: decode_messages([RING.encode()] * 2), 5_000, 10_000, 5_000),
    ],
    ids=["documents", "messages"],
)
def test_what_was_read_and_dropped_does_not_stay(read: Callable[[], object], times: int, made: int, kept: int) -> None:
    gc.collect()
    before = objects()
    seen = 0
    for number in range(times):
        read()
        if number % 100 == 99:
            seen = max(seen, objects() - before)

    assert made > kept > seen


def objects() -> int:
    """How many objects of PowerShell there are in this process."""
    return sum(type(one) is PSObject for one in gc.get_objects())
