"""Everything that a test of the engine needs, put together: a far end, a clock, a journal, an engine with one playbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from psbridge.engine import Engine, Input, Look, NotDue, Outcome, Playbook, Run, Settings, Waiting
from psbridge.journal import Entry, Kind, SqliteStore
from tests.engine.far_end import FarEnd, FarEndpoints, SetClock, get_account, get_deleted_account, list_accounts, remove_account

__all__ = ["Bench", "Body", "Verify", "answers", "delete_account", "deleting", "is_deleted", "just", "playbook_of", "see_ada"]

Body = Callable[[Run], Mapping[str, object]]
Verify = Callable[[Look], bool | None]


def is_deleted(look: Look) -> bool | None:
    """The verification of a deletion: it believes in "not found" only where something else is found."""
    if look.read("dir", get_account("ada")).objects:
        return False
    if look.read("dir", get_deleted_account("ada")).objects:
        return True
    return True if look.read("dir", list_accounts()).objects else None


def delete_account(run: Run, *, before: Callable[[Look], None] | None = None, verify: Verify = is_deleted) -> None:
    """Evidence, approval, deletion."""
    run.evidence("account", "dir", get_account("ada"), need=("id",))
    run.approval("consent", [("dir", remove_account("ada"))], requires=["account"], says="The account is deleted.")
    run.destroy("delete", "dir", remove_account("ada"), requires=["account"], approval="consent", before=before, verify=verify)


def deleting(verify: Verify = is_deleted, before: Callable[[Look], None] | None = None) -> Body:
    """The body of a playbook that deletes and goes on."""

    def body(run: Run) -> Mapping[str, object]:
        delete_account(run, verify=verify, before=before)
        run.note("after", "It went on.")
        return {}

    return body


def answers(*values: bool | None) -> Verify:
    """A verification that gives these, one after the other, and the last of them for ever."""
    left = list(values)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def see_ada(look: Look) -> None:
    """The look before a deletion: there must be one such account."""
    look.read("dir", get_account("ada")).one()


def just(step: Callable[[Run], object]) -> Body:
    """A body of one step, or of a few that return nothing."""

    def body(run: Run) -> Mapping[str, object]:
        step(run)
        return {}

    return body


def playbook_of(body: Body, *, version: str = "1", name: str = "p") -> Playbook:
    """A playbook with one input and this body."""
    inputs = (Input("identity", default="ada"),)
    return Playbook(
        name, version, "A test.", inputs, ("dir",), (("account", "look"), ("delete", "delete"), ("after", "after")), body
    )


class Bench:
    """One engine over one journal; `body` may be exchanged between two advances, as a new release of a playbook would."""

    def __init__(self, folder: Path, body: Body, *, settings: Settings | None = None) -> None:
        self.folder = folder
        self.far_end = FarEnd(folder)
        self.clock = SetClock()
        self.store = SqliteStore(folder / "journal.db")
        self.endpoints = FarEndpoints(self.far_end)
        self.playbooks = {"p": playbook_of(body)}
        self.settings = Settings() if settings is None else settings
        self.engine = self.another()
        self.run_id = self.engine.start("p", {}, run_id="run-1")

    def another(self, *, watch: Callable[[Entry], None] = lambda _: None) -> Engine:
        """An engine with an owner id of its own, as after a restart of the process."""
        return Engine(
            self.store,
            self.playbooks,
            self.endpoints,
            clock=self.clock,
            tenant="contoso",
            settings=self.settings,
            actor=lambda: "CONTOSO\\kim on PC1",
            watch=watch,
        )

    def becomes(self, body: Body, *, version: str = "1") -> None:
        """Install another release of the playbook."""
        self.playbooks["p"] = replace(self.playbooks["p"], body=body, version=version)

    def advance(self) -> Outcome:
        return self.engine.advance(self.run_id)

    def consent(self) -> None:
        """Approve whatever the run asks for."""
        [asked] = self.engine.pending_approvals(self.run_id)
        self.engine.approve(self.run_id, asked.key, asked.sha)

    def consented(self) -> Outcome:
        """Go up to the approval, give it, go on."""
        assert isinstance(self.advance(), Waiting)
        self.consent()
        return self.advance()

    def settled(self, *, limit: int = 60) -> Outcome:
        """Advance at each wake-up time until the run no longer waits for time alone; an approval is given."""
        for _ in range(limit):
            outcome = self.advance()
            if not isinstance(outcome, Waiting | NotDue):
                return outcome
            if self.engine.pending_approvals(self.run_id):
                self.consent()
            else:
                self.clock.to(outcome.until)
        raise AssertionError(f"still waiting after {limit} wake-ups: {outcome}")

    def entries(self, *kinds: Kind) -> list[Entry]:
        return [entry for entry in self.store.entries(self.run_id) if not kinds or entry.kind in kinds]

    def states(self, key: str, *kinds: Kind) -> list[str]:
        return [entry.state for entry in self.entries(*kinds) if entry.key == key]

    def later(self, **units: float) -> None:
        self.clock.forward(timedelta(**units))
