"""Pipelines, bodies and errors in, the same without secrets out: nothing else reaches a cassette.

Three rules. A SecureString, and a text given to a parameter that is named like a secret, are hidden. CLIXML goes
through `psbridge.clixml.redact` (`<SS>`, which protocol 2.4 leaves readable, and the bodies of functions: remoting-notes
9.3 and 9.5). And a secret that was sent is hidden wherever an answer repeats it, as a binding error does.
"""

from __future__ import annotations

import base64
import html
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from psbridge.cassettes.failure import Failure
from psbridge.command import Pipeline
from psbridge.errors import ValueTypeError
from psbridge.psobject import SecureString
from psbridge.reply import Record, Reply

__all__ = ["HIDDEN", "Redactor", "hide", "show"]

HIDDEN: Final = "(hidden)"

# Texts, not SecureStrings, in Set-MsolUserPassword -NewPassword, New-MsolUser -Password, Connect-MsolService
# -AdGraphAccessToken, Connect-ExchangeOnline -AccessToken.
_SECRET_NAME: Final = re.compile(r".*(password|passphrase|secret|token|apikey)s?", re.IGNORECASE)
# A shorter text may stand in an answer by chance, and hiding it there would falsify the answer.
_SHORTEST_ECHO: Final = 6
_TEXT_NODE: Final = re.compile(rb">[^<]+<")


def hide(pipeline: Pipeline) -> tuple[Pipeline, frozenset[str]]:
    """Give the pipeline as it may be shown, kept and compared, and the plain texts of the secrets in it.

    Raises ValueTypeError for a value that is nested too deep to be looked through.
    """
    found: set[str] = set()
    try:
        shown = tuple(
            replace(command, parameters={name: _hide(name, value, found) for name, value in command.parameters.items()})
            for command in pipeline.commands
        )
    except RecursionError as problem:
        raise ValueTypeError("parameter", "it is nested too deep", where=pipeline.commands[0].name) from problem
    return Pipeline(shown), frozenset(found)


def show(hidden: Pipeline) -> str:
    """The command line for people; a pipeline with a value that has no text is shown by its cmdlets only."""
    try:
        return str(hidden)
    except ValueTypeError:
        return f"{' | '.join(command.name for command in hidden.commands)} # with a value that cannot be shown"


class Redactor:
    """Redact everything of one recording; it remembers the secrets that were sent."""

    def __init__(self, redact: Callable[[bytes], bytes]) -> None:
        self._redact = redact
        self._lock = threading.Lock()
        self._sent: frozenset[str] = frozenset()

    def pipeline(self, pipeline: Pipeline) -> Pipeline:
        """The pipeline as it may be kept."""
        shown, secrets = hide(pipeline)
        with self._lock:
            self._sent |= {secret for secret in secrets if len(secret) >= _SHORTEST_ECHO}
        return shown

    def reply(self, reply: Reply) -> Reply:
        """The reply as it may be kept. Raises ClixmlError for a body that cannot be read, and so not be redacted."""
        records = tuple(Record(record.stream, self._body(record.clixml)) for record in reply.records)
        return Reply(reply.state, records, None if reply.reason is None else self._body(reply.reason))

    def failure(self, failure: Failure) -> Failure:
        """The failure as it may be kept."""
        return Failure(failure.kind, {name: self._field(value) for name, value in failure.fields.items()})

    def _body(self, body: bytes) -> bytes:
        if not body:
            return body
        clean = self._redact(body)
        echoes = sorted((form for secret in self._sent for form in _forms(secret) if form in clean), key=len, reverse=True)
        if not echoes:
            return clean
        return _TEXT_NODE.sub(lambda found: _without(found[0], echoes), clean)

    def _field(self, value: object) -> object:
        if isinstance(value, list):
            return [self._field(item) for item in value]
        if isinstance(value, str):
            for secret in sorted(self._sent, key=len, reverse=True):
                value = value.replace(secret, HIDDEN)
        return value


def _hide(name: str, value: object, found: set[str]) -> object:
    if isinstance(value, SecureString):
        found.add(value.plain or "")
        return SecureString("")
    if isinstance(value, str) and _SECRET_NAME.fullmatch(name):
        found.add(value)
        return SecureString("")
    if isinstance(value, Mapping):
        return {key: _hide(str(key), item, found) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_hide(name, item, found) for item in value]
    return value


def _forms(secret: str) -> Iterator[bytes]:
    """How a text may stand in CLIXML: as it is, with XML's escapes, and as the content of a SecureString."""
    for text in {secret, html.escape(secret, quote=False), html.escape(secret)}:
        yield text.encode("utf-8", "surrogatepass")
    yield base64.b64encode(secret.encode("utf-16-le", "surrogatepass"))


def _without(text: bytes, echoes: list[bytes]) -> bytes:
    for echo in echoes:
        text = text.replace(echo, HIDDEN.encode())
    return text
