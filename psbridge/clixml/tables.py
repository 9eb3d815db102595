"""RefIds in, the objects and type lists that they stand for out. Both tables last for one document or message.

A later definition of an id counts from there on ([MS-PSRP] 2.2.5.2.1; clixml-notes section 4).
"""

from __future__ import annotations

from psbridge.clixml.cursor import Cursor
from psbridge.clixml.type_names import types_of
from psbridge.clixml.unreadable import Unreadable
from psbridge.clixml.words import Ends
from psbridge.psobject import PSObject

__all__ = ["Tables", "Types"]

Types = dict[bytes, tuple[str, ...]]


class Tables:
    """The objects and the type lists that were defined so far."""

    def __init__(self, types: Types | None = None) -> None:
        self.objects: dict[bytes, PSObject] = {}
        self.types: Types = {} if types is None else types

    def target(self, ref: bytes | None) -> PSObject:
        """Give the object that a Ref names."""
        target = None if ref is None else self.objects.get(ref)
        if target is None:
            raise Unreadable("a Ref without RefId" if ref is None else f"no object has the RefId {_shown(ref)} here")
        return target

    def types_of(self, ref: bytes | None) -> tuple[str, ...]:
        """Give the types that a TNRef names."""
        types = None if ref is None else self.types.get(ref)
        if types is None:
            raise Unreadable("a TNRef without RefId" if ref is None else f"no type list has the RefId {_shown(ref)} here")
        return types

    def read_types(self, cursor: Cursor, ref: bytes | None, ends: Ends | None) -> tuple[str, ...]:
        """Read a type list (TN) up to its end and take it over. `ends`: what its own tag closes, None if it is open."""
        names: list[str] = []
        cursor.ends = ends or ()
        while ends is None:
            name = cursor.text("T")
            if name is None:
                raise Unreadable("a type list (TN) holds something else than names (T)")
            names.append(name)
            if cursor.ends:
                cursor.close("TN")
                break
        types = types_of(names)
        if ref is not None:
            self.types[ref] = types
        return types


def _shown(ref: bytes) -> str:
    return repr(ref.decode("utf-8", "surrogatepass"))
