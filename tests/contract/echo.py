"""A simulator's endpoint whose only cmdlet says what it was given: `python -m tests.contract.echo` serves it on stdio.

A value is said as JSON, in a form that is made of what was sent as well: what the simulator's cmdlets cannot tell apart (the
widths of whole numbers, a character and a text) looks alike; all else does not.
"""

from __future__ import annotations

import base64
import json
import struct
import sys
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psbridge.psobject import DateTime, PSObject, TimeSpan, Version
from psbridge.simulator import Invocation, Outcome
from psbridge.simulator.runspace.records import Record
from psbridge.simulator.server.stdio import serve


def echo(commands: Sequence[Invocation], *, consent: bool = False) -> Outcome:
    """Run a pipeline: say the value of each argument."""
    return Outcome(tuple(Record("output", said(argument.value)) for command in commands for argument in command.arguments))


def said(value: Any) -> str:
    """A value, sent or arrived, as text."""
    return json.dumps(_form(value), sort_keys=True)


def _form(value: Any) -> object:  # noqa: PLR0911, PLR0912 - one line for each kind
    match value:
        case None | bool():
            return value
        case Version():
            return ["Version", str(value)]
        case PSObject() if value.entries is not None:
            return ["table", sorted((json.dumps([_form(key), _form(held)]) for key, held in value.entries))]
        case PSObject() if value.items is not None:
            return [_form(item) for item in value.items]
        case PSObject():
            return [value.types[0].rpartition(".")[2], str(value)]
        case dict():
            return ["table", sorted((json.dumps([_form(key), _form(held)]) for key, held in value.items()))]
        case list():
            return [_form(item) for item in value]
        case TimeSpan():
            return ["ticks", value.ticks]
        case datetime():
            return _form(DateTime.of(value))
        case DateTime():
            return ["moment", str(value)]
        case int():
            return ["number", int(value)]
        case float():
            return ["double", struct.pack(">d", value).hex()]
        case Decimal():
            return ["decimal", f"{value:f}"]
        case str():
            return ["text", str.encode(value, "utf-16-le", "surrogatepass").hex()]
        case bytes():
            return ["bytes", base64.b64encode(value).decode()]
        case UUID():
            return ["guid", str(value)]
    raise AssertionError(type(value))


if __name__ == "__main__":
    sys.exit(serve(echo, "exo", sys.stdin.buffer, sys.stdout.buffer, sys.stderr.write))
