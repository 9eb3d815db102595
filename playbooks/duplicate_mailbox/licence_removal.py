"""A captured user in; every direct Exchange plan switched off, behind an approval that says what is lost, out.

From the first change on the run carries a standing warning: no Exchange licence may come back before the migration is done.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from playbooks.duplicate_mailbox import guards, licence_guards
from playbooks.duplicate_mailbox.licence_capture import Licensed
from psbridge.cmdlets import Call, get_mailbox, get_organization_config
from psbridge.cmdlets.directory import Directory
from psbridge.engine import Look, Refused, Run
from psbridge.errors import Stopped
from psbridge.models import AccountLicense

__all__ = ["WITHHELD", "remove_license", "withhold"]

WITHHELD: Final = "licence-withheld"


def remove_license(run: Run, directory: Directory, kept: Licensed) -> None:
    """Switch the Exchange plans off and nothing else: all other services of the account stay as they are."""
    calls = [(license_, directory.disable_exchange_plans(kept.account, license_)) for license_ in kept.licenses]
    if calls:
        actions = [("directory", call) for _, call in calls]
        run.approval("remove-licence", actions, requires=kept.requires, says=_says(kept))
    for number, (license_, call) in enumerate(calls, start=1):
        _disable(run, directory, kept, license_, call, f"remove-licence-{number}")
        withhold(run, kept)
    if not calls:
        withhold(run, kept)


def withhold(run: Run, kept: Licensed) -> None:
    """The rule of the documents stands as a warning until the mailbox is migrated, also when the run has ended."""
    run.warn(
        WITHHELD,
        f"No Exchange licence may be given to {kept.account.user_principal_name} before the on-premises mailbox is migrated: it "
        "would make a cloud mailbox again (field-notes 1.1). Think of groups and of scripts that license new users.",
    )
    run.lift(_GOING)


def _says(kept: Licensed) -> str:
    if kept.cloud is None:
        return ""
    plans = "; ".join(f"{one.sku_name}: {', '.join(one.exchange_plans)}" for one in kept.licenses)
    archive = kept.cloud.archive_guid if guards.has_archive(kept.cloud) else None
    delay = (
        " This organisation delays it: the mailbox stays, and stays the user's second one, for 30 days, unless it is expedited."
        if kept.is_delayed
        else ""
    )
    return (
        f"DATA IS LOST: the Exchange Online mailbox {kept.cloud.exchange_guid}{f' and its archive {archive}' if archive else ''} "
        f"of {kept.account.user_principal_name} becomes unavailable, and what it holds is merged into no other mailbox. (Only "
        "the same licence would bring it back, for 30 days, and that must not be given before the migration.) To keep what it "
        f"holds, cancel this run and use duplicate-mailbox-delete-account. Switched off: {plans}. Every other plan stays on. The "
        "user's mail flow may be interrupted for a short time."
        f"{delay}"
    )


def _disable(run: Run, directory: Directory, kept: Licensed, license_: AccountLicense, call: Call[Any], key: str) -> None:
    try:
        run.destroy(
            key,
            "directory",
            call,
            requires=kept.requires,
            approval="remove-licence",
            before=lambda look: _about_to_disable(run, look, directory, kept, license_),
            verify=lambda look: _is_off(look, directory, kept, license_),
        )
    except Refused as refusal:
        run.lift(_GOING)
        if not refusal.record.names("Request_BadRequest"):
            raise
        raise _invalid(license_, refusal) from refusal


def _invalid(license_: AccountLicense, refusal: Refused) -> Stopped:
    """Another plan, of this licence or of another, may need an Exchange plan and stay on: then the service takes none away."""
    return Stopped(
        "the licence can be without its Exchange plans",
        found=f"the directory refuses it: {refusal.record.message}",
        expected=f"{license_.sku_name} without {', '.join(license_.exchange_plans)}, and every other plan as it is.",
        remedy="Where it names plans that depend on an Exchange plan (THREAT_INTELLIGENCE, an add-on): if the user can "
        "be without them until the mailbox is migrated, switch those off first, and begin a new run (field-notes 2.8).",
    )


def _about_to_disable(run: Run, look: Look, directory: Directory, kept: Licensed, license_: AccountLicense) -> None:
    """Look, and let a warning stand before the change: its answer may be lost, and the run cancelled.

    Another attempt is made only where the one before had no effect: what that has left standing is over.
    """
    run.lift(_GOING)
    _look_before(look, directory, kept, license_)
    look.warn(
        _GOING,
        f"This run was about to take the Exchange licence of {kept.account.user_principal_name} away, and may have done so: look "
        "before you give one back. Where it is gone, none may come back before the on-premises mailbox is migrated "
        "(field-notes 1.1).",
    )


_GOING: Final = "licence-going"


def _look_before(look: Look, directory: Directory, kept: Licensed, license_: AccountLicense) -> None:
    """Time may have passed since the evidence was kept: everything is looked at again."""
    if kept.cloud is None:
        return
    cloud = look.read("exo", get_mailbox(kept.object_id)).one()
    organisation = look.read("exo", get_organization_config()).one()
    local = look.read("onprem", get_mailbox(UUID(str(kept.local.guid)))).one()
    account = look.read("directory", directory.get_user_by_id(kept.object_id)).one()
    licenses = look.read("directory", directory.get_licenses(account)).objects
    for guard in licence_guards.still_fits((kept.cloud, kept.local), cloud, local, account, licenses):
        guards.refuse(guard)
    guards.refuse(licence_guards.not_kept_by_the_organisation(cloud, organisation))
    guards.refuse(licence_guards.licence_is_captured(license_, licenses))


def _is_off(look: Look, directory: Directory, kept: Licensed, license_: AccountLicense) -> bool | None:
    licenses = look.read("directory", directory.get_licenses(kept.account)).objects
    ours = [one for one in licenses if one.sku_id == license_.sku_id]
    if ours:
        return not any(one.exchange_plans for one in ours)
    # Nothing may mean that the whole licence was taken away, or that the account was not found.
    found = look.read("directory", directory.get_user_by_id(kept.object_id)).objects
    return True if len(found) == 1 else None
