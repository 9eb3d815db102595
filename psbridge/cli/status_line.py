"""A text that changes in, one line at the bottom of the terminal that is redrawn out; nothing where there is no terminal.

It needs no escape codes: a carriage return and blanks, which every console knows. It has no colours either.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from psbridge.report.screen import cells, head
from psbridge.report.visible import visible

__all__ = ["StatusLine", "can_redraw"]

# Quick cmdlets are over before it is drawn at all.
_EVERY: Final = 0.5
# What a terminal shows of a Ctrl+C: `^C`.
_ECHO: Final = 2


def can_redraw() -> bool:
    """Whether standard error is a terminal that can go back to the beginning of a line."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


class StatusLine:
    """One line on standard error. `on`: whether it is shown at all."""

    def __init__(self, *, on: bool) -> None:
        self.on = on
        self._drawn, self._width = "", 0
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def showing(self, text: Callable[[], str]) -> Iterator[None]:
        """Show what `text` gives, again and again from another thread, until the block is left; then the line is empty."""
        if not self.on:
            yield
            return
        self.clear()
        self._ended.clear()
        self._thread = threading.Thread(target=self._draw, args=(text,), name="psbridge-status-line", daemon=True)
        self._thread.start()
        try:
            yield
        finally:
            self.clear()

    def clear(self) -> None:
        """Take the line away; before anything else is printed."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._width:
            sys.stderr.write("\r" + " " * (self._width + _ECHO) + "\r")
            sys.stderr.flush()
            self._width, self._drawn = 0, ""

    def _draw(self, text: Callable[[], str]) -> None:
        while not self._ended.wait(_EVERY):
            line = head(_on_one_line(text()), max(shutil.get_terminal_size().columns - 1 - _ECHO, 1))
            if line == self._drawn:
                continue
            self._drawn, width = line, cells(line)
            sys.stderr.write("\r" + line + " " * (self._width - width))
            sys.stderr.flush()
            self._width = width


def _on_one_line(text: str) -> str:
    return " ".join(visible(text).split())
