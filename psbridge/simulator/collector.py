"""Python's garbage collector held while a large tenant is made or read: it would walk the objects again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_held"]


@contextmanager
def collector_held() -> Iterator[None]:
    """Hold it; what was made goes to the oldest generation at once, unless somebody else keeps objects frozen."""
    held = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if held:
            if gc.get_freeze_count() == 0:
                gc.freeze()
                gc.unfreeze()
            gc.enable()
