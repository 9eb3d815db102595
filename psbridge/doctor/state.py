"""A session in, what it says of itself out: language mode, version and edition of its PowerShell.

It is asked by a constant script, which reads three variables. How an endpoint refuses a script tells its language mode too
(remoting-notes 9.4): Exchange's own endpoint takes none since the updates of April 2021 (field-notes 3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from psbridge.command import Command, Pipeline, ScriptCommand
from psbridge.doctor.finding import Seen, failed, ok, skipped, warning
from psbridge.doctor.subject import Subject
from psbridge.scripts import ConstantScript
from psbridge.transports.wsman import EXCHANGE

__all__ = ["PROBE", "language_mode", "version"]

_NO_LANGUAGE: Final = "NoLanguage"
_SCRIPT: Final = ConstantScript(
    "Get-SessionState",
    "[string]$ExecutionContext.SessionState.LanguageMode\n[string]$PSVersionTable.PSVersion\n[string]$PSVersionTable.PSEdition\n",
    "$ExecutionContext.SessionState.LanguageMode; $PSVersionTable",
)


@dataclass(frozen=True, slots=True)
class _Probe(ScriptCommand):
    """The one script beside those of `psbridge.scripts`: no playbook sends it, so no approval and no recording names it."""

    name: str = _SCRIPT.name
    parameters: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        Command.__post_init__(self)

    @property
    def script(self) -> ConstantScript:
        return _SCRIPT


_FULL_LANGUAGE: Final = {
    False: 'Give the account a session configuration with a full language, or use transport = "process".',
    True: "Let the endpoint's command name no restricted session configuration, and let no policy of this machine "
    "(AppLocker, App Control for Business) restrict PowerShell for the account.",
}
PROBE: Final = Pipeline((_Probe(),))


def language_mode(subject: Subject) -> Seen:
    """Which language the session has, against what is expected there."""
    answer = subject.ask(PROBE)
    refusal = answer.first_error
    if refusal is not None:
        refused = refusal.names("PSNotSupportedException") or refusal.names("ScriptsNotAllowed")
        if not refused:
            return warning(f"it is not told: {refusal.message}", "The endpoint restricts its language.")
        subject.state = (_NO_LANGUAGE, "", "")
    elif len(answer.output) == 3:
        mode, number, edition = map(str, answer.output)
        subject.state = (mode, number, edition)
    if subject.state is None:
        return warning("it is not told", "The endpoint gave another answer than was asked for.")
    return _judged(subject, subject.state[0])


def _judged(subject: Subject, mode: str) -> Seen:
    endpoint = subject.endpoint
    if endpoint.transport == "psrp" and endpoint.configuration == EXCHANGE:
        if mode == _NO_LANGUAGE:
            return ok(f"{mode}, as Exchange has it")
        cause = "The updates of April 2021 (KB5001779) and later are missing, or this is not Exchange's own endpoint."
        return warning(f"{mode}; Exchange's own endpoint is in {_NO_LANGUAGE}", cause, "Update the server.")
    if mode != "FullLanguage" and subject.name == "directory":
        cause = "Licences are read and switched by constant scripts there, which this endpoint does not take."
        return failed(mode, cause, _FULL_LANGUAGE[endpoint.transport == "process"])
    return ok(mode)


def version(subject: Subject) -> Seen:
    """Which PowerShell it is."""
    if subject.state is None or not subject.state[1]:
        return skipped("the session does not tell its version")
    _, number, edition = subject.state
    return ok(f"PowerShell {number} {edition}".rstrip())
