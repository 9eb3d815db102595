"""A run and its journal entries in, one page out: what was asked, found, approved, done, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from psbridge.journal import Entry, Kind, RunRecord, standing, warning_text
from psbridge.journal.records import LEFT_OUT, WRITES
from psbridge.report.command_line import pasteable
from psbridge.report.result import named_values, result_lines
from psbridge.report.transcript import prompt_of
from psbridge.report.visible import visible

__all__ = ["summary"]


def summary(run: RunRecord, entries: Sequence[Entry]) -> str:
    """The page; texts that came from cmdlets are made harmless for a terminal."""
    sections: tuple[tuple[str, Iterable[str]], ...] = (
        ("REPORT", _asked(run)),
        ("Evidence", _evidence(entries)),
        ("Guards", (f"{'holds' if e.state == 'passed' else 'FAILS'}: {e.key}" for e in entries if e.kind is Kind.GUARD)),
        ("Approved", _approvals(entries)),
        ("Changed", _changes(entries)),
        ("Result", _result(run)),
    )
    warnings = [warning_text(warning) for warning in standing(entries)]
    if warnings:
        sections = (*sections, ("Still standing", warnings))
    lines: list[str] = []
    for title, content in sections:
        told = [f"  {visible(line)}" for line in content]
        lines += ["", title, *(told or ["  nothing"])]
    return "\n".join(lines)


def _asked(run: RunRecord) -> Iterator[str]:
    yield f"{run.playbook} (version {run.version}), run {run.run_id}, tenant {run.tenant or 'not named'}"
    yield f"started {run.started_at:%Y-%m-%d %H:%M:%S} UTC by {run.started_by}"
    yield ", ".join(f"{name}={value}" for name, value in run.inputs.items())


def _evidence(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.kind is Kind.EVIDENCE and entry.state == "done":
            yield f"{entry.key}: " + ", ".join(f"{name} {value}" for name, value in entry.body["shown"].items())


def _approvals(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.kind is Kind.APPROVAL and entry.state == "granted":
            yield f"{entry.key} by {entry.body['who']}, SHA-256 {entry.body['sha']}"


def _changes(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        sent = (entry.kind in WRITES and entry.state != LEFT_OUT) or (entry.kind is Kind.WARNING and entry.sent)
        if sent and entry.state != "intent":
            yield f"{entry.at:%Y-%m-%d %H:%M:%S} {entry.state}: {prompt_of(entry.endpoint)} {pasteable(entry.command)}"


def _result(run: RunRecord) -> Iterator[str]:
    ended = f" at {run.ended_at:%Y-%m-%d %H:%M:%S} UTC" if run.ended_at else ""
    yield f"{run.status}{ended}{f': {run.why}' if run.why else ''}"
    yield from named_values(run.result or {}) or result_lines(run.result or {})
