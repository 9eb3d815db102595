"""A write in, what became of it out: done, refused before any effect, or lost. Nothing else is ever concluded here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from psbridge.cmdlets.call import Call
from psbridge.engine.answer import Refused, Unsendable, errors_of, only_names
from psbridge.engine.context import Context, error_document
from psbridge.engine.endpoints import EngineSession
from psbridge.engine.suspend import ask_operator, wait
from psbridge.errors import ConfirmationRequired, ConnectRefused, TransportError, ValueTypeError
from psbridge.journal import reply_from_json, reply_to_json
from psbridge.journal.records import write_time
from psbridge.reply import State
from psbridge.session import Result

__all__ = ["SIGN_IN_PAUSE", "Sent", "leave_refused", "refusal", "send"]

# A last look, its intent and the sending are one moment; whatever stood still in between for longer begins anew with the look.
_STALE: Final = timedelta(seconds=30)
# A sign-in that was refused is repeated seldom: a lockout counts refusals within some minutes.
SIGN_IN_PAUSE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Sent:
    """What is known after a write was sent. `unsent` means that it certainly never left."""

    DONE: ClassVar = "done"
    REFUSED: ClassVar = "refused"
    LOST: ClassVar = "lost"

    state: str
    body: dict[str, Any]

    def refusal(self, call: Call[Any], endpoint: str) -> Exception:
        """The error that a refused write raises, now and whenever the run is gone through again."""
        return refusal(self.body, call, endpoint)


def send(
    c: Context, session: EngineSession, document: dict[str, Any], call: Call[Any], *, looked_at: datetime | None = None
) -> Sent:
    """Send one write once, in its turn, which was taken before. Whether run and session are ours is looked at last of all.

    `looked_at`: when what it depends on was seen; where that is no longer now, nothing is sent. An exception, whatever it is, is
    no "no": only what comes before any effect is a refusal.
    """
    body: dict[str, Any] = {"call": document, "sent_at": write_time(c.now())}
    if looked_at is not None and c.now() - looked_at > _STALE:
        return _too_late(document)
    c.held(document["endpoint"])
    try:
        reply = c.asked(document["endpoint"], lambda: session.ask(call.pipeline, reads=False))
        body["reply"] = reply_to_json(reply, c.redact)
        state, why = _judged(Result.of(reply_from_json(body["reply"])), call)
    except ValueTypeError as error:
        return Sent(Sent.REFUSED, {**body, "error": error_document(error)})
    except Exception as error:  # noqa: BLE001 - whatever it is, the cmdlet may have run
        return Sent(Sent.LOST, {**body, "error": error_document(error), "unsent": _never_left(error)})
    return Sent(state, {**body, "why": why})


def leave_refused(c: Context, endpoint: str, call: Call[Any]) -> None:
    """Leave the run where the sign-in for a write was just refused; the write never left.

    Wrong credentials are a person's to mend. A connection command may fail for a reason that passes: it is repeated, but seldom.
    """
    error = c.refused.get(endpoint)
    if isinstance(error, ConnectRefused):
        raise wait(c.now() + SIGN_IN_PAUSE, f"{call} could not be sent: {error}")
    if error is not None:
        raise ask_operator(
            f"{call} was not sent: {error}",
            "See to the credentials and retry the run. Nothing signs in again before that: it could lock the account.",
        )


def _too_late(document: dict[str, Any]) -> Sent:
    # A machine that slept in between: the last look is old, and the time in which the server may be at it began long ago.
    told = {"type": "Stale", "text": "the machine stood still between the last look and the sending"}
    return Sent(Sent.LOST, {"call": document, "error": told, "unsent": True})


def _never_left(error: Exception) -> bool:
    """Whether a write certainly had no effect. A question is none of these: the cmdlet was there to ask it."""
    return isinstance(error, TransportError) and not error.may_have_run and not isinstance(error, ConfirmationRequired)


def refusal(body: dict[str, Any], call: Call[Any], endpoint: str) -> Exception:
    """The error that the body of a refused write stands for."""
    if "reply" not in body:
        return Unsendable(str(body["error"]["text"]))
    return Refused(str(call), errors_of(Result.of(reply_from_json(body["reply"])))[0], endpoint=endpoint)


def _judged(result: Result, call: Call[Any]) -> tuple[str, str]:
    errors = errors_of(result)
    if result.state is State.COMPLETED and not errors:
        return Sent.DONE, ""
    why = errors[0].message if errors else f"it ended in state {result.state}"
    if result.state is not State.STOPPED and not result.output and only_names(errors, call.refused):
        return Sent.REFUSED, why
    return Sent.LOST, why
