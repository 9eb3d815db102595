"""An export of any size in, its top-level values one by one out.

Sources: [MS-PSRP] 2.2.5.2.1, ids are document-wide; clixml-notes sections 1 and 4.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from psbridge.clixml.decode import decode
from psbridge.clixml.feed import Feed, Progress, seekable
from psbridge.clixml.projection import Wanted, project
from psbridge.clixml.reader import NamesAlike
from psbridge.clixml.root_reader import RootReader
from psbridge.clixml.unreadable import Unreadable
from psbridge.clixml.words import Words
from psbridge.psobject import Value

__all__ = ["read"]


def read(
    source: BinaryIO | str | os.PathLike[str],
    *,
    properties: Collection[str] | None = None,
    progress: Progress | None = None,
) -> Iterator[Value]:
    """Read what Export-Clixml wrote, as `decode` does, but give the top-level values one by one, in constant memory.

    All of a value is checked before it is given, and its members are built when they are looked at.

    `source`: a path, or a binary file from where it stands. A first pass learns the ids that are referred to; only the objects
    with these are kept. What cannot be read twice (a pipe, a socket) goes to a temporary file first.
    `properties`: only these of each top-level object are kept, in any case; its types, text and content are kept as they are.
    `progress`: is told the bytes done and their number; the number is None while a pipe is copied.

    Raises ClixmlError as `decode` does, after the values before that place. Two kinds of documents are read into memory whole
    when the place is met: those that PowerShell does not write as they are (an XML declaration, comments, CDATA, prefixes, bytes
    that are no UTF-8, names that differ in case only), and those that are refused. Their later values share no objects with
    those that were given before. Raises OSError where the source cannot be read.
    """
    wanted = None if properties is None else Wanted(properties)
    if not isinstance(source, str | os.PathLike):
        yield from _given(source, wanted, progress)
        return
    with Path(source).open("rb") as file:
        yield from _given(file, wanted, progress)


def _given(given: BinaryIO, wanted: Wanted | None, progress: Progress | None) -> Iterator[Value]:
    source = seekable(given, progress)
    try:
        yield from _values(Feed(source), wanted, progress)
    finally:
        if source is not given:
            source.close()


def _values(feed: Feed, wanted: Wanted | None, progress: Progress | None) -> Iterator[Value]:
    referred = feed.referred()
    reader = RootReader(feed.parts(progress), Words(texts=True, wire=False), referred, wanted)
    count = 0
    while True:
        try:
            more = reader.advance()
        except (Unreadable, UnicodeDecodeError, StopIteration, RecursionError, NamesAlike):
            break
        if not more:
            return
        count += 1
        yield reader.value
    for value in islice(decode(feed.whole()), count, None):
        yield value if wanted is None else project(value, wanted)
