"""Where psbridge's reader does not do what PowerShell 7.6's does, on purpose: all of it, each with an example and its reason.

Everything else that is read, refused or meant otherwise is a fault. The fuzzer passes over these and nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["DIFFERENCES", "Difference", "Does"]


class Does(StrEnum):
    """What a reader does with an input."""

    READS = "reads"
    REFUSES = "refuses"


@dataclass(frozen=True, slots=True)
class Difference:
    """One rule that psbridge does not follow. `wire`: the example is the body of a message, not a file."""

    name: str
    example: bytes
    powershell: Does
    psbridge: Does
    reason: str
    wire: bool = False


def _document(root: str, *, behind: str = "") -> bytes:
    namespace = "http://schemas.microsoft.com/powershell/2004/04"
    return f'<Objs Version="1.1.0.1" xmlns="{namespace}">{root}</Objs>{behind}'.encode()


DIFFERENCES: Final = (
    Difference(
        "a time without a date",
        _document("<DT>12:00:00</DT>"),
        Does.READS,
        Does.REFUSES,
        "PowerShell puts in today's date, or this year: what the document says would change by the day.",
    ),
    Difference(
        "a SecureString in a message of no session",
        b"<SS>PfitQgmR1q3uCQ==</SS>",
        Does.REFUSES,
        Does.READS,
        "Outside a session PowerShell takes it for one of a file. psbridge keeps it closed, and the session opens it.",
        wire=True,
    ),
    Difference(
        "a null as a message",
        b"<Nil/>",
        Does.REFUSES,
        Does.READS,
        "PowerShell's serializer writes and reads it, its PSRP refuses it; psbridge has one decoder. A null output has no body.",
        wire=True,
    ),
    Difference(
        "markup behind the document",
        _document("<S>first</S>", behind="\n" + _document("<S>second</S>").decode()),
        Does.READS,
        Does.REFUSES,
        "PowerShell stops at the blank behind the first document and is silent about the rest: of two exports one would be lost.",
    ),
    Difference(
        "a current operation that only .NET puts into words",
        _document(
            "<PR><AV>a</AV><AI>1</AI><Obj><LST><Db>1.5</Db></LST></Obj><PI>-1</PI><PC>5</PC><T>Processing</T><SR>1</SR><SD>s</SD></PR>"
        ),
        Does.READS,
        Does.REFUSES,
        "A ProgressRecord holds text there, which is what PowerShell writes. Of objects it would be that of their .NET class.",
    ),
)
