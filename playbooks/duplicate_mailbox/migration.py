"""A mail user with a mailbox on-premises in; the mailbox migrated to Exchange Online, checked, out.

The documents only say that it `can be migrated`. Somebody else does it (`wait`), or the run does, behind approvals: with a
migration batch, the documents' preferred way, or with a move request. One that is under way already is followed, not made twice.
A migration user or a move may also be left of an earlier migration: the ExchangeGuid tells whose it is (field-notes 1.6, b).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Any, Final
from uuid import UUID

from playbooks.asking import ask_until
from playbooks.duplicate_mailbox import deadline
from playbooks.duplicate_mailbox.deadline import Deadline
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
from psbridge.engine import Answer, Input, Look, Overtaken, Run
from psbridge.models import Mailbox, MailUser, MigrationUser, Model, MoveRequest, MoveRequestStatistics, is_no_guid

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
# So long a migration may be begun and not be shown yet.
_SHOWN: Final = timedelta(minutes=30)
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
    end: Deadline | None = None,
    before: Callable[[Look], None] | None = None,
) -> Migrated:
    """Give the migrated mailbox, which keeps the on-premises ExchangeGuid; its `target-guid` is evidence.

    `requires`: evidence without which nothing is started. `why`: what else the waiting line tells. `end`: each approval and
    question names it, and before it whoever is waited for is asked (deadline.py).
    `before`: another look directly before a migration is started or completed; see Run.destroy.
    """
    terms = _Terms(tuple(requires), before, end)
    for number in count(1):
        nth = "" if number == 1 else f"-{number}"
        there = _under_way(run, user, local, end, nth and f"-again{nth}")
        move, told = there.move, f"{why}{there.in_the_way}"
        if move is None and run.inputs["migration"] != "wait" and there.is_mail_user:
            move = _start(run, user, local, terms, nth)
        wait = _Wait(f" of {user.primary_smtp_address or user.user_principal_name}{told}", within)
        if move is None or _follow(run, move, wait, terms, nth) or _is_there_without(run, user, end, nth):
            break
    mailbox = run.poll(
        "migrated-mailbox",
        "exo",
        get_mailbox(_id(user)),
        until=lambda answer: len(answer.objects) == 1,
        every=_EVERY,
        timeout=within,
        why=f"the on-premises mailbox to be migrated (New-MigrationBatch or New-MoveRequest){told}",
        asking=deadline.asked_at(end),
    ).one()
    target = run.evidence("target-guid", "exo", get_mailbox_exchange_guid(_id(user)), need=("exchange_guid",))
    run.guard(
        "the new mailbox is the migrated one",
        mailbox.exchange_guid == target.exchange_guid == local.exchange_guid,
        found=f"ExchangeGuid {target.exchange_guid}.",
        expected=f"{local.exchange_guid}, which the mailbox had on-premises: a migration keeps it.",
        remedy="A licence has made a new, empty mailbox. Take it away, migrate the on-premises mailbox, and retry this run.",
    )
    return Migrated(mailbox, _judged(run, user, local, there.old, end))


def _judged(run: Run, user: MailUser | Mailbox, local: Mailbox, old: Sequence[_Old], end: Deadline | None) -> str:
    """The verdict on the migration's report, by counts and never by bytes; what differs is put before a person."""
    statistics = _report(run, user, local, old)
    if statistics is None:
        run.note(
            "migration-verdict",
            f"The migration left no report of the mailbox {local.exchange_guid}: it is not verified that every item has arrived.",
        )
        return str(Judgement.UNPROVED)
    verdict = judge(statistics)
    reasons = " ".join(verdict.reasons)
    run.note("migration-verdict", f"The migration is judged: {verdict.judgement}. {reasons}")
    if verdict.judgement is Judgement.FAILED or verdict.needs_a_look:
        ask_until(
            run,
            "migration-differs",
            f"The migration is judged: {verdict.judgement}. {reasons}{deadline.told(end)}",
            "Compare the folders that are named (psbridge run migration-report), and save what is missing from the disconnected "
            "mailbox on-premises. Then answer `go on`; or cancel the run.",
            ("go on",),
        )
    return str(verdict.judgement)


def _report(run: Run, user: MailUser | Mailbox, local: Mailbox, old: Sequence[_Old]) -> Model | None:
    """The statistics of this migration, by the mailbox and not by the name: an earlier one's prove nothing for it."""
    call = get_migration_user_statistics(_address(user), include_report=True)
    for user_statistics in run.read("migration-report", "exo", call).objects:
        is_earlier = user_statistics.request_guid in {one.request for one in old if one.request is not None}
        if user_statistics.mailbox_guid == local.exchange_guid and not is_earlier:
            return user_statistics
    of_move = get_move_request_statistics(_id(user), include_report=True)
    for move_statistics in run.read("move-report", "exo", of_move).objects:
        if move_statistics.exchange_guid == local.exchange_guid:
            return move_statistics
    return None


@dataclass(frozen=True, slots=True)
class _Wait:
    """How long, and what is told meanwhile."""

    of: str
    within: timedelta


@dataclass(frozen=True, slots=True)
class _Terms:
    """What must be there and true before a migration is started or completed, and until when all of it must be done."""

    requires: tuple[str, ...]
    before: Callable[[Look], None] | None
    end: Deadline | None


@dataclass(frozen=True, slots=True)
class _Move:
    """A migration: what looks at it, what lets it complete (None: that is others' to do), what an operator may do; its batch."""

    look: Call[Any]
    complete: Call[Any] | None
    again: str
    accept: str
    ours: str


@dataclass(frozen=True, slots=True)
class _Old:
    """What an earlier migration has left: for people, how it is removed, and the request that it was."""

    told: str
    removal: str
    request: UUID | None


@dataclass(frozen=True, slots=True)
class _There:
    """The migration that is under way, else what stands in the way of one; `is_mail_user`: nobody has migrated it meanwhile."""

    move: _Move | None
    old: tuple[_Old, ...]
    is_mail_user: bool

    @property
    def in_the_way(self) -> str:
        """For a line that says what is waited for; empty where nothing is."""
        return f"; in the way of one stands {_told(self.old)}" if self.old else ""


def _under_way(run: Run, user: MailUser | Mailbox, local: Mailbox, end: Deadline | None, nth: str = "") -> _There:
    """The migration that somebody has begun before this run, whoever it was; it is theirs to complete. `nth`: for other keys.

    One that is over, or another mailbox's, keeps a new one from being started: a run that would start one has it removed.
    """
    there = _looked_for(run, user, local, nth)
    for number in count(2):
        if not there.old or run.inputs["migration"] == "wait":
            break
        ask_until(
            run,
            # ask_until numbers what it asks again.
            f"old-migration{nth}" if number == 2 else f"old-migration{nth}-look-{number}",
            f"Nobody migrates the mailbox {local.exchange_guid}, and in the way of a new migration stands {_told(there.old)}."
            f"{deadline.told(end)}",
            f"Keep its report if it is needed (psbridge run migration-report). Then remove it: "
            f"{'; '.join(one.removal for one in there.old)}. Then answer `again`: the run looks again. Where it has ended only "
            "now, it is this one: leave it, and answer `again`.",
            ("again",),
        )
        there = _looked_for(run, user, local, f"{nth}-{number}")
    return there


def _looked_for(run: Run, user: MailUser | Mailbox, local: Mailbox, nth: str) -> _There:
    old: list[_Old] = []
    address = _address(user)
    for found in run.read(f"migration-user{nth}", "exo", get_migration_user(address)).objects:
        if not _is_old(user, local, str(found.status), found.mailbox_guid):
            ours = _to_complete(run, _batch_of(found), complete_migration_batch)
            return _There(_by_batch(address, *ours), (), is_mail_user=True)
        told = f"the migration user {address} ({found.status}, of the mailbox {found.mailbox_guid})"
        old.append(_Old(told, f"Remove-MigrationUser -Identity {address}", found.request_guid))
    for move in run.read(f"move-request{nth}", "exo", get_move_request(_id(user))).objects:
        if not _is_old(user, local, str(move.status), move.exchange_guid):
            ours = _to_complete(run, _batch_of(move), lambda _: resume_move_request(_id(user)))
            return _There(_by_request(user, *ours), (), is_mail_user=True)
        told = f"the move request of {address} ({move.status}, of the mailbox {move.exchange_guid})"
        old.append(_Old(told, f"Remove-MoveRequest -Identity {_id(user)}", None))
    is_mail_user = isinstance(user, MailUser)
    if old:
        # What has completed since the mail user was seen is no old one.
        is_mail_user = bool(run.read(f"mail-user-still{nth}", "exo", get_mail_user(_id(user))).objects)
    return _There(None, tuple(old) if is_mail_user else (), is_mail_user)


def _to_complete(run: Run, batch: str, how: Callable[[str], Call[Any]]) -> tuple[Call[Any] | None, str]:
    """What completes a batch of this run that was shown late, and its name; others' is theirs to complete."""
    return (how(batch), batch) if batch.startswith(f"psb-{run.id}") else (None, "")


def _is_old(user: MailUser | Mailbox, local: Mailbox, status: str, mailbox: UUID | None) -> bool:
    """Another mailbox's; or completed, while the user is a mail user. A GUID that is not told yet is a beginning one's."""
    if mailbox is not None and not is_no_guid(mailbox) and mailbox != local.exchange_guid:
        return True
    return status in _DONE and isinstance(user, MailUser)


def _told(old: Sequence[_Old]) -> str:
    return " and ".join(one.told for one in old)


def _by_batch(address: str, complete: Call[Any] | None, ours: str = "") -> _Move:
    accept = f"Set-MigrationUser -Identity {address} -ApproveSkippedItems"
    return _Move(get_migration_user(address), complete, "Start-MigrationBatch", accept, ours)


def _by_request(user: MailUser | Mailbox, complete: Call[Any] | None, ours: str = "") -> _Move:
    accept = f"Set-MoveRequest -Identity {_id(user)} -SkippedItemApprovalTime $([DateTime]::UtcNow)"
    return _Move(get_move_request_statistics(_id(user)), complete, "Resume-MoveRequest", accept, ours)


def _is_there_without(run: Run, user: MailUser | Mailbox, end: Deadline | None, nth: str) -> bool:
    """After a migration that was removed: whether it had moved the mailbox. If not, somebody must say that it goes on."""
    if run.read(f"mailbox-without-migration{nth}", "exo", get_mailbox(_id(user))).objects:
        return True
    begins = "" if run.inputs["migration"] == "wait" else ", and begins one after an approval where there is none"
    ask_until(
        run,
        f"migration{nth}-gone",
        f"The migration of {_address(user)} is no longer there, and there is no mailbox in Exchange Online: somebody has removed "
        f"it.{deadline.told(end)}",
        f"Ask who. Then answer `again`: the run looks for a migration once more{begins}. Or cancel the run.",
        ("again",),
    )
    return False


def _start(run: Run, user: MailUser | Mailbox, local: Mailbox, terms: _Terms, again: str) -> _Move | None:
    """New-MigrationBatch or New-MoveRequest, named by the run: held when synced, so that the switch has its own approval.

    Somebody else's where they are quicker; None where it is over already.
    """
    name, domain = f"psb-{run.id}{again}", run.inputs["delivery_domain"]
    start: Call[Any]
    if run.inputs["migration"] == "batch":
        address = _address(user)
        start = new_migration_batch(
            name=name, address=address, source_endpoint=run.inputs["migration_endpoint"], target_delivery_domain=domain
        )
        move = _by_batch(address, complete_migration_batch(name), name)
    else:
        host = run.inputs["remote_host"]
        start = new_move_request(_id(user), remote_host_name=host, target_delivery_domain=domain, batch_name=name)
        move = _by_request(user, resume_move_request(_id(user)), name)
    approval = f"start-migration{again}"
    run.approval(
        approval,
        [("exo", start)],
        requires=terms.requires,
        says=f"The mailbox {local.exchange_guid} of {_address(user)} is copied to Exchange Online. It stays in use on-premises."
        f"{deadline.told(terms.end)}",
        asking=deadline.asked_at(terms.end),
    )
    for number in count(1):
        nth = "" if number == 1 else f"-{number}"
        if nth:
            there = _under_way(run, user, local, terms.end, f"-at-start{again}{nth}")
            mail_user = run.read(f"mail-user-at-start{again}{nth}", "exo", get_mail_user(_id(user)))
            if there.move is not None or not mail_user.objects:
                return there.move
        is_sent = run.destroy(
            f"{approval}-now{nth}",
            "exo",
            start,
            requires=terms.requires,
            approval=approval,
            before=lambda look: _look_before(look, user, local, name, terms),
            verify=lambda look: _is_started(look, user, name, run.inputs["migration"]),
        )
        if is_sent:
            return move
    raise AssertionError  # count() does not end


def _look_before(look: Look, user: MailUser | Mailbox, local: Mailbox, name: str, terms: _Terms) -> None:
    mail_user = look.read("exo", get_mail_user(_id(user)))
    if not mail_user.objects:
        mailboxes = look.read("exo", get_mailbox(_id(user))).objects
        if any(one.exchange_guid == local.exchange_guid for one in mailboxes):
            raise Overtaken("it is a mailbox by now.")
    if terms.before is not None:
        terms.before(look)
    mail_user.one()
    # The user of a batch is there some time before its move request is.
    users = look.read("exo", get_migration_user(_address(user))).objects
    moves = look.read("exo", get_move_request(_id(user))).objects
    found = [f"a migration user with the status {one.status}" for one in users]
    found += [f"a move request with the status {one.status}" for one in moves]
    if found:
        batches = [_batch_of(one) for one in users] + [_batch_of(one) for one in moves]
        raise Overtaken(f"{' and '.join(found)}.", by_us=any(name in batch for batch in batches))


def _is_started(look: Look, user: MailUser | Mailbox, name: str, how: str) -> bool | None:
    if how == "batch":
        if look.read("exo", get_migration_batch(name)).objects:
            return True
    # A mailbox has one move at most, and directly before there was none: one that is there now is this run's.
    elif look.read("exo", get_move_request(_id(user))).objects:
        return True
    return False if look.read("exo", get_mail_user(_id(user))).objects else None


def _follow(run: Run, move: _Move, wait: _Wait, terms: _Terms, nth: str) -> bool:
    """Until the migration is over; whatever needs a person is asked, and each answer is followed by another look.

    False where it is there no longer: it was removed.
    """
    for number in count(1):
        wanted = _DONE | _TROUBLE if move.complete is None else _DONE | _TROUBLE | _SYNCED
        state = _looked(run, f"migration{nth}-{number}", move.look, wanted, wait, terms.end)
        if state is None:
            if number == 1 and _is_shown_late(run, move, nth, terms.end):
                continue
            return False
        status, score = str(state.status), state.data_consistency_score
        if status in _DONE:
            return True
        if status in _SYNCED and (score in _GOOD or _accepted(run, f"{nth}-{number}", move, str(score), terms.end)):
            _complete(run, move, terms, nth)
            move = replace(move, complete=None)
        elif status in _TROUBLE:
            _ask_about(run, f"{nth}-{number}", move, state, terms.end)
    raise AssertionError  # count() does not end


def _is_shown_late(run: Run, move: _Move, nth: str, end: Deadline | None) -> bool:
    """Whether what this run has just begun comes to be shown: the user of a batch is there some time after it."""
    if not move.ours:
        return False
    shown: Answer[Any] = run.poll(
        f"migration{nth}-is-there",
        "exo",
        move.look,
        until=lambda answer: bool(answer.objects),
        every=timedelta(minutes=1),
        timeout=_SHOWN,
        why=f"the migration to be shown, which is not there{deadline.named(end)}",
        in_vain="gives",
    )
    return bool(shown.objects)


def _looked(
    run: Run, key: str, look: Call[Any], wanted: frozenset[str], wait: _Wait, end: Deadline | None
) -> MigrationUser | MoveRequestStatistics | None:
    """None where it is not there."""

    def is_wanted(answer: Answer[Any]) -> bool:
        return not answer.objects or (len(answer.objects) == 1 and str(answer.objects[0].status) in wanted)

    answer: Answer[Any] = run.poll(
        key,
        "exo",
        look,
        until=is_wanted,
        every=_EVERY,
        timeout=min(_LONG, wait.within),
        why=f"the migration{wait.of}",
        asking=deadline.asked_at(end),
        in_vain="reminds",
    )
    found: MigrationUser | MoveRequestStatistics | None = answer.one() if answer.objects else None
    return found


def _accepted(run: Run, nth: str, move: _Move, score: str, end: Deadline | None) -> bool:
    """A score of Investigate is for a person to approve, Poor for Microsoft's support; `complete` goes on."""
    answer = run.ask(
        f"skipped-items{nth}",
        f"The copy is synced, and its DataConsistencyScore is {score}: items would be missing in the cloud.{deadline.told(end)}",
        f"Look at the skipped items ({move.look} with -IncludeSkippedItems). If they may be lost: {move.accept}, and answer "
        "`complete`. A score of Poor cannot be forced: open a support case. Any other answer looks again.",
    )
    return answer.strip().lower() == "complete"


def _ask_about(run: Run, nth: str, move: _Move, state: MigrationUser | MoveRequestStatistics, end: Deadline | None) -> None:
    told = state.error_summary if isinstance(state, MigrationUser) else state.message
    run.ask(
        f"migration-trouble{nth}",
        f"The migration has the status {state.status}: {(told or 'it says nothing more').rstrip('.')}.{deadline.told(end)}",
        f"See to the cause and let it go on ({move.again}); items that were skipped are approved with {move.accept}. Then answer "
        "`again`: the run looks again.",
    )


def _complete(run: Run, move: _Move, terms: _Terms, nth: str) -> None:
    """Complete-MigrationBatch, Resume-MoveRequest: from now on the mailbox is the cloud's. Left out where others did it."""
    if move.complete is None:
        return
    run.approval(
        f"complete-migration{nth}",
        [("exo", move.complete)],
        requires=terms.requires,
        says="The copy is synced. Now the mailbox is switched to Exchange Online; the user is interrupted for some minutes."
        f"{deadline.told(terms.end)}",
        asking=deadline.asked_at(terms.end),
    )

    def is_completing(look: Look) -> bool | None:
        found = look.read("exo", move.look).objects
        return str(found[0].status) not in _SYNCED if len(found) == 1 else None

    def is_ours_to_complete(look: Look) -> None:
        found = look.read("exo", move.look).objects
        if not found:
            raise Overtaken("it is there no longer.")
        status, batch = str(found[0].status), _batch_of(found[0])
        # However the service decorates the name: what cannot be told from the run's own is its own.
        if status in _DONE or (batch and move.ours not in batch):
            raise Overtaken(f"it is {status}, of the batch {batch or 'of this run'}.")
        if terms.before is not None:
            terms.before(look)

    run.destroy(
        f"complete-migration{nth}-now",
        "exo",
        move.complete,
        requires=terms.requires,
        approval=f"complete-migration{nth}",
        before=is_ours_to_complete,
        verify=is_completing,
    )


def _batch_of(state: MigrationUser | MoveRequest | MoveRequestStatistics) -> str:
    """The name of the batch; a move that a batch has made carries a prefix (`MigrationService:`)."""
    name = state.batch_id if isinstance(state, MigrationUser) else state.batch_name
    return str(name or "").rpartition(":")[2]


def _id(user: MailUser | Mailbox) -> UUID:
    return UUID(str(user.external_directory_object_id))


def _address(user: MailUser | Mailbox) -> str:
    return str(user.primary_smtp_address or user.user_principal_name)
