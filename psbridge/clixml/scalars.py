"""The text of a simple element in, its value out: one function for each tag.

Sources: [MS-PSRP] 2.2.5.1; clixml-notes section 4 (Reading: primitives).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from typing import Final
from uuid import UUID, SafeUUID
from xml.parsers import expat

from psbridge.clixml.declaration import without_encoding
from psbridge.clixml.escape import unescape
from psbridge.clixml.moments import date_time, time_span
from psbridge.clixml.numbers import WHITE_SPACE, boolean, char, decimal, double, integer, single, version
from psbridge.clixml.unreadable import Unreadable
from psbridge.clixml.uri import is_refused
from psbridge.psobject import (
    Byte,
    Int16,
    Int64,
    SByte,
    SecureString,
    UInt16,
    UInt32,
    UInt64,
    Uri,
    Value,
    XmlDocument,
)

__all__ = ["PLAIN_TEXT", "SCALARS", "SCALARS_OF_MESSAGES", "uuid_of"]

_GUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_WRAPPED_GUID: Final = re.compile(rf"[0-9A-Fa-f]{{32}}|{_GUID.pattern}|\{{{_GUID.pattern}\}}|\({_GUID.pattern}\)")
_PUNCTUATION: Final = str.maketrans("", "", "-{}()")
# .NET goes on reading what older versions took for hex: a sign or `0x` in front of a group, which then has fewer digits.
_LOOSE_HEX: Final = re.compile(r"\+?(?:0[xX])?([0-9A-Fa-f]+)")
_LOOSE_GROUPS: Final = ((0, 8), (9, 13), (14, 18), (19, 23), (24, 28))
_LAST_GROUP: Final = re.compile(r"[0-9A-Fa-f]{8}")
_BRACED: Final = {"{": "}", "(": ")"}
_HEX_GUID: Final = re.compile(
    r"\{" + r"0x\+?([0-9a-f]+)," * 3 + r"\{" + ",".join([r"0x\+?([0-9a-f]+)"] * 8) + r"\}\}", re.IGNORECASE | re.ASCII
)
_HEX_GUID_BITS: Final = (32, 16, 16, 8, 8, 8, 8, 8, 8, 8, 8)
_NO_BLANKS: Final = str.maketrans("", "", " \t\r\n")
_ALL_WHITE: Final = str.maketrans("", "", WHITE_SPACE)


# What UUID's constructor does in the end. It looks at all its other arguments first, which takes three times as long, and an
# export has a dozen for each object.
_new_uuid: Final = object.__new__
_set_number: Final = UUID.__dict__["int"].__set__
_set_safety: Final = UUID.__dict__["is_safe"].__set__


def uuid_of(digits: str | bytes) -> UUID:
    """Make the UUID of 32 hexadecimal digits."""
    made = _new_uuid(UUID)
    _set_number(made, int(digits, 16))
    _set_safety(made, SafeUUID.unknown)
    return made


def guid(text: str) -> UUID:
    """Read a Guid in any of .NET's five forms."""
    if _GUID.fullmatch(text):
        return uuid_of(text.replace("-", ""))
    text = text.strip(WHITE_SPACE)
    if _WRAPPED_GUID.fullmatch(text):
        return UUID(int=int(text.translate(_PUNCTUATION), 16))
    return _odd_guid(text)


def _odd_guid(text: str) -> UUID:
    found = _HEX_GUID.fullmatch(text.translate(_ALL_WHITE))
    if found is not None:
        first, *others = (int(digits, 16) for digits in found.groups())
        # .NET reads the two short ones as 32 bits and keeps the lower half.
        others[:2] = (short & 0xFFFF if short >> 32 == 0 else short for short in others[:2])
        return UUID(int=_joined([first, *others], _HEX_GUID_BITS))
    inside = text[1:-1] if _BRACED.get(text[:1], "none") == text[-1:] else text
    groups = [_LOOSE_HEX.fullmatch(inside[start:end]) for start, end in _LOOSE_GROUPS]
    last = _LAST_GROUP.fullmatch(inside, 28)
    if all(groups) and last and all(inside[end] == "-" for _, end in _LOOSE_GROUPS[:4]):
        return UUID(int=_joined([int(group[1], 16) for group in groups if group] + [int(last[0], 16)], (32, 16, 16, 16, 16, 32)))
    raise Unreadable("the text is no System.Guid")


def _joined(numbers: list[int], widths: tuple[int, ...]) -> int:
    whole = 0
    for number, bits in zip(numbers, widths, strict=True):
        if number >> bits:
            raise Unreadable("a part of the System.Guid is too large")
        whole = whole << bits | number
    return whole


def data(text: str) -> bytes:
    """Read base64; white space may stand anywhere, the padding must be right."""
    packed = text if text.isalnum() else text.translate(_NO_BLANKS)
    if len(packed) % 4:
        raise Unreadable("the text is no base64: its length is no multiple of 4")
    try:
        return binascii.a2b_base64(packed.encode("ascii"), strict_mode=True)
    except ValueError:
        raise Unreadable("the text is no base64") from None


def uri(text: str) -> Uri:
    """Read a Uri; what .NET takes neither as an absolute nor as a relative one is refused."""
    text = unescape(text)
    if is_refused(text):
        raise Unreadable("the text is no System.Uri")
    return Uri(text)


# Characters that XML forbids; .NET takes references to them in there too, and writes them again in this form.
_FORBIDDEN: Final = re.compile(
    r"&#(?:0*(?P<ten>[0-8]|1[124-9]|2[0-9]|3[01])|x0*(?P<sixteen>[0-8BbCcEeFf]|1[0-9A-Fa-f]|[Dd][89A-Fa-f][0-9A-Fa-f]{2}|[Ff]{3}[EeFf]));"
)


def xml_document(text: str) -> XmlDocument:
    """Read an XmlDocument: well-formed XML, or blank; line ends become LF."""
    text = _FORBIDDEN.sub(_reference, unescape(text).replace("\r\n", "\n").replace("\r", "\n"))
    if text.strip(" \t\n"):
        _check_well_formed(text)
    return XmlDocument(text)


def _reference(found: re.Match[str]) -> str:
    code = int(found["ten"]) if found["ten"] else int(found["sixteen"], 16)
    return f"&#x{code:X};"


def _check_well_formed(text: str) -> None:
    fed = _FORBIDDEN.sub("&#32;", text)
    if text.startswith("\ufeff"):
        raise Unreadable("the XML document begins with a byte order mark")
    problem = _problem(fed)
    # .NET takes a document without an element, as long as there is a comment or the like.
    if problem and _problem(f"{fed}<a/>"):
        raise Unreadable(f"the text is no XML document: {problem}")


def _problem(text: str) -> str:
    """Say why a text is no well-formed XML; nothing if it is."""
    parser = expat.ParserCreate("utf-8", "\x01")
    parser.XmlDeclHandler = _check_declaration
    # With a default handler expat does not expand entities, so a small text cannot become a large one.
    parser.DefaultHandler = _ignore
    try:
        parser.Parse(without_encoding(text.encode()), True)
    except (expat.ExpatError, ValueError) as error:
        return str(error)
    return ""


def _check_declaration(version: str, _encoding: str | None, _standalone: int) -> None:
    if version != "1.0":
        raise Unreadable("the text is no XML 1.0")


def _ignore(_data: str) -> None:
    """Take what the parser has no other use for."""


# Windows protects with DPAPI, whose data have this header; elsewhere the hex is UTF-16LE.
_PROTECTED: Final = re.compile(
    r"(?:[0-9A-F]{4})+|01000000D08C9DDF0115D1118C7A00C04FC297EB(?:[0-9A-F]{2})*", re.IGNORECASE | re.ASCII
)


def secure_string(text: str) -> SecureString:
    """Keep a file's SecureString as it came; only who wrote it can open it."""
    if _PROTECTED.fullmatch(text):
        return SecureString(text)
    raise Unreadable("the text is no protected System.Security.SecureString")


def secure_string_of_session(text: str) -> SecureString:
    """Keep a message's SecureString as it came: base64, of blocks of AES or (protocol 2.4) of UTF-16LE; its session opens it."""
    if _PROTECTED.fullmatch(text) or (text and len(data(text)) % 2 == 0):
        return SecureString(text)
    raise Unreadable("the text is no System.Security.SecureString of a session")


# Stands for `unescape`: most strings hold nothing to decode, and a call for each is what reading costs.
PLAIN_TEXT: Final = unescape

SCALARS: Final[dict[str, Callable[[str], Value]]] = {
    "S": PLAIN_TEXT,
    "SBK": PLAIN_TEXT,
    "C": char,
    "B": boolean,
    "DT": date_time,
    "TS": time_span,
    "By": integer(Byte, 0, 0xFF, "System.Byte"),
    "SB": integer(SByte, -0x80, 0x7F, "System.SByte"),
    "U16": integer(UInt16, 0, 0xFFFF, "System.UInt16"),
    "I16": integer(Int16, -0x8000, 0x7FFF, "System.Int16"),
    "U32": integer(UInt32, 0, 0xFFFFFFFF, "System.UInt32"),
    "I32": integer(int, -0x80000000, 0x7FFFFFFF, "System.Int32"),
    "U64": integer(UInt64, 0, 0xFFFFFFFFFFFFFFFF, "System.UInt64"),
    "I64": integer(Int64, -0x8000000000000000, 0x7FFFFFFFFFFFFFFF, "System.Int64"),
    "Sg": single,
    "Db": double,
    "D": decimal,
    "BA": data,
    "G": guid,
    "URI": uri,
    "Version": version,
    "XD": xml_document,
    "SS": secure_string,
}

SCALARS_OF_MESSAGES: Final = SCALARS | {"SS": secure_string_of_session}
