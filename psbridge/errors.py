"""Every error of psbridge.

PsbridgeError
├── ClixmlError             bytes that PowerShell's own reader refuses, or that we cannot read
├── InputError              the caller's mistake; nothing was sent
│   ├── IdentityError           an identity that is empty, a wildcard, or not one object
│   ├── ValueTypeError          a parameter value that cannot travel
│   └── ProfileError            a profile, an endpoint or a secret that cannot be used
├── TransportError          the way to PowerShell failed
│   ├── StartError              PowerShell could not be started or connected; no command was sent
│   │   ├── AuthenticationFailed    the server refused the credentials: the caller's to mend
│   │   └── EndpointRefused         the server has no such endpoint, or it is closed to us: the profile's or the administrator's
│   ├── Throttled               the server has too much to do and refused for now; wait, then repeat
│   ├── ProtocolError           the other side broke [MS-PSRP] or WS-Management, or something between us answered
│   ├── ConnectionLost          the connection or the process is gone
│   │   └── SessionExpired          the server does not know the session any more
│   ├── DeadlineExceeded        no answer in the time that was given
│   └── ConfirmationRequired    a cmdlet asked a question; it was not answered yes
├── CmdletError             the cmdlet ran and reported an error
├── ShapeError              a property has another shape than its model says
├── CassetteError           a recording that cannot be read or does not fit
│   └── CassetteMiss            no recorded interaction for what was asked
├── JournalError            a journal that cannot be trusted, read or written
│   ├── JournalBusy             another worker holds the journal
│   ├── JournalDamaged          what is kept does not fit its chain or its seal
│   ├── LeaseLost               somebody else took the run over; nothing more may be written or sent
│   └── SlotLost                somebody else may have a session in our place; nothing more may be sent through ours
└── RunError                what stops a run
    ├── Stopped                 a guard found something else than it must
    ├── Drift                   a playbook asks for other steps than were recorded
    ├── ApprovalError           an approval that names something else, or came too late
    ├── EvidenceMissing         a destructive step without the evidence it requires
    ├── HeldBack                a limit of the fleet, or a person, lets no destructive step through now
    └── OperatorNeeded          only a person can tell what happened

Each class declares whether a repeat is safe (`Retry`). The fields come first; the text is made of them.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from psbridge.error_record import ErrorRecord

__all__ = [
    "ApprovalError",
    "AuthenticationFailed",
    "CassetteError",
    "CassetteMiss",
    "ClixmlError",
    "CmdletError",
    "ConfirmationRequired",
    "ConnectionLost",
    "DeadlineExceeded",
    "Drift",
    "EndpointRefused",
    "EvidenceMissing",
    "HeldBack",
    "IdentityError",
    "InputError",
    "JournalBusy",
    "JournalDamaged",
    "JournalError",
    "LeaseLost",
    "OperatorNeeded",
    "ProfileError",
    "ProtocolError",
    "PsbridgeError",
    "Retry",
    "RunError",
    "SessionExpired",
    "ShapeError",
    "SlotLost",
    "StartError",
    "Stopped",
    "Throttled",
    "TransportError",
    "ValueTypeError",
]


# Characters of a path that a message shows.
_PATH_SHOWN: Final = 300


class Retry(StrEnum):
    """Whether the same call may be made again."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    LOOK = "look first"


class PsbridgeError(Exception):
    """The base of every error that psbridge raises."""

    retry: ClassVar[Retry] = Retry.UNSAFE


class ClixmlError(PsbridgeError):
    """CLIXML that cannot be read; `offset` is the byte where it was seen, `path` the elements down to it."""

    def __init__(self, reason: str, *, offset: int = 0, path: str = "") -> None:
        self.reason, self.offset, self.path = reason, offset, path
        super().__init__(f"CLIXML cannot be read at byte {offset}{f' in {_end(path)}' if path else ''}: {reason}")


class InputError(PsbridgeError):
    """What the caller gave cannot be used. Nothing was sent."""


class IdentityError(InputError):
    """An identity that must not be sent, or that names no or several objects."""

    def __init__(self, identity: str, reason: str) -> None:
        self.identity, self.reason = identity, reason
        super().__init__(f"The identity {identity!r} cannot be used: {reason}")


class ValueTypeError(InputError):
    """A value that cannot reach the cmdlet as it is; refused before anything is sent."""

    def __init__(self, value_type: str, reason: str, *, where: str = "") -> None:
        self.value_type, self.reason, self.where = value_type, reason, where
        super().__init__(f"A value of type {value_type} cannot be sent{f' as {where}' if where else ''}: {reason}")


class ProfileError(InputError):
    """A profile or one of its endpoints cannot be used."""

    def __init__(self, problem: str, *, where: str = "", remedy: str = "") -> None:
        self.problem, self.where, self.remedy = problem, where, remedy
        super().__init__(_sentence(f"{where}: {problem}" if where else problem, remedy))


class TransportError(PsbridgeError):
    """The way to PowerShell failed. `may_have_run`: whether the command may have had its effect."""

    retry = Retry.LOOK

    def __init__(self, problem: str, *, endpoint: str = "", may_have_run: bool = True, remedy: str = "") -> None:
        self.problem, self.endpoint, self.may_have_run, self.remedy = problem, endpoint, may_have_run, remedy
        effect = "The command may have run: look before you repeat it." if may_have_run else "The command did not run."
        super().__init__(_sentence(f"{f'[{endpoint}] ' if endpoint else ''}{problem}", f"{effect} {remedy}".strip()))


class StartError(TransportError):
    """PowerShell could not be started, opened or connected; no command was sent."""

    retry = Retry.SAFE

    def __init__(self, problem: str, *, endpoint: str = "", remedy: str = "") -> None:
        super().__init__(problem, endpoint=endpoint, may_have_run=False, remedy=remedy)


class AuthenticationFailed(StartError):
    """The server refused the credentials. To repeat it with the same ones may lock the account."""

    retry = Retry.UNSAFE


class EndpointRefused(StartError):
    """The server has no such endpoint, or it is closed to this account or this way of asking. A repeat changes nothing."""

    retry = Retry.UNSAFE


class ConnectRefused(StartError):
    """A connection command (Connect-ExchangeOnline and its kin) failed in a session that stood.

    Every repeat signs in again, and may lock the account: it is left to a person, or done seldom.
    """

    retry = Retry.UNSAFE


class Throttled(TransportError):
    """The server refused for now, because of a quota or of its load.

    `retry_after` is how many seconds it asked to wait, None if it did not say. With `may_have_run` false the request
    had no effect, and may be sent again after the wait, a write too; with `may_have_run` true a read only.
    """

    retry = Retry.SAFE

    def __init__(
        self,
        problem: str,
        *,
        endpoint: str = "",
        may_have_run: bool = False,
        remedy: str = "",
        retry_after: float | None = None,
    ) -> None:
        self.retry_after = retry_after
        super().__init__(problem, endpoint=endpoint, may_have_run=may_have_run, remedy=remedy)


class ProtocolError(TransportError):
    """The other side sent what [MS-PSRP] or WS-Management does not allow, or something between us answered in its place."""


class ConnectionLost(TransportError):
    """The connection ended, or the process died, while an answer was due."""


class SessionExpired(ConnectionLost):
    """The server does not know the session any more: it was idle for too long, was closed there, or the server restarted."""


class DeadlineExceeded(TransportError):
    """The call did not end in the time that was given; it was stopped."""


class ConfirmationRequired(TransportError):
    """A cmdlet asked a question. It was not answered, so the cmdlet did not go on.

    `may_have_run` is true where something may have been done before the question, or in spite of it.
    """

    retry = Retry.SAFE

    def __init__(
        self, method: str, question: str, choices: tuple[str, ...] = (), *, endpoint: str = "", may_have_run: bool = False
    ) -> None:
        self.method, self.question, self.choices = method, question, choices
        asked = f"{question} [{', '.join(choices)}]" if choices else question
        super().__init__(
            f"The cmdlet asked ({method}): {asked}",
            endpoint=endpoint,
            may_have_run=may_have_run,
            remedy="psbridge never answers yes by itself. Pass -Confirm:$false where the playbook means it.",
        )


class CmdletError(PsbridgeError):
    """A cmdlet reported an error: a terminating one, or an error record where none was expected."""

    retry = Retry.LOOK

    def __init__(self, command: str, record: ErrorRecord, *, endpoint: str = "") -> None:
        self.command, self.record, self.endpoint = command, record, endpoint
        super().__init__(
            f"{f'[{endpoint}] ' if endpoint else ''}{command}: {record.message} "
            f"(CategoryInfo {record.category.name}, FullyQualifiedErrorId {record.error_id or 'none'})"
        )


class ShapeError(PsbridgeError):
    """A property that does not have the shape its model says."""

    def __init__(self, cmdlet: str, prop: str, value_type: str, value: str, expected: str) -> None:
        self.cmdlet, self.prop, self.value_type, self.value, self.expected = cmdlet, prop, value_type, value, expected
        super().__init__(f"{cmdlet} returned {prop} as {value_type} {value!r}; expected {expected}")


class CassetteError(PsbridgeError):
    """A recording that cannot be read, or cannot be written."""

    def __init__(self, cassette: str, problem: str, *, line: int | None = None, remedy: str = "") -> None:
        self.cassette, self.problem, self.line, self.remedy = cassette, problem, line, remedy
        where = f"{cassette}, line {line}" if line is not None else cassette
        super().__init__(_sentence(f"{where}: {problem}", remedy))


class CassetteMiss(CassetteError):
    """What was asked is not what was recorded at this place."""

    def __init__(self, cassette: str, asked: str, nearest: str, differences: tuple[str, ...]) -> None:
        self.asked, self.nearest, self.differences = asked, nearest, differences
        details = "".join(f"\n  {line}" for line in differences)
        super().__init__(cassette, f"no recorded answer for: {asked}\n  nearest recording: {nearest or 'none is left'}{details}")


class JournalError(PsbridgeError):
    """A journal that cannot be opened, trusted or written."""

    def __init__(self, journal: str, problem: str, *, remedy: str = "") -> None:
        self.journal, self.problem, self.remedy = journal, problem, remedy
        super().__init__(_sentence(f"{journal}: {problem}", remedy))


class JournalBusy(JournalError):
    """Another worker holds the journal; `holder` says who, as far as it is known."""

    retry = Retry.SAFE

    def __init__(self, journal: str, holder: str) -> None:
        self.holder = holder
        super().__init__(journal, f"another worker holds it: {holder}", remedy="Wait for it to end, or end it, and try again.")


class JournalDamaged(JournalError):
    """What is kept does not fit its chain or its seal: it was damaged, or changed by hand. It stays as it is, as evidence."""


class LeaseLost(JournalError):
    """The run is no longer ours: the lease ran out or somebody took it over. Nothing more is written or sent for it."""

    retry = Retry.LOOK

    def __init__(self, journal: str, run_id: str, problem: str) -> None:
        self.run_id = run_id
        super().__init__(journal, f"run {run_id}: {problem}", remedy="Resume the run; it looks before it repeats anything.")


class SlotLost(JournalError):
    """A session's slot ran out before it was renewed, or somebody else has it. Nothing more is sent through that session."""

    retry = Retry.LOOK

    def __init__(self, journal: str, endpoint: str) -> None:
        self.endpoint = endpoint
        problem = f"the slot of the session at {endpoint} was not renewed in time, and may be somebody else's"
        super().__init__(journal, problem, remedy="Resume the run; it looks before it repeats anything.")


class RunError(PsbridgeError):
    """What stops a run; the journal keeps it."""


class Stopped(RunError):
    """A guard: what was found, what was expected, and what to do. `changed` tells whether the run had changed anything."""

    def __init__(self, guard: str, *, found: str, expected: str, remedy: str, changed: bool = False) -> None:
        self.guard, self.found, self.expected, self.remedy, self.changed = guard, found, expected, remedy, changed
        tail = "" if changed else " Nothing has been changed."
        super().__init__(f"Stopped at {guard}. Found: {found} Expected: {expected} What to do: {remedy}{tail}")


class Drift(RunError):
    """The playbook asks for another step, or another input of a step, than the journal holds."""

    def __init__(self, key: str, recorded: str, asked: str) -> None:
        self.key, self.recorded, self.asked = key, recorded, asked
        super().__init__(
            f"Step {key} differs from the journal. Recorded: {recorded}. Asked for now: {asked}. "
            "Run it with the playbook version that began it."
        )


class ApprovalError(RunError):
    """An approval that does not name what will be done, or is no longer valid."""

    def __init__(self, key: str, problem: str, remedy: str) -> None:
        self.key, self.problem, self.remedy = key, problem, remedy
        super().__init__(_sentence(f"Approval {key}: {problem}", remedy))


class EvidenceMissing(RunError):
    """A destructive step was asked for before the evidence it requires was kept."""

    def __init__(self, key: str, missing: tuple[str, ...]) -> None:
        self.key, self.missing = key, missing
        super().__init__(f"Step {key} requires evidence that the journal does not hold: {', '.join(missing)}. Nothing was sent.")


class HeldBack(RunError):
    """Nothing destructive is let through now; nothing was sent. The run waits until `until` and asks again by itself."""

    retry = Retry.SAFE

    def __init__(self, why: str, until: datetime) -> None:
        self.why, self.until = why, until
        super().__init__(_sentence(why, f"The run asks again at {until:%Y-%m-%d %H:%M:%S} UTC; nothing was sent."))


class OperatorNeeded(RunError):
    """Only a person can tell what happened or decide what is right."""

    retry = Retry.LOOK

    def __init__(self, key: str, question: str, remedy: str) -> None:
        self.key, self.question, self.remedy = key, question, remedy
        super().__init__(_sentence(f"Step {key}: {question}", remedy))


def _end(path: str) -> str:
    """The end of a long path: it may be as deep as a file is long."""
    return path if len(path) <= _PATH_SHOWN else f"...{path[-_PATH_SHOWN:]}"


def _sentence(statement: str, remedy: str) -> str:
    if not remedy:
        return statement
    return f"{statement}{'' if statement.endswith(('.', '?', '!')) else '.'} {remedy}"
