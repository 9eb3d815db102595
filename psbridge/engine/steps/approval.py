"""A list of writes in, somebody's consent to exactly these out; no write that names an approval happens without it.

The hash that an approval names is made of the commands that will be sent, their endpoints, the tenant, the needed fields of
the evidence, and the text that tells what it means, so that a plan and the run that follows it have the same (engine-notes
section 4). A step is known again without that text: a release that words it better drives no run off its way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from psbridge.cmdlets.call import Call
from psbridge.command import canonical, fingerprint
from psbridge.engine.context import Context, Terms, call_document, must_write
from psbridge.engine.steps.reading import evidence_entry
from psbridge.engine.suspend import Again, ask_operator, wait
from psbridge.errors import ApprovalError, EvidenceMissing
from psbridge.journal import Entry, Kind
from psbridge.journal.records import read_time, write_time

__all__ = ["Action", "approval", "approved", "objects_of", "question_of"]

Action: TypeAlias = tuple[str, Call[Any]]


def approval(
    c: Context,
    key: str,
    actions: Sequence[Action],
    *,
    requires: Sequence[str],
    says: str,
    within: timedelta | None,
    asking: Sequence[datetime],
) -> None:
    """Go on only if an approval of exactly these actions is there; wait for one until `within` is over, or until the next of
    the moments `asking` that is still to come.
    """
    digest, question = question_of(c, key, actions, requires=requires, says=says)
    c.ledger.enter(key, Kind.APPROVAL, digest, question["asked"])
    last = c.ledger.last(key, Kind.APPROVAL)
    if last is not None and last.state == "granted":
        return
    if last is None or last.state != "asked":
        now = c.now()
        last_moment = now + (c.settings.approval if within is None else within)
        until = write_time(min([last_moment, *(moment for moment in asking if moment > now)]))
        objects = objects_of(c, requires)
        last = c.add(key, Kind.APPROVAL, "asked", {**question, "until": until}, digest=digest, terms=Terms(objects=objects))
    _grant(c, key, last)


def question_of(
    c: Context, key: str, actions: Sequence[Action], *, requires: Sequence[str], says: str
) -> tuple[str, dict[str, Any]]:
    """The hash by which the step is known again; everything that an approver is shown, with the hash that an approval names.

    Raises EvidenceMissing.
    """
    for _, call in actions:
        must_write(call)
    kept = {name: evidence_entry(c, name) for name in requires}
    missing = tuple(name for name, entry in kept.items() if entry is None)
    if missing:
        raise EvidenceMissing(key, missing)
    evidence = {name: entry.body for name, entry in kept.items() if entry is not None}
    about = {
        "tenant": c.tenant,
        "actions": [[endpoint, call.pipeline] for endpoint, call in actions],
        "evidence": {name: body["fields_hash"] for name, body in sorted(evidence.items())},
    }
    sha = fingerprint({**about, "says": says})
    return fingerprint(about), {
        "sha": sha,
        "actions": [call_document(endpoint, call) for endpoint, call in actions],
        "evidence": {name: body["shown"] for name, body in evidence.items()},
        "says": says,
        "asked": f"{sha[:12]} over {len(actions)} actions",
    }


def approved(c: Context, key: str, step: str, endpoint: str, call: Call[Any]) -> str:
    """Give the hash of the approval that covers a write, or refuse it.

    An approval that was not used in time is asked for again (Again). Raises ApprovalError where the named approval does
    not cover this very call, or was never come to.
    """
    granted = c.ledger.last(key, Kind.APPROVAL)
    if granted is None or granted.state != "granted" or not c.ledger.passed(key):
        raise ApprovalError(
            key, f"step {step} names it, and it has not been given", "Call approval() before the step that needs it."
        )
    wanted = {"endpoint": endpoint, "canonical": canonical(call.pipeline)}
    if wanted not in [{name: action[name] for name in wanted} for action in granted.body["actions"]]:
        raise ApprovalError(key, f"it does not cover what step {step} would send: [{endpoint}] {call}", "Nothing was sent.")
    if c.now() >= read_time(granted.body["expires"]):
        c.add(key, Kind.APPROVAL, "expired", {"asked": granted.body["asked"], "by": step}, digest=granted.input_hash)
        raise Again
    return str(granted.body["sha"])


def objects_of(c: Context, requires: Sequence[str]) -> list[str]:
    """The ids of all objects that the evidence names: no other run may touch them until this one ends."""
    entries = [c.ledger.last(name, Kind.EVIDENCE) for name in requires]
    return sorted({guid for entry in entries if entry is not None for guid in entry.body["objects"]})


def _grant(c: Context, key: str, asked: Entry) -> None:
    # What was shown, in the words that it had then; an earlier version hashed it without them.
    sha = str(asked.body["sha"])
    now, until = c.now(), read_time(asked.body["until"])
    valid = [given for given in c.approvals if given.key == key and given.expires_at > now]
    right = [given for given in valid if given.sha == sha and given.given_at <= until]
    if right:
        given = right[-1]
        body = {name: asked.body[name] for name in ("sha", "actions", "asked")}
        times = {"given": write_time(given.given_at), "expires": write_time(given.expires_at)}
        c.add(key, Kind.APPROVAL, "granted", {**body, **times, "who": given.who}, digest=asked.input_hash)
        return
    signal = f"approval:{key}"
    if now >= until:
        raise ask_operator(
            f"Nobody approved {key} until {until:%Y-%m-%d %H:%M} UTC; nothing was sent.",
            "Retry the run: it looks at everything again and asks once more. Or cancel it.",
            went_wrong=False,
        )
    if valid:
        raise ask_operator(
            f"An approval by {valid[-1].who} for {key} names {valid[-1].sha}; this run asks for {sha}. Nothing was sent.",
            f"Look at what the run asks for, and approve {sha} if that is what is wanted.",
            signal,
        )
    raise wait(until, f"somebody must approve {key} ({sha})", signal)
