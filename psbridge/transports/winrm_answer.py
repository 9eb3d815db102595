"""What the bootstrap script writes in, a Reply for each pipeline out: every record as the body of a PSRP message.

PSSerializer writes a document with blanks around what PSRP sends bare; once these are taken off, the bytes are the same.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from typing import Final

from psbridge.clixml import decode_message
from psbridge.errors import ClixmlError, ProtocolError
from psbridge.log import logger
from psbridge.psobject import PSObject
from psbridge.reply import Record, Reply, State, Stream

__all__ = ["Answer"]

_LINE: Final = re.compile(rb"(\d+) ([a-z]+) (\d+) ([A-Za-z0-9+/=]*)\r?")
# PowerShell escapes a line feed in a text: one that stands between two tags is a blank of the writer's.
_BLANKS: Final = re.compile(rb">\r?\n *<")
_DOCUMENT: Final = re.compile(rb"<Objs [^>]*>(.*)</Objs>", re.DOTALL)
_STATES: Final = {3: State.STOPPED, 4: State.COMPLETED, 5: State.FAILED}  # [MS-PSRP] 2.2.3.5
_SHOWN: Final = 200


class Answer:
    """The lines of one run: `begun` pipelines so far, `replies` of those that ended, `records` of the one that runs.

    With `output` the objects of the pipeline that was asked for are handed to it, and not kept.
    """

    def __init__(self, mark: str, pipelines: int, output: Callable[[bytes], object] | None = None) -> None:
        self.begun = 0
        self.replies: list[Reply] = []
        self.records: list[Record] = []
        self._mark = mark.encode("ascii") + b" "
        self._pipelines = pipelines
        self._output = output
        self._number = 0
        self._rest = bytearray()

    @property
    def main_begun(self) -> bool:
        """Whether the pipeline that was asked for had begun; before it come those that connect."""
        return self.begun == self._pipelines

    @property
    def reply(self) -> Reply | None:
        """The Reply of the pipeline that was asked for, once it has ended."""
        return self.replies[-1] if len(self.replies) == self._pipelines else None

    @property
    def rest(self) -> str:
        """What came on the last line, which has no end yet; for people."""
        return self._rest.decode("utf-8", "replace").strip()[:_SHOWN]

    def feed(self, data: bytes) -> None:
        """Take a part of standard output. Raises ProtocolError where a line is missing, damaged or could not be written."""
        self._rest += data
        if b"\n" not in data:
            return
        *lines, rest = bytes(self._rest).split(b"\n")
        self._rest = bytearray(rest)
        for line in lines:
            self._take(line)

    def _take(self, line: bytes) -> None:
        noise, mark, own = line.partition(self._mark)
        if noise.strip():
            logger.debug("PowerShell's standard output has a text of {} bytes that is no record", len(noise))
        if not mark:
            return
        found = _LINE.fullmatch(own)
        if found is None or int(found[3]) != len(found[4]) or int(found[1]) != self._number + 1:
            raise ProtocolError(f"record {self._number + 1} of the answer is missing or damaged")
        self._number += 1
        self._take_record(found[2].decode("ascii"), b64decode(found[4], validate=True))

    def _take_record(self, kind: str, body: bytes) -> None:
        if kind == "begun":
            self.begun, self.records = self.begun + 1, []
        elif kind == "ended":
            self._end(_bare(body))
        elif kind == "unwritable":
            raise ProtocolError(f"PowerShell cannot write a record: {_text(body)}")
        elif kind == Stream.OUTPUT and self._output is not None and self.main_begun:
            self._output(_bare(body))
        elif kind in set(Stream):
            self.records.append(Record(Stream(kind), _bare(body)))
        else:
            raise ProtocolError(f"the answer has a record of the unknown kind {kind!r}")

    def _end(self, body: bytes) -> None:
        value = _decoded(body)
        number = value.get("PipelineState") if isinstance(value, PSObject) else None
        state = _STATES.get(number) if isinstance(number, int) else None
        if state is None:
            raise ProtocolError(f"the answer tells the pipeline state {number!r}, which [MS-PSRP] 2.2.3.5 does not know as final")
        self.replies.append(Reply(state, tuple(self.records), None if state is State.COMPLETED else body))


def _bare(document: bytes) -> bytes:
    if not document:
        return b""  # a null output
    found = _DOCUMENT.fullmatch(_BLANKS.sub(b"><", document))
    if not found:
        raise ProtocolError("a record of the answer is no CLIXML document")
    return found[1]


def _decoded(body: bytes) -> object:
    try:
        return decode_message(body)
    except ClixmlError as error:
        raise ProtocolError(f"a record of the answer cannot be read: {error}") from error


def _text(document: bytes) -> str:
    return str(_decoded(_bare(document)))[:_SHOWN]
