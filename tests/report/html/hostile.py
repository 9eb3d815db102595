"""A run in which everything that could come from a cmdlet or a person tries to be markup, script, or another text than it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from psbridge.clixml import encode_message
from psbridge.journal import Entry, Kind, RunRecord, Status, reply_to_json
from psbridge.journal.records import write_time
from psbridge.reply import Record, Reply, State, Stream
from psbridge.report.html import Listing
from tests.report.html.runs import MADE, Told

__all__ = ["NAMES", "hostile_run"]

_SETS: Final = "window.hacked=1;alert(1)"
NAMES: Final = (
    f"<script>{_SETS}</script>",
    f'"><img src=x onerror="{_SETS}">',
    f"'><svg onload='{_SETS}'>",
    "{{7*7}} {% raw %} ${7*7} #{7*7}",
    "javascript:alert(1)",
    "</pre></td></table></details></style></script><h1>x</h1>",
    "<!-- --> <![CDATA[ ]]> &lt;b&gt; &#60;i&#62;",
    "moc.niamod@\u202enimda\u202c",
    "with\x00nul \x1b[2J \ufeff\u200b end",
    "half \ud800 a pair",
    "W" * 1000,
    '<a href="https://fabrikam.com/">x</a><base href="https://fabrikam.com/"><meta http-equiv=refresh content="0">',
)


def hostile_run() -> Told:
    """A run in which every text is hostile, with entries of every kind."""
    everything = "\n".join(NAMES)
    body: dict[str, Any] = {
        "call": {"endpoint": everything, "text": everything, "canonical": []},
        "reply": _reply(everything),
        "shown": {everything: everything},
        "fields_hash": everything,
        "reply_hash": everything,
        "sent_at": write_time(MADE),
    }
    told = dict.fromkeys(("found", "expected", "remedy", "why", "says", "question", "answer", "text", "who"), everything)
    action = {"endpoint": everything, "text": everything, "canonical": []}
    asked = {**told, "sha": everything, "actions": [action], "evidence": {everything: {everything: everything}}}
    times = {"until": write_time(MADE), "given": write_time(MADE), "expires": write_time(MADE)}
    gathered = {
        "count": 1,
        "sha256": "",
        "unreadable": 1,
        "problems": [everything],
        "path": everything,
        "counts": {everything: 1},
    }
    drafts: list[tuple[Kind, str, dict[str, Any]]] = [
        (Kind.READ, "done", body),
        (Kind.EVIDENCE, "done", body),
        (Kind.GUARD, "failed", told),
        (Kind.GATHER, "done", {**body, "gathered": gathered}),
        (Kind.TABLE, "done", {"gathered": gathered}),
        (Kind.POLL, "begun", told),
        (Kind.ASK, "asked", told),
        (Kind.ASK, "answered", told),
        (Kind.NOTE, "done", told),
        (Kind.APPROVAL, "asked", {**asked, **times}),
        (Kind.APPROVAL, "granted", {**asked, **times}),
        (Kind.DESTROY, "intent", {"call": body["call"], "approval": everything, "evidence": {}}),
        (Kind.DESTROY, "lost", {"call": body["call"], "error": {"type": "x", "text": everything}, "why": everything}),
        (Kind.VERIFY, "unknown", told),
        (Kind.WARNING, "stands", {**told, "back": action}),
        (Kind.OPERATOR, "asked", told),
    ]
    entries = [
        Entry("run", seq, f"{kind} {everything}", kind, state, 1, "", MADE + timedelta(minutes=seq), 1, content, "", "")
        for seq, (kind, state, content) in enumerate(drafts, start=1)
    ]
    return Told(_record(everything), entries, [], _listing)


def _record(everything: str) -> RunRecord:
    report: dict[str, Any] = {
        "verdict": everything,
        "user": everything,
        "reasons": [everything],
        everything: everything,
        "nested": {everything: [{everything: everything}]},
        "data": {"transferred_bytes": 3, "estimated_bytes": 2, "ratio": 1.5},
        "folders": [{"folder": everything, "source_items": 1, "target_items": 2, "findings": [everything]}],
        "progress": [
            {"at": "2018-07-03 14:22:35", "stage": everything, "percent": 20},
            {"at": "2018-07-03 14:32:35", "stage": everything, "percent": 40, "bytes": 1, "of_bytes": 2},
        ],
        "stalls": [{"began": "2018-07-03 14:24:00", "resumed": everything, "reason": everything, "lasted": everything}],
    }
    return RunRecord(
        run_id=everything,
        playbook="migration-report",
        version=everything,
        tenant=everything,
        inputs={"identity": everything, everything: everything},
        started_at=MADE,
        started_by=everything,
        status=Status.OPERATOR,
        signal=everything,
        why=everything,
        question=everything,
        result=report,
    )


def _listing() -> Listing:
    rows = [(name, name) for name in NAMES]
    return Listing(("Class", "Name"), rows, len(NAMES), {NAMES[0]: 6, NAMES[1]: 6}, class_column=0)


def _reply(text: str) -> dict[str, Any]:
    records = (Record(Stream.OUTPUT, encode_message(text)), Record(Stream.WARNING, encode_message(text)))
    return reply_to_json(Reply(State.COMPLETED, records), lambda body: body)
