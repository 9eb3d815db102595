"""The cmdlets of mailbox restore requests: the merge of OPTION #0 (the documents; field-notes 5.5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from psbridge.psobject import Value
from psbridge.simulator.cmdlets.exchange import exchange_error, limited, not_found
from psbridge.simulator.rules.restoring import legacy_dn_matches, request_restore, resume_restore, suspend_restore
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.state import Recipient, RestoreRequest
from psbridge.simulator.views.requests import restore_request, restore_statistics
from psbridge.simulator.world import NO_GUID

__all__ = [
    "get_mailbox_restore_request",
    "get_mailbox_restore_request_statistics",
    "new_mailbox_restore_request",
    "remove_mailbox_restore_request",
    "resume_mailbox_restore_request",
    "set_mailbox_restore_request",
    "suspend_mailbox_restore_request",
]

_TASK: Final = "Microsoft.Exchange.Configuration.Tasks.RecipientTaskException"
_AMBIGUOUS: Final = "Microsoft.Exchange.Configuration.Tasks.ManagementObjectAmbiguousException"


@cmdlet(
    "New-MailboxRestoreRequest",
    "exo",
    uses=(
        *("SourceMailbox", "TargetMailbox", "AllowLegacyDNMismatch", "Name", "BatchName", "SourceIsArchive", "TargetIsArchive"),
        *("SourceRootFolder", "TargetRootFolder", "Suspend"),
    ),
)
def new_mailbox_restore_request(call: Call) -> Iterable[Value]:
    """Merge a soft-deleted or inactive mailbox into another one, or into a mail user's (field-notes 5.5)."""
    sources, targets = _known(call, "SourceMailbox"), _known(call, "TargetMailbox")
    source = _chosen(call, "SourceMailbox", [one for one in sources if one.is_mailbox and one.soft_deleted is not None])
    target = _chosen(call, "TargetMailbox", [one for one in targets if one.soft_deleted is None])
    if source is None:
        name = sources[0].name
        raise _refused(call, f"The source mailbox '{name}' isn't soft-deleted or inactive.", name)
    if target is None:
        raise not_found(call, call.text("TargetMailbox") or "")
    for mailbox, is_archive in ((source, "SourceIsArchive"), (target, "TargetIsArchive")):
        if call.switch(is_archive) and mailbox.archive_guid == NO_GUID:
            raise _refused(call, f"The mailbox '{mailbox.name}' doesn't have an archive.", mailbox.name)
    _check_names(call, source, target)
    request = _request(call, source, target)
    if not call.should_process():
        return ()
    request_restore(call.world, request)
    if call.switch("Suspend"):
        suspend_restore(call.world, request)
    return [restore_request(request, call.world)]


@cmdlet(
    "Get-MailboxRestoreRequest",
    "exo",
    uses=("Identity", "Name", "TargetMailbox", "Status", "BatchName", "ResultSize"),
    reads=True,
)
def get_mailbox_restore_request(call: Call) -> Iterable[Value]:
    """Requests: one by its alias and name, or those that fit. A null identity gives all of them (field-notes 2.5)."""
    requests = _identified(call) if call.text("Identity") is not None else _filtered(call)
    return limited(call, (restore_request(request, call.world) for request in requests))


@cmdlet("Get-MailboxRestoreRequestStatistics", "exo", uses=("Identity", "IncludeReport"), reads=True)
def get_mailbox_restore_request_statistics(call: Call) -> Iterable[Value]:
    """The progress of a request, and with -IncludeReport its report."""
    with_report = call.switch("IncludeReport")
    return (restore_statistics(request, call.world, with_report=with_report) for request in _identified(call))


@cmdlet("Remove-MailboxRestoreRequest", "exo", uses=("Identity",))
def remove_mailbox_restore_request(call: Call) -> Iterable[Value]:
    """End and forget a request; what it has copied stays (field-notes 5.5). It asks without -Confirm:$false."""
    request = _identified(call)[0]
    if call.should_process(asks=True):
        call.world.forget("restore", request.request_guid)
        call.world.state.restore_requests.remove(request)
    return ()


@cmdlet("Suspend-MailboxRestoreRequest", "exo", uses=("Identity",))
def suspend_mailbox_restore_request(call: Call) -> Iterable[Value]:
    """Hold a request that has not ended. It asks without -Confirm:$false."""
    request = _identified(call)[0]
    if call.should_process(asks=True) and request.status in {"Queued", "InProgress"}:
        suspend_restore(call.world, request)
    return ()


@cmdlet("Resume-MailboxRestoreRequest", "exo", uses=("Identity",))
def resume_mailbox_restore_request(call: Call) -> Iterable[Value]:
    """Let a suspended or failed request go on."""
    request = _identified(call)[0]
    if call.should_process() and request.status in {"Suspended", "Failed"}:
        resume_restore(call.world, request)
    return ()


@cmdlet("Set-MailboxRestoreRequest", "exo", uses=("Identity", "BatchName"))
def set_mailbox_restore_request(call: Call) -> Iterable[Value]:
    """Change a request: the batch that it is listed under."""
    request = _identified(call)[0]
    if call.should_process() and call.has("BatchName"):
        request.batch_name = call.text("BatchName") or ""
    return ()


def _known(call: Call, parameter: str) -> list[Recipient]:
    wanted = call.text(parameter) or ""
    hits = call.world.cloud.find(wanted)
    if not hits:
        raise not_found(call, wanted)
    return hits


def _chosen(call: Call, parameter: str, fitting: list[Recipient]) -> Recipient | None:
    if len(fitting) > 1:
        text = f"The operation couldn't be performed because object '{call.text(parameter)}' matches multiple entries."
        raise exchange_error(call, text, _AMBIGUOUS, "NotSpecified")
    return fitting[0] if fitting else None


def _check_names(call: Call, source: Recipient, target: Recipient) -> None:
    """Without -AllowLegacyDNMismatch the target must have the source's LegacyExchangeDN as an X500 address (5.5)."""
    allowed = call.switch("AllowLegacyDNMismatch")
    if allowed and call.world.state.settings.allow_legacy_dn_mismatch == "refused":
        raise _refused(
            call,
            "The AllowLegacyDNMismatch parameter is no longer supported. Add the LegacyExchangeDN of the source mailbox as an "
            "X500 proxy address to the target mailbox instead.",
            target.name,
        )
    if not allowed and not legacy_dn_matches(source, target):
        raise _refused(
            call,
            f"The LegacyExchangeDN '{source.legacy_exchange_dn}' of the source mailbox doesn't match the target mailbox "
            f"'{target.name}'. To override this, use the AllowLegacyDNMismatch parameter.",
            target.name,
        )


def _request(call: Call, source: Recipient, target: Recipient) -> RestoreRequest:
    return RestoreRequest(
        request_guid=call.world.new_guid(),
        name=call.text("Name") or _free_name(call, target),
        source_guid=source.guid,
        target_guid=target.guid,
        target_alias=target.alias,
        source_exchange_guid=source.exchange_guid,
        target_exchange_guid=target.exchange_guid,
        created=call.world.now,
        batch_name=call.text("BatchName") or "",
        source_is_archive=call.switch("SourceIsArchive"),
        target_is_archive=call.switch("TargetIsArchive"),
        source_root_folder=call.text("SourceRootFolder") or "",
        target_root_folder=call.text("TargetRootFolder") or "",
        allow_legacy_dn_mismatch=call.switch("AllowLegacyDNMismatch"),
        items=source.items,
        bytes=source.bytes,
    )


def _free_name(call: Call, target: Recipient) -> str:
    """MailboxRestore, MailboxRestore1 to 9: ten at most (field-notes 5.5)."""
    taken = {request.name.casefold() for request in call.world.state.restore_requests if request.target_guid == target.guid}
    most = call.world.state.settings.max_restore_requests_per_mailbox
    names = ("MailboxRestore", *(f"MailboxRestore{number}" for number in range(1, most)))
    free = next((name for name in names if name.casefold() not in taken), None)
    if free is None:
        raise _refused(
            call, f"The mailbox '{target.name}' has too many restore requests. Remove completed ones first.", target.name
        )
    return free


def _identified(call: Call) -> list[RestoreRequest]:
    """The requests that -Identity names: by alias, backslash and name, or by the request's id."""
    wanted = (call.text("Identity") or "").casefold()
    requests = call.world.state.restore_requests
    hits = [one for one in requests if wanted in (one.identity.casefold(), str(one.request_guid))]
    if not hits:
        raise not_found(call, call.text("Identity") or "")
    return hits


def _filtered(call: Call) -> list[RestoreRequest]:
    """-Name, -Status and -BatchName filter; a target that is not there fits none."""
    requests = call.world.state.restore_requests
    for parameter, attribute in (("Name", "name"), ("Status", "status"), ("BatchName", "batch_name")):
        if call.text(parameter) is not None:
            wanted = (call.text(parameter) or "").casefold()
            requests = [one for one in requests if str(getattr(one, attribute)).casefold() == wanted]
    if call.text("TargetMailbox") is not None:
        targets = {known.guid for known in call.world.cloud.find(call.text("TargetMailbox"))}
        requests = [one for one in requests if one.target_guid in targets]
    return requests


def _refused(call: Call, message: str, target: str) -> CmdletError:
    return exchange_error(call, message, _TASK, "InvalidArgument", target=target)
