"""The cmdlets that change a mailbox or a mail user: Set-Mailbox, Set-RemoteMailbox, Set-MailUser; what ends and revives one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from psbridge.psobject import Value
from psbridge.simulator.cmdlets.exchange import exchange_error, not_found, one, out_of_scope
from psbridge.simulator.rules.deletion import reconnect
from psbridge.simulator.rules.enabling import change_addresses
from psbridge.simulator.rules.holding import is_held
from psbridge.simulator.rules.licensing import gives_mailbox
from psbridge.simulator.rules.provisioning import clear_previous_mailbox, take_mailbox_away
from psbridge.simulator.rules.synchronisation import changed_locally
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.state import Account, LocalUser, Recipient
from psbridge.simulator.state.cloud import CloudKind
from psbridge.simulator.views.mail_enabled import account_of
from psbridge.simulator.views.mailbox import cloud_mailbox

__all__ = [
    "disable_mailbox_in_cloud",
    "set_mail_user_in_cloud",
    "set_mail_user_on_premises",
    "set_mailbox_in_cloud",
    "set_mailbox_on_premises",
    "set_remote_mailbox",
    "undo_soft_deleted_mailbox",
]

_RECIPIENTS: Final = "Microsoft.Exchange.Management.RecipientTasks"
_TASK: Final = "Microsoft.Exchange.Configuration.Tasks.RecipientTaskException"
# What directory synchronisation carries of a recipient, so that it cannot be written in the cloud.
_SYNCED: Final = ("DisplayName", "EmailAddresses", "Alias")
_TYPES: Final[Mapping[str, CloudKind]] = {"regular": "UserMailbox", "shared": "SharedMailbox"}
_LOCAL: Final = ("EmailAddresses", "DisplayName", "ExchangeGuid")


@cmdlet("Set-Mailbox", "onprem", uses=("Identity", "EmailAddresses", "DisplayName"))
def set_mailbox_on_premises(call: Call) -> Iterable[Value]:
    """Change a local mailbox; the next cycle carries it on."""
    return _change_locally(call, one(call, call.world.local, lambda user: user.kind == "UserMailbox"))


@cmdlet("Set-RemoteMailbox", "onprem", uses=("Identity", *_LOCAL))
def set_remote_mailbox(call: Call) -> Iterable[Value]:
    """Change the local side of a cloud mailbox: the old DN as X500 address, the cloud's GUID (field-notes 1.6, steps 5 and 7)."""
    return _change_locally(call, one(call, call.world.local, lambda user: user.kind == "RemoteUserMailbox"))


@cmdlet("Set-MailUser", "onprem", uses=("Identity", *_LOCAL))
def set_mail_user_on_premises(call: Call) -> Iterable[Value]:
    """Change a local mail user."""
    return _change_locally(call, one(call, call.world.local, lambda user: user.kind == "MailUser"))


@cmdlet("Set-MailUser", "exo", uses=("Identity", "ExchangeGuid", *_SYNCED))
def set_mail_user_in_cloud(call: Call) -> Iterable[Value]:
    """Change a mail user of the cloud's own; one that is synchronised is refused (the third document; field-notes 1.5)."""
    recipient = one(call, call.world.cloud, lambda known: not known.is_mailbox and known.soft_deleted is None)
    _change_in_cloud(call, recipient, ("ExchangeGuid", *_SYNCED))
    return ()


@cmdlet("Set-Mailbox", "exo", uses=("Identity", "LitigationHoldEnabled", "Type", *_SYNCED))
def set_mailbox_in_cloud(call: Call) -> Iterable[Value]:
    """Change a cloud mailbox: a hold keeps what it holds (field-notes 1.7); a shared one needs no licence."""
    recipient = one(call, call.world.cloud, lambda known: known.is_mailbox and known.soft_deleted is None)
    kind = (call.text("Type") or "").casefold()
    if kind not in {"", *_TYPES}:
        text = f"The simulator knows the types {', '.join(_TYPES)} only, not {call.text('Type')}. Nothing was done."
        exceptions = ("System.NotImplementedException", "System.SystemException")
        raise CmdletError(text, "SimulatorTypeNotImplemented", "NotImplemented", exceptions, terminating=True)
    if not _change_in_cloud(call, recipient, _SYNCED):
        return ()
    if call.has("LitigationHoldEnabled"):
        recipient.litigation_hold = call.bound.get("LitigationHoldEnabled") is True
    recipient.kind = _TYPES.get(kind, recipient.kind)
    recipient.when_changed = call.world.now
    return ()


@cmdlet("Disable-Mailbox", "exo", uses=("Identity", "PermanentlyDisable"))
def disable_mailbox_in_cloud(call: Call) -> Iterable[Value]:
    """End a mailbox without a licence and without a hold; with -PermanentlyDisable for ever (field-notes 1.8)."""
    recipient = one(call, call.world.cloud, lambda known: known.is_mailbox and known.soft_deleted is None)
    if is_held(call.world, recipient):
        text = f"The mailbox \"{recipient.name}\" can't be disabled because it's on hold."
        exception = f"{_RECIPIENTS}.CannotRemoveHeldMailboxException"
        raise exchange_error(call, text, exception, "InvalidOperation", target=recipient.name)
    account = account_of(recipient, call.world)
    if account is None:
        raise not_found(call, call.text("Identity") or "")
    if gives_mailbox(call.world, account):
        text = f'The mailbox "{recipient.name}" can\'t be disabled because the user has an Exchange Online license. '
        raise exchange_error(call, f"{text}Remove the license first.", _TASK, "InvalidOperation", target=recipient.name)
    if call.should_process(asks=True):
        take_mailbox_away(call.world, account, recipient)
        if call.switch("PermanentlyDisable"):
            clear_previous_mailbox(call.world, recipient)
    return ()


@cmdlet("Undo-SoftDeletedMailbox", "exo", uses=("SoftDeletedObject", "WindowsLiveID", "Password", "DisplayName", "Name"))
def undo_soft_deleted_mailbox(call: Call) -> Iterable[Value]:
    """Bring a soft-deleted mailbox back into use; with -WindowsLiveID under a new account (field-notes 1.7, the table)."""
    wanted = call.text("SoftDeletedObject") or ""
    hits = [known for known in call.world.cloud.find(wanted) if known.is_mailbox and known.soft_deleted is not None]
    if not hits:
        raise not_found(call, wanted)
    recipient = hits[0]
    if not call.should_process():
        return ()
    reconnect(call.world, recipient)
    recipient.when_changed = call.world.now
    recipient.display_name = call.text("DisplayName") or recipient.display_name
    recipient.name = call.text("Name") or recipient.name
    if call.text("WindowsLiveID"):
        _new_account(call, recipient, call.text("WindowsLiveID") or "")
    call.world.cloud.renamed(recipient)
    return [cloud_mailbox(recipient, call.world)]


def _new_account(call: Call, recipient: Recipient, name: str) -> None:
    account = Account(
        object_id=call.world.new_object_id(),
        user_principal_name=name,
        display_name=recipient.display_name,
        alias=recipient.alias,
        proxy_addresses=list(recipient.email_addresses),
        when_created=call.world.now,
    )
    call.world.accounts.add(account)
    recipient.user_principal_name, recipient.external_directory_object_id = name, account.object_id


def _change_locally(call: Call, user: LocalUser) -> Iterable[Value]:
    if call.should_process():
        if call.has("EmailAddresses"):
            user.email_addresses = change_addresses(user.email_addresses, call.bound.get("EmailAddresses"))
        if call.has("DisplayName"):
            user.display_name = call.text("DisplayName") or ""
        user.exchange_guid = call.guid("ExchangeGuid") or user.exchange_guid
        call.world.local.renamed(user)
        changed_locally(call.world, user)
    return ()


def _change_in_cloud(call: Call, recipient: Recipient, names: tuple[str, ...]) -> bool:
    """Change what the local directory does not own; False with -WhatIf. Raises CmdletError for what it owns."""
    account = account_of(recipient, call.world)
    locked = next((name for name in names if call.has(name)), None)
    if locked is not None and account is not None and account.last_dir_sync_time is not None and not account.cloud_managed:
        raise out_of_scope(call, recipient.name, locked)
    if not call.should_process():
        return False
    if call.has("EmailAddresses"):
        recipient.email_addresses = change_addresses(recipient.email_addresses, call.bound.get("EmailAddresses"))
    recipient.display_name = call.text("DisplayName") or recipient.display_name
    recipient.alias = call.text("Alias") or recipient.alias
    recipient.exchange_guid = call.guid("ExchangeGuid") or recipient.exchange_guid
    call.world.cloud.renamed(recipient)
    return True
