"""A command line in, its exit code and what it printed out, in this process: what is imported once is there for the next one."""

from __future__ import annotations

import io
import os
import shlex
import sys
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from psbridge.cli import main

__all__ = ["Done", "Run", "runner"]


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str


Run = Callable[[str], Done]


def runner(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give what runs `psbridge ...` in a folder, which is also the user's own: its journal and profile are there."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA", "PROGRAMDATA"):
        monkeypatch.setenv(name, str(folder))

    def run(line: str) -> Done:
        program, *arguments = shlex.split(line, comments=True, posix=os.name != "nt")
        assert program == "psbridge"
        out, err = _stream(), _stream()
        monkeypatch.setattr(sys, "argv", ["psbridge", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        with chdir(folder), redirect_stdout(out), redirect_stderr(err):
            try:
                main()
                code = 0
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        return Done(code, _text(out), _text(err))

    return run


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
