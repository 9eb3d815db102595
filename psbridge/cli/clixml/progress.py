"""Bytes done in, a line on the terminal that says how far a long file is read out; nothing where nobody looks."""

from __future__ import annotations

import sys
import time
from typing import Final

__all__ = ["ProgressLine"]

_EVERY: Final = 0.2
_AFTER: Final = 1.0
_MEGABYTE: Final = 1_000_000


class ProgressLine:
    """A line on standard error, if that is a terminal; shown after a second, five times a second."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shown = ""
        self._next = time.monotonic() + _AFTER if sys.stderr.isatty() else float("inf")

    def __call__(self, done: int, total: int | None) -> None:
        """Take what `psbridge.clixml.read` tells."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _EVERY
        share = f", {done * 100 // total} %" if total else ""
        text = f"{self._name}: {done // _MEGABYTE} MB{share}"
        sys.stderr.write("\r" + text.ljust(len(self._shown)))
        sys.stderr.flush()
        self._shown = text

    def clear(self) -> None:
        """Take the line away, before something else is printed or at the end."""
        if self._shown:
            sys.stderr.write("\r" + " " * len(self._shown) + "\r")
            sys.stderr.flush()
            self._shown = ""
