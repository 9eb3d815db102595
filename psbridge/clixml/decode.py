"""CLIXML bytes in, values out.

Sources: [MS-PSRP] 2.2.5; clixml-notes sections 1 and 4. The same bytes are refused that PowerShell's reader refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from psbridge.clixml.collector import collector_paused
from psbridge.clixml.encoding import Source, source_of
from psbridge.clixml.markup import rewrite
from psbridge.clixml.place import path_at
from psbridge.clixml.reader import NamesAlike, Reader
from psbridge.clixml.references import referred_ids
from psbridge.clixml.root_reader import RootReader
from psbridge.clixml.unreadable import NotPlain, Unreadable
from psbridge.clixml.words import Words, attributes, pieces, split
from psbridge.clixml.written import written_root
from psbridge.errors import ClixmlError
from psbridge.psobject import Value

__all__ = ["decode", "decode_message", "decode_messages", "decode_stream"]

Read = TypeVar("Read")

_MARKER: Final = re.compile(rb"#< CLIXML\r?\n")
_FORBIDDEN: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|\A\xef\xbb\xbf")
_LARGE: Final = 1 << 16

# The words that all messages share, and all small documents. They never hold the text of a string, which may be a secret.
_OF_MESSAGES: Final = Words(texts=False, wire=True)
_OF_DOCUMENTS: Final = Words(texts=False, wire=False)


def decode(data: bytes) -> list[Value]:
    """Read what Export-Clixml wrote, in any encoding, with or without the line `#< CLIXML`; give its top-level values.

    The whole document is checked here; the members of an object are built when they are looked at (written.py).
    Raises ClixmlError for whatever PowerShell's reader refuses.
    """
    source = source_of(data)
    words = _words_for(source)
    with collector_paused(len(data)):
        values = _regular(source.document, words)
        return [value for _, value in _read(source, Reader.document, words)] if values is None else values


def decode_message(body: bytes) -> Value:
    """Read the body of one PSRP message: a value without `<Objs>` and without a namespace ([MS-PSRP] 2.2.5).

    Raises ClixmlError for whatever PowerShell's reader refuses. An empty body holds nothing, so it is refused as well.
    """
    return _message(body, _OF_MESSAGES)


def decode_messages(bodies: Iterable[bytes], *, at_once: bool = False) -> list[Value]:
    """Read the bodies of many messages, as a cmdlet's objects come: the same as each on its own, in a third less time.

    `at_once`: build all of each object now, which is faster for whoever looks at most of it, as models do.
    Raises ClixmlError for the first one that PowerShell's reader refuses.
    """
    words = Words(texts=True, wire=True)
    given = list(bodies)
    with collector_paused(sum(map(len, given))):
        return [_message(body, words, at_once=at_once) for body in given]


def decode_stream(data: bytes) -> list[tuple[str | None, Value]]:
    """Read redirected output: documents one behind the other, each after a line `#< CLIXML`; give stream and value of each root.

    The stream is that of the element's attribute S (`Error`, `progress`, ...), None where there is none.
    Raises ClixmlError for whatever PowerShell's reader refuses; it refuses characters that XML forbids here even as references.
    """
    whole = source_of(data).repaired()
    starts = [0, *(found.end() for found in _MARKER.finditer(whole.document))]
    ends = [*(found.start() for found in _MARKER.finditer(whole.document)), len(whole.document)]
    values: list[tuple[str | None, Value]] = []
    for start, end in zip(starts, ends, strict=True):
        roots = _read(whole.part(start, end), Reader.document, _words_for(whole), references=False)
        values.extend((attributes(word).get("S"), value) for word, value in roots)
    return values


def _regular(document: bytes, words: Words) -> list[Value] | None:
    """Read a document root by root; None if something in it needs a closer look."""
    values: list[Value] = []
    try:
        reader = RootReader(pieces(document), words, referred_ids([document]), None)
        while reader.advance():
            values.append(reader.value)
    except (Unreadable, UnicodeDecodeError, StopIteration, RecursionError, NamesAlike):
        return None
    return values


def _message(body: bytes, words: Words, *, at_once: bool = False) -> Value:
    source = source_of(body, wire=True)
    if not at_once and b"<Ref" not in source.document:
        found = written_root(source.document, 0, words, {}, frozenset())
        if found is not None and found[1] == len(source.document):
            return found[0]
    return _read(source, Reader.message, words, wire=True)


def _words_for(source: Source) -> Words:
    """A document that is large enough keeps its words for itself, with the texts of its strings among them."""
    return Words(texts=True, wire=False) if len(source.document) > _LARGE else _OF_DOCUMENTS


def _read(source: Source, take: Callable[[Reader], Read], words: Words, *, wire: bool = False, references: bool = True) -> Read:
    """Read the document as it stands if it is plain, else what the XML parser makes of it."""
    try:
        if (references or b"&#" not in source.document) and not (wire and _ends_in_reference(source.document)):
            try:
                return _attempt(source.document, take, words, rewritten=False)
            except (NotPlain, UnicodeDecodeError):
                pass
            except Unreadable:
                # What looks wrong may go on behind a comment or a CDATA section.
                if b"<!" not in source.document and b"<?" not in source.document:
                    raise
        source = source.of_message() if wire else source.repaired()
        _check_characters(source.document)
        plain = rewrite(source.document, wire=wire, references=references)
        try:
            return _attempt(plain.document, take, words, rewritten=True)
        except Unreadable as error:
            raise Unreadable(error.reason, plain.starts[plain.document.count(b"<", 0, error.place)]) from None
    except Unreadable as error:
        raise ClixmlError(error.reason, offset=source.offset(error.place), path=path_at(source.document, error.place)) from None


def _attempt(document: bytes, take: Callable[[Reader], Read], words: Words, *, rewritten: bool) -> Read:
    source = split(document)
    try:
        try:
            return take(Reader(source, words, rewritten=rewritten))
        except NamesAlike:
            source = split(document)
            return take(Reader(source, words, rewritten=rewritten, exact=True))
    except StopIteration:
        raise NotPlain("the document ends too early", len(document)) from None
    except RecursionError:
        raise Unreadable("too little is left of Python's stack", 0) from None
    except Unreadable as error:
        passed = len(document) - sum(len(word) + 1 for word in source)
        error.place = _place(document, passed, error)
        raise


def _ends_in_reference(message: bytes) -> bool:
    """Tell whether there is a reference in or behind the last tag: no blank may be written so behind a message."""
    return message.find(b"&", message.rfind(b"<")) >= 0


def _place(document: bytes, passed: int, error: Unreadable) -> int:
    """Where the fault is that was seen in the last word of what was passed."""
    start = max(document.replace(b"</", b"\0/").rfind(b"<", 0, passed), 0)
    for _ in range(error.tags_behind(document.count(b"</", start, passed))):
        behind = document.find(b"<", start + 1)
        start = len(document) if behind < 0 else behind
    return start


def _check_characters(document: bytes) -> None:
    """Refuse the characters that XML does not allow, and a second byte order mark: expat would guess an encoding by them."""
    found = _FORBIDDEN.search(document)
    if found is not None:
        raise Unreadable(f"the character U+{ord(found[0].decode()):04X} is not allowed here", found.start())
