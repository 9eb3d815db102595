"""CLIXML texts in, the same with a few things broken, moved or repeated out; by a seed, so that each run sees the same."""

from __future__ import annotations

import random
import re

PIECES = [
    *"<>/&;\"'=# \t\n\r_x0159ABaeNS-.:!?[]",
    *("<S>", "</S>", "<Obj>", "</Obj>", "<Nil/>", "<MS>", "</MS>", "<I32>1</I32>", '<Ref RefId="0"/>', "<LST>", "</Props>"),
    *("<!--", "-->", "<![CDATA[", "]]>", "<?p?>", "<!DOCTYPE a>", "&amp;", "&lt;", "&#0;", "&#xD800;", "&#xFFFF;", "_x0041_"),
    *(
        ' N="a"',
        ' RefId="0"',
        " xmlns=''",
        " xmlns:a='urn:x'",
        "a:",
        "\u00e9",
        "\U0001f600",
        "\u0085",
        "\ufeff",
        "\x01",
        "\ufffe",
    ),
]
TAG = re.compile(r"<[^>]*>")


def mutated(text: str, chance: random.Random) -> str:
    """Change one to three places of a text."""
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        text = chance.choice([inserted, deleted, replaced, repeated, swapped])(text, chance)
    return text


def inserted(text: str, chance: random.Random) -> str:
    """Put a piece somewhere."""
    at = chance.randrange(len(text) + 1)
    piece: str = chance.choice(PIECES)
    return text[:at] + piece + text[at:]


def deleted(text: str, chance: random.Random) -> str:
    """Take a few characters away."""
    at = chance.randrange(len(text) + 1)
    return text[:at] + text[at + chance.choice([1, 1, 2, 5, 40]) :]


def replaced(text: str, chance: random.Random) -> str:
    """Put a piece in a character's place."""
    at = chance.randrange(len(text) + 1)
    piece: str = chance.choice(PIECES)
    return text[:at] + piece + text[at + 1 :]


def repeated(text: str, chance: random.Random) -> str:
    """Say a stretch twice."""
    start, end = sorted((chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)))
    end = min(end, start + 80)
    return text[:end] + text[start:end] + text[end:]


def swapped(text: str, chance: random.Random) -> str:
    """Let two tags change places."""
    tags = [found.span() for found in TAG.finditer(text)]
    if len(tags) < 2:
        return text
    (start, end), (second, last) = sorted(chance.sample(tags, 2))
    return text[:start] + text[second:last] + text[end:second] + text[start:end] + text[last:]
