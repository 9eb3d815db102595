"""Look until something is so; between the looks nothing is held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias, TypeVar

from psbridge.cmdlets.call import Call
from psbridge.command import fingerprint
from psbridge.engine.answer import Answer
from psbridge.engine.context import Context
from psbridge.engine.ledger import call_hash
from psbridge.engine.suspend import Suspend, ask_operator, wait
from psbridge.errors import CmdletError
from psbridge.journal import Entry, Kind
from psbridge.journal.records import dump, read_time, write_time
from psbridge.models import Model

__all__ = ["InVain", "poll"]

InVain: TypeAlias = Literal["asks", "reminds", "gives"]

M = TypeVar("M", bound=Model)
# A long wait must outlive a passing error of the server; what fails this often in a row is no passing error.
_ERRORS_BORNE: Final = 5
# The longer it has waited, the rarer it looks: a tenth of the time that has passed, and not rarer than this by itself.
_RAREST: Final = timedelta(minutes=5)
# Characters of an object that an operator is shown; the whole of it is in the journal.
_SHOWN: Final = 300


def poll(  # noqa: PLR0913 - what to look at, when, and until when: all of it is Run.poll's
    c: Context,
    key: str,
    endpoint: str,
    call: Call[M],
    *,
    until: Callable[[Answer[M]], bool],
    every: timedelta,
    timeout: timedelta,
    why: str,
    asking: Sequence[datetime] = (),
    in_vain: InVain = "asks",
) -> Answer[M]:
    """Give the first answer that satisfies `until`. The deadline is set when the run first comes here, and stays.

    It is `timeout` from then, or the next of the moments `asking` where that is sooner: those are reminders. What comes after
    `timeout` says `in_vain`: something went wrong and an operator is asked, is reminded only, or the last answer is given.
    """
    digest = call_hash(endpoint, call)
    c.ledger.enter(key, Kind.POLL, digest, f"[{endpoint}] {call}")
    last = c.ledger.last(key, Kind.POLL)
    if last is not None and last.state == "done":
        return c.answer(last.body, endpoint, call)
    if last is None:
        body = {"deadline": write_time(_deadline(c.now(), timeout, asking)), "why": why, "asked": f"[{endpoint}] {call}"}
        last = c.add(key, Kind.POLL, "begun", body, digest=digest)
    deadline = read_time(last.body["deadline"])
    reminded = in_vain == "reminds" or deadline in asking
    pause = max(every, min((c.now() - c.ledger.began(key)) / 10, _RAREST))
    body = c.fetch(key, endpoint, call, "poll")
    try:
        answer = c.answer(body, endpoint, call)
    except CmdletError as error:
        c.add(key, Kind.LOOK, "failed", body)
        if c.ledger.trailing(Kind.LOOK, "failed") >= _ERRORS_BORNE:
            raise
        raise _later(c, pause, deadline, why, str(error), reminded=reminded) from None
    if until(answer) or (in_vain == "gives" and c.now() >= deadline):
        c.add(key, Kind.POLL, "done", body, digest=digest)
        return answer
    seen = _keep(c, key, body, answer)
    raise _later(c, pause, deadline, why, seen, reminded=reminded)


def _deadline(now: datetime, timeout: timedelta, asking: Sequence[datetime]) -> datetime:
    """When all moments are over, the last of them: one more look, and the operator is asked."""
    left = [moment for moment in asking if moment > now] or list(asking)[-1:]
    return min([now + timeout, *left])


def _keep(c: Context, key: str, body: dict[str, Any], answer: Answer[Any]) -> str:
    """Write a look down where it differs from the one before; gives what was seen, for people."""
    last = c.ledger.last(key, Kind.LOOK)
    if last is None or not _same(last, body, answer):
        c.add(key, Kind.LOOK, "absent" if answer.absent else "done", body)
    if answer.error is not None:
        return answer.error.message
    first = repr(answer.objects[0]) if answer.objects else ""
    return f"{len(answer.objects)} objects{f'; {first[:_SHOWN]}' if first else ''}"


def _same(last: Entry, body: dict[str, Any], answer: Answer[Any]) -> bool:
    # Each refusal of a server has a request id and a time of its own: "not there" again is nothing new.
    if answer.absent and last.state == "absent":
        return True
    return fingerprint(dump(last.body.get("reply"))) == fingerprint(dump(body["reply"]))


def _later(c: Context, pause: timedelta, deadline: datetime, why: str, seen: str, *, reminded: bool) -> Suspend:
    now = c.now()
    if now >= deadline:
        return ask_operator(
            f"Waited for {why} until {deadline:%Y-%m-%d %H:%M} UTC, in vain. Seen last: {seen}",
            "See to the cause and retry the run: it waits once more. Or cancel it.",
            went_wrong=not reminded,
        )
    return wait(min(now + pause, deadline), f"waits for {why}")
