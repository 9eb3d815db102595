"""The directory in three dialects behind one interface: what a playbook means in, a Call of the dialect's cmdlets out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from psbridge.cmdlets.directory.directory import Directory
from psbridge.cmdlets.directory.entra import EntraDirectory
from psbridge.cmdlets.directory.graph import GraphDirectory
from psbridge.cmdlets.directory.msonline import MsonlineDirectory
from psbridge.errors import InputError

__all__ = ["DIALECTS", "Directory", "directory_of"]

_BY_NAME: Final[Mapping[str, Directory]] = {
    dialect.name: dialect for dialect in (MsonlineDirectory(), GraphDirectory(), EntraDirectory())
}
DIALECTS: Final = tuple(_BY_NAME)


def directory_of(dialect: str) -> Directory:
    """The directory in a dialect: msonline, graph or entra. Raises InputError for another name."""
    try:
        return _BY_NAME[dialect]
    except KeyError:
        raise InputError(f"there is no dialect {dialect!r} of the directory; there are: {', '.join(DIALECTS)}") from None
