"""The text of a regular object in, the object out, with members that are built when somebody looks at them.

Sources: [MS-PSRP] 2.2.5.2; clixml-notes sections 1 and 4.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from contextlib import suppress
from operator import itemgetter
from typing import Final

from psbridge.clixml.layout import Layout
from psbridge.clixml.regular import DEFINITIONS, OBJECT_IDS, ROOT, SPECIAL_NOTE
from psbridge.clixml.tables import Types
from psbridge.clixml.type_names import types_of
from psbridge.clixml.words import Words, marked
from psbridge.clixml.written_members import WrittenMembers
from psbridge.psobject import PSObject

__all__ = ["choose", "is_built", "written_root"]

_REFERENCE: Final = b'<TNRef RefId="'
_DEFINITION: Final = b'<TN RefId="'
_NUMBERS: Final = {(b'%d" ' % number)[:3]: b"%d" % number for number in range(100)}  # each as it begins what stands behind these
_start: Final = itemgetter(slice(3))
_RARE: Final = b"\xef"  # how the two below begin; one byte is found faster than three
_NONCHARACTERS: Final = tuple(one.encode() for one in "\ufffe\uffff")


def written_root(
    text: bytes, place: int, table: Words, types: Types, referred: AbstractSet[bytes]
) -> tuple[PSObject, int] | None:
    """Give the top-level object that begins at a place of a text, and where it ends; None if it must be read word by word.

    `types`: the type lists that were defined before; those of this object are added. `referred`: the ids that a Ref names
    somewhere; what has one of these is left to the reader.
    """
    found = ROOT.match(text, place)
    if found is None:
        return None
    end = found.end()
    if referred and not referred.isdisjoint(OBJECT_IDS.findall(text, place, end)):
        return None
    own, to_string, props, ms = found.group("types", "to_string", "props", "ms")
    if ms is not None and SPECIAL_NOTE.search(ms):
        return None
    whole = found[0]
    known = _types_in(whole, table, types) if _is_text(whole) else None
    if known is None:
        return None
    made = PSObject(known[own.split(b'"', 2)[1]] if own else ())
    if to_string is not None:
        made.to_string = table[marked(to_string)][2][2]
    if props is not None:
        made.props = WrittenMembers(props, b"Props", known, table) if props else {}
    if ms is not None:
        made.ms = WrittenMembers(ms, b"MS", known, table) if ms else {}
    return made, end


def choose(made: PSObject, props: Layout, ms: Layout) -> None:
    """Keep the wanted members of an object that was just read, and build them."""
    if isinstance(made.props, WrittenMembers):
        made.props = made.props.chosen(props)
    if isinstance(made.ms, WrittenMembers):
        made.ms = made.ms.chosen(ms)


def is_built(made: PSObject) -> bool:
    """Whether all of an object was looked at that was left unbuilt."""
    late = [members for members in (made.props, made.ms) if isinstance(members, WrittenMembers)]
    return bool(late) and all(members.is_built for members in late)


def _is_text(written: bytes) -> bool:
    """Whether bytes that hold nothing below a blank but what may stand there are text that XML allows."""
    if written.isascii():
        return True
    try:
        written.decode()
    except UnicodeDecodeError:
        return False
    return _RARE not in written or not any(one in written for one in _NONCHARACTERS)


def _types_in(whole: bytes, table: Words, types: Types) -> Types | None:
    """The type lists that an object names, each with its id; None if there is one that is not known, or one that is redefined."""
    # From the end, because CPython looks for long needles faster from there.
    if whole.rfind(_DEFINITION) < 0:
        with suppress(KeyError):
            return {(ref := _NUMBERS[start]): types[ref] for start in set(map(_start, whole.rsplit(_REFERENCE)[1:]))}
    return _types_one_by_one(whole, table, types)


def _types_one_by_one(whole: bytes, table: Words, types: Types) -> Types | None:
    known: Types = {}
    defined: Types = {}
    for reference, ref, names in DEFINITIONS.findall(whole):
        if ref:
            if ref in defined or ref in types:
                return None
            defined[ref] = known[ref] = _defined(names, table)
        elif reference in types:
            known[reference] = types[reference]
        elif reference not in defined:
            return None
    types |= defined
    return known


def _defined(names: bytes, table: Words) -> tuple[str, ...]:
    return types_of([table[name][2][2] for name in marked(names).split(b"<")[1:]])
