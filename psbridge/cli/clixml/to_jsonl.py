"""`psbridge clixml to-jsonl`: an export as JSON, one value a line."""

from __future__ import annotations

from psbridge.cli.clixml.document import Document
from psbridge.cli.clixml.options import FileArgument, FirstOption, OutputOption, PlainOption, PropertyOption, WhereOption
from psbridge.cli.clixml.output import opened
from psbridge.cli.clixml.selection import selection
from psbridge.clixml_json import JsonWriter, plain, to_text

__all__ = ["to_jsonl"]


def to_jsonl(
    file: FileArgument,
    *,
    properties: PropertyOption = None,
    where: WhereOption = None,
    first: FirstOption = None,
    plainly: PlainOption = False,
    output: OutputOption = None,
) -> None:
    """Turn an export into JSON lines, one for each object, as it is read.

    Nothing is lost, as with to-json, and from-json makes an equal export of it. An object that was written in an earlier line is
    a reference to it, so keep the lines together and in order. --plain is for other tools; there each line stands alone.

    Example: psbridge clixml to-jsonl mailboxes.xml --plain | jq -r .PrimarySmtpAddress
    """
    wanted, node = selection(properties, where, first), plain if plainly else JsonWriter().node
    with Document(file, properties=wanted.needed) as document, opened(output, reads=file, before=document.clear) as out:
        for value in wanted.values(document):
            out.write(f"{to_text(node(value))}\n")
        wanted.end(document)
