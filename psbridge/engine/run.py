"""A run as a playbook's body sees it: every step that it may take, and nothing else.

Between the steps a body is free of effects, clock and randomness: after each wait and each crash it is run again from
its top, and recorded steps answer from the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from psbridge.cmdlets.call import Call
from psbridge.engine import steps
from psbridge.engine.answer import Answer
from psbridge.engine.context import Context
from psbridge.engine.steps.approval import Action
from psbridge.engine.steps.destroy import Destruction
from psbridge.engine.steps.gathering import Gathered, Tabulated
from psbridge.engine.steps.look import Look
from psbridge.engine.tables import Query, Row
from psbridge.models import Model

__all__ = ["Run"]

M = TypeVar("M", bound=Model)


class Run:
    """The steps of one run. Each has a key that is used once; keys, order and what a step asks for must not change."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @property
    def id(self) -> str:
        """The run's id; it may stand in the name of what the run creates."""
        return self._context.run_id

    @property
    def inputs(self) -> Mapping[str, str]:
        """What the run was started with, defaults filled in."""
        return self._context.inputs

    def read(self, key: str, endpoint: str, call: Call[M]) -> Answer[M]:
        """Look once, and keep the answer. "No such object" is an answer; another error raises CmdletError."""
        return steps.read(self._context, key, endpoint, call)

    def gather(
        self,
        key: str,
        endpoint: str,
        call: Call[M],
        *,
        columns: Sequence[str],
        row: Callable[[M], Row | None],
        index: Sequence[str] = (),
    ) -> Gathered:
        """Read a list of any length into the table of this key: each object as it comes, in constant memory.

        `row` gives an object's cells (texts, numbers, None), or None to leave it out; `index` names the columns that are looked
        up by. An object with another shape than the model's is counted and told, and left out. A list with an error in it is
        not whole: that raises CmdletError.
        """
        return steps.gather(self._context, key, endpoint, call, columns, row, index)

    def tabulate(
        self,
        key: str,
        *,
        columns: Sequence[str],
        rows: Callable[[Query], Iterable[Row]],
        by: str,
        shown: Sequence[str] = (),
    ) -> Tabulated:
        """Make the table of this key from other tables of the run: `rows` may read them with SELECTs, and do nothing else.

        The result counts the rows by the column `by`; `shown` are the columns for a screen. The last such table of a run is what
        `--output` writes. A playbook whose result has `findings` above zero ends the command with an exit code of its own.
        """
        return steps.tabulate(self._context, key, columns, rows, by, shown)

    def evidence(
        self, key: str, endpoint: str, call: Call[M], *, need: Sequence[str], identifies: Sequence[str] | None = None
    ) -> M:
        """Keep what nothing may be destroyed without: exactly one object whose fields `need` are all set.

        Guid.Empty, an empty text and an empty list are not set. The GUIDs among `identifies` (default: among `need`) are
        the ids by which this run has the object for itself once it asks for an approval or writes. Raises Stopped.
        """
        return steps.evidence(self._context, key, endpoint, call, need, identifies)

    def guard(self, name: str, ok: bool, *, found: str, expected: str, remedy: str) -> None:  # noqa: FBT001 - it is what the guard is about
        """Go on only if `ok`; otherwise the run fails with these texts (Stopped)."""
        steps.guard(self._context, name, ok=bool(ok), found=found, expected=expected, remedy=remedy)

    def approval(
        self,
        key: str,
        actions: Sequence[Action],
        *,
        requires: Sequence[str],
        says: str,
        within: timedelta | None = None,
        asking: Sequence[datetime] = (),
    ) -> None:
        """Go on only when somebody has approved exactly these writes on the ground of exactly this evidence.

        `says` tells the approver what it means. The run waits for `within` (default: the engine's) and then asks an operator;
        at the next of the moments `asking`, where one comes sooner.
        """
        steps.approval(self._context, key, actions, requires=requires, says=says, within=within, asking=asking)

    def destroy(
        self,
        key: str,
        endpoint: str,
        call: Call[Any],
        *,
        requires: Sequence[str],
        approval: str | None,
        before: Callable[[Look], None] | None = None,
        verify: Callable[[Look], bool | None],
        settle: timedelta | None = None,
    ) -> bool:
        """Send one write that cannot be taken back, once; False where it was left out and nothing was sent.

        `before` looks directly before it. It raises Stopped to refuse, and Overtaken to leave the write out for good, because
        somebody else does what it was for: the playbook then looks at that, under a key of its own; where what it sees bears
        the mark of this run (`by_us`), the step is done. `verify` tells, after any
        doubt, whether it has happened: True, False, or None for "cannot tell"; for a creation True needs a mark of this run,
        such as its id in a name. `settle` is how long the change may take to be seen everywhere. There is no result to use:
        look again.

        Raises EvidenceMissing, ApprovalError, and Refused (a CmdletError) for an error that came before any effect.
        """
        wait = self._context.settings.settle if settle is None else settle
        return steps.destroy(self._context, Destruction(key, endpoint, call, requires, approval, before, verify, wait))

    def change(self, key: str, endpoint: str, call: Call[M]) -> Answer[M]:
        """Send a write whose repetition does no harm, until its success is known."""
        return steps.change(self._context, key, endpoint, call)

    def poll(  # noqa: PLR0913 - what to look at, when, and until when
        self,
        key: str,
        endpoint: str,
        call: Call[M],
        *,
        until: Callable[[Answer[M]], bool],
        every: timedelta,
        timeout: timedelta,
        why: str,
        asking: Sequence[datetime] = (),
        in_vain: steps.InVain = "asks",
    ) -> Answer[M]:
        """Look every so often until `until` is satisfied by what is seen; after `timeout` an operator is asked.

        A wait that lasts is looked at more rarely than `every`: after a tenth of the time that has passed, at most 5 minutes.
        `why` completes "waits for ...". While it waits the run holds no thread and no session. `asking` are moments, in
        order, at which the operator is reminded before `timeout` is over; a retry then waits for the next of them.
        `in_vain`: what `timeout` is: something went wrong ("asks"), a reminder too ("reminds"), or no more than the time after
        which the last answer is given, whatever it is ("gives").
        """
        c = self._context
        return steps.poll(
            c, key, endpoint, call, until=until, every=every, timeout=timeout, why=why, asking=asking, in_vain=in_vain
        )

    def ask(self, key: str, question: str, remedy: str) -> str:
        """Have the operator do or say something; gives what they answered with the signal `key`."""
        return steps.ask(self._context, key, question, remedy)

    def hold(self, key: str, endpoint: str, call: Call[Any], *, back: Call[Any], says: str) -> None:
        """Send a change that must not outlive the run; `back` takes it back, and `says` tells what it means while it stands.

        It stands as a warning until `release`. Where the run ends before that, failed or cancelled, `back` is sent on the way
        out. Neither does harm when it is repeated.
        """
        steps.hold(self._context, steps.Hold(key, endpoint, call, back, says))

    def release(self, key: str, hold: str) -> None:
        """Send the way back of a hold that was come to, until its success is known, and lift its warning."""
        steps.release(self._context, key, hold)

    def warn(self, key: str, text: str, *, asking: Sequence[datetime] = ()) -> None:
        """Let a warning stand beside the run, also when it has ended, until it is lifted; not a step, so it has no place.

        `asking` are moments at which an operator is reminded of the run while it stands, where the run needs a person by then: it
        has a question, or has failed.
        """
        steps.warn(self._context, key, text, asking)

    def lift(self, key: str) -> None:
        """Let a warning stand no longer; it does not come back."""
        steps.lift(self._context, key)

    def began(self, key: str) -> datetime:
        """When a step that was come to was first written down: for times that are counted from a change."""
        return self._context.ledger.began(key)

    def note(self, key: str, text: str) -> None:
        """Write something into the journal for whoever reads it later."""
        steps.note(self._context, key, text)
