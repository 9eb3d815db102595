"""OPTION #3 of the documents: a user without a licence whose cloud mailbox is there all the same, and whose account has errors.

The errors are explained; then the account is deleted as in OPTION #0. The documents say "fail back to Option #1": that paragraph
counts the options from one, so its first is the heading OPTION #0 (field-notes 0).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from playbooks.duplicate_mailbox import delete_account, migration
from playbooks.duplicate_mailbox.capture import Captured, capture
from playbooks.duplicate_mailbox.explanations import explain
from psbridge.cmdlets import get_pending_delicense_user
from psbridge.cmdlets.directory import Directory, directory_of
from psbridge.engine import Playbook, Run

__all__ = ["playbook"]


def body(run: Run) -> Mapping[str, object]:
    """Run OPTION #3 for one user; the result names the errors, and is OPTION #0's beyond that."""
    directory = directory_of(run.inputs["dialect"])
    if run.inputs["merge"] == "yes":
        migration.check_inputs(run)
    kept = capture(run, directory, unlicensed=True)
    _no_delay_is_running(run, kept)
    errors = _explained(run, directory, kept)
    return {**delete_account.carry_out(run, directory, kept), "errors": errors}


def _no_delay_is_running(run: Run, kept: Captured) -> None:
    """Licence removed and then the account deleted: where the mailbox only waits for its end, a licence still keeps it (1.8)."""
    pending = run.read("pending-delicensing", "exo", get_pending_delicense_user(kept.owner)).objects
    due = [str(one.when_due_for_delicensing_utc) for one in pending]
    run.guard(
        "no licence was taken away lately",
        not pending,
        found=f"OPTION #1 was begun: the mailbox goes at {', '.join(due)} UTC." if due else "none.",
        expected="none: a mailbox whose licence was taken away leaves no soft-deleted one when the account is purged.",
        remedy="Carry OPTION #1 on (duplicate-mailbox-remove-license), or give the licence back and use OPTION #0.",
    )


def _explained(run: Run, directory: Directory, kept: Captured) -> list[str]:
    """Keep every error that is not resolved with its whole text, and say what it means; gives their codes."""
    errors = run.read("validation-errors", "directory", directory.get_validation_errors(kept.account)).objects
    open_ = [error for error in errors if error.is_resolved is not True]
    run.guard(
        "the errors can be read",
        bool(open_),
        found=f"{len(errors)} errors, {len(open_)} of them not resolved.",
        expected="at least one: the account shows a validation error.",
        remedy="If it was resolved a moment ago, wait for Exchange Online and look at the user again. Else begin a new run.",
    )
    for number, error in enumerate(open_, start=1):
        run.note(f"error-{number}", explain(error))
    return [error.code or "without a code" for error in open_]


playbook: Final = Playbook(
    name="duplicate-mailbox-validation-error",
    version="1",
    summary="A user without a licence has a cloud mailbox, and the account validation errors: explain them, delete the account.",
    inputs=tuple(one for one in delete_account.playbook.inputs if one.name != "group_licence"),
    endpoints=delete_account.playbook.endpoints,
    outline=(
        ("cloud-mailbox", "exo: Get-Mailbox; on-premises: Get-Mailbox; directory: the account, its licences and errors"),
        ("validation-errors", "directory: every error with its whole text, explained"),
        *delete_account.playbook.outline[1:],
    ),
    body=body,
)
