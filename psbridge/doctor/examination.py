"""A profile and the names of endpoints in, one finding for each check out, in the order in which one thing needs the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from psbridge.doctor import network, opening, session, state
from psbridge.doctor.finding import Finding, Seen, failed, failed_with, skipped
from psbridge.doctor.subject import Subject
from psbridge.errors import PsbridgeError
from psbridge.profile import Profile

__all__ = ["CHECKS", "examine"]


@dataclass(frozen=True, slots=True)
class Check:
    """One look. It is skipped where one of `after` failed or was skipped for such a reason; `at`: the endpoints it is for."""

    name: str
    look: Callable[[Subject], Seen]
    after: tuple[str, ...] = ()
    at: tuple[str, ...] = ()


_OPEN: Final = ("secrets", "sign-in", "session configuration", "program", "start")
_CONNECTED: Final = (*_OPEN, "connection commands")
_IN_A_SESSION: Final = (
    Check("language mode", state.language_mode, _OPEN),
    Check("version", state.version, _OPEN),
    Check("modules", session.modules, _OPEN),
    Check("connection commands", opening.connection_commands, _OPEN),
    Check("connection", session.connection, _CONNECTED, at=("exo",)),
    Check("cmdlets", session.cmdlets, _CONNECTED),
    Check("throttling policy", session.throttling_policy, _CONNECTED, at=("onprem",)),
)
_AT_A_SERVER: Final = (
    Check("secrets", opening.secrets),
    Check("name resolution", network.name_resolution),
    Check("port", network.port, ("name resolution",)),
    Check("TLS", network.tls, ("port",)),
    Check("ways to sign in", network.ways_to_sign_in, ("port", "TLS")),
    Check("clock", network.clock, ("port", "TLS")),
    Check("sign-in", opening.sign_in, ("secrets", "port", "TLS", "ways to sign in", "clock")),
    Check("session configuration", opening.configuration, ("sign-in",)),
    *_IN_A_SESSION,
)
CHECKS: Final = {
    "process": (
        Check("secrets", opening.secrets),
        Check("program", opening.program),
        Check("start", opening.start, ("program",)),
        *_IN_A_SESSION,
    ),
    "psrp": (*_AT_A_SERVER, Check("sessions at once", session.sessions, _CONNECTED)),
    "winrm": _AT_A_SERVER,
    "manual": (Check("operator", opening.manual),),
}


def examine(profile: Profile, names: Iterable[str], *, try_sessions: bool = False) -> Iterator[Finding]:
    """Look at endpoints of a profile, one after the other; each finding comes as soon as it is known. It raises nothing.

    `try_sessions`: open as many sessions as the profile allows. Beside a running worker that uses up the account's quota.
    """
    refused = set[tuple[str, str]]()
    for name in names:
        yield from _examined(Subject(name, profile, refused=refused, try_sessions=try_sessions))


def _examined(subject: Subject) -> Iterator[Finding]:
    stopped = dict[str, str]()
    hide = subject.hiding()
    try:
        for check in CHECKS[subject.endpoint.transport]:
            if check.at and subject.name not in check.at:
                continue
            seen = _looked(check, subject, stopped)
            hidden = replace(seen, found=hide(seen.found), cause=hide(seen.cause), remedy=hide(seen.remedy))
            yield Finding(subject.name, check.name, hidden)
    finally:
        with suppress(Exception):  # a session that does not end well is no matter of the endpoints that are left
            subject.close()


def _looked(check: Check, subject: Subject, stopped: dict[str, str]) -> Seen:
    """What the check saw. `stopped` keeps what failed, and what was skipped because of that, with the first cause."""
    because = next((stopped[name] for name in check.after if name in stopped), "")
    if because:
        stopped[check.name] = because
        return skipped(f"because of: {because}")
    try:
        seen = check.look(subject)
    except PsbridgeError as error:
        seen = failed_with(error)
    except Exception as error:  # noqa: BLE001 - what a far end sent may break anything, and the other checks are wanted
        seen = failed(
            f"the check itself broke off: {type(error).__name__}: {error}",
            "The endpoint answered something that psbridge does not expect, or psbridge has a mistake.",
            "Look at the endpoint by hand, and report this as a mistake of psbridge.",
        )
    if seen.stops:
        stopped[check.name] = check.name
    return seen
