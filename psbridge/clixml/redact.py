"""Raw CLIXML bytes in, the same bytes without their secrets out.

A secret is the text of every `<SS>` (with protocol 2.4 it is the clear text in base64: remoting-notes 9.5), and every piece of
script: `CommandInfo_Definition` and the lines of `InvocationInfo_*` in records, script blocks, and the same members of a
CommandInfo or an InvocationInfo that was written as an object (remoting-notes 9.3). All else stays as it was, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.parsers import expat

from psbridge.clixml.redact_tree import Element, Tree

__all__ = ["REMOVED_SCRIPT", "REMOVED_SECRET", "redact"]

# Hex and base64 alike, so that every reader of a SecureString that is not encrypted takes it.
REMOVED_SECRET: Final = "0000000000000000"  # noqa: S105 - it stands where a secret was
REMOVED_SCRIPT: Final = "(script removed)"

_MARKS: Final = {
    "SS": REMOVED_SECRET,
    "S": REMOVED_SCRIPT,
    "SBK": REMOVED_SCRIPT,
    "TOSTRING": REMOVED_SCRIPT,
    "URI": "removed",
    "XD": "&lt;removed /&gt;",
    "BA": "",
}
_ALWAYS: Final = frozenset({"SS", "SBK"})
_SCRIPT_MEMBERS: Final = frozenset(
    {
        "commandinfo_definition",
        "invocationinfo_line",
        "invocationinfo_positionmessage",
        "invocationinfo_statement",
    }
)
_SCRIPT_MEMBERS_OF_TYPE: Final = {
    "system.management.automation.commandinfo": frozenset({"definition", "scriptblock", "scriptcontents"}),
    "system.management.automation.invocationinfo": frozenset({"line", "positionmessage", "statement", "displayscriptposition"}),
}
_AROUND_MEMBERS: Final = frozenset({"Props", "MS", "Obj"})

_OTHER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_SECRET_TAG: Final = re.compile(rb"<(?:[^\s<>/:]*:)?(?:SS|SBK)[\s/>]", re.IGNORECASE)
_TELLING: Final = (b"commandinfo", b"invocationinfo")  # each member and type above has one of them in its name
_ESCAPE: Final = re.compile(rb"_[xX](?:[0-9A-Fa-f]{4})?([0-9A-Fa-f]{4})_")


def redact(body: bytes) -> bytes:
    """Remove the secrets from a PSRP message body, an Export-Clixml document or a redirected stream, in any encoding.

    The marks that replace them decode (`REMOVED_SECRET`, `REMOVED_SCRIPT`); an empty body, which is a null, stays empty.
    Raises ClixmlError for what is not well-formed: where elements cannot be told, a secret could stay behind.
    """
    if not body or _holds_nothing(body):
        return body
    tree = Tree(body)
    marks = {element: _MARKS[element.tag.upper()] for element in _secrets(tree)}
    return tree.replaced(marks) if marks else body


def _holds_nothing(body: bytes) -> bool:
    """Tell, without a tree, whether a well-formed body has surely no secret; most bodies have none."""
    if body.startswith(_OTHER_MARKS) or b"<!" in body or b"<?" in body or b"&#" in body or _SECRET_TAG.search(body):
        return False
    folded = body.lower()
    if any(word in folded for word in _TELLING) or any(map(_is_letter, set(_ESCAPE.findall(body)))):
        return False
    try:
        expat.ParserCreate("utf-8").Parse(body, True)
    except expat.ExpatError:
        return False
    return True


def _is_letter(code: bytes) -> bool:
    """Tell whether an escape stands for an ASCII letter, which PowerShell never writes so: a telling word may hide behind it."""
    return bytes([int(code, 16) & 0xFF]).isalpha() and code.startswith(b"00")


def _secrets(tree: Tree) -> Iterator[Element]:
    """Give the elements whose content must go."""
    hidden: list[Element] = []
    for element in tree.elements():
        if element.tag.upper() in _ALWAYS:
            yield element
        elif element.name.lower() in _SCRIPT_MEMBERS:
            hidden.append(element)
        if element.tag == "En":
            hidden += _script_entry(tree, element)
        elif element.tag == "Obj":
            hidden += _script_members(tree, element)
    yield from _texts(hidden)


def _script_entry(tree: Tree, entry: Element) -> list[Element]:
    """The value of a dictionary's entry, if its key is the name of a member that holds script."""
    key, *values = entry.children or [entry]
    texts = [key] if key.tag == "S" else [child for child in key.children if child.tag == "S"]
    return values if any(tree.content(text).lower() in _SCRIPT_MEMBERS for text in texts) else []


def _script_members(tree: Tree, element: Element) -> list[Element]:
    """The members of an object that hold script because of its type."""
    names: set[str] = set()
    for types in element.children:
        for name in _type_names(tree, types):
            names |= _SCRIPT_MEMBERS_OF_TYPE.get(name.lower().removeprefix("deserialized."), frozenset())
    return [member for member in _members(element) if member.name.lower() in names] if names else []


def _type_names(tree: Tree, types: Element) -> Iterator[str]:
    source = types.target if types.tag == "TNRef" else types
    if source is not None and source.tag == "TN":
        yield from (tree.content(child) for child in source.children)


def _members(element: Element) -> Iterator[Element]:
    """Notes and properties, also those in named sets and those of an object that this one wraps."""
    todo = [child for child in element.children if child.tag in _AROUND_MEMBERS]
    while todo:
        for child in todo.pop().children:
            if child.tag == "MS" or (child.tag in _AROUND_MEMBERS and not child.name):
                todo.append(child)
            yield child


def _texts(hidden: list[Element]) -> Iterator[Element]:
    """Everything in these elements that can hold text, and in the objects that they refer to."""
    seen: set[Element] = set()
    todo = list(hidden)
    while todo:
        element = todo.pop()
        if element in seen:
            continue
        seen.add(element)
        if element.tag.upper() in _MARKS:
            yield element
        elif element.target is not None:
            todo.append(element.target)
        todo += element.children
