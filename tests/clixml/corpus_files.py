"""The files of the corpus that are CLIXML: exports, message bodies, examples of the specification, literals of other projects."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from psbridge.clixml import decode, decode_message
from psbridge.psobject import Value

# What people put in front of an example; in front of a message it is refused.
EXPLANATION = re.compile(r"\s*(?:<!--.*?-->\s*)?", re.DOTALL)


class CorpusFile(NamedTuple):
    """A file and what it holds."""

    path: Path
    data: bytes

    @property
    def text(self) -> str:
        """The text, without what stands in front of it."""
        codec = "utf-16" if self.data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
        return EXPLANATION.sub("", self.data.decode(codec).removeprefix("#< CLIXML"), count=1)

    @property
    def is_message(self) -> bool:
        """Whether it is the body of a message, without Objs."""
        return not self.text.startswith(("<Objs", "<?xml"))

    def read(self) -> list[Value]:
        """Decode it in its form."""
        return [decode_message(self.text.encode())] if self.is_message else decode(self.data)


def corpus_files(corpus: Path, *folders: str) -> Iterator[CorpusFile]:
    """The files of these folders of the corpus."""
    for folder in folders:
        for path in sorted((corpus / folder).rglob("*")):
            if path.suffix in {".xml", ".clixml"} and path.is_file():
                yield CorpusFile(path, path.read_bytes())
