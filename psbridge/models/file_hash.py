"""The output of Get-FileHash in, what a file holds, in one number, out."""

from __future__ import annotations

from psbridge.models.base import Model, prop, required
from psbridge.models.shapes import Text

__all__ = ["FileHash"]


class FileHash(Model):
    """Microsoft.Powershell.Utility.FileHash; `hash` is written in capital hexadecimal digits."""

    hash: Text = required("Hash")
    algorithm: Text | None = prop("Algorithm")
    path: Text | None = prop("Path")
