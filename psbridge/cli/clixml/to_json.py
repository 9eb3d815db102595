"""`psbridge clixml to-json`: an export as one JSON document, from which from-json makes it again."""

from __future__ import annotations

from typing import Annotated

import typer

from psbridge.cli.clixml.document import Document
from psbridge.cli.clixml.options import FileArgument, FirstOption, OutputOption, PlainOption, PropertyOption, WhereOption
from psbridge.cli.clixml.output import opened
from psbridge.cli.clixml.selection import selection
from psbridge.clixml_json import JsonWriter, plain, to_text

__all__ = ["to_json"]


def to_json(
    file: FileArgument,
    *,
    properties: PropertyOption = None,
    where: WhereOption = None,
    first: FirstOption = None,
    plainly: PlainOption = False,
    indent: Annotated[
        int, typer.Option("--indent", min=0, max=8, help="Indent by so many blanks; 0: a line for each value.")
    ] = 0,
    output: OutputOption = None,
) -> None:
    """Turn an export into one JSON document.

    Nothing is lost: types, ToString, properties and notes, containers, references, exact numbers and dates are kept, and
    from-json makes an equal export of it. A SecureString keeps the text that it has in the file. --plain is for other tools.

    Example: psbridge clixml to-json mailboxes.xml --output mailboxes.json
    """
    wanted, node = selection(properties, where, first), plain if plainly else JsonWriter().node
    with Document(file, properties=wanted.needed) as document, opened(output, reads=file, before=document.clear) as out:
        head, foot = ("[", "]") if plainly else ('{"clixml":1,"values":[', "]}")
        begun = False
        for value in wanted.values(document):
            out.write(",\n" if begun else f"{head}\n")
            out.write(to_text(node(value), indent=indent))
            begun = True
        # Of a file that PowerShell refuses nothing is written, not a document that says there are no objects.
        if begun or not document.findings:
            out.write(f"\n{foot}\n" if begun else f"{head}\n{foot}\n")
        wanted.end(document)
