"""Amounts, durations and stalls in; efficiency, rate and the side that holds a move up, with their health, out.

Formulas: AnalyzeMoveRequestStats.ps1; bands: Microsoft's page on migration performance; both in field-notes 5.4. Where a flag
says that only the archive is moved, only its size counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from playbooks.migration.durations import Durations
from playbooks.migration.stalls import Stall
from playbooks.migration.transfer import Transfer
from psbridge.models import EnhancedTimeSpan, Reading

__all__ = ["TINY", "Bottleneck", "Efficiency", "bottleneck_of", "efficiency_of"]

GB: Final = 1024**3
HEALTHY: Final = (75.0, 100.0)
WARN: Final = 60.0
HEALTHY_RATE: Final = 0.5
SLOW_RATE: Final = 0.3
TINY: Final = GB // 10
SOURCE_SHARE, TARGET_SHARE = 0.8, 0.4


@dataclass(frozen=True, slots=True)
class Efficiency:
    """`percent`: what should have been sent for what was sent; `gb_per_hour`: in the time in progress. None is not known."""

    percent: float | None
    health: str
    gb_per_hour: float | None
    rate_health: str


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """`side`: source, target, both, or "" for none; `why`: the grounds."""

    side: str
    why: tuple[str, ...]


def efficiency_of(transfer: Transfer, durations: Durations) -> Efficiency:
    """Work out both figures. A move of less than 0.1 GB is not scored: what it costs to begin outweighs the mailbox."""
    percent, rate = _percent(transfer), _rate(transfer, durations)
    if transfer.estimated is not None and transfer.estimated < TINY:
        return Efficiency(percent, "not scored: the mailbox is smaller than 0.1 GB", rate, "not scored")
    return Efficiency(percent, _health(percent), rate, _rate_health(rate))


def _percent(transfer: Transfer) -> float | None:
    if not transfer.transferred or transfer.estimated is None:
        return None
    done = 100 if transfer.percent is None else min(transfer.percent, 100)
    return transfer.estimated * done / transfer.transferred


def _rate(transfer: Transfer, durations: Durations) -> float | None:
    if transfer.transferred is None or durations.in_progress is None or not durations.in_progress.ticks:
        return None
    return transfer.transferred / GB / (durations.in_progress.total_seconds / 3600)


def _health(percent: float | None) -> str:
    if percent is None:
        return "not known"
    lowest, highest = HEALTHY
    if percent > highest:
        return f"above {highest:.0f} %: less was sent than the mailbox was thought to hold"
    if percent >= lowest:
        return f"healthy ({lowest:.0f} to {highest:.0f} %)"
    return f"{'below the healthy' if percent >= WARN else 'far below the healthy'} {lowest:.0f} to {highest:.0f} %"


def _rate_health(rate: float | None) -> str:
    if rate is None:
        return "not known"
    if rate >= HEALTHY_RATE:
        return f"healthy (at least {HEALTHY_RATE} GB an hour)"
    return f"within the usual, below {HEALTHY_RATE} GB an hour" if rate >= SLOW_RATE else f"slow (below {SLOW_RATE} GB an hour)"


def bottleneck_of(statistics: Reading, durations: Durations, stalls: Sequence[Stall]) -> Bottleneck:
    """Name the side that holds the move up: by the time in its calls, by the throttling of the report, by the stalls."""
    grounds = [*_calls(statistics, durations), *_throttles(statistics), *_by_stalls(durations, stalls)]
    sides = {side for side, _ in grounds}
    side = "" if not sides else sides.pop() if len(sides) == 1 else "both"
    return Bottleneck(side, tuple(why for _, why in grounds))


def _calls(statistics: Reading, durations: Durations) -> Iterator[tuple[str, str]]:
    report, all_of = statistics.child("Report"), durations.in_progress
    if report is None or all_of is None or not all_of.ticks:
        return
    sessions = [found for name in ("SessionStatistics", "ArchiveSessionStatistics") if (found := report.child(name))]
    for side, provider, limit in (
        ("source", "SourceProviderInfo", SOURCE_SHARE),
        ("target", "DestinationProviderInfo", TARGET_SHARE),
    ):
        spent = [info.duration("TotalDuration") for session in sessions if (info := session.child(provider))]
        share = sum(time.ticks for time in spent if time is not None) / all_of.ticks
        if share > limit:
            yield (
                side,
                f"{share:.0%} of the time in progress was spent in calls to the {side} (more than {limit:.0%} is a bottleneck)",
            )


def _throttles(statistics: Reading) -> Iterator[tuple[str, str]]:
    report = statistics.child("Report")
    if report is None:
        return
    for side, name in (("source", "SourceThrottles"), ("target", "TargetThrottles")):
        throttles = report.child(name)
        times = {
            kind: found for kind in THROTTLES if throttles and (found := throttles.duration(kind)) is not None and found.ticks
        }
        if times:
            yield side, f"the report counts on the {side}: {', '.join(f'{kind} {time}' for kind, time in times.items())}"


def _by_stalls(durations: Durations, stalls: Sequence[Stall]) -> Iterator[tuple[str, str]]:
    for side, letter in (("source", "Read"), ("target", "Write")):
        times = [time.ticks for name, time in durations.stalls.items() if name.startswith(letter)]
        if sum(times):
            yield side, f"the statistics count {EnhancedTimeSpan(sum(times))} of stalls on the {side} ({letter}...)"
        reasons = [stall.reason for stall in stalls if stall.side == side]
        if reasons:
            yield side, f"{len(reasons)} of {len(stalls)} stalls in the log: {', '.join(sorted(set(reasons)))}"


THROTTLES: Final = (
    "MdbThrottle",
    "CpuThrottle",
    "MdbReplicationThrottle",
    "ContentIndexingThrottle",
    "UnknownThrottle",
    "DiskLatencyThrottle",
)
