"""A mail user with a mailbox on-premises in; the mailbox migrated to Exchange Online, checked, out.

The documents only say that it `can be migrated`. Somebody else does it (`wait`), or the run does, behind approvals: with a
migration batch, the documents' preferred way, or with a move request. One that is under way already is followed, not made twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final
from uuid import UUID

from playbooks.duplicate_mailbox.asking import ask_until
from playbooks.migration.verdict import Judgement, judge
from psbridge.cmdlets import (
    Call,
    complete_migration_batch,
    get_mail_user,
    get_mailbox,
    get_mailbox_exchange_guid,
    get_migration_batch,
    get_migration_user,
    get_migration_user_statistics,
    get_move_request,
    get_move_request_statistics,
    new_migration_batch,
    new_move_request,
    resume_move_request,
)
from psbridge.engine import Answer, Input, Look, Run
from psbridge.errors import Stopped
from psbridge.models import Mailbox, MailUser, MigrationUser, Model, MoveRequestStatistics

__all__ = ["INPUTS", "OUTLINE", "Migrated", "check_inputs", "migrate"]

INPUTS: Final = (
    Input("migration", default="wait", choices=("wait", "batch", "move"), help="wait: somebody else migrates the mailbox"),
    Input("migration_endpoint", default="", help="for migration=batch: the migration endpoint, which holds the credentials"),
    Input("remote_host", default="", help="for migration=move: the name of the on-premises host"),
    Input("delivery_domain", default="", help="for batch and move: such as contoso.mail.onmicrosoft.com"),
)
OUTLINE: Final = (
    ("migration-user", "exo: Get-MigrationUser, Get-MoveRequest (a migration that is under way is followed)"),
    ("start-migration", "exo: New-MigrationBatch or New-MoveRequest after an approval, unless somebody else migrates"),
    ("complete-migration", "exo: Complete-MigrationBatch or Resume-MoveRequest after an approval, when the copy is synced"),
    ("migrated-mailbox", "wait until the on-premises mailbox is migrated; exo: Get-Mailbox"),
    ("target-guid", "exo: Get-Mailbox | Select-Object ExchangeGuid (evidence)"),
)

# Field-notes 5.1 and 5.2: the words of migration users, then those of moves.
_DONE: Final = frozenset({"Completed", "CompletedWithWarnings", "CompletedWithWarning"})
_SYNCED: Final = frozenset({"Synced", "CompletionSynced", "IncrementalSynced", "AutoSuspended"})
_TROUBLE: Final = frozenset(
    {
        *("Failed", "IncrementalFailed", "CompletionFailed", "Corrupted", "NeedsApproval"),
        *("Stopped", "IncrementalStopped", "Suspended"),
    }
)
# Scores of data consistency that need no approval (field-notes 5.3); an empty one is an older service's.
_GOOD: Final = frozenset({None, "", "Unknown", "Perfect", "Good"})
_EVERY: Final = timedelta(minutes=5)
# Without an end for this long a person looks at it: stalls of hours are usual (field-notes 5.3).
_LONG: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Migrated:
    """The mailbox in Exchange Online, and the word of the verdict on its migration (playbooks.migration.verdict)."""

    mailbox: Mailbox
    verdict: str


def check_inputs(run: Run) -> None:
    """Hold, before anything is changed, that the migration could be started as it was asked for."""
    needed = {"batch": ("migration_endpoint", "delivery_domain"), "move": ("remote_host", "delivery_domain"), "wait": ()}
    missing = [name for name in needed[run.inputs["migration"]] if not run.inputs[name].strip()]
    run.guard(
        "the migration can be started",
        not missing,
        found=f"migration={run.inputs['migration']} without {', '.join(missing) or 'anything missing'}.",
        expected="every input that New-MigrationBatch or New-MoveRequest needs.",
        remedy="Begin a new run with these inputs, or with migration=wait if somebody else migrates the mailbox.",
    )


def migrate(
    run: Run,
    user: MailUser | Mailbox,
    local: Mailbox,
    *,
    requires: Sequence[str],
    why: str = "",
    within: timedelta = timedelta(days=29),
    asking: Sequence[datetime] = (),
    before: Callable[[Look], None] | None = None,
) -> Migrated:
    """Give the migrated mailbox, which keeps the on-premises ExchangeGuid; its `target-guid` is evidence.

    `requires`: evidence without which nothing is started. `why`: what else the waiting line tells. `asking`: see Run.poll.
    `before`: another look directly before a migration is started or completed; see Run.destroy.
    """
    terms = _Terms(tuple(requires), before)
    wait = _Wait(f" of {user.primary_smtp_address or user.user_principal_name}{why}", within, asking)
    move = _under_way(run, user)
    # A mailbox instead of a mail user: somebody has migrated it already.
    if move is None and run.inputs["migration"] != "wait" and isinstance(user, MailUser):
        move = _start(run, user, local, terms)
    if move is not None:
        _follow(run, move, wait, terms)
    mailbox = run.poll(
        "migrated-mailbox",
        "exo",
        get_mailbox(_id(user)),
        until=lambda answer: len(answer.objects) == 1,
        every=_EVERY,
        timeout=within,
        why=f"the on-premises mailbox to be migrated (New-MigrationBatch or New-MoveRequest){why}",
        asking=asking,
    ).one()
    target = run.evidence("target-guid", "exo", get_mailbox_exchange_guid(_id(user)), need=("exchange_guid",))
    run.guard(
        "the new mailbox is the migrated one",
        mailbox.exchange_guid == target.exchange_guid == local.exchange_guid,
        found=f"ExchangeGuid {target.exchange_guid}.",
        expected=f"{local.exchange_guid}, which the mailbox had on-premises: a migration keeps it.",
        remedy="A licence has made a new, empty mailbox. Take it away, migrate the on-premises mailbox, and retry this run.",
    )
    return Migrated(mailbox, _judged(run, user))


def _judged(run: Run, user: MailUser | Mailbox) -> str:
    """The verdict on the migration's report, by counts and never by bytes; what differs is put before a person."""
    statistics: Sequence[Model] = run.read(
        "migration-report", "exo", get_migration_user_statistics(_address(user), include_report=True)
    ).objects
    if not statistics:
        call = get_move_request_statistics(_id(user), include_report=True)
        statistics = run.read("move-report", "exo", call).objects
    if len(statistics) != 1:
        run.note("migration-verdict", "The migration left no report: it is not verified that every item has arrived.")
        return str(Judgement.UNPROVED)
    verdict = judge(statistics[0])
    reasons = " ".join(verdict.reasons)
    run.note("migration-verdict", f"The migration is judged: {verdict.judgement}. {reasons}")
    if verdict.judgement in {Judgement.DIFFERS, Judgement.FAILED}:
        ask_until(
            run,
            "migration-differs",
            f"The migration is judged: {verdict.judgement}. {reasons}",
            "Compare the folders that are named (psbridge run migration-report), and save what is missing from the disconnected "
            "mailbox on-premises. Then answer `go on`; or cancel the run.",
            ("go on",),
        )
    return str(verdict.judgement)


@dataclass(frozen=True, slots=True)
class _Wait:
    """How long, and what is told meanwhile."""

    of: str
    within: timedelta
    asking: Sequence[datetime]


@dataclass(frozen=True, slots=True)
class _Terms:
    """What must be there and true before a migration is started or completed."""

    requires: tuple[str, ...]
    before: Callable[[Look], None] | None


@dataclass(frozen=True, slots=True)
class _Move:
    """A migration: what looks at it, what lets it complete (None: it is somebody else's), and what an operator may do."""

    look: Call[Any]
    complete: Call[Any] | None
    again: str
    accept: str


def _under_way(run: Run, user: MailUser | Mailbox) -> _Move | None:
    """The migration that somebody has begun before this run, whoever it was; it is theirs to complete."""
    address = _address(user)
    if run.read("migration-user", "exo", get_migration_user(address)).objects:
        return _by_batch(address, None)
    if run.read("move-request", "exo", get_move_request(_id(user))).objects:
        return _by_request(user, None)
    return None


def _by_batch(address: str, complete: Call[Any] | None) -> _Move:
    accept = f"Set-MigrationUser -Identity {address} -ApproveSkippedItems"
    return _Move(get_migration_user(address), complete, "Start-MigrationBatch", accept)


def _by_request(user: MailUser | Mailbox, complete: Call[Any] | None) -> _Move:
    accept = f"Set-MoveRequest -Identity {_id(user)} -SkippedItemApprovalTime $([DateTime]::UtcNow)"
    return _Move(get_move_request_statistics(_id(user)), complete, "Resume-MoveRequest", accept)


def _start(run: Run, user: MailUser | Mailbox, local: Mailbox, terms: _Terms) -> _Move:
    """New-MigrationBatch or New-MoveRequest, named by the run: held when synced, so that the switch has its own approval."""
    name, domain = f"psb-{run.id}", run.inputs["delivery_domain"]
    start: Call[Any]
    if run.inputs["migration"] == "batch":
        address = _address(user)
        start = new_migration_batch(
            name=name, address=address, source_endpoint=run.inputs["migration_endpoint"], target_delivery_domain=domain
        )
        move = _by_batch(address, complete_migration_batch(name))
    else:
        host = run.inputs["remote_host"]
        start = new_move_request(_id(user), remote_host_name=host, target_delivery_domain=domain, batch_name=name)
        move = _by_request(user, resume_move_request(_id(user)))
    run.approval(
        "start-migration",
        [("exo", start)],
        requires=terms.requires,
        says=f"The mailbox {local.exchange_guid} of {_address(user)} is copied to Exchange Online. It stays in use on-premises.",
    )
    run.destroy(
        "start-migration-now",
        "exo",
        start,
        requires=terms.requires,
        approval="start-migration",
        before=lambda look: _look_before(look, user, terms),
        verify=lambda look: _is_started(look, user, name, run.inputs["migration"]),
    )
    return move


def _look_before(look: Look, user: MailUser | Mailbox, terms: _Terms) -> None:
    if terms.before is not None:
        terms.before(look)
    look.read("exo", get_mail_user(_id(user))).one()
    found = look.read("exo", get_move_request(_id(user))).objects
    if found:
        raise Stopped(
            "nobody else moves the mailbox",
            found=f"a move request with the status {found[0].status}.",
            expected="none: there was none when this run looked for it.",
            remedy="Somebody was quicker. Retry this run: it follows theirs.",
            changed=True,
        )


def _is_started(look: Look, user: MailUser | Mailbox, name: str, how: str) -> bool | None:
    if how == "batch":
        if look.read("exo", get_migration_batch(name)).objects:
            return True
    # A mailbox has one move at most, and directly before there was none: one that is there now is this run's.
    elif look.read("exo", get_move_request(_id(user))).objects:
        return True
    return False if look.read("exo", get_mail_user(_id(user))).objects else None


def _follow(run: Run, move: _Move, wait: _Wait, terms: _Terms) -> None:
    """Until the migration is over; whatever needs a person is asked, and each answer is followed by another look."""
    wanted = _DONE | _TROUBLE if move.complete is None else _DONE | _TROUBLE | _SYNCED
    for number in count(1):
        state = _looked(run, f"migration-{number}", move.look, wanted, wait)
        status, score = str(state.status), state.data_consistency_score
        if status in _DONE:
            return
        if status in _SYNCED and (score in _GOOD or _accepted(run, number, move, str(score))):
            _complete(run, move, terms)
            wanted = _DONE | _TROUBLE
        elif status in _TROUBLE:
            _ask_about(run, number, move, state)


def _looked(run: Run, key: str, look: Call[Any], wanted: frozenset[str], wait: _Wait) -> MigrationUser | MoveRequestStatistics:
    def is_wanted(answer: Answer[Any]) -> bool:
        return len(answer.objects) == 1 and str(answer.objects[0].status) in wanted

    answer: Answer[Any] = run.poll(
        key,
        "exo",
        look,
        until=is_wanted,
        every=_EVERY,
        timeout=min(_LONG, wait.within),
        why=f"the migration{wait.of}",
        asking=wait.asking,
    )
    found: MigrationUser | MoveRequestStatistics = answer.one()
    return found


def _accepted(run: Run, number: int, move: _Move, score: str) -> bool:
    """A score of Investigate is for a person to approve, Poor for Microsoft's support; `complete` goes on."""
    answer = run.ask(
        f"skipped-items-{number}",
        f"The copy is synced, and its DataConsistencyScore is {score}: items would be missing in the cloud.",
        f"Look at the skipped items ({move.look} with -IncludeSkippedItems). If they may be lost: {move.accept}, and answer "
        "`complete`. A score of Poor cannot be forced: open a support case. Any other answer looks again.",
    )
    return answer.strip().lower() == "complete"


def _ask_about(run: Run, number: int, move: _Move, state: MigrationUser | MoveRequestStatistics) -> None:
    told = state.error_summary if isinstance(state, MigrationUser) else state.message
    run.ask(
        f"migration-trouble-{number}",
        f"The migration has the status {state.status}: {told or 'it says nothing more'}",
        f"See to the cause and let it go on ({move.again}); items that were skipped are approved with {move.accept}. Then answer "
        "`again`: the run looks again.",
    )


def _complete(run: Run, move: _Move, terms: _Terms) -> None:
    """Complete-MigrationBatch, Resume-MoveRequest: from now on the mailbox is the cloud's."""
    if move.complete is None:
        return
    run.approval(
        "complete-migration",
        [("exo", move.complete)],
        requires=terms.requires,
        says="The copy is synced. Now the mailbox is switched to Exchange Online; the user is interrupted for some minutes.",
    )

    def is_completing(look: Look) -> bool | None:
        found = look.read("exo", move.look).objects
        return str(found[0].status) not in _SYNCED if len(found) == 1 else None

    run.destroy(
        "complete-migration-now",
        "exo",
        move.complete,
        requires=terms.requires,
        approval="complete-migration",
        before=terms.before,
        verify=is_completing,
    )


def _id(user: MailUser | Mailbox) -> UUID:
    return UUID(str(user.external_directory_object_id))


def _address(user: MailUser | Mailbox) -> str:
    return str(user.primary_smtp_address or user.user_principal_name)
