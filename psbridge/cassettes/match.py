"""What is asked and what is recorded in, whether they are the same out; and for a miss, its explanation.

Two pipelines are the same if endpoint, cmdlets and parameters are the same, types and spelling included. Only the
order of the parameters of one cmdlet has no meaning, as in PowerShell. There are no other leniencies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from psbridge.cassettes.interaction import Interaction, RecordedCommand, one_line
from psbridge.errors import CassetteMiss

__all__ = ["Asked", "miss", "same"]

_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: the endpoint, and the pipeline in the form in which it is compared and in that for people."""

    endpoint: str
    commands: tuple[RecordedCommand, ...]
    text: str

    def __str__(self) -> str:
        return one_line(self.endpoint, self.text)


def same(asked: Asked, recorded: Interaction) -> bool:
    """Tell whether a recorded interaction answers what was asked."""
    return asked.endpoint == recorded.endpoint and asked.commands == recorded.commands


def miss(cassette: str, asked: Asked, interactions: tuple[Interaction, ...], place: int) -> CassetteMiss:
    """Explain why nothing answers: `place` interactions were played, so the next one had to be it."""
    if not interactions:
        return CassetteMiss(cassette, str(asked), "", ("the cassette holds no interaction",))
    nearest = max(range(len(interactions)), key=lambda index: _likeness(asked, interactions[index], index - place))
    return CassetteMiss(
        cassette,
        str(asked),
        f"{nearest + 1} {interactions[nearest]}",
        (*_position(interactions, place, nearest), *_differences(asked, interactions[nearest])),
    )


def _likeness(asked: Asked, recorded: Interaction, distance: int) -> tuple[bool, bool, float, bool, bool, int]:
    """Higher is nearer: the same, the same cmdlets, how many parameters agree, the endpoint; then what comes next."""
    cmdlets = [command.cmdlet for command in asked.commands] == [command.cmdlet for command in recorded.commands]
    ours, theirs = _parameters(asked.commands), _parameters(recorded.commands)
    agreeing = len(ours & theirs) / max(1, len(ours | theirs))
    return same(asked, recorded), cmdlets, agreeing, asked.endpoint == recorded.endpoint, distance >= 0, -abs(distance)


def _parameters(commands: tuple[RecordedCommand, ...]) -> set[tuple[str, str, str]]:
    return {(command.cmdlet, name, value) for command in commands for name, value in command.parameters.items()}


def _position(interactions: tuple[Interaction, ...], place: int, nearest: int) -> Iterator[str]:
    total = len(interactions)
    if place >= total:
        yield f"position: all {total} interactions have been played; each is played once"
        return
    yield f"position: asked for as interaction {place + 1} of {total}; the nearest recording is {nearest + 1}"
    if nearest < place:
        yield f"          {nearest + 1} has been played already; each is played once"
    if nearest != place:
        yield f"          the cassette goes on with {place + 1} {interactions[place]}"


def _differences(asked: Asked, recorded: Interaction) -> Iterator[str]:
    yield _compared("endpoint", recorded.endpoint, asked.endpoint)
    for theirs, ours in zip_longest(recorded.commands, asked.commands):
        yield _compared("cmdlet", theirs.cmdlet if theirs else None, ours.cmdlet if ours else None)
        if theirs and ours and theirs.cmdlet == ours.cmdlet:
            for name in {**theirs.parameters, **ours.parameters}:
                yield _compared(f"{ours.cmdlet} -{name}", theirs.parameters.get(name), ours.parameters.get(name))


def _compared(what: str, recorded: str | None, asked: str | None) -> str:
    if recorded is not None and recorded == asked:
        return f"same:     {what} {_cut(recorded, 0)}"
    pairs = enumerate(zip(recorded or "", asked or "", strict=False))
    start = next((place for place, (theirs, ours) in pairs if theirs != ours), 0)
    return f"differs:  {what}: recorded {_cut(recorded, start)}, asked {_cut(asked, start)}"


def _cut(text: str | None, start: int) -> str:
    """A long text from a little before the place where it differs."""
    if text is None:
        return "nothing"
    if len(text) <= _SHOWN:
        return text
    begin = max(0, start - _SHOWN // 4)
    part = text[begin : begin + _SHOWN]
    return f"{'...' if begin else ''}{part}{'...' if begin + _SHOWN < len(text) else ''} ({len(text)} characters)"
