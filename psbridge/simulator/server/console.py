"""What a pipeline gave out in, what powershell.exe writes to its standard output and standard error for it out.

With -EncodedCommand, what is no output goes to standard error as CLIXML; objects are listed as Format-List prints them.
"""

from __future__ import annotations

from psbridge.psobject import PSObject, Value
from psbridge.simulator.runspace.records import Outcome
from psbridge.simulator.wire import error_stream

__all__ = ["complaint", "printed"]

_SHOWN_ITEMS = 4  # $FormatEnumerationLimit


def printed(outcome: Outcome) -> tuple[bytes, bytes, int]:
    """Standard output, standard error and the exit code."""
    out: list[str] = []
    texts: list[tuple[str, str]] = []
    for record in outcome.records:
        if record.stream == "output":
            out += _listed(record.value)
        elif record.stream == "error":
            texts.append(("Error", _error(record.value)))
        else:
            texts.append((record.stream, f"{_lines(str(record.value))}\r\n"))
    if outcome.reason is not None:
        texts.append(("Error", _error(outcome.reason)))
    failed = any(kind == "Error" for kind, _ in texts)
    return "".join(f"{line}\r\n" for line in out).encode("utf-8", "replace"), error_stream(texts), int(failed)


def complaint(text: str) -> bytes:
    """Standard error for an error that is no cmdlet's."""
    return error_stream([("Error", f"{text}\r\n")])


def _error(record: Value) -> str:
    if not isinstance(record, PSObject):
        return f"{_lines(str(record))}\r\n"
    notes = {name: str(record.ms[name]) for name in ("ErrorCategory_Activity", "ErrorCategory_Message", "FullyQualifiedErrorId")}
    activity = f"{notes['ErrorCategory_Activity']} : " if notes["ErrorCategory_Activity"] else ""
    return (
        f"{activity}{_lines(str(record))}\r\n    + CategoryInfo          : {notes['ErrorCategory_Message']}\r\n"
        f"    + FullyQualifiedErrorId : {notes['FullyQualifiedErrorId']}\r\n \r\n"
    )


def _lines(text: str) -> str:
    """A text with the line ends of Windows."""
    return "\r\n".join(text.splitlines())


def _listed(value: Value) -> list[str]:
    if value is None:
        return []
    members = {**value.props, **value.ms} if isinstance(value, PSObject) and value.items is None and not value.has_base else {}
    if not members:
        return [_shown(value)]
    width = max(map(len, members))
    return ["", *(f"{name:<{width}} : {_shown(held)}" for name, held in members.items()), ""]


def _shown(value: Value) -> str:
    if isinstance(value, PSObject) and value.items is not None:
        items = [_shown(item) for item in value.items[:_SHOWN_ITEMS]]
        return f"{{{', '.join([*items, '...'] if len(value.items) > _SHOWN_ITEMS else items)}}}"
    return "" if value is None else str(value)
