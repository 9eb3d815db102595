"""A question and the answers that go on in; one of them out. Any other answer is asked about again, and nothing goes on."""

from __future__ import annotations

from itertools import count
from typing import Final

from psbridge.engine import Run

__all__ = ["DONE", "ask_until"]

DONE: Final = ("done", "yes")


def ask_until(run: Run, key: str, question: str, remedy: str, accepted: tuple[str, ...]) -> str:
    """Give the accepted answer, in small letters; somebody who answers `no`, or mistypes, is asked once more."""
    told = question
    for number in count(1):
        answer = run.ask(key if number == 1 else f"{key}-{number}", told, remedy).strip().lower()
        if answer in accepted:
            return answer
        told = f"{question} The answer {answer!r} is none of: {', '.join(accepted)}."
    raise AssertionError  # count() does not end
