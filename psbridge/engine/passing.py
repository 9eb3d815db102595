"""One way through a playbook in, how it ended out: a result, a wait, a question to an operator, or a failure.

This is the step runner: the one place where any exception is caught. What a run may lose by an error decides: as long
as nothing was changed it fails and is begun anew; afterwards a person decides and the run can be tried again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from psbridge.engine.answer import Refused, Unsendable
from psbridge.engine.context import Context, Terms
from psbridge.engine.playbook import Playbook
from psbridge.engine.run import Run
from psbridge.engine.sending import SIGN_IN_PAUSE
from psbridge.engine.suspend import Again, Suspend
from psbridge.errors import (
    ApprovalError,
    ConfirmationRequired,
    ConnectRefused,
    Drift,
    HeldBack,
    InputError,
    JournalError,
    OperatorNeeded,
    Retry,
    Stopped,
    TransportError,
)
from psbridge.journal import CANCEL, WAKE, Draft, Entry, Kind, Pause, RunRecord, Signal, Status

__all__ = ["End", "Pass", "cancelled_by", "playbook_of"]

_FIRST_PAUSE = timedelta(seconds=15)
_LONGEST_PAUSE = timedelta(minutes=15)
_SIGN_INS = 4
# What is nested deeper than this might be written, and not be read where less of the stack is left.
_DEEPEST = 100
_MAY_HOLD = "It may hold texts, numbers, lists, and mappings of them by texts: mend what the playbook returns, and retry the run."
_RETRY = "See to the cause and retry the run; what was kept stays. Or cancel it."


@dataclass(frozen=True, slots=True)
class End:
    """How a pass ended: with a pause, or with a final status; neither means "go through it again".

    `held_back`: a limit or a person lets no destructive step through, for nobody knows how long.
    """

    pause: Pause | None = None
    status: Status | None = None
    why: str = ""
    result: Mapping[str, Any] | None = None
    held_back: bool = False


class Pass:
    """One pass of a run through its playbook."""

    def __init__(self, run: RunRecord, playbooks: Mapping[str, Playbook], context: Context) -> None:
        self._run, self._playbooks, self._context = run, playbooks, context

    def go(self) -> End:
        """Run the body from its top. Raises JournalError only: without a journal nothing can be concluded."""
        playbook = playbook_of(self._run, self._playbooks)
        if playbook is None:
            return self._operator(*self._unknown_playbook())
        try:
            result = _plain(playbook.body(Run(self._context)))
            self._context.writer.held()
            drift = self._context.ledger.drift()
        except Again:
            return End()
        except Suspend as suspended:
            return End(pause=suspended.pause)
        except HeldBack as held:
            return End(pause=Pause(Status.WAITING, held.why, wake_at=held.until, signal=WAKE), held_back=True)
        except JournalError:
            raise
        except Exception as error:  # noqa: BLE001 - the step runner: see the module's docstring
            return self._stopped(self._context.ledger.drift() or error)
        return self._stopped(drift) if drift is not None else End(status=Status.DONE, result=result)

    def cancelled(self, why: str) -> End:
        """Go through what is recorded, and no further: nothing is looked at or written, but what is held is known again."""
        writer, self._context.writer = self._context.writer, _Closed()
        self.go()
        self._context.writer = writer
        return End(status=Status.FAILED, why=why)

    def _unknown_playbook(self) -> tuple[str, str]:
        known = sorted({p.version for p in self._playbooks.values() if p.name == self._run.playbook})
        there = f"there is version {', '.join(known)}" if known else "there is none of that name"
        why = f"The run needs the playbook {self._run.playbook} in version {self._run.version}; {there}."
        return why, "Install the playbook in that version and retry the run. Nothing was sent."

    def _stopped(self, error: Exception) -> End:
        changed = self._context.changed or self._context.ledger.has_writes()
        match error:
            case Stopped():
                told = Stopped(error.guard, found=error.found, expected=error.expected, remedy=error.remedy, changed=changed)
                return End(status=Status.FAILED, why=str(told))
            case OperatorNeeded() | Drift() | ApprovalError():
                asked = error.remedy if isinstance(error, OperatorNeeded) else ""
                return self._operator(str(error), asked or _RETRY)
            case Refused() | Unsendable():
                return End(status=Status.FAILED, why=str(error))
            case ConnectRefused() if changed:
                return self._unreachable(error, SIGN_IN_PAUSE, _SIGN_INS)
            case TransportError() if not isinstance(error, ConfirmationRequired) and error.retry is not Retry.UNSAFE:
                # A server that refuses who we are is asked once: the same again may lock the account.
                return self._unreachable(error, _FIRST_PAUSE, self._context.settings.patience)
        why = str(error) if type(error).__module__.startswith("psbridge.") else f"{type(error).__name__}: {error}"
        return self._operator(why, _RETRY) if changed else End(status=Status.FAILED, why=why)

    def _unreachable(self, error: TransportError, first: timedelta, patience: int) -> End:
        """The way to an endpoint failed while looking: try again later, longer each time, and ask a person in the end."""
        failures = max(1, self._context.ledger.lost_in_a_row())
        if failures >= patience:
            return self._operator(f"{error} This was tried {failures} times.", _RETRY)
        pause = min(first * 2 ** (failures - 1), _LONGEST_PAUSE)
        return End(pause=Pause(Status.WAITING, str(error), wake_at=self._context.now() + pause))

    @staticmethod
    def _operator(why: str, question: str) -> End:
        return End(pause=Pause(Status.OPERATOR, why, question=question))


def playbook_of(run: RunRecord, playbooks: Mapping[str, Playbook]) -> Playbook | None:
    """The playbook of a run in the version that it was begun with, if it is there."""
    for name in (f"{run.playbook}@{run.version}", run.playbook):
        found = playbooks.get(name)
        if found is not None and found.version == run.version:
            return found
    return None


class _Closed:
    """A journal of which nothing more is asked: what would be written or sent ends the pass."""

    def append(self, draft: Draft, terms: Terms) -> Entry:
        """Nothing is written."""
        raise Suspend(Pause(Status.FAILED, f"nothing more is done: {draft.key}, {terms}"))

    def held(self) -> None:
        """Nothing is sent."""
        raise Suspend(Pause(Status.FAILED, "nothing more is sent"))

    def unwatched(self) -> AbstractContextManager[None]:
        """Nothing is shown either."""
        return nullcontext()


def cancelled_by(entries: Sequence[Entry], signals: Sequence[Signal]) -> Signal | None:
    """Who cancelled the run, if somebody did since it was last tried again."""
    forgiven = max((int(entry.body["signals"]) for entry in entries if entry.kind is Kind.RETRY), default=0)
    return next((signal for signal in signals if signal.name == CANCEL and signal.seq > forgiven), None)


def _plain(result: Mapping[str, object] | None) -> dict[str, Any] | None:
    """What a playbook returned, as JSON gives it back; what JSON does not know becomes text. Raises InputError."""
    if result is None:
        return None
    try:
        document: dict[str, Any] = json.loads(
            json.dumps({str(key): value for key, value in result.items()}, default=str, allow_nan=False)
        )
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"The playbook's result cannot be kept as JSON: {error}. {_MAY_HOLD}") from error
    if _depth(document) > _DEEPEST:
        raise InputError(f"The playbook's result is nested more than {_DEEPEST} deep. {_MAY_HOLD}")
    return document


def _depth(document: object) -> int:
    depth, level = 0, [document]
    while level:
        depth += 1
        level = [inner for outer in level for inner in _inside(outer)]
    return depth


def _inside(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
