"""OPTION #1 of the documents: take the Exchange licence away, so that the cloud mailbox becomes a mail user, and migrate.

The account is kept, and what the cloud mailbox holds is lost. The phases lie beside this file, in the order of its body.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from playbooks.duplicate_mailbox import guards, migration
from playbooks.duplicate_mailbox.capture import IDS
from playbooks.duplicate_mailbox.clearing import CLEAR, clear_previous_mailbox
from playbooks.duplicate_mailbox.conversion import DELAYED, become_mail_user
from playbooks.duplicate_mailbox.licence_capture import Licensed, capture
from playbooks.duplicate_mailbox.licence_removal import WITHHELD, remove_license, withhold
from psbridge.cmdlets.directory import Directory, directory_of
from psbridge.engine import DIALECT, Input, Look, Playbook, Run
from psbridge.models import AccountLicense

__all__ = ["playbook"]


def body(run: Run) -> Mapping[str, object]:
    """Run OPTION #1 for one user; the result names both mailboxes and what became of the licence."""
    directory = directory_of(run.inputs["dialect"])
    migrates = run.inputs["migrate"] == "yes"
    if migrates:
        migration.check_inputs(run)
    kept = capture(run, directory)
    remove_license(run, directory, kept)
    user = become_mail_user(run, kept)
    withhold(run, kept)
    if user is None:
        return _ended(run, kept, {**_told(kept, "None"), "mailbox": str(kept.local.exchange_guid), "migration": "not judged"})
    told = _told(kept, clear_previous_mailbox(run, kept))
    if not migrates:
        return {**told, "migration": "not done", "licence": "withheld: give none before the on-premises mailbox is migrated"}
    for guard in _still_withheld(
        run.read("licences-before-migration", "directory", directory.get_licenses(kept.account)).objects
    ):
        guards.hold(run, guard)
    moved = migration.migrate(
        run,
        user,
        kept.local,
        requires=kept.requires[-2:],
        why="; no Exchange licence may come back before that",
        before=lambda look: _look_for_a_licence(look, directory, kept),
    )
    return _ended(run, kept, {**told, "mailbox": str(moved.mailbox.exchange_guid), "migration": moved.verdict})


def _ended(run: Run, kept: Licensed, told: Mapping[str, object]) -> Mapping[str, object]:
    """The mailbox is migrated: the rule is over. The licence is for the administrator to give back."""
    run.lift(WITHHELD)
    back = f"may be given back now, and within 30 days: {_given_back(kept)}"
    run.note("licence-may-come-back", f"The mailbox is migrated. The Exchange licence {back}")
    return {**told, "licence": back}


def _told(kept: Licensed, previous: str) -> dict[str, object]:
    lost = "gone before this run" if kept.cloud is None else str(kept.cloud.exchange_guid)
    return {"account": str(kept.object_id), "cloud_mailbox": lost, "previous_recipient_type": previous}


def _given_back(kept: Licensed) -> str:
    plans = [f"{one.sku_name} ({', '.join(one.exchange_plans)})" for one in kept.licenses]
    return f"{', '.join(plans) or 'one with an Exchange plan'}; this run does not do it."


def _still_withheld(licenses: tuple[AccountLicense, ...]) -> tuple[guards.Guard, ...]:
    given = [one.sku_name for one in licenses if one.exchange_plans]
    return (
        guards.Guard(
            "no Exchange licence comes before the migration",
            not given,
            f"{', '.join(given) or 'none'}.",
            "no licence with an Exchange plan until the on-premises mailbox is migrated.",
            "Take it away, where it was given (at the account or the group), wait until Get-MailUser shows the user again, and "
            "retry this run.",
        ),
    )


def _look_for_a_licence(look: Look, directory: Directory, kept: Licensed) -> None:
    for guard in _still_withheld(look.read("directory", directory.get_licenses(kept.account)).objects):
        guards.refuse(guard)


playbook: Final = Playbook(
    name="duplicate-mailbox-remove-license",
    version="1",
    summary="A user has a mailbox both on-premises and in the cloud: take the Exchange licence away, and lose the cloud mailbox.",
    inputs=(
        Input("identity", help="the user's name or address, the same in both organisations"),
        Input("migrate", default="yes", choices=("yes", "no"), help="no: end when the mail user is there, without the migration"),
        *IDS,
        DELAYED,
        CLEAR,
        *migration.INPUTS,
        DIALECT,
    ),
    endpoints=("exo", "onprem", "directory"),
    outline=(
        ("cloud-mailbox", "exo: Get-Mailbox; on-premises: Get-Mailbox; directory: the account, its licences and their groups"),
        ("organization", "exo: Get-OrganizationConfig (is the loss of mailboxes delayed?)"),
        ("remove-licence", "directory: the Exchange plans of every direct licence are switched off, after an approval"),
        ("cloud-mailbox-is-gone", "wait until the mailbox is gone; exo: Expedite-Delicensing if it is wanted, after an approval"),
        ("mail-user", "exo: Get-MailUser with RecipientType MailUser"),
        ("clear-previous-mailbox", "exo: Set-User -PermanentlyClearPreviousMailboxInfo if it is wanted, after an approval"),
        *migration.OUTLINE,
        ("licence-may-come-back", "the Exchange licence may be given back; the run does not do it"),
    ),
    body=body,
)
