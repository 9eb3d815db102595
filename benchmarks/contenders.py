"""The name of a contender and a file in, a function out that reads all of it once and gives the number of objects.

Each loads its library itself, so that no process holds another's. What a reader needs in memory (the bytes of a document, the
bodies of messages) is there before its time is taken. A reader that gives objects one by one drops each; one that gives all
at once keeps them to the end of its read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

__all__ = ["CONTENDERS", "SCAN", "Contender"]

# What it takes to find mailboxes that exist on both sides, and to judge which of the two may go.
SCAN: Final = (
    "Identity",
    "Guid",
    "UserPrincipalName",
    "PrimarySmtpAddress",
    "EmailAddresses",
    "Alias",
    "DisplayName",
    "DistinguishedName",
    "LegacyExchangeDN",
    "ExternalDirectoryObjectId",
    "ExchangeGuid",
    "ArchiveGuid",
    "RecipientType",
    "RecipientTypeDetails",
    "WhenMailboxCreated",
    "WhenSoftDeleted",
    "IsSoftDeletedByDisable",
    "IsInactiveMailbox",
    "LitigationHoldEnabled",
    "InPlaceHolds",
)

Read = Callable[[], int]

_OBJ: Final = "{http://schemas.microsoft.com/powershell/2004/04}Obj"


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to read. `wire`: it reads messages, not a document. `slow`: it gets fewer objects. Two do not read: see `reads`."""

    prepare: Callable[[Path], Read]
    reads: bool = True
    wire: bool = False
    slow: bool = False


def _full(path: Path) -> Read:
    from psbridge.clixml import decode

    document = path.read_bytes()
    return lambda: len(decode(document))


def _streaming(path: Path) -> Read:
    from psbridge.clixml import read

    return lambda: _drained(read(path))


def _full_looked_at(path: Path) -> Read:
    from psbridge.clixml import decode

    document = path.read_bytes()
    return lambda: _drained(map(_looked_at, decode(document)))


def _streaming_looked_at(path: Path) -> Read:
    from psbridge.clixml import read

    return lambda: _drained(map(_looked_at, read(path)))


def _projection(path: Path) -> Read:
    from psbridge.clixml import read

    return lambda: _drained(read(path, properties=SCAN))


def _models(path: Path) -> Read:
    from psbridge.clixml import read
    from psbridge.models import Mailbox

    return lambda: _drained(Mailbox.parse(value, "Get-Mailbox") for value in read(path, properties=SCAN))


def _messages(path: Path) -> Read:
    from psbridge.clixml import decode_messages

    bodies = path.read_bytes().splitlines()
    return lambda: len(decode_messages(bodies))


def _messages_looked_at(path: Path) -> Read:
    from psbridge.clixml import decode_messages

    bodies = path.read_bytes().splitlines()
    return lambda: _drained(map(_looked_at, decode_messages(bodies)))


def _pypsrp(path: Path) -> Read:
    from pypsrp.serializer import Serializer

    bodies = path.read_text("utf-8").splitlines()
    serializer = Serializer()
    return lambda: _drained(serializer.deserialize(body) for body in bodies)


def _psrpcore(path: Path) -> Read:
    from xml.etree.ElementTree import fromstring

    from psrpcore import PSRemotingCrypto
    from psrpcore.types import deserialize

    bodies = path.read_text("utf-8").splitlines()
    crypto = PSRemotingCrypto()
    return lambda: _drained(deserialize(fromstring(body), crypto) for body in bodies)


def _psrpcore_document(path: Path) -> Read:
    from psrpcore import ClixmlOutput

    document = path.read_text("utf-8")
    return lambda: len(ClixmlOutput.from_clixml(document).output)


def _iterparse(path: Path) -> Read:
    from xml.etree.ElementTree import iterparse

    def parse() -> int:
        events = iterparse(path)
        for _, element in events:
            if element.tag == _OBJ:
                element.clear()
        return len(events.root)  # type: ignore[attr-defined]  # typeshed does not know it

    return parse


def _expat(path: Path) -> Read:
    from xml.parsers.expat import ParserCreate

    document = path.read_bytes()
    objects = document.count(b"\n  <Obj ")

    def parse() -> int:
        ParserCreate().Parse(document, True)
        return objects

    return parse


def _encoding(path: Path) -> Read:
    from psbridge.clixml import decode, encode

    values = decode(path.read_bytes())

    def write() -> int:
        encode(values)
        return len(values)

    return write


def _nothing(_path: Path) -> Read:
    """Load psbridge and read nothing: the memory that every scan begins with."""
    import_module("psbridge.clixml")
    import_module("psbridge.models")
    return lambda: 0


def _looked_at(value: object) -> object:
    """Look at every member, so that nothing of an object is left unbuilt."""
    for members in (getattr(value, "props", {}), getattr(value, "ms", {})):
        members.values()
    return value


def _drained(values: Iterator[object]) -> int:
    return sum(1 for _ in values)


CONTENDERS: Final[dict[str, Contender]] = {
    "psbridge, full": Contender(_full),
    "psbridge, full, all looked at": Contender(_full_looked_at),
    "psbridge, full, streaming": Contender(_streaming),
    "psbridge, full, streaming, all looked at": Contender(_streaming_looked_at),
    "psbridge, 20 properties": Contender(_projection),
    "psbridge, 20 properties, models": Contender(_models),
    "expat, no handlers": Contender(_expat),
    "xml.etree iterparse": Contender(_iterparse),
    "psrpcore ClixmlOutput": Contender(_psrpcore_document, slow=True),
    "psbridge, full, messages": Contender(_messages, wire=True),
    "psbridge, full, messages, all looked at": Contender(_messages_looked_at, wire=True),
    "pypsrp Serializer": Contender(_pypsrp, wire=True, slow=True),
    "psrpcore deserialize": Contender(_psrpcore, wire=True, slow=True),
    "psbridge, encoding": Contender(_encoding, reads=False),
    "nothing": Contender(_nothing, reads=False),
}
