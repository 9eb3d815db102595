"""What a look at an endpoint found: a verdict, and for what is not well its cause and its remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from psbridge.errors import ProfileError, PsbridgeError, TransportError

__all__ = ["Finding", "Seen", "Verdict", "failed", "failed_with", "ok", "skipped", "warning"]


class Verdict(StrEnum):
    """How it is. A warning keeps nothing from working now; what is skipped could not be looked at."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one check saw; `cause` and `remedy` are empty where all is well.

    `stops`: what needs it cannot be looked at either. Whatever failed does so.
    """

    verdict: Verdict
    found: str
    cause: str = ""
    remedy: str = ""
    stops: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A check of one endpoint with what it saw."""

    endpoint: str
    check: str
    seen: Seen


def ok(found: str) -> Seen:
    """All is well."""
    return Seen(Verdict.OK, found)


def warning(found: str, cause: str = "", remedy: str = "") -> Seen:
    """It works, and somebody should look at it."""
    return Seen(Verdict.WARNING, found, cause, remedy)


def failed(found: str, cause: str = "", remedy: str = "") -> Seen:
    """It does not work."""
    return Seen(Verdict.FAILED, found, cause, remedy, stops=True)


def skipped(why: str, *, stops: bool = False) -> Seen:
    """It could not be looked at, or there is nothing to look at."""
    return Seen(Verdict.SKIPPED, why, stops=stops)


def failed_with(error: PsbridgeError) -> Seen:
    """An error of psbridge; whose fault it is stands in front of its remedy (transports.faults)."""
    if isinstance(error, TransportError):
        whose, dot, remedy = error.remedy.partition(". ")
        if whose.startswith("It lies with "):
            return failed(error.problem, f"{whose}.", remedy if dot else "")
        return failed(error.problem, "", error.remedy)
    if isinstance(error, ProfileError):
        return failed(error.problem, "", error.remedy)
    return failed(str(error))
