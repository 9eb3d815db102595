"""A mail user that was a cloud mailbox in; Exchange Online made to forget that mailbox for ever, if it is wanted, out.

While PreviousRecipientTypeDetails is UserMailbox, a licence provisions a mailbox whatever the ExchangeGuid is (field-notes 1.1).
"""

from __future__ import annotations

from typing import Final

from playbooks.duplicate_mailbox import guards
from playbooks.duplicate_mailbox.licence_capture import Licensed
from psbridge.cmdlets import clear_previous_mailbox_info, get_mail_user, get_user
from psbridge.engine import Input, Look, Run

__all__ = ["CLEAR", "clear_previous_mailbox"]

CLEAR: Final = Input(
    "clear", default="no", choices=("no", "yes"), help="yes: Exchange Online forgets the cloud mailbox for ever (approved)"
)


def clear_previous_mailbox(run: Run, kept: Licensed) -> str:
    """Give the PreviousRecipientTypeDetails that the user has afterwards."""
    user = run.read("previous-recipient-type", "exo", get_user(kept.object_id)).one()
    before = user.previous_recipient_type_details or "None"
    if run.inputs["clear"] == "no" or before != "UserMailbox":
        run.note("previous-type-kept", f"PreviousRecipientTypeDetails is {before}{_meaning(before)}")
        return before
    call = clear_previous_mailbox_info(kept.object_id)
    run.approval(
        "clear-previous-mailbox",
        [("exo", call)],
        requires=kept.requires,
        says=(
            f"FOR EVER: the cloud mailbox{_archive(kept)} that {kept.account.user_principal_name} had can never be reconnected "
            "after this, by no licence and no support case, and what it held is unrecoverable. In return a licence no longer "
            "makes it again. Where the user has Teams, its storage in the cloud is emptied hours later (field-notes 1.5)."
        ),
    )
    run.destroy(
        "clear-previous-mailbox-now",
        "exo",
        call,
        requires=kept.requires,
        approval="clear-previous-mailbox",
        before=lambda look: _still_mail_user(look, kept),
        verify=lambda look: _is_cleared(look, kept),
    )
    return (
        run.read("previous-recipient-type-now", "exo", get_user(kept.object_id)).one().previous_recipient_type_details or "None"
    )


def _meaning(before: str) -> str:
    return ": an Exchange licence would make the old cloud mailbox again." if before == "UserMailbox" else "."


def _archive(kept: Licensed) -> str:
    """By its GUID; where the mailbox was gone before this run, nobody has seen whether it had one."""
    if kept.cloud is None:
        return ", with its archive if it had one,"
    return f" and its archive {kept.cloud.archive_guid}" if guards.has_archive(kept.cloud) else ""


def _still_mail_user(look: Look, kept: Licensed) -> None:
    look.read("exo", get_mail_user(kept.object_id)).one()


def _is_cleared(look: Look, kept: Licensed) -> bool | None:
    found = look.read("exo", get_user(kept.object_id)).objects
    return found[0].previous_recipient_type_details != "UserMailbox" if len(found) == 1 else None
