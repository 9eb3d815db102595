"""The steps of a run in, the drawing of its waits and changes over time out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psbridge.journal import Kind
from psbridge.report.html.charts import WIDTH, Axis, axis_of
from psbridge.report.html.steps import Step
from psbridge.report.html.writing import moment, shortened, span

__all__ = ["Row", "TimeLine", "time_line"]

MOST_ROWS: Final = 26
LABELS: Final = 240.0
ROW: Final = 26.0
TOP: Final = 30.0
LONGEST_LABEL: Final = 34
# A wait that is a smaller share of the whole would not be seen; it is in the table of the steps.
_SEEN: Final = 0.004
_LEAST_WIDTH: Final = 3.0


@dataclass(frozen=True, slots=True)
class Row:
    """A step as it is drawn: a bar for a wait, a mark for a change; `shape` chooses its look."""

    y: float
    label: str
    shape: str
    x: float
    width: float
    told: str
    told_x: float
    anchor: str
    title: str


@dataclass(frozen=True, slots=True)
class TimeLine:
    """The drawing; `left_out` steps of its kinds had no room."""

    axis: Axis
    rows: tuple[Row, ...]
    left_out: int
    summary: str

    @property
    def height(self) -> float:
        """Of the whole drawing."""
        return TOP + ROW * len(self.rows) + 8

    @property
    def width(self) -> float:
        """Of the whole drawing."""
        return WIDTH


def time_line(steps: Sequence[Step], began: datetime, until: datetime) -> TimeLine | None:
    """Draw the waits and the changes; None where nothing took long enough to be drawn."""
    axis = axis_of([began, until], LABELS, WIDTH - 20)
    if axis is None:
        return None
    whole = until - began
    wanted = [step for step in steps if step.is_change or (step.is_wait and step.took(until) / whole >= _SEEN)]
    if not wanted:
        return None
    longest = sorted(wanted, key=lambda step: (step.kind is not Kind.DESTROY, not step.is_change, -step.took(until)))
    kept = set(map(id, longest[:MOST_ROWS]))
    drawn = [step for step in wanted if id(step) in kept]
    rows = tuple(_row(step, axis, until, TOP + ROW * at) for at, step in enumerate(drawn))
    return TimeLine(axis, rows, len(wanted) - len(drawn), _summary(wanted, began, until))


def _row(step: Step, axis: Axis, until: datetime, y: float) -> Row:
    end = step.ended or until
    x, right = axis.x(step.began), axis.x(end)
    told = span(step.took(until)) if step.is_wait else step.outcome
    title = f"{step.key}: {step.what}, {moment(step.began)}"
    if step.is_wait:
        title += f" to {moment(end)} ({told})" if step.ended else f", still under way after {told}"
    width = max(right - x, _LEAST_WIDTH) if step.is_wait else 0.0
    # The text stands where there is room: behind the bar, or before it.
    behind = x + width < axis.left + (axis.right - axis.left) * 0.72
    return Row(
        y=y,
        label=shortened(step.key, LONGEST_LABEL),
        shape=_shape(step),
        x=x,
        width=round(width, 1),
        told=shortened(told, LONGEST_LABEL),
        told_x=round(x + width + 10 if behind else x - 10, 1),
        anchor="start" if behind else "end",
        title=title,
    )


def _shape(step: Step) -> str:
    if step.kind is Kind.DESTROY:
        return "destroy"
    if step.is_change:
        return "change"
    return "person" if step.waits_for_a_person else "wait"


def _summary(steps: Sequence[Step], began: datetime, until: datetime) -> str:
    waits, changes = sum(step.is_wait for step in steps), sum(step.is_change for step in steps)
    return f"From {moment(began)} to {moment(until)}: {waits} waits and {changes} changes. The steps are in the table below."
