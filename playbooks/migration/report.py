"""The statistics of one move in; everything that can be said of it, as JSON holds it, out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from playbooks.migration.durations import Durations, durations_of
from playbooks.migration.efficiency import Bottleneck, Efficiency, bottleneck_of, efficiency_of
from playbooks.migration.failures import Failure, failures_in, left_behind
from playbooks.migration.folders import Count, Folder, findings_in
from playbooks.migration.known import Known, failure_named, stall_named
from playbooks.migration.log import log_of
from playbooks.migration.progress import Point, progress_in
from playbooks.migration.stalls import Stall, stalls_in
from playbooks.migration.transfer import Transfer, transfer_of, why_they_differ
from playbooks.migration.verdict import judge_reading
from psbridge.models import ByteQuantifiedSize, EnhancedTimeSpan, Reading

__all__ = ["report_of"]

MOST_UNREAD: Final = 20


def report_of(statistics: Reading) -> dict[str, Any]:
    """Report on a move, its verdict first. Sizes are told as Exchange shows them, and in bytes; times are those of the report."""
    verdict = judge_reading(statistics)
    log = log_of(statistics.child("Report"))
    stalls, durations, transfer = stalls_in(log), durations_of(statistics), transfer_of(statistics)
    version = statistics.text("SourceVersion")
    failures = failures_in(statistics, log)
    return {
        "verdict": str(verdict.judgement),
        "reasons": list(verdict.reasons),
        "user": statistics.text("EmailAddress", "MailboxIdentity", "DisplayName", "Identity") or statistics.shown,
        "status": str(statistics.name("Status") or ""),
        "status_detail": str(statistics.name("StatusDetail") or ""),
        "data_consistency_score": str(statistics.name("DataConsistencyScore") or ""),
        "data": _data(transfer, list(why_they_differ(transfer, durations, stalls, log, version))),
        "durations": _durations(durations),
        "speed": _speed(
            efficiency_of(transfer, durations),
            bottleneck_of(statistics, durations, stalls),
            (statistics.name("WorkloadType") or "").lower(),
        ),
        "stalls": [_stall(stall) for stall in stalls],
        "after_each_stall": [_afterwards(stall) for stall in stalls],
        "stall_reasons": [_known(known) for known in _reasons(stalls)],
        "folders": [_folder(folder) for folder in verdict.folders],
        "failures": [_failure(failure) for failure in failures],
        "left_behind": [{"kind": it.kind, "folder": it.folder, "items": it.count} for it in left_behind(statistics)],
        "log_lines": len(log),
        "unread": _unread(statistics.problems),
        "progress": [_point(point) for point in progress_in(log)],
    }


def _data(transfer: Transfer, why: Sequence[str]) -> dict[str, Any]:
    return {
        "transferred": _size(transfer.transferred),
        "transferred_bytes": transfer.transferred,
        "estimated": _size(transfer.estimated),
        "estimated_bytes": transfer.estimated,
        "ratio": None if transfer.ratio is None else round(transfer.ratio, 3),
        "excess_bytes": transfer.excess,
        "items": transfer.items,
        "estimated_items": transfer.estimated_items,
        "percent_complete": transfer.percent,
        "why_they_differ": list(why),
    }


def _durations(durations: Durations) -> dict[str, Any]:
    told = ("queued", "in_progress", "synced", "stalled", "overall", "suspended", "failed", "idle", "transient_failure")
    known = {name: getattr(durations, name) for name in (*told, "finalization", "proxy_backoff")}
    share = durations.stalled_share
    return {
        **{name: str(duration) for name, duration in known.items() if duration is not None},
        "stalled_for_each_in_progress": None if share is None else round(share, 2),
        "stalled_by": {name: str(duration) for name, duration in durations.stalls.items()},
    }


def _speed(efficiency: Efficiency, bottleneck: Bottleneck, workload: str) -> dict[str, Any]:
    return {
        "efficiency_percent": None if efficiency.percent is None else round(efficiency.percent, 1),
        "efficiency": efficiency.health,
        "gb_per_hour": None if efficiency.gb_per_hour is None else round(efficiency.gb_per_hour, 2),
        "rate": efficiency.rate_health,
        "bottleneck": bottleneck.side or "none seen",
        "where": _WHERE.get((workload, bottleneck.side), ""),
        "bottleneck_by": list(bottleneck.why),
    }


# field-notes 5.3. Only a move request says in which direction it goes.
_ONLINE: Final = "Exchange Online, where stalls are usual: moves have a low priority"
_ON_PREMISES: Final = "on-premises: look at the servers there, and at the way to them"
_WHERE: Final = {
    ("onboarding", "target"): _ONLINE,
    ("onboarding", "source"): _ON_PREMISES,
    ("offboarding", "target"): _ON_PREMISES,
    ("offboarding", "source"): _ONLINE,
}


def _stall(stall: Stall) -> dict[str, Any]:
    return {
        "began": _time(stall.began),
        "reason": stall.reason,
        "planned": _time(stall.planned),
        "resumed": _time(stall.resumed),
        "late": _span(stall.late),
        "lasted": _span(stall.lasted),
        "side": stall.side,
        "kind": str(stall.kind),
        "percent_before": stall.percent_before,
        "percent_after": stall.percent_after,
        "stage_after": stall.stage_after,
        "loaded_again": stall.loaded_again,
        "copying_again_after": _span(stall.copying_again),
        "bytes_before": stall.bytes_before,
        "bytes_copied_again": stall.bytes_copied_again,
    }


def _point(point: Point) -> dict[str, Any]:
    return {
        "at": _time(point.at),
        "stage": point.stage,
        "percent": point.percent,
        "bytes": point.bytes,
        "of_bytes": point.of_bytes,
    }


def _afterwards(stall: Stall) -> str:
    """What was done again after an interruption, in a sentence."""
    told = [f"picked up {_span(stall.late)} late" if stall.late is not None else "no pick-up in the log"]
    if stall.loaded_again:
        fell = f", from {stall.percent_before} % back to {stall.percent_after} %" if _fell(stall) else ""
        told.append(f"the messages were loaded again{fell}")
    if stall.copying_again is not None:
        told.append(f"copying was reported {_span(stall.copying_again)} after the pick-up")
    if stall.bytes_copied_again:
        told.append(f"{stall.bytes_copied_again:,} bytes were copied again")
    return f"{_time(stall.began) or 'at an unknown time'}: {', '.join(told)}"


def _fell(stall: Stall) -> bool:
    return stall.percent_before is not None and stall.percent_after is not None and stall.percent_after < stall.percent_before


def _reasons(stalls: Sequence[Stall]) -> list[Known]:
    unknown = "no source explains this reason"
    reasons = dict.fromkeys(stall.reason for stall in stalls)
    return [stall_named(reason) or Known(reason, unknown, "Look at the lines of the log around it.", "") for reason in reasons]


def _folder(folder: Folder) -> dict[str, Any]:
    ratio = folder.byte_ratio
    return {
        "folder": folder.path,
        "source_items": _items(folder.source),
        "target_items": _items(folder.target),
        "left_behind": folder.items("Missing", "Corrupt", "Large", "Skipped"),
        "bytes_ratio": None if ratio is None else round(ratio, 2),
        "source_bytes": folder.source.bytes if folder.source else None,
        "target_bytes": folder.target.bytes if folder.target else None,
        "buckets": {name: count.items for name, count in folder.buckets.items() if count.items},
        "findings": [finding.says for finding in findings_in(folder)],
    }


def _failure(failure: Failure) -> dict[str, Any]:
    known = next(failure_named(failure.name), None)
    return {
        "failure": failure.name,
        "count": failure.count,
        "first": _time(failure.first),
        "last": _time(failure.last),
        "side": failure.side,
        "means": known.means if known else "no source explains this failure",
        "what_to_do": known.remedy if known else "Read its message, and search Microsoft's troubleshooting pages for its name.",
        "source": known.source if known else "",
        "message": failure.message,
    }


def _known(known: Known) -> dict[str, Any]:
    return {"reason": known.name, "means": known.means, "what_to_do": known.remedy, "source": known.source}


def _unread(problems: Sequence[str]) -> list[str]:
    # Each is read by several modules.
    told = list(dict.fromkeys(problems))
    return [*told[:MOST_UNREAD], *([f"and {len(told) - MOST_UNREAD} more"] if len(told) > MOST_UNREAD else [])]


def _items(count: Count | None) -> int | None:
    return None if count is None else count.items


def _size(number: int | None) -> str:
    return "" if number is None else str(ByteQuantifiedSize(number))


def _time(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"


def _span(duration: timedelta | None) -> str:
    if duration is None:
        return ""
    return str(EnhancedTimeSpan(duration // timedelta(microseconds=1) * 10))
