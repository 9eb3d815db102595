"""Random CLIXML out: every element in every place where it may stand, and now and then where it may not."""

from __future__ import annotations

import random
import re
from typing import TypeVar

from tests.clixml.decoding import NAMESPACE

SIMPLE = {
    "S": "t",
    "SBK": "q",
    "I32": "5",
    "U64": "9",
    "B": "true",
    "C": "65",
    "D": "1.50",
    "Db": "2.5",
    "DT": "2020-01-02T03:04:05",
    "TS": "PT5S",
    "BA": "AQID",
    "G": "792e5b37-4505-47ef-b7d2-8711bb7affa8",
    "Version": "1.2",
    "URI": "http://a/",
}
TEXTS = [
    *("", "a", "1", "true", " 5 ", "x_x0041_", "&amp;", "_xD83D__xDE00_", "a&#10;b", "1.5", "2020-01-02", "PT1S", "AQID"),
    *("\u00e9", "]]&gt;", "&#0;", "&#xD800;", "<![CDATA[1]]>", "1<!-- c -->2"),
]
NAMES = ["a", "b", "A", "B", "x_x0020_y", "c", "Key", "", "\u00df", "SS"]
TYPES = ["A", "B", "System.Object", "Deserialized.C", "", "System.Collections.Specialized.OrderedDictionary", "deserialized.x"]
Item = TypeVar("Item")
FIRST = re.compile(r'<(\w+)(?: N="[^"]*")?')


class Documents:
    """Draws documents and messages by a seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def document(self) -> str:
        """A document of one to three roots."""
        version = self._one_of(["1.1.0.1"] * 6 + ["1.2", "1.1"])
        roots = "".join(self._between() + self.value(0) for _ in range(self._chance.randint(1, 3)))
        return f'<Objs Version="{version}" xmlns="{NAMESPACE}">{roots}</Objs>'

    def value(self, depth: int, *, named: bool = False) -> str:
        """A value of any kind; `named` with an N, mostly."""
        drawn = self._chance.random()
        if drawn < 0.42 or depth > 5:
            return self._simple(named=named)
        if drawn < 0.52:
            return f"<Nil{self._name(named=named)}/>"
        if drawn < 0.62:
            return f"<Ref{self._name(named=named)}{self._ref()}/>"
        return self._object(depth + 1, named=named)

    def _object(self, depth: int, *, named: bool = False) -> str:
        parts = [self._part(depth) for _ in range(self._one_of([0, 1, 1, 2, 2, 3, 4]))]
        inside = "".join(self._between() + part for part in parts)
        return f"<Obj{self._name(named=named)}{self._ref()}>{inside}{self._between()}</Obj>"

    def _part(self, depth: int) -> str:
        (part,) = self._chance.choices([part for part, _ in PARTS], [weight for _, weight in PARTS])
        return part(self, depth)

    def _text(self, _depth: int) -> str:
        return f"<ToString>{self._one_of(TEXTS)}</ToString>"

    def _props(self, depth: int) -> str:
        return f"<Props>{self._values(depth, named=True)}</Props>"

    def _notes(self, depth: int) -> str:
        named_set = f"<MS{self._name(named=True)}>{self._values(depth, named=True)}</MS>" if self._chance.random() < 0.1 else ""
        return f"<MS>{self._values(depth, named=True)}{named_set}</MS>"

    def _list(self, depth: int) -> str:
        tag = self._one_of(["LST", "IE", "STK", "QUE"])
        return f"<{tag}>{self._values(depth)}</{tag}>"

    def _table(self, depth: int) -> str:
        return f"<DCT>{''.join(self._entry(depth) for _ in range(self._chance.randint(0, 2)))}</DCT>"

    def _inner(self, depth: int) -> str:
        return self._object(depth + 1) if depth < 5 else self._simple()

    def _wrong(self, _depth: int) -> str:
        return self._one_of(["<Foo>1</Foo>", "text", "<Nil/>"])

    def _content(self, _depth: int) -> str:
        return self._simple()

    def _entry(self, depth: int) -> str:
        key, value = self._simple(named=True), self.value(depth, named=True)
        key, value = (FIRST.sub(rf'<\1 N="{part}"', text, count=1) for part, text in (("Key", key), ("Value", value)))
        return f"<En>{key}{value}</En>"

    def _types(self, _depth: int) -> str:
        if self._chance.random() < 0.35:
            return f"<TNRef{self._ref()}/>"
        names = "".join(f"<T>{self._one_of(TYPES)}</T>" for _ in range(self._chance.randint(0, 3)))
        return f"<TN{self._ref()}>{names}</TN>"

    def _values(self, depth: int, *, named: bool = False) -> str:
        return "".join(self._between() + self.value(depth, named=named) for _ in range(self._chance.randint(0, 3)))

    def _simple(self, *, named: bool = False) -> str:
        tag = self._one_of(list(SIMPLE))
        odd = self._chance.random() < (0.4 if tag in {"S", "SBK"} else 0.05)
        return f"<{tag}{self._name(named=named)}>{self._one_of(TEXTS) if odd else SIMPLE[tag]}</{tag}>"

    def _name(self, *, named: bool) -> str:
        return f' N="{self._one_of(NAMES)}"' if named and self._chance.random() < 0.95 else ""

    def _ref(self) -> str:
        return f' RefId="{self._chance.randint(0, 4)}"' if self._chance.random() < 0.7 else ""

    def _between(self) -> str:
        return self._one_of(["", "", " ", "\n  ", "<!-- c -->"]) if self._chance.random() < 0.3 else ""

    def _one_of(self, items: list[Item]) -> Item:
        return self._chance.choice(items)


# What an object may hold, and how often it does.
PARTS = (
    (Documents._types, 15),
    (Documents._text, 12),
    (Documents._props, 15),
    (Documents._notes, 20),
    (Documents._list, 10),
    (Documents._table, 8),
    (Documents._content, 10),
    (Documents._inner, 8),
    (Documents._wrong, 1),
)
