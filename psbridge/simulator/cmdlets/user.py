"""Get-User and Set-User at both organisations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from psbridge.psobject import Value
from psbridge.simulator.cmdlets.exchange import one, out_of_scope
from psbridge.simulator.cmdlets.listing import CHOOSING, Listing, listed
from psbridge.simulator.cmdlets.mailbox import local_names, recipient_names
from psbridge.simulator.rules.provisioning import clear_previous_mailbox
from psbridge.simulator.rules.synchronisation import changed_locally
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.views.user import cloud_user, local_user

__all__ = ["get_user", "set_user_in_cloud", "set_user_on_premises"]

_CLEAR: Final = (
    'Delete all existing information about user "{name}"?. This operation will clear existing values from Previous home MDB and '
    "Previous Mailbox GUID of the user. After deletion, reconnecting to the previous mailbox that existed in the cloud will not "
    "be possible and any content it had will be unrecoverable PERMANENTLY. Do you want to continue?"
)
# A local attribute for each parameter that directory synchronisation carries.
_ATTRIBUTES: Final = {"MobilePhone": "mobile", "DisplayName": "display_name", "FirstName": "first_name", "LastName": "last_name"}


@cmdlet("Get-User", "exo", "onprem", shared=CHOOSING, reads=True)
def get_user(call: Call) -> Iterable[Value]:
    """Users: their MobilePhone, and in the cloud PreviousRecipientTypeDetails (the third document; field-notes 1.5)."""
    world = call.world
    if call.endpoint == "onprem":
        return listed(call, Listing(world.local, lambda _: True, local_names, local_user, "user-onprem"))
    return listed(call, Listing(world.cloud, lambda one: one.soft_deleted is None, recipient_names, cloud_user, "user-exo"))


@cmdlet("Set-User", "onprem", uses=("Identity", *_ATTRIBUTES))
def set_user_on_premises(call: Call) -> Iterable[Value]:
    """Change a local user; the next synchronisation cycle carries it to the cloud (the third document)."""
    user = one(call, call.world.local, lambda _: True)
    if call.should_process():
        for name, attribute in _ATTRIBUTES.items():
            if call.has(name):
                value = call.text(name)
                setattr(user, attribute, (value or None) if attribute == "mobile" else value or "")
        changed_locally(call.world, user)
    return ()


@cmdlet("Set-User", "exo", uses=("Identity", "PermanentlyClearPreviousMailboxInfo", *_ATTRIBUTES))
def set_user_in_cloud(call: Call) -> Iterable[Value]:
    """Forget a previous mailbox for ever (field-notes 1.5); what comes from the local directory cannot be written here."""
    recipient = one(call, call.world.cloud, lambda known: known.soft_deleted is None)
    locked = next((name for name in _ATTRIBUTES if call.has(name)), None)
    if locked is not None:
        raise out_of_scope(call, recipient.name, locked)
    question = _CLEAR.format(name=recipient.display_name)
    if call.switch("PermanentlyClearPreviousMailboxInfo") and call.should_process(question, asks=True, for_all=False):
        clear_previous_mailbox(call.world, recipient)
    return ()
