"""The cmdlets of move requests: the mailbox of a mail user comes into the cloud (the documents, OPTION #0; field-notes 5.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from psbridge.psobject import Value
from psbridge.simulator.cmdlets.exchange import exchange_error, limited, not_found
from psbridge.simulator.rules.moving import complete_move, local_source, move_of, remove_move, request_move, suspend_move
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.state import Move, Recipient
from psbridge.simulator.views.requests import move_request, move_statistics

__all__ = [
    "get_move_request",
    "get_move_request_statistics",
    "new_move_request",
    "remove_move_request",
    "resume_move_request",
    "suspend_move_request",
]

_TASK: Final = "Microsoft.Exchange.Configuration.Tasks.RecipientTaskException"
_EXISTS: Final = "Microsoft.Exchange.Management.RecipientTasks.ManagementObjectAlreadyExistsException"


@cmdlet(
    "New-MoveRequest",
    "exo",
    uses=(
        *("Identity", "Remote", "RemoteHostName", "RemoteCredential", "TargetDeliveryDomain", "BatchName"),
        "SuspendWhenReadyToComplete",
    ),
)
def new_move_request(call: Call) -> Iterable[Value]:
    """Move a mailbox from the local organisation into the cloud: the target must be a mail user with its GUID (1.2)."""
    recipient = _recipient(call)
    known = move_of(call.world, recipient)
    if known is not None and known.status not in {"Failed", "Completed"}:
        text = f"The mailbox '{recipient.name}' is already being moved to '{known.target_database}'."
        raise exchange_error(call, text, _EXISTS, "InvalidArgument", target=recipient.name)
    if recipient.is_mailbox:
        text = f"The user '{recipient.name}' already has a primary mailbox."
        raise exchange_error(call, text, _TASK, "InvalidArgument", target=recipient.name)
    source = local_source(call.world, recipient)
    if source is None:
        text = f"No mailbox with the GUID '{recipient.exchange_guid}' was found in the source organization."
        raise exchange_error(call, text, _TASK, "InvalidArgument", target=recipient.name)
    if not call.should_process():
        return ()
    move = request_move(
        call.world,
        recipient,
        source,
        remote_host=call.text("RemoteHostName") or "",
        delivery_domain=call.text("TargetDeliveryDomain") or "",
    )
    move.complete_when_synced = not call.switch("SuspendWhenReadyToComplete")
    return [move_request(move, recipient, call.world)]


@cmdlet("Get-MoveRequest", "exo", uses=("Identity", "ResultSize"), reads=True)
def get_move_request(call: Call) -> Iterable[Value]:
    """Moves; a null identity gives all of them (field-notes 2.5)."""
    moves = call.world.state.moves if call.text("Identity") is None else [_move(call)]
    return limited(call, (move_request(move, _moved(call, move), call.world) for move in moves))


@cmdlet("Get-MoveRequestStatistics", "exo", uses=("Identity", "IncludeReport"), reads=True)
def get_move_request_statistics(call: Call) -> Iterable[Value]:
    """The progress of a move, and with -IncludeReport its report (field-notes 5.2)."""
    move = _move(call)
    return [move_statistics(move, _moved(call, move), call.world, with_report=call.switch("IncludeReport"))]


@cmdlet("Resume-MoveRequest", "exo", uses=("Identity", "SuspendWhenReadyToComplete"))
def resume_move_request(call: Call) -> Iterable[Value]:
    """Let a move that waits at its end complete."""
    move = _move(call)
    if call.should_process():
        complete_move(call.world, move)
    return ()


@cmdlet("Remove-MoveRequest", "exo", uses=("Identity",))
def remove_move_request(call: Call) -> Iterable[Value]:
    """Forget a move; one under way ends. It asks without -Confirm:$false."""
    move = _move(call)
    question = f"Removing completed or queued move request '{move.identity}'. Are you sure you want to perform this action?"
    if call.should_process(asks=True, whole=question):
        remove_move(call.world, move)
    return ()


@cmdlet("Suspend-MoveRequest", "exo", uses=("Identity",))
def suspend_move_request(call: Call) -> Iterable[Value]:
    """Hold a move that has not ended. It asks without -Confirm:$false."""
    move = _move(call)
    question = f'Performing the operation "Suspending move request" on target "{move.identity}".'
    if call.should_process(question, asks=True) and move.status in {"Queued", "Syncing", "Synced"}:
        suspend_move(call.world, move)
    return ()


def _recipient(call: Call) -> Recipient:
    wanted = call.text("Identity") or ""
    found = next((known for known in call.world.cloud.find(wanted) if known.soft_deleted is None), None)
    if found is None:
        raise not_found(call, wanted)
    return found


def _move(call: Call) -> Move:
    move = move_of(call.world, _recipient(call))
    if move is None:
        raise not_found(call, call.text("Identity") or "")
    return move


def _moved(call: Call, move: Move) -> Recipient | None:
    return next((known for known in call.world.cloud.find(move.identity) if known.soft_deleted is None), None)
