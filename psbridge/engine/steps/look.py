"""Look-ups inside a step: what `before` and `verify` of a write see. Always live, always written down, never replayed."""

from __future__ import annotations

from typing import TypeVar

from psbridge.cmdlets.call import Call
from psbridge.engine.answer import Answer
from psbridge.engine.context import Context
from psbridge.engine.steps.warning import stand
from psbridge.errors import PsbridgeError
from psbridge.journal import Kind
from psbridge.models import Model

__all__ = ["Look", "Overtaken"]

M = TypeVar("M", bound=Model)


class Overtaken(Exception):
    """What `before` raises where somebody else has done, or does, what the write is for; `found` tells what was seen.

    `by_us`: it bears the mark of this run, so an earlier attempt that was not seen to have its effect has had it after all.
    """

    def __init__(self, found: str, *, by_us: bool = False) -> None:
        self.found, self.by_us = found, by_us
        super().__init__(found)


class Look:
    """The only way in which `before` and `verify` may reach an endpoint; and a warning that belongs to one attempt."""

    def __init__(self, context: Context, key: str, purpose: str, attempt: int) -> None:
        self._context, self._key, self._purpose, self._attempt = context, key, purpose, attempt

    def read(self, endpoint: str, call: Call[M]) -> Answer[M]:
        """Look now. Raises CmdletError for an error that does not mean "absent", TransportError, ShapeError."""
        c = self._context
        body = c.fetch(self._key, endpoint, call, self._purpose)
        try:
            answer = c.answer(body, endpoint, call)
        except PsbridgeError:
            c.add(self._key, Kind.LOOK, "failed", body, attempt=self._attempt)
            raise
        c.add(self._key, Kind.LOOK, "absent" if answer.absent else "done", body, attempt=self._attempt)
        return answer

    def warn(self, key: str, text: str) -> None:
        """Let a warning stand from before the write on, as Run.warn does; one that an earlier attempt had lifted stands again."""
        stand(self._context, key, {"text": text}, again=True)

    __call__ = read
