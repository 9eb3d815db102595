"""From the profile to a connected session: secrets, program, sign-in, session configuration, connection commands."""

from __future__ import annotations

import shutil
from typing import Final

from psbridge.credentials import secret
from psbridge.doctor.finding import Seen, failed, failed_with, ok, skipped
from psbridge.doctor.state import PROBE
from psbridge.doctor.subject import Subject
from psbridge.errors import AuthenticationFailed, EndpointRefused, ProfileError, Throttled, TransportError
from psbridge.transports.faults import judge, read
from psbridge.transports.wsman import EXCHANGE

__all__ = ["configuration", "connection_commands", "manual", "program", "secrets", "sign_in", "start"]


def secrets(subject: Subject) -> Seen:
    """Whether every secret is where its reference says; what it is, nobody sees."""
    missing: list[ProfileError] = []
    references = subject.references()
    for reference in references:
        try:
            secret(reference)
        except ProfileError as error:
            missing.append(error)
    if missing:
        problems, remedies = (dict.fromkeys(texts) for texts in zip(*((e.problem, e.remedy) for e in missing), strict=True))
        return failed("; ".join(problems), "A reference in the profile leads to nothing.", " ".join(remedies))
    return ok(f"{len(references)} found" if references else "it needs none")


def program(subject: Subject) -> Seen:
    """Whether the program that is to be started is there."""
    name = subject.endpoint.command[0]
    found = shutil.which(name)
    if found is None:
        cause = "It is not installed, or not on the PATH of the account that runs psbridge."
        return failed(f"no program {name!r}", cause, "Install PowerShell 7, or name its program in the endpoint's command.")
    return ok(found)


def start(subject: Subject) -> Seen:
    """Whether the program starts and serves a session."""
    try:
        subject.open(connect=False)
    except TransportError as error:
        return failed_with(error)
    return ok("it serves a session")


# What a server says after it has taken the credentials.
_SIGNED_IN: Final = frozenset({"quota", "no-endpoint", "access-denied", "too-large", "timed-out", "host-died", "fault"})
# What a wrong password gives: the server's refusal, or Kerberos' own.
_REFUSED: Final = frozenset({"credentials", "seal"})


def sign_in(subject: Subject) -> Seen:
    """Whether the server takes the credentials; the session is opened with it.

    What was refused at another endpoint is not sent again: each time counts towards the lock of the account.
    """
    endpoint, account = subject.endpoint, subject.account
    if account in subject.refused:
        return skipped(f"{endpoint.username} with this password was refused a moment ago; again may lock the account", stops=True)
    who = endpoint.username or (
        "the certificate" if endpoint.authentication == "certificate" else "the account that runs psbridge"
    )
    try:
        subject.open(connect=False)
    except TransportError as error:
        subject.error = error
        if account and (isinstance(error, AuthenticationFailed) or judge(read(error)).name in _REFUSED):
            subject.refused.add(account)
        if isinstance(error, AuthenticationFailed) or not _taken(error):
            return _with_advice(subject, failed_with(error))
    return ok(f"as {who}, by {endpoint.authentication}")


def _taken(error: TransportError) -> bool:
    """Whether the credentials were taken, although no session came of it."""
    return isinstance(error, EndpointRefused | Throttled) and judge(read(error)).name in _SIGNED_IN


def _with_advice(subject: Subject, seen: Seen) -> Seen:
    """What is known of Exchange (field-notes 3)."""
    endpoint = subject.endpoint
    if endpoint.transport != "psrp" or endpoint.configuration != EXCHANGE:
        return seen
    if endpoint.authentication == "kerberos":
        advice = f'A load-balanced name needs an alternate service account, and spn = "HTTP/{subject.host}".'
    else:
        advice = "Exchange is sure of Kerberos only; write the username as user@domain."
    return failed(seen.found, seen.cause, f"{seen.remedy} {advice}".strip())


def configuration(subject: Subject) -> Seen:
    """Whether the session configuration that the profile names opened a session for this account."""
    name = subject.endpoint.configuration if subject.endpoint.transport == "psrp" else "the command shell (WinRS)"
    if subject.error is not None:
        seen = failed_with(subject.error)
        return failed(f"{name}: {seen.found}", seen.cause, seen.remedy)
    return ok(f"{name} opened a session")


def connection_commands(subject: Subject) -> Seen:
    """Whether the commands that connect the session work; they run where the profile has them run."""
    commands = subject.endpoint.connect
    if not commands:
        return skipped("the profile has none")
    try:
        subject.open(connect=True)
        if subject.endpoint.transport == "winrm":  # there they run with each call
            subject.ask(PROBE)
    except TransportError as error:
        return failed_with(error)
    return ok(", ".join(command.cmdlet for command in commands))


def manual(subject: Subject) -> Seen:
    """What a run will ask, where there is no session."""
    _ = subject
    return ok(
        "no session: a run asks you to pause, start and continue the synchronisation, and looks in the cloud whether it came"
    )
