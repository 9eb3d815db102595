"""The result of a migration report in, its charts out: progress over time with the stalls, sent against estimated, folders.

What a result lacks, because an older psbridge made it or nothing was known, is not drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psbridge.report.html.charts import WIDTH, Axis, Bar, axis_of, bars
from psbridge.report.html.writing import number

__all__ = ["Figures", "Folder", "Mark", "Progress", "Shade", "figures_of"]

MOST_MOVES: Final = 20
MOST_FOLDERS: Final = 25
LEFT: Final = 64.0
TOP: Final = 16.0
FLOOR: Final = 236.0
_TIME: Final = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Shade:
    """A stall: where it is drawn, and what it was."""

    x: float
    width: float
    began: str
    resumed: str
    planned: str
    reason: str
    lasted: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the log: where it is drawn, and what it said. `y_bytes` where it told bytes."""

    x: float
    y: float | None
    y_bytes: float | None
    at: str
    stage: str
    percent: int | None
    bytes: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """The chart of progress over time."""

    axis: Axis
    marks: tuple[Mark, ...]
    shades: tuple[Shade, ...]
    total: int | None
    summary: str

    @property
    def percents(self) -> str:
        """The line through the percents, as `points` of a polyline."""
        return " ".join(f"{mark.x},{mark.y}" for mark in self.marks if mark.y is not None)

    @property
    def copied(self) -> str:
        """The line through the bytes."""
        return " ".join(f"{mark.x},{mark.y_bytes}" for mark in self.marks if mark.y_bytes is not None)

    @property
    def grid(self) -> tuple[tuple[float, int], ...]:
        """The y of each line of the grid, and its percent."""
        return tuple((_y(percent), percent) for percent in (0, 25, 50, 75, 100))


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on both sides; the bars are of items, which alone decide."""

    name: str
    source: Bar
    target: Bar
    source_bytes: str
    target_bytes: str
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """The charts of one move."""

    user: str
    verdict: str
    progress: Progress | None
    amounts: tuple[Bar, ...]
    times: str
    folders: tuple[Folder, ...]
    folders_left_out: int


def figures_of(playbook: str, result: Mapping[str, Any]) -> tuple[Figures, ...]:
    """The charts of each move that a migration report tells of; none for other playbooks."""
    if playbook != "migration-report":
        return ()
    reports = _maps(result.get("reports")) or [result]
    return tuple(_figures(report) for report in reports[:MOST_MOVES] if report.get("data"))


def _figures(report: Mapping[str, Any]) -> Figures:
    data, folders = _map(report.get("data")), _maps(report.get("folders"))
    amounts = [
        (label, value, f"{number(value)} bytes")
        for label, key in (("Sent (DATA MIGRATED)", "transferred_bytes"), ("Estimated", "estimated_bytes"))
        if isinstance(value := data.get(key), int)
    ]
    ratio = data.get("ratio")
    return Figures(
        user=str(report.get("user", "")),
        verdict=str(report.get("verdict", "")),
        progress=_progress(_maps(report.get("progress")), _maps(report.get("stalls"))),
        amounts=bars(amounts, ("solid", "hatched")),
        times=f"{ratio:.2f}" if isinstance(ratio, int | float) else "",
        folders=tuple(_folders(folders)),
        folders_left_out=max(0, len(folders) - MOST_FOLDERS),
    )


def _progress(points: Sequence[Mapping[str, Any]], stalls: Sequence[Mapping[str, Any]]) -> Progress | None:
    told = [(at, point) for point in points if (at := _moment(point.get("at"))) is not None]
    interrupted = [(at, stall) for stall in stalls if (at := _moment(stall.get("began"))) is not None]
    ends = [end for _, stall in interrupted if (end := _moment(stall.get("resumed"))) is not None]
    axis = axis_of([*(at for at, _ in told), *(at for at, _ in interrupted), *ends], LEFT, WIDTH - 76)
    if axis is None or not told:
        return None
    total = max((count for _, point in told if isinstance(count := point.get("of_bytes"), int)), default=None)
    marks = tuple(_mark(axis, at, point, total) for at, point in told)
    shades = tuple(_shade(axis, at, stall) for at, stall in interrupted)
    summary = f"Progress from {axis.first:{_TIME}} to {axis.last:{_TIME}}, {len(marks)} points, {len(shades)} stalls."
    return Progress(axis, marks, shades, total, summary)


def _mark(axis: Axis, at: datetime, point: Mapping[str, Any], total: int | None) -> Mark:
    percent, copied = point.get("percent"), point.get("bytes")
    return Mark(
        x=axis.x(at),
        y=_y(percent) if isinstance(percent, int) else None,
        y_bytes=_y(100 * copied / total) if isinstance(copied, int) and total else None,
        at=f"{at:{_TIME}}",
        stage=str(point.get("stage", "")),
        percent=percent if isinstance(percent, int) else None,
        bytes=copied if isinstance(copied, int) else None,
    )


def _shade(axis: Axis, began: datetime, stall: Mapping[str, Any]) -> Shade:
    x, end = axis.x(began), axis.x(_moment(stall.get("resumed")) or axis.last)
    told = (str(stall.get(name, "")) for name in ("began", "resumed", "planned", "reason", "lasted"))
    return Shade(x, round(max(end - x, 2.0), 1), *told)


def _folders(folders: Sequence[Mapping[str, Any]]) -> Iterator[Folder]:
    """Those with findings first, then the largest."""
    counts = [_count(folder.get(side)) for folder in folders for side in ("source_items", "target_items")]
    longest = max(counts, default=0)
    ordered = sorted(folders, key=lambda folder: (not folder.get("findings"), -_count(folder.get("source_items"))))
    for folder in ordered[:MOST_FOLDERS]:
        # The longest of all folders stands beside each, so that their bars compare.
        source, target, _ = bars(
            [*((side, _count(folder.get(key)), _told(folder.get(key))) for side, key in _SIDES), ("", longest, "")],
            ("solid", "hatched"),
        )
        yield Folder(
            str(folder.get("folder", "")),
            source,
            target,
            _told(folder.get("source_bytes")),
            _told(folder.get("target_bytes")),
            tuple(map(str, folder.get("findings") or ())),
        )


_SIDES: Final = (("Source", "source_items"), ("Target", "target_items"))


def _y(percent: float) -> float:
    return round(FLOOR - (FLOOR - TOP) * min(max(percent, 0), 100) / 100, 1)


def _moment(told: object) -> datetime | None:
    try:
        return datetime.strptime(told, _TIME) if isinstance(told, str) else None  # noqa: DTZ007 - the zone is the report's own
    except ValueError:
        return None


def _count(told: object) -> int:
    return told if isinstance(told, int) else 0


def _told(value: object) -> str:
    return number(value) if isinstance(value, int) else "not known"


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _maps(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []
