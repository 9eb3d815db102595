"""A path in, the path resolved out, or a refusal: a journal lies on a local disk only.

File locks and fsync cannot be trusted on a share or in a folder that a program synchronises (engine-notes section 8).
What can be told apart: UNC paths, mapped and removable drives (Windows), network file systems by their mount
(Linux), and the folders of OneDrive, Dropbox, Google Drive and iCloud by their variables and names. A share that the
system presents as a local disk cannot be told apart.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Final

from psbridge.errors import JournalError

__all__ = ["local_path", "problem_with"]

_REMEDY: Final = "Put the journal on a local disk; the default place is one."
_NETWORK: Final = frozenset(
    {"9p", "afs", "afp", "beegfs", "ceph", "cifs", "coda", "davfs", "fuse.davfs2", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs"}
    | {"fuse.sshfs", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "smb2", "smb3", "smbfs", "webdav"}
)
_SYNCED_VARIABLES: Final = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")
_SYNCED_NAMES: Final = re.compile(r"(?i)^(OneDrive|OneDrive - .+|Dropbox|Dropbox \(.+\)|Google ?Drive|My Drive|iCloud ?Drive)$")
_DRIVE_KINDS: Final = {2: "a removable disk", 4: "a network drive", 5: "an optical disk"}  # GetDriveTypeW


def local_path(path: str | os.PathLike[str]) -> Path:
    """Resolve a journal's path; raises JournalError if no journal may lie there."""
    resolved = Path(path).expanduser().resolve()
    problem = problem_with(resolved, environment=os.environ, mounts=_mounts())
    if problem:
        raise JournalError(str(resolved), problem, remedy=_REMEDY)
    return resolved


def problem_with(path: PurePath, *, environment: Mapping[str, str], mounts: str) -> str:
    """Say why a journal must not lie at a resolved path; empty where nothing speaks against it.

    `mounts` is the text of /proc/self/mounts, empty on other systems.
    """
    text = str(path)
    if text.startswith(("\\\\", "//")):
        return "it is on a network share (UNC path)"
    for name in _SYNCED_VARIABLES:
        folder = environment.get(name)
        if folder and _within(path, Path(folder)):
            return f"it is in a synchronised folder ({name} is {folder})"
    for part in path.parts:
        if _SYNCED_NAMES.match(part):
            return f"it is in a synchronised folder ({part})"
    kind = _file_system(text, mounts)
    if kind in _NETWORK:
        return f"it is on a network file system ({kind})"
    return _drive(path)


def _within(path: PurePath, folder: Path) -> bool:
    return path.is_relative_to(folder)


def _file_system(path: str, mounts: str) -> str:
    """The type of the file system with the longest mount point above the path; the last mount of a point wins."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = _unescaped(fields[1]).rstrip("/")
        if (path == point or path.startswith(point + "/")) and len(point) >= best:
            best, kind = len(point), fields[2]
    return kind


def _unescaped(field: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found.group(1), 8)), field)


def _mounts() -> str:
    try:
        return Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


if sys.platform == "win32":
    import ctypes

    def _drive(path: PurePath) -> str:
        kind = _DRIVE_KINDS.get(ctypes.windll.kernel32.GetDriveTypeW(path.anchor))
        return f"it is on {kind}" if kind else ""

else:

    def _drive(_path: PurePath) -> str:
        return ""
