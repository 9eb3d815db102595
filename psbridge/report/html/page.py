"""A run, its entries and its table in, the page out, piece by piece.

The page is one file that needs nothing else: style, script and drawings are in it, and its Content-Security-Policy lets nothing
come from anywhere. Every text goes through `visible` and the template's escaping, so that nothing that a cmdlet answered can be
markup, run, or show letters in another order than they stand.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from itertools import chain, islice
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from psbridge import __version__
from psbridge.journal import Entry, RunRecord, Signal, is_cancelled, why_over
from psbridge.report.command_line import pasteable
from psbridge.report.html import writing
from psbridge.report.html.capped import capped
from psbridge.report.html.found import found_in
from psbridge.report.html.listing import Listing
from psbridge.report.html.migration import figures_of
from psbridge.report.html.outcome import CommandLine, next_steps, outcome_of, tally
from psbridge.report.html.proofs import approvals_in, changes_in, evidence_in, guards_in, warnings_in, words_in
from psbridge.report.html.steps import steps_in
from psbridge.report.html.time_line import time_line
from psbridge.report.run_transcript import items_of
from psbridge.report.transcript import transcript
from psbridge.report.visible import visible

__all__ = ["page"]

MOST_LINES: Final = 3000
_TEMPLATES: Final = "templates"


def page(
    run: RunRecord,
    entries: Sequence[Entry],
    *,
    made_at: datetime,
    command: CommandLine,
    signals: Sequence[Signal] = (),
    listing: Listing | None = None,
    about: str = "",
) -> Iterator[str]:
    """Give the page. Raises ClixmlError for a reply that cannot be read.

    `command` writes the command lines that it advises; `about` says what the playbook does.
    """
    rehearsal = run.simulated
    # The time of a rehearsal is its organisation's: it is not now.
    until = run.ended_at or max(entries[-1].at if rehearsal and entries else made_at, run.started_at)
    cancelled, steps, warnings = is_cancelled(run, entries, signals), steps_in(entries), capped(warnings_in(entries))
    guards, approvals, changes = guards_in(entries), approvals_in(entries), changes_in(entries)
    lines = transcript(items_of(entries))
    beginning = list(islice(lines, MOST_LINES))
    context = {
        "run": run,
        "who": run.inputs.get("identity", ""),
        "outcome": outcome_of(run, cancelled=cancelled),
        "rehearsal": rehearsal,
        "about": about,
        "tally": tally(guards, approvals, changes),
        "inputs": [(key, value) for key, value in run.inputs.items() if value],
        "warnings": warnings,
        "next_steps": next_steps(
            run,
            warnings.shown,
            command,
            has_list=listing is not None,
            cancelled=cancelled,
            over=why_over(run, entries, signals),
        ),
        "found": found_in({key: value for key, value in (run.result or {}).items() if key != "progress"}),
        "figures": figures_of(run.playbook, run.result or {}),
        "listing": listing,
        "listing_command": command("show", run.run_id, "--output", "list.csv"),
        "guards": capped(guards, lambda guard: not guard.holds),
        "evidence": capped(evidence_in(entries)),
        "approvals": capped(approvals, lambda approval: not approval.who),
        "changes": capped(changes, lambda change: not change.is_clear),
        "words": capped(words_in(entries)),
        "steps": capped(steps, lambda step: step.ended is None or step.outcome == "failed"),
        "time_line": time_line(steps, run.started_at, until),
        "transcript": beginning,
        "transcript_is_cut": next(chain(lines, [None])) is not None,
        "show_command": command("show", run.run_id),
        "export_command": command("journal", "export", run.run_id, "folder"),
        "until": until,
        "made_at": made_at,
        "version": __version__,
    }
    stream = _environment().get_template("page.html.jinja").stream(context)
    stream.enable_buffering(64)
    return iter(stream)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("psbridge.report.html", _TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Not left to the templates: what is written is made visible, then escaped.
        finalize=_finalized,
    )
    environment.filters |= {name: getattr(writing, name) for name in writing.__all__} | {"pasteable": pasteable, "capped": capped}
    style, script = _inline("page.css"), _inline("page.js")
    environment.globals |= {"style": style, "script": script, "policy": _policy(style, script)}
    return environment


def _finalized(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _inline(name: str) -> Markup:
    # Our own file: the one thing that is not escaped.
    return Markup((files(__package__) / _TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704


def _policy(style: str, script: str) -> str:
    allowed = {
        "default-src": "'none'",
        "style-src": f"'sha256-{_digest(style)}'",
        "script-src": f"'sha256-{_digest(script)}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {source}" for name, source in allowed.items())


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
