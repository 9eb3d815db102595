"""How a step leaves a playbook: not as an error, so that no `except Exception` of a playbook can hold it up."""

from __future__ import annotations

from datetime import datetime

from psbridge.journal import Pause, Status

__all__ = ["Again", "PlanEnds", "Suspend", "ask_operator", "wait"]


class Suspend(BaseException):
    """The run must wait, for a time, a signal or a person."""

    def __init__(self, pause: Pause) -> None:
        self.pause = pause
        super().__init__(pause.why)


class Again(BaseException):
    """Something was recorded that an earlier step must look at: go through the playbook again, at once."""


class PlanEnds(BaseException):
    """A plan goes no further: what follows depends on something that has not happened."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def wait(until: datetime, why: str, signal: str = "") -> Suspend:
    """Wait until a time, or a signal."""
    return Suspend(Pause(Status.WAITING, why, wake_at=until, signal=signal))


def ask_operator(why: str, question: str, signal: str = "", *, went_wrong: bool = True) -> Suspend:
    """Wait for a person; one who is only reminded is told so by `went_wrong`, and the run is counted among no failures."""
    return Suspend(Pause(Status.OPERATOR, why, question=question, signal=signal, went_wrong=went_wrong))
