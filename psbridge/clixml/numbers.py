"""The text of a number element in, the number out, by the rules of .NET's invariant parsers.

Sources: [MS-PSRP] 2.2.5.1; clixml-notes section 4 (Reading: primitives). They differ in white space: the number parsers take
U+0009 to U+000D around a number and NULs behind it, XmlConvert's others take XML's blanks only.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeVar

from psbridge.clixml.unreadable import Unreadable
from psbridge.psobject import Byte, Char, Int16, Int64, SByte, Single, UInt16, UInt32, UInt64, Version

__all__ = ["boolean", "char", "decimal", "double", "integer", "single", "version"]

Whole = TypeVar("Whole", int, SByte, Byte, Int16, UInt16, UInt32, Int64, UInt64)

BLANKS: Final = " \t\n\r"
# No two parts of these patterns can match the same character in a row: a long text must not make them try all ways to cut it.
_SIGNED: Final = re.compile(r"[\t-\r ]*([+-]?)([0-9]+)[\t-\r ]*\x00*")
_UNSIGNED: Final = re.compile(r"[\t-\r ]*()([0-9]+)[\t-\r ]*\x00*")
_FLOATING: Final = re.compile(r"[\t-\r ]*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[\t-\r ]*\x00*")
_FIXED: Final = re.compile(r"[\t-\r ]*([+-]?)([0-9]*)(?:\.([0-9]*))?[\t-\r ]*\x00*")
_LONGEST: Final = 20  # digits of 2^64
_SPECIAL: Final = {
    "infinity": math.inf,
    "+infinity": math.inf,
    "-infinity": -math.inf,
    "nan": math.nan,
    "+nan": math.nan,
    "-nan": math.nan,
}
_SINGLE_OVERFLOW: Final = 2.0**128 - 2.0**103  # half a step above the largest Single
_DECIMAL_MAX: Final = (1 << 96) - 1
_DECIMAL_SCALE: Final = 28
# What .NET takes off the ends before it looks for `NaN`; Python's strip() takes U+001C to U+001F too.
WHITE_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


def integer(kind: type[Whole], low: int, high: int, name: str) -> Callable[[str], Whole]:
    """Make the parser of one integer type."""
    pattern = _SIGNED if low < 0 else _UNSIGNED

    def parse(text: str) -> Whole:
        found = pattern.fullmatch(text)
        if found is not None:
            digits = found[2] if len(found[2]) <= _LONGEST else found[2].lstrip("0")
            if len(digits) <= _LONGEST:
                number = int(found[1] + (digits or "0"))
                if low <= number <= high:
                    return kind(number)
        raise Unreadable(f"the text is no {name}, a whole number from {low} to {high}")

    return parse


def boolean(text: str) -> bool:
    """Read xs:boolean: `true`, `false`, `1`, `0`."""
    word = text.strip(BLANKS)
    if word in {"true", "1"}:
        return True
    if word in {"false", "0"}:
        return False
    raise Unreadable("the text is no System.Boolean: true, false, 1 or 0")


_code_unit: Final = integer(int, 0, 0xFFFF, "System.Char")


def char(text: str) -> Char:
    """Read a UTF-16 code unit, written as its number."""
    return Char(chr(_code_unit(text)))


def double(text: str) -> float:
    """Read a System.Double; what is too large is infinite, what is too small zero."""
    return _floating(text, "System.Double")


def single(text: str) -> Single:
    """Read a System.Single, rounded once from the decimal digits."""
    number = _floating(text, "System.Single")
    if number == 0.0 or not math.isfinite(number):
        return Single(number)
    return Single(_nearest_single(number, text))


def _floating(text: str, name: str) -> float:
    # .NET trims these two kinds of number before it parses them: blanks may stand behind a null character.
    word = text.strip(BLANKS)
    found = _FLOATING.fullmatch(word)
    if found is not None:
        return float(found[1])
    if word in {"INF", "-INF"}:
        return math.inf if word == "INF" else -math.inf
    special = _SPECIAL.get(text.strip(WHITE_SPACE).lower())
    if special is None:
        raise Unreadable(f"the text is no {name}")
    return special


def _nearest_single(number: float, text: str) -> float:
    if abs(number) >= 2.0**129:
        return math.copysign(math.inf, number)
    below, above = _singles_around(number)
    middle = (Fraction(below) + Fraction(above)) / 2
    if Fraction(number) == middle:
        # The Double stands exactly between two Singles: the digits behind it decide, which the Double has lost.
        exact = Decimal(text.strip("\x00" + WHITE_SPACE))
        if exact != Decimal(number):
            return _or_infinite(above if exact > Decimal(number) else below)
    if abs(number) >= _SINGLE_OVERFLOW:
        return math.copysign(math.inf, number)
    nearest: float = struct.unpack("<f", struct.pack("<f", number))[0]
    return nearest


def _singles_around(number: float) -> tuple[float, float]:
    """The Singles below and above a Double; beyond the largest one the next power of two stands for infinity."""
    step = 2.0 ** max(math.frexp(number)[1] - 24, -149)
    below = math.floor(number / step) * step
    return below, below + step


def _or_infinite(number: float) -> float:
    return math.copysign(math.inf, number) if abs(number) >= 2.0**128 else number


def decimal(text: str) -> Decimal:
    """Read a System.Decimal: 96 bits, up to 28 decimals; more are rounded half to even. The scale is kept."""
    found = _FIXED.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        raise Unreadable("the text is no System.Decimal")
    whole, fraction = found[2].lstrip("0"), found[3] or ""
    if len(whole) > 29:
        raise Unreadable("the number is too large for a System.Decimal")
    digits, scale = _fitted(whole, fraction)
    return Decimal((1 if found[1] == "-" else 0, tuple(map(int, str(digits))), -scale))


def _fitted(whole: str, fraction: str) -> tuple[int, int]:
    """The digits that fit into 96 bits and the number of decimals among them."""
    scale = min(len(fraction), _DECIMAL_SCALE)
    kept, rest = int(whole + fraction[:scale] or "0"), fraction[scale:]
    while kept > _DECIMAL_MAX and scale > 0:
        kept, last = divmod(kept, 10)
        rest, scale = str(last) + rest, scale - 1
    if _rounds_up(kept, rest):
        kept += 1
        if kept > _DECIMAL_MAX and scale > 0:
            kept, scale = _DECIMAL_MAX // 10 + 1, scale - 1
    if kept > _DECIMAL_MAX:
        raise Unreadable("the number is too large for a System.Decimal")
    return kept, scale


def _rounds_up(kept: int, rest: str) -> bool:
    if not rest or rest[0] < "5":
        return False
    return rest[0] > "5" or kept % 2 == 1 or rest[1:].strip("0") != ""


_part: Final = integer(int, -0x80000000, 0x7FFFFFFF, "part of a System.Version")


def version(text: str) -> Version:
    """Read a System.Version of two to four parts; each is written again without blanks, sign and leading zeros."""
    parts = text.split(".")
    if not 2 <= len(parts) <= 4:
        raise Unreadable("the text is no System.Version: two to four numbers")
    numbers = [_part(part) for part in parts]
    if min(numbers) < 0:
        raise Unreadable("a part of a System.Version is negative")
    return Version(".".join(map(str, numbers)))
