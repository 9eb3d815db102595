"""The expressions of CLIXML in its regular form: as PowerShell writes it, and right beyond doubt.

Whatever matches is well-formed, holds values that no reader refuses, and means the same read by itself as read in its place, if
its type lists are known and nothing in it is referred to. So one expression holds a whole object against the grammar, at the
speed of C, and nothing of it needs to be built before somebody asks for it. What does not match may be right as well: other
forms, deeper objects, rarer values. That is left to the reader, word by word.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["DEFINITIONS", "FLAT_OBJECT", "ITEM", "MEMBER", "OBJECT_IDS", "ROOT", "SPECIAL_NOTE", "member_named"]

_NAME: Final = rb"[ !#-%'-;=?-~]++"
_CHARACTERS: Final = rb"[^\x00-\x08\x0b\x0c\x0e-\x1f<>&]*+"
_TEXT: Final = _CHARACTERS + rb"(?:&(?:amp|lt|gt|quot|apos);" + _CHARACTERS + rb")*+"
_SPACE: Final = rb"[ \t\r\n]*+"
_ID: Final = rb"[0-9A-Za-z]++"
_CLOCK: Final = rb"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,7})?+"
_YEAR: Final = rb"(?:[1-8][0-9]|9[0-8])[0-9]{2}"
_DAY: Final = rb"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
_SPAN: Final = rb"-?P(?:[0-9]{1,6}D)?+T(?:[0-9]{1,4}H)?+(?:[0-9]{1,4}M)?+[0-9]{1,4}(?:\.[0-9]{1,7})?+S|-?P[0-9]{1,6}D"

_SIMPLE: Final = {
    b"S": _TEXT,
    b"B": rb"(?:true|false)",
    b"G": rb"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    b"I32": rb"-?[0-9]{1,9}",
    b"DT": _YEAR + b"-" + _DAY + b"T" + _CLOCK + rb"(?:Z|[+\-](?:0[0-9]|1[0-3]):[0-5][0-9])?+",
    b"I64": rb"-?[0-9]{1,18}",
    b"TS": rb"(?:" + _SPAN + rb")",
    b"BA": rb"(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?+",
    b"U32": rb"[0-9]{1,9}",
    b"By": rb"[0-9]{1,2}",
    b"Db": rb"-?[0-9]{1,15}(?:\.[0-9]{1,15})?+",
    b"Version": rb"[0-9]{1,9}(?:\.[0-9]{1,9}){1,3}",
}
_NAMED: Final = rb' N="' + _NAME + rb'"'
_TYPES: Final = rb'(?:TNRef RefId="%(id)s" />|TN RefId="%(id)s">%(space)s(?:<T>%(text)s</T>%(space)s)++</TN>)' % {
    b"id": _ID,
    b"space": _SPACE,
    b"text": _TEXT,
}
_TO_STRING: Final = rb"ToString>" + _TEXT + rb"</ToString>"
_DEEPEST: Final = 1  # objects in a root's members, and objects in these


def _any(expressions: list[bytes]) -> bytes:
    return rb"(?:<(?:" + b"|".join(expressions) + rb")" + _SPACE + rb")*+"


def _simple(name: bytes) -> list[bytes]:
    return [*(tag + name + b">" + value + rb"</" + tag + b">" for tag, value in _SIMPLE.items()), b"Nil" + name + b" />"]


def _object(name: bytes, depth: int) -> bytes:
    """The expression of an object behind its `<`, with objects in it down to a depth."""
    members, items = (_any(_values(inside, depth)) for inside in (_NAMED, b""))
    parts = (
        _TYPES,
        _TO_STRING,
        rb"(?!Nil)(?:" + b"|".join(_simple(b"")) + rb")",
        rb"LST(?: />|>" + _SPACE + items + rb"</LST>)",
        rb"Props(?: />|>" + _SPACE + members + rb"</Props>)",
        rb"MS(?: />|>" + _SPACE + members + rb"</MS>)",
    )
    content = b"".join(rb"(?:<" + part + _SPACE + rb")?+" for part in parts)
    return rb"Obj" + name + rb' RefId="' + _ID + rb'">' + _SPACE + content + rb"</Obj>"


def _values(name: bytes, depth: int) -> list[bytes]:
    return [*_simple(name), *([_object(name, depth - 1)] if depth else [])]


_MEMBERS: Final = _any(_values(_NAMED, _DEEPEST + 1))

ROOT: Final = re.compile(
    rb'<Obj(?: RefId="' + _ID + rb'")?+>' + _SPACE
    + rb"(?:<(?P<types>" + _TYPES + rb")" + _SPACE + rb")?+"
    + rb"(?:<(?P<to_string>" + _TO_STRING + rb")" + _SPACE + rb")?+"
    + rb"(?:<Props>" + _SPACE + rb"(?P<props>" + _MEMBERS + rb")</Props>" + _SPACE + rb")?+"
    + rb"(?:<MS>" + _SPACE + rb"(?P<ms>" + _MEMBERS + rb")</MS>" + _SPACE + rb")?+"
    + rb"</Obj>" + _SPACE + rb"(?=<|\Z)"
)  # fmt: skip
"""A top-level object of properties and notes, with what is written behind it."""

_WITHIN: Final = rb"[^O]*+(?:(?<!</)(?<!<)O[^O]*+)*+"  # up to where an object begins or ends
_INNERMOST: Final = rb"(?<=<)Obj" + _WITHIN + rb"(?<=/)Obj>"

# A RefId tells an object from a simple value.
_OF_SIMPLE: Final = rb"[^<]*+(?:</[^>]*+>)?+"
_OF_ANY: Final = rb'(?: RefId="' + _WITHIN + rb"(?:" + _INNERMOST + _WITHIN + rb")*+Obj>|" + _OF_SIMPLE + rb")"

MEMBER: Final = re.compile(rb'<([^ ]++ N="([^"]*+)"' + _OF_ANY + rb")")
"""A member of what matched as a root's props or ms: what stands behind its `<`, and its name."""


def member_named(name: bytes, *, may_be_object: bool, captured: bool) -> bytes:
    """The expression of a member with this name, as it is written, and of the white space behind it."""
    member = rb'[^ ]++ N="' + re.escape(name) + rb'"' + (_OF_ANY if may_be_object else _OF_SIMPLE)
    return (rb"<(" + member + rb")" if captured else rb"<" + member) + rb"[^<]*+"


FLAT_OBJECT: Final = re.compile(
    rb"Obj[^>]*+>[^<]*+"
    rb'(?:<TNRef RefId="([^"]*+)" />[^<]*+)?+'
    rb"(?:<ToString>([^<]*+)</ToString>[^<]*+)?+"
    rb"(?:<LST( /|>.*</LST)>[^<]*+|<((?!TN|Props|MS)[^<]*+</[^>]*+>)[^<]*+)?+"
    rb"(?:<Props>[^<]*+(.*)</Props>[^<]*+)?+"
    rb"</Obj>",
    re.DOTALL,
)
"""A member that is an object without objects in it, from behind its `<`: its parts, in the forms that nearly all have.

The id of its type list, its text, its items, the value that it wraps, and its properties.
"""

ITEM: Final = re.compile(rb"<([^/<][^<]*+(?:</[^>]*+>)?+)")
"""A simple value of a list, from behind its `<`."""

DEFINITIONS: Final = re.compile(rb'<TN(?:Ref RefId="([^"]*)"| RefId="([^"]*)">([^<]*+(?:</?+T>[^<]*+)*+)</TN>)')
"""A type list that is named, or one that is defined, with its names as they are written."""

OBJECT_IDS: Final = re.compile(rb'<Obj[^>]* RefId="([^"]*)"')
SPECIAL_NOTE: Final = re.compile(rb' N="(?:[^"]*_x|GetType"|ToString")', re.IGNORECASE)
"""A note whose name the engine treats in its own way beside properties or a text, or that may spell such a name by an escape."""
