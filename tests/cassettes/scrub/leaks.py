"""An original and a scrubbed cassette in, what of the original is left in the other out. It shares nothing with the scrubber."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

from psbridge.cassettes import Cassette
from psbridge.clixml.decode import decode_message
from psbridge.psobject import PSObject
from psbridge.reply import Reply

__all__ = ["left_of", "originals"]

IDENTITIES = frozenset(
    """
    alias displayname samaccountname userprincipalname primarysmtpaddress lastname surname servername database distinguishedname
    sid immutableid onpremisesimmutableid mobilephone mobile legacyexchangedn archivename liveid originatingserver proxyaddresses
    emailaddresses windowsemailaddress externalemailaddress sourcedatabase targetdatabase mrsservername remotehostname
    """.split()  # noqa: SIM905 - a table that people read
)
DIGEST = re.compile(r"(?<= sha256 )[0-9a-f]{64}\b")
GUID = re.compile(r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+\w")
BASE64 = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
HEX = re.compile(r"(?i)(?:[0-9a-f]{2}){12,}")
# Words of the trade that are somebody's name in the documents' tenant, and stand in the names of properties and playbooks too;
# a culture; and what Microsoft calls by these ids for everybody.
NOT_TELLING = frozenset(
    {"duplicate", "error", "license", "mailuser", "user", "synced", "mobile", "en-us", "invariant language (invariant country)"}
)
PUBLIC = frozenset(
    {
        "0feaeb32-d00e-4d66-bd5a-43b5b83db82c",
        "5dbe027f-2339-4123-9542-606e4d348a72",
        "efb87545-963c-4e0d-99df-69c6916d9eb0",
        "c1ec4a95-1f05-45b3-a911-aa3fa01094f5",
        "efccb6f7-5641-4e0e-bd10-b4976e1bf68e",
        "6fd2c87f-b296-42f0-b197-1e91e994b900",
        "00000000-0000-0000-0000-000000000000",
    }
)


def originals(path: Path) -> set[str]:
    """Every value of a property of identity, every address and every GUID, in lower case."""
    text = path.read_text(encoding="utf-8")
    found = {value.lower() for value in (*ADDRESS.findall(text), *GUID.findall(text))}
    for interaction in Cassette.load(path).interactions:
        if isinstance(interaction.answer, Reply):
            for record in interaction.answer.records:
                found |= {value.lower() for value in _identities(decode_message(record.clixml)) if len(value) > 3}
    return found - NOT_TELLING - PUBLIC


def left_of(values: set[str], path: Path) -> list[str]:
    """Which values are in the file: plain, as UTF-16, as base64, in hexadecimal digits, or in the bytes that those stand for."""
    # A name such as DB01 may stand in the digits of a digest by chance.
    text = DIGEST.sub("", path.read_text(encoding="utf-8"))
    lower, hidden = text.lower(), b"\0\0".join(_hidden(text))
    return sorted(
        value
        for value in values
        if any(form in lower for form in _forms(value)) or any(form in hidden for form in _bytes(value)) or _whole_in(value, text)
    )


def _identities(value: object) -> Iterator[str]:
    if not isinstance(value, PSObject):
        return
    for name in value.names():
        inner = value.get(name)
        if name.lower() in IDENTITIES:
            listed = inner.items if isinstance(inner, PSObject) else [inner]
            yield from (str(item) for item in listed or () if item is not None and not isinstance(item, PSObject))
        yield from _identities(inner)


def _forms(value: str) -> Iterator[str]:
    yield value
    yield value.encode().hex()
    yield value.encode("utf-16-le").hex()
    if GUID.fullmatch(value):
        yield value.replace("-", "")
        yield uuid.UUID(value).bytes_le.hex()


def _bytes(value: str) -> Iterator[bytes]:
    yield value.encode()
    yield value.encode("utf-16-le")
    if GUID.fullmatch(value):
        yield uuid.UUID(value).bytes
        yield uuid.UUID(value).bytes_le


def _whole_in(value: str, text: str) -> bool:
    return any(base64.b64encode(form).decode().rstrip("=") in text for form in _bytes(value))


def _hidden(text: str) -> Iterator[bytes]:
    """What base64 and hexadecimal digits stand for; of texts in lower case, so that case does not hide them."""
    for piece in BASE64.findall(text):
        try:
            data = base64.b64decode(piece)
        except binascii.Error:
            continue
        yield data
        yield data.lower()
    for piece in HEX.findall(text):
        yield bytes.fromhex(piece)
        yield bytes.fromhex(piece).lower()
