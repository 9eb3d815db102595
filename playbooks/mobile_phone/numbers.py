"""Telephone numbers as texts in; whether two are the same text, and how one reads without its punctuation, out.

Directory synchronisation carries texts, so numbers are compared as texts, to the letter. The normalised form is only shown: it
tells a number that is written differently from another number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

__all__ = ["normalised", "same", "same_numbers", "shown", "shown_numbers", "with_normal_form"]

# "+44 (0)20" is dialled without the 0 from abroad (ITU-T E.123 advises against writing it so).
_TRUNK: Final = re.compile(r"^(\+\d+)\(0\)")
_PUNCTUATION: Final = re.compile("[().\\-/\u2010-\u2015\u2212]")
_DIGITS: Final = re.compile(r"\+?[0-9]+")


def same(left: str | None, right: str | None) -> bool:
    """Whether both are the same text; null and the empty text both mean that there is no number."""
    return (left or "") == (right or "")


def same_numbers(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether both hold the same numbers, each as often; a multi-valued attribute has no order."""
    return sorted(left) == sorted(right)


def normalised(number: str | None) -> str:
    """A number's digits with a leading plus, or "" where it holds anything else (an extension, a word) or nothing."""
    text = "".join(unicodedata.normalize("NFKC", number or "").removeprefix("tel:").split())
    digits = _PUNCTUATION.sub("", _TRUNK.sub(r"\1", text))
    return digits if _DIGITS.fullmatch(digits) else ""


def shown(number: str | None) -> str:
    """A number as people see it, in quotes, so that a blank at its end shows too."""
    return f"'{number}'" if number else "(none)"


def shown_numbers(numbers: Sequence[str]) -> str:
    """Several numbers."""
    return ", ".join(map(shown, numbers)) or "(none)"


def with_normal_form(number: str | None) -> str:
    """A number, and its normalised form where that reads differently."""
    plain = normalised(number)
    return f"{shown(number)} = {plain}" if plain and plain != number else shown(number)
