"""What a person does to runs from outside: look, approve, answer, cancel, try again. It never starts a worker or a session."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from psbridge.clock import Clock
from psbridge.engine.actor import system_actor
from psbridge.engine.ledger import Ledger
from psbridge.errors import ApprovalError, InputError, JournalDamaged
from psbridge.journal import CANCEL, WAKE, Entry, Kind, RunRecord, Status, Store, standing, warning_text, why_over
from psbridge.journal.records import WRITES, read_time

__all__ = ["Desk", "PendingApproval", "cancellation"]

_SHA: Final = re.compile(r"[0-9a-f]{64}")
_PREFIX: Final = "approval:"


@dataclass(frozen=True, slots=True)
class PendingApproval:
    """What waits for consent: `commands` are (endpoint, command line), exactly as they would be sent."""

    run_id: str
    playbook: str
    key: str
    sha: str
    commands: tuple[tuple[str, str], ...]
    evidence: Mapping[str, Mapping[str, str]]
    says: str
    asked_at: datetime
    until: datetime


class Desk:
    """The journal from a person's side. `actor` says who that person is; it asks the operating system."""

    def __init__(self, store: Store, *, clock: Clock | None = None, actor: Callable[[], str] = system_actor) -> None:
        self._store = store
        self._clock: Clock = store.clock if clock is None else clock
        self._actor = actor

    @property
    def clock(self) -> Clock:
        """The clock by which runs wait and approvals expire."""
        return self._clock

    def runs(self, *statuses: Status, problems: list[str] | None = None) -> list[RunRecord]:
        """All runs, oldest first, or those in these statuses: id, playbook, status, inputs, started, wake_at, why.

        Raises JournalDamaged for a run whose row cannot be trusted; with `problems` it is told there, and left out.
        """
        return self._store.runs(*statuses, problems=problems)

    def run(self, run_id: str) -> RunRecord:
        """One run. Raises InputError if there is none of this id."""
        return self._store.run(run_id)

    def entries(self, run_id: str) -> list[Entry]:
        """The whole journal of one run, in order: what a transcript is made of."""
        return self._store.entries(run_id)

    def pending_approvals(self, run_id: str | None = None, *, problems: list[str] | None = None) -> list[PendingApproval]:
        """What waits for consent, of one run or of all.

        Of one run, raises JournalDamaged where it cannot be trusted. Of all, such a run is told in `problems`, and left out: it
        can be neither approved nor carried on.
        """
        if run_id is not None:
            return self._pending(self._store.run(run_id))
        told: list[str] = [] if problems is None else problems
        found: list[PendingApproval] = []
        for run in self._store.runs(Status.WAITING, Status.OPERATOR, problems=told):
            try:
                found += self._pending(run)
            except JournalDamaged as error:
                told.append(error.problem)
        return found

    def approve(self, run_id: str, key: str, sha: str, *, expires: timedelta = timedelta(hours=24)) -> RunRecord:
        """Consent to exactly what `sha` was made of, for as long as `expires`; the run goes on when it is next advanced.

        An approval may be given before the run asks, from a plan's hash. Raises ApprovalError where the run asks for
        something else under this key, or asked and nobody answered in time.
        """
        sha = sha.strip().lower()
        if not _SHA.fullmatch(sha):
            raise ApprovalError(
                key, f"{sha!r} is no SHA-256", "Give the whole hash, 64 hex digits, as the plan or the run shows it."
            )
        if expires <= timedelta():
            raise ApprovalError(key, "it would expire at once", "Give it some time.")
        now = self._clock.now()
        run = self._store.run(run_id)
        asked = self._asked(run, key)
        if asked is not None:
            if asked.sha != sha:
                remedy = f"Look at what the run asks for, and approve {asked.sha} if that is what is wanted."
                raise ApprovalError(key, f"run {run_id} asks for {asked.sha}, not for {sha}", remedy)
            if now >= asked.until:
                raise _too_late(run, asked)
        return self._store.approve(run_id, key, sha, who=self._actor(), now=now, expires_at=now + expires)

    def signal(self, run_id: str, name: str, text: str = "") -> RunRecord:
        """Answer a question that the run asked under this name (see Operator.signal)."""
        if not name or name.startswith(_PREFIX):
            raise InputError(f"{name!r} is no question that can be answered with a word; an approval is given with its hash")
        return self._store.signal(run_id, name, text, who=self._actor(), now=self._clock.now())

    def wake(self, run_id: str) -> RunRecord:
        """Let a waiting run look now instead of at its time."""
        return self._store.signal(run_id, WAKE, "", who=self._actor(), now=self._clock.now())

    def warnings(self, run_id: str) -> list[str]:
        """What still stands of a run, each with the command that ends it where there is one; also of a run that has ended."""
        return [warning_text(warning) for warning in standing(self._store.entries(run_id))]

    def cancel(self, run_id: str) -> RunRecord:
        """End a run; nothing is undone but what it holds (Run.hold).

        One that is being carried on ends before its next change. One that holds something is only told: it takes that back
        and ends when it is next advanced, because no session is started here.
        """
        who = self._actor()
        entries = self._store.entries(run_id)
        if any("back" in warning.body for warning in standing(entries)):
            return self._store.signal(run_id, CANCEL, "", who=who, now=self._clock.now())
        why = cancellation(who, entries)
        return self._store.cancel(run_id, who=who, why=why, now=self._clock.now(), monotonic=self._clock.monotonic())

    def retry(self, run_id: str) -> RunRecord:
        """Try a run again that failed or needs an operator, after its cause was seen to. Raises InputError for a cancelled one.

        What is older than the last write stays, and an intent without an outcome is verified as ever. What was looked at
        since is looked at again; where a question after a write got no answer (an error, a wait in vain), only that question.
        """
        return self._store.retry(run_id, who=self._actor(), now=self._clock.now())

    def why_over(self, run_id: str) -> str:
        """Why a retry cannot help a run that has failed, to complete "because"; empty where it may."""
        return why_over(self._store.run(run_id), self._store.entries(run_id), self._store.signals(run_id))

    def _pending(self, run: RunRecord) -> list[PendingApproval]:
        asked = None if run.status.ended else self._asked(run, run.signal.removeprefix(_PREFIX))
        return [] if asked is None else [asked]

    def _asked(self, run: RunRecord, key: str) -> PendingApproval | None:
        last = Ledger(self._store.entries(run.run_id)).last(key, Kind.APPROVAL)
        if last is None or last.state != "asked":
            return None
        body = last.body
        return PendingApproval(
            run_id=run.run_id,
            playbook=run.playbook,
            key=key,
            sha=body["sha"],
            commands=tuple((action["endpoint"], action["text"]) for action in body["actions"]),
            evidence=body["evidence"],
            says=body["says"],
            asked_at=last.at,
            until=read_time(body["until"]),
        )


def _too_late(run: RunRecord, asked: PendingApproval) -> ApprovalError:
    waited = f"the run waited for it until {asked.until:%Y-%m-%d %H:%M} UTC"
    if not run.simulated:
        return ApprovalError(asked.key, waited, "Retry the run; it asks again.")
    return ApprovalError(
        asked.key,
        f"{waited}, which is the time of its simulated organisation",
        "A rehearsal (psbridge run --simulate) ends with its command, and can be neither approved nor carried on later: "
        "rehearse it again at a terminal, or with --yes. A run over psbridge simulate: retry it; it asks again.",
    )


def cancellation(who: str, entries: Sequence[Entry]) -> str:
    """What is said of a cancelled run; a write whose outcome nobody knows is named."""
    latest = {entry.key: entry for entry in entries if entry.kind in WRITES}
    unknown = [entry for entry in latest.values() if entry.state in {"intent", "lost"}]
    doubts = "".join(f" It is not known whether [{entry.endpoint}] {entry.command} had its effect." for entry in unknown)
    return f"Cancelled by {who}.{doubts}"
