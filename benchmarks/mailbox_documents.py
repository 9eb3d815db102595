"""A count and a seed in, that many synthetic mailboxes out: as one Export-Clixml document, or as one PSRP message each.

    python -m benchmarks.mailbox_documents FILE COUNT [--wire] [--seed N]

The same seed gives the same bytes. A document shares its type table and its ids over all mailboxes; in messages, one a line
here, both start anew and the type names are those of live objects. Sources: [MS-PSRP] 2.2.5.2, clixml-notes section 3.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID
from xml.sax.saxutils import escape

from benchmarks.mailbox_shape import PROPERTIES, TYPES

__all__ = ["messages", "write_document", "write_messages"]

_FIRST_NAMES: Final = (
    "Ada",
    "Björn",
    "Chiara",
    "Dörte",
    "Éloïse",
    "Fatma",
    "Gábor",
    "Håkan",
    "Ilse",
    "Jürgen",
    "Kübra",
    "Łukasz",
    "Maëlle",
    "Nuño",
    "Ömer",
    "Žofia",
)
_LAST_NAMES: Final = (
    "Andersson",
    "Brontë",
    "Çelik",
    "D'Arcy",
    "Eriksson",
    "Fernández",
    "Grüber",
    "Horváth",
    "Jensen",
    "Kovač",
    "Lindqvist",
    "Nowak",
)
_ROOT: Final = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'


def write_document(path: Path, number: int, *, seed: int = 1) -> None:
    """Write an Export-Clixml document of `number` mailboxes, about 15 KB each, one after the other."""
    drawn, shape = Mailbox(seed), Shape(prefix="Deserialized.")
    forms = {True: Form(shape.mailbox(), drawn), False: Form(shape.mailbox(), drawn)}
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_ROOT)
        for place in range(number):
            drawn.begin(place)
            file.write(f"\n  {forms[place == 0].fill()}")
        file.write("\n</Objs>")


def write_messages(path: Path, number: int, *, seed: int = 1) -> None:
    """Write `number` messages, one a line."""
    with path.open("wb") as file:
        file.writelines(body + b"\n" for body in messages(number, seed=seed))


def messages(number: int, *, seed: int = 1) -> Iterator[bytes]:
    """Give the bodies of `number` PIPELINE_OUTPUT messages, about 18.5 KB each, without the byte order mark."""
    drawn = Mailbox(seed)
    form = Form(Shape().mailbox(), drawn)
    for place in range(number):
        drawn.begin(place)
        drawn.refs = count()
        yield form.fill().encode()


class Mailbox:
    """What differs from one mailbox to the next. Each method named in the shape draws one text."""

    organization: Final = "/o=First Organization/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)"

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - data of a benchmark, the same in every run
        self.refs = count()

    def begin(self, place: int) -> None:
        """Draw the next mailbox's person; `place` makes it the only one of its name."""
        self._alias = f"user{place:06}"
        self._display = f"{self._choice(_LAST_NAMES)}, {self._choice(_FIRST_NAMES)} ({place})"
        self._place = str(self._random.randint(1, 999))

    def alias(self) -> str:
        return self._alias

    def display(self) -> str:
        return self._display

    def place(self) -> str:
        return self._place

    def ref(self) -> str:
        return str(next(self.refs))

    def guid(self) -> str:
        return str(UUID(int=self._random.getrandbits(128)))

    def hex(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    def number(self) -> str:
        return str(self._random.randrange(100))

    def big(self) -> str:
        return str(self._random.getrandbits(40))

    def bool(self) -> str:
        return "true" if self._random.random() < 0.3 else "false"

    def date(self) -> str:
        month, second, tick = self._random.randrange(12 * 9), self._random.randrange(28 * 86400), self._random.randrange(10**7)
        clock = f"{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}.{tick:07}"
        return f"{2016 + month // 12}-{month % 12 + 1:02}-{second // 86400 + 1:02}T{clock}"

    def aliases(self) -> str:
        several = range(1, self._random.randint(1, 6) + 1)
        return "</S><S>".join(f"smtp:{self._alias}.{site}@site-{site}.europe.contoso.com" for site in several)

    def _choice(self, names: tuple[str, ...]) -> str:
        return names[int(self._random.random() * len(names))]


class Form:
    """A text with words in braces, and the one who draws what stands there."""

    def __init__(self, text: str, drawn: Mailbox) -> None:
        literals_and_words = re.split(r"\{(\w+)\}", text.replace("{organization}", drawn.organization))
        self._text = "%s".join(literal.replace("%", "%%") for literal in literals_and_words[::2])
        self._draws: list[Callable[[], str]] = [getattr(drawn, word) for word in literals_and_words[1::2]]

    def fill(self) -> str:
        """Draw everything once, from left to right."""
        return self._text % tuple([draw() for draw in self._draws])


class Shape:
    """Builds the form of a mailbox. The second one of a document refers to the types that the first has defined."""

    _simple: Final = {"text": "S", "bool": "B", "date": "DT", "guid": "G", "int": "I32", "long": "I64", "span": "TS"}
    _drawn: Final = {"bool": "{bool}", "guid": "{guid}"}

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._defined: dict[str, int] = {}

    def mailbox(self) -> str:
        """The element of one mailbox, with words in braces for what is drawn."""
        lines = [line.split(maxsplit=2) for line in PROPERTIES.strip().splitlines()]
        types = self._types("mailbox")
        members = "".join(self._property(kind, name, *value) for kind, name, *value in lines)
        return f'<Obj RefId="{{ref}}">{types}<ToString>{{display}}</ToString><Props>{members}</Props></Obj>'

    def _property(self, kind: str, name: str, value: str = "") -> str:
        named, text = f' N="{name}"', escape(value)
        if kind == "null":
            return f"<Nil{named} />"
        if kind == "date":
            return f"<DT{named}>{{date}}{'Z' if name.endswith('UTC') else '-07:00'}</DT>"
        if kind in self._simple:
            return f"<{self._simple[kind]}{named}>{text or self._drawn.get(kind, '')}</{self._simple[kind]}>"
        begin = f'<Obj{named} RefId="{{ref}}">{self._types(kind)}'
        return begin + (self._directory_id(text) if kind == "id" else self._list(kind, text)) + "</Obj>"

    def _list(self, kind: str, items: str) -> str:
        if kind == "cultures":
            return f"<LST>{self._culture()}</LST>"
        return f"<LST><S>{items.replace('|', '</S><S>')}</S></LST>" if items else "<LST />"

    def _directory_id(self, text: str) -> str:
        name = text.rpartition("/")[2]
        return (
            f'<ToString>{text}</ToString><Props><S N="DistinguishedName">CN={name},OU=Messaging,DC=europe,DC=contoso,DC=com</S>'
            f'<B N="IsDeleted">false</B><I32 N="Depth">3</I32><G N="ObjectGuid">{{guid}}</G>'
            f'<S N="Name">{name}</S><S N="DomainId">europe.contoso.com</S></Props>'
        )

    def _culture(self) -> str:
        texts = {
            "Name": "en-US",
            "DisplayName": "English (United States)",
            "IetfLanguageTag": "en-US",
            "ThreeLetterISOLanguageName": "eng",
            "ThreeLetterWindowsLanguageName": "ENU",
            "TwoLetterISOLanguageName": "en",
        }
        members = '<I32 N="LCID">1033</I32>' + "".join(f'<S N="{name}">{text}</S>' for name, text in texts.items())
        return f'<Obj RefId="{{ref}}">{self._types("culture")}<ToString>en-US</ToString><Props>{members}</Props></Obj>'

    def _types(self, kind: str) -> str:
        known = self._defined.get(kind)
        if known is not None:
            return f'<TNRef RefId="{known}" />'
        number = self._defined[kind] = len(self._defined)
        names = "".join(f"<T>{self._prefix}{escape(name)}</T>" for name in TYPES[kind])
        return f'<TN RefId="{number}">{names}</TN>'


def main() -> None:
    """Write one file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mailbox_documents", description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--wire", action="store_true", help="messages, one a line, instead of a document")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    write = write_messages if given.wire else write_document
    write(given.file, given.count, seed=given.seed)


if __name__ == "__main__":
    main()
