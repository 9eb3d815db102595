"""Seeded random objects as cmdlets return them: every kind of value, long and wide texts, lists in lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final
from uuid import UUID

from psbridge.psobject import (
    Byte,
    Char,
    DateTime,
    Int64,
    Kind,
    PSObject,
    Single,
    TimeSpan,
    Uri,
    Value,
    Version,
    XmlDocument,
)

NAMES: Final = (
    "Name", "Alias", "A", "B", "ProhibitSendQuota", "ExternalDirectoryObjectId", "Some Long Property Name With Blanks",
    "X1", "\u4e2d\u6587\u540d", "isLicensed", "N" * 50, "Db",
)  # fmt: skip
WORDS: Final = (
    "a", "word", "Test Duplicate", "testduplicate@domain.com", "/o=ExchangeLabs/ou=Exchange", "x-y", "$", "`", "{", "}", ",", '"',
    "'", " ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2011", "\u00e9", "\u4e2d\u6587", "\ud55c\uad6d", "\uff46", "\u3000",
)  # fmt: skip


def names(random: Random) -> list[str]:
    """Some names of properties in any order."""
    return random.sample(NAMES, random.randint(1, 9))


def rows(random: Random, properties: list[str], *types: str) -> list[PSObject]:
    """A few objects with these properties, as notes."""
    count = random.choice([1, 1, 2, 5])
    return [PSObject(types, ms={name: value(random) for name in properties}) for _ in range(count)]


def value(random: Random, depth: int = 2) -> Value:
    """Any value that a property can have."""
    if not depth or random.random() > 0.3:
        return random.choice(_SCALARS)(random)
    count = random.choice([0, 1, 2, 3, 4, 5, 8])
    return random.choice([_list, _list, _dictionary, _bag])(random, count, depth)


def _list(random: Random, count: int, depth: int) -> PSObject:
    types = random.choice([(), ("Deserialized.System.Object[]", "Deserialized.System.Array", "Deserialized.System.Object")])
    return PSObject(types, kind=Kind.LIST, items=[value(random, depth - 1) for _ in range(count)])


def _dictionary(random: Random, count: int, depth: int) -> PSObject:
    types = ("Deserialized.System.Collections.Specialized.OrderedDictionary", "Deserialized.System.Object")
    return PSObject(types, kind=Kind.ORDERED, entries=[(f"k{number}", value(random, depth - 1)) for number in range(count)])


def _bag(random: Random, count: int, depth: int) -> PSObject:
    return PSObject(ms={f"p{number}": value(random, depth - 1) for number in range(count)})


def text(random: Random) -> str:
    """A text of any length, with blanks, line ends and wide letters."""
    count = random.choice([0, 1, 1, 2, 3, 6, 20, 60])
    pieces = (random.choice((*WORDS, "z" * random.randint(1, 150))) for _ in range(count))
    return "".join(piece + random.choice(["", " "]) for piece in pieces)


def _enum(random: Random) -> PSObject:
    types = ("Deserialized.Microsoft.Exchange.Data.RecipientType", "Deserialized.System.Enum", "Deserialized.System.Object")
    return PSObject.wrapping(random.randint(0, 5), types, to_string="UserMailbox")


def _size(random: Random) -> PSObject:
    types = ("Deserialized.Microsoft.Exchange.Data.ByteQuantifiedSize", "Deserialized.System.Object")
    return PSObject(types, to_string="49.5 GB (53,150,220,288 bytes)", props=random.choice([{}, {"x": 1}]))


_FLOATS: Final = (0.0, -0.0, 1e300, 0.125, 0.375, 2.675, 1e15, 1e16, 123456789012345.0, 1e-5, 0.0001, float("inf"), float("nan"))
_SCALARS: Final[tuple[Callable[[Random], Value], ...]] = (
    *((text,) * 4),
    lambda _: None,
    lambda random: random.random() < 0.5,
    lambda random: random.randint(-(10 ** random.randint(0, 9)), 10 ** random.randint(0, 9)),
    lambda random: Int64(random.randint(-(2**63), 2**63 - 1)),
    lambda random: random.uniform(-1, 1) * 10 ** random.randint(-12, 20),
    lambda random: random.choice(_FLOATS),
    lambda random: Decimal(random.randint(-(10**12), 10**12)).scaleb(-random.randint(0, 8)),
    lambda random: Single(random.randint(-(10**6), 10**6) / 64),
    lambda random: DateTime.of(
        datetime.fromisoformat("0001-01-01") + timedelta(seconds=random.choice([0, random.randint(0, 10**11)]))
    ),
    lambda random: TimeSpan(random.randint(-(10**13), 10**14)),
    lambda random: UUID(int=random.getrandbits(128)),
    lambda _: Version("1.2.3"),
    lambda random: Char(random.choice("aZ\u4e2d")),
    lambda random: Byte(random.randint(0, 255)),
    lambda random: random.randbytes(random.randint(0, 6)),
    lambda _: Uri("http://contoso.com/x"),
    lambda _: XmlDocument("<a><b>t</b></a>"),
    _enum,
    _size,
    lambda random: PSObject.wrapping(random.randint(0, 5), ms={"note": 1}),
    lambda random: PSObject.wrapping(text(random), ms={"note": 1}),
)
