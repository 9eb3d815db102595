"""Files of this machine in, Replies out: Import-Clixml and Get-FileHash without a PowerShell, for what was exported before.

The answers are those of the cmdlets, so a journal keeps them, a plan shows them, and a recording replays them without the file.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from psbridge.clixml import decode, encode_message
from psbridge.command import Command, Pipeline
from psbridge.errors import ClixmlError, InputError
from psbridge.psobject import Kind, PSObject, Value
from psbridge.reply import Record, Reply, State, Stream
from psbridge.transports.base import Transport

__all__ = ["LOCAL", "LocalTransport"]

LOCAL: Final = "local"
_CHUNK: Final = 1 << 20


class LocalTransport(Transport):
    """The endpoint `local`: reads files, starts nothing, writes nothing."""

    def open(self) -> None:
        """Nothing has to be opened."""

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:  # noqa: ARG002 - a disk has no deadline
        """Run one of the cmdlets. Raises InputError for a file that cannot be opened, ClixmlError for one that cannot be read."""
        if len(pipeline.commands) != 1 or pipeline.commands[0].name not in _CMDLETS:
            raise InputError(f"{pipeline} does not run on this machine; here are: {', '.join(_CMDLETS)}")
        (command,) = pipeline.commands
        values = _CMDLETS[command.name](command)
        # One after the other: of a large file there are never two copies.
        records = (Record(Stream.OUTPUT, encode_message(value).removeprefix(codecs.BOM_UTF8)) for value in values)
        return Reply(State.COMPLETED, tuple(records))

    def stop(self) -> None:
        """Nothing runs that could be stopped."""

    def close(self) -> None:
        """Nothing has to be closed."""


def _import_clixml(command: Command) -> Iterator[Value]:
    """What Import-Clixml gives: each value of the file, and of a list its items."""
    path = _path(command)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        values = decode(content)
    except ClixmlError as error:
        raise ClixmlError(f"{path}: {error.reason}", offset=error.offset, path=error.path) from error
    for value in values:
        if isinstance(value, PSObject) and value.kind is Kind.LIST:
            yield from value.items or ()
        else:
            yield value


def _get_file_hash(command: Command) -> Iterator[Value]:
    path, digest = _path(command), hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise _unreadable(path, error) from error
    shown = {"Algorithm": "SHA256", "Hash": digest.hexdigest().upper(), "Path": str(path)}
    yield PSObject(("Microsoft.Powershell.Utility.FileHash",), props=shown)


def _path(command: Command) -> Path:
    return Path(str(command.parameters["LiteralPath"]))


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"{path} cannot be read: {error.strerror or error}. Name a file that Export-Clixml has written")


_CMDLETS: Final[Mapping[str, Callable[[Command], Iterator[Value]]]] = {
    "Import-Clixml": _import_clixml,
    "Get-FileHash": _get_file_hash,
}
