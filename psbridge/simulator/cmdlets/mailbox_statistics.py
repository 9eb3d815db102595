"""Get-MailboxStatistics at both organisations, and Get-MailboxDatabase."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import NAMESPACE_OID, uuid5

from psbridge.psobject import Value
from psbridge.simulator.cmdlets.exchange import found, not_found
from psbridge.simulator.dotnet import ad_object_id
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.shape import shape
from psbridge.simulator.views.mailbox_statistics import disconnected_statistics, mailbox_statistics

__all__ = ["get_mailbox_database", "get_mailbox_statistics_in_cloud", "get_mailbox_statistics_on_premises"]


@cmdlet("Get-MailboxStatistics", "exo", uses=("Identity", "IncludeSoftDeletedRecipients"), reads=True)
def get_mailbox_statistics_in_cloud(call: Call) -> Iterable[Value]:
    """How much a mailbox holds: a duplicate's are compared before one of them goes."""
    deleted_too = call.switch("IncludeSoftDeletedRecipients")
    people = found(call, call.world.cloud, lambda one: one.is_mailbox and (deleted_too or one.soft_deleted is None), lambda _: ())
    return (mailbox_statistics(recipient) for recipient in people)


@cmdlet("Get-MailboxStatistics", "onprem", uses=("Identity", "Database"), reads=True)
def get_mailbox_statistics_on_premises(call: Call) -> Iterable[Value]:
    """How much a mailbox holds; with -Database also those that were left behind in it, with the reason."""
    if not call.has("Database"):
        people = found(call, call.world.local, lambda user: user.kind == "UserMailbox", lambda _: ())
        return (mailbox_statistics(user) for user in people)
    wanted = (call.text("Database") or "").casefold()
    held = [user for user in call.world.local if user.kind == "UserMailbox" and (user.database or "").casefold() == wanted]
    left = [mailbox for mailbox in call.world.state.disconnected if (mailbox.database or "").casefold() == wanted]
    return (*map(mailbox_statistics, held), *map(disconnected_statistics, left))


@cmdlet("Get-MailboxDatabase", "onprem", uses=("Identity",), reads=True)
def get_mailbox_database(call: Call) -> Iterable[Value]:
    """The local databases: their GUID is what a restore across premises asks for (field-notes 1.6, step 6)."""
    place, form, wanted = call.world.state.on_premises_organization, shape("mailbox-database"), call.text("Identity")
    names = [name for name in place.databases if wanted is None or wanted.casefold() == name.casefold()]
    if wanted is not None and not names:
        raise not_found(call, wanted)
    for name in names:
        identity = ad_object_id(name)
        guid = uuid5(NAMESPACE_OID, f"{place.domain} {name}")
        values: dict[str, Value] = {
            "Server": ad_object_id(place.server),
            "Identity": identity,
            "Id": identity,
            "Name": name,
            "Guid": guid,
        }
        yield form.make(name, values)
