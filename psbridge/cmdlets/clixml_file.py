"""Import-Clixml and Get-FileHash: what somebody has exported, read at the endpoint `local`, which is this machine."""

from __future__ import annotations

from psbridge.cmdlets.call import Call, reading
from psbridge.errors import InputError
from psbridge.models import FileHash, Untyped

__all__ = ["get_file_hash", "import_clixml"]


def import_clixml(path: str) -> Call[Untyped]:
    """Read what Export-Clixml has written, in any encoding. Raises InputError for a path that is none.

    The path is taken as it is (-LiteralPath): brackets in it are no wildcards.
    Source: the documents, `$stats=Import-Clixml -Path`.
    """
    return reading("Import-Clixml", Untyped, {"LiteralPath": _path(path)})


def get_file_hash(path: str) -> Call[FileHash]:
    """Give the SHA-256 of a file, so that it can be proved later which file was read."""
    return reading("Get-FileHash", FileHash, {"LiteralPath": _path(path), "Algorithm": "SHA256"})


def _path(path: str) -> str:
    if not path.strip() or "\0" in path:
        raise InputError(f"{path!r} is no path of a file")
    return path
