"""What is left of an object beyond the serialisation depth: a text in place of its properties."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BeyondDepth"]


@dataclass(frozen=True, slots=True)
class BeyondDepth:
    """An object that PowerShell wrote as a text, because it lay beyond the depth (1 in a remote session).

    So the object is there, and nothing is known of its properties. To read it, expand it on the server
    (`| Select-Object -ExpandProperty Licenses`; remoting-notes 9.3).
    """

    text: str

    def __str__(self) -> str:
        return self.text
