"""Property values in, Python's text, truth, number, bytes and UUID out; nothing is guessed."""

from __future__ import annotations

import re
from typing import Final, cast
from uuid import UUID

from psbridge.models.values.shape import WrongShape, unwrapped
from psbridge.psobject import PSObject, SecureString, Value

__all__ = ["is_no_guid", "read_bool", "read_bytes", "read_guid", "read_int", "read_shown_text", "read_text"]

NO_GUID: Final = UUID(int=0)
GUID_FORMS: Final = re.compile(
    r"""\s*(?:
        [0-9a-f]{32}
      | [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}
      | \{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}
      | \([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\)
    )\s*""",
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
TRUTHS: Final = {"true": True, "false": False}
WHOLE_NUMBER: Final = re.compile(r"-?[0-9]{1,20}")


def is_no_guid(guid: UUID | None) -> bool:
    """Whether there is no GUID here: none was given, or it is Guid.Empty (a mailbox without an archive has that one)."""
    return guid is None or guid == NO_GUID


def read_text(value: Value) -> str:
    """Read a text; the empty text stays an empty text. Raises WrongShape for everything else."""
    if type(value) is str:
        return value
    plain = unwrapped(value)
    if isinstance(plain, str):
        return str(plain)
    raise WrongShape(value, "a text")


def read_shown_text(value: Value) -> str:
    """Read what is a text at depth 1 and an object below: the text that PowerShell shows for it. Raises WrongShape."""
    if type(value) is str:
        return value
    plain = unwrapped(value)
    if isinstance(plain, PSObject) and plain.to_string is not None and plain.items is None:
        return plain.to_string
    if isinstance(plain, (str, int, UUID)) and not isinstance(plain, bool):
        return str(plain)
    raise WrongShape(value, "a text, or an object that is shown as one")


def read_bool(value: Value) -> bool:
    """Read a truth: a Boolean, or its text `True` or `False`. Raises WrongShape."""
    if value is True or value is False:
        return value
    plain = unwrapped(value)
    if isinstance(plain, bool):
        return plain
    truth = TRUTHS.get(plain.lower()) if isinstance(plain, str) else None
    if truth is None:
        raise WrongShape(value, "True or False")
    return truth


def read_int(value: Value) -> int:
    """Read a whole number of any width, or its digits. Raises WrongShape; a fraction is no whole number."""
    plain = unwrapped(value)
    if isinstance(plain, int) and not isinstance(plain, bool):
        return int(plain)
    if isinstance(plain, str) and WHOLE_NUMBER.fullmatch(plain):
        return int(plain)
    raise WrongShape(value, "a whole number")


def read_bytes(value: Value) -> bytes:
    """Read a byte array: bytes, or a list of numbers from 0 to 255. Raises WrongShape."""
    plain = unwrapped(value)
    if isinstance(plain, bytes):
        return plain
    if isinstance(plain, PSObject) and plain.items is not None:
        numbers = [unwrapped(item) for item in plain.items]
        if all(isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 256 for number in numbers):
            return bytes(cast("list[int]", numbers))
    raise WrongShape(value, "bytes")


def read_guid(value: Value) -> UUID:
    """Read a GUID: a Guid, or its text with or without hyphens, braces or parentheses. Raises WrongShape."""
    if type(value) is UUID:
        return value
    plain = unwrapped(value)
    if isinstance(plain, UUID):
        return plain
    text = plain if isinstance(plain, str) else plain.to_string if isinstance(plain, PSObject) else None
    if text is not None and not isinstance(plain, SecureString) and GUID_FORMS.fullmatch(text):
        return UUID(text.strip().strip("{}()"))
    raise WrongShape(value, "a GUID")
