"""Small CLIXML documents for the tests of the decoder."""

from __future__ import annotations

from psbridge.clixml import decode
from psbridge.psobject import PSObject, Value

NAMESPACE = "http://schemas.microsoft.com/powershell/2004/04"
OPENING = f'<Objs Version="1.1.0.1" xmlns="{NAMESPACE}">'


def document(*roots: str, version: str = "1.1.0.1") -> bytes:
    """A document with these roots."""
    return f'<Objs Version="{version}" xmlns="{NAMESPACE}">{"".join(roots)}</Objs>'.encode()


def one(root: str) -> Value:
    """The value of a document with one root."""
    (value,) = decode(document(root))
    return value


def an_object(root: str) -> PSObject:
    """The object of a document with one root."""
    value = one(root)
    assert isinstance(value, PSObject)
    return value
