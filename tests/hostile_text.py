"""Seeded random values in the shapes that break out of badly quoted command lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final
from uuid import UUID

from psbridge.psobject import Byte, Char, Int16, Int64, Single, TimeSpan, UInt64, Uri, Version

SINGLE_QUOTES: Final = "'\u2018\u2019\u201a\u201b"
DOUBLE_QUOTES: Final = '"\u201c\u201d\u201e'
DASHES: Final = "-\u2013\u2014\u2015"
BLANKS: Final = " \t\v\f\u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"
PIECES: Final = (
    *SINGLE_QUOTES, *DOUBLE_QUOTES, *DASHES, *BLANKS, "\n", "\r\n", "\r", "\x1b[2J", "\x7f", "\u202e", "\ufeff",
    "$", "$(", "$x", "${", "`", "``", "{", "}", "(", ")", "[", "]", "@", "@'", "'@", '@"', "@{", "@(", "--%", "-Force", "-5", "5",
    "1e3", "0x1F", "1kb", ";", "&", "&&", "|", "||", "<", ">", "2>&1", "#", "<#", "#>", ",", "=", "+", "*", "?", "%", "!", ":",
    "/", "\\", "\\\\", ".", "..", "_", "a", "b", "Remove-Mailbox", "testduplicate@domain.com", "if", "\u00e9",
    "\u4e2d", "\U0001f600",
)  # fmt: skip


def text(random: Random, longest: int = 8) -> str:
    """A text of up to `longest` pieces that mean something to PowerShell's tokenizer."""
    return "".join(random.choice(PIECES) for _ in range(random.randint(0, longest)))


def value(random: Random, depth: int = 3) -> object:
    """Any value that can be written as PowerShell text, up to `depth` levels of lists and dicts."""
    makers = _SCALARS if depth == 0 else (*_SCALARS, *((_list, _dict) * 3))
    maker = random.choice(makers)
    return maker(random, depth)


def _list(random: Random, depth: int) -> object:
    return [value(random, depth - 1) for _ in range(random.randint(0, 3))]


def _dict(random: Random, depth: int) -> object:
    keys = {f"{number}{text(random, 3)}": None for number in range(random.randint(0, 3))}
    return {key: value(random, depth - 1) for key in keys}


def _moment(random: Random) -> datetime:
    start = datetime.fromisoformat("2018-07-01T12:00:00")
    return start + timedelta(days=random.randint(-9000, 9000), microseconds=random.randrange(10**6))


_SCALARS: Final[tuple[Callable[[Random, int], object], ...]] = (
    *((lambda random, _: text(random),) * 8),
    lambda _random, _: None,
    lambda random, _: random.random() < 0.5,
    lambda random, _: random.randint(-20, 20),
    lambda random, _: random.randint(-(2**63), 2**63 - 1),
    lambda random, _: random.uniform(-1e9, 1e9),
    lambda random, _: random.choice([0.0, -0.0, 1e300, 5e-324, float("inf"), float("-inf"), float("nan")]),
    lambda random, _: Decimal(random.randint(-(2**90), 2**90)).scaleb(-random.randint(0, 28)),
    lambda random, _: _moment(random),
    lambda random, _: _moment(random).replace(tzinfo=UTC),
    lambda random, _: TimeSpan(random.randint(-(2**63), 2**63 - 1)),
    lambda random, _: UUID(int=random.getrandbits(128)),
    lambda random, _: random.randbytes(random.randint(0, 5)),
    lambda random, _: Byte(random.randint(0, 255)),
    lambda random, _: Int16(random.randint(-(2**15), 2**15 - 1)),
    lambda random, _: Int64(random.randint(-5, 5)),
    lambda random, _: UInt64(random.randint(0, 2**64 - 1)),
    lambda random, _: Single(random.randint(-1000, 1000) / 8),
    lambda random, _: Char(random.choice([*SINGLE_QUOTES, "a", "\n", "\ud83d"])),
    lambda random, _: Version(f"{random.randint(0, 9)}.{random.randint(0, 9)}.{random.randint(0, 9)}"),
    lambda random, _: Uri("https://contoso.com/o'" + str(random.randint(0, 9))),
)  # fmt: skip
