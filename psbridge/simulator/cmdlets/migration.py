"""The cmdlets of migration batches and their users (the second document; field-notes 5.1)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from psbridge.psobject import Value
from psbridge.simulator.cmdlets.exchange import exchange_error, limited
from psbridge.simulator.rules.moving import complete_move, remove_move, start_batch, suspend_move
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.state import Batch, Move
from psbridge.simulator.views.requests import migration_batch, migration_user, migration_user_statistics

__all__ = [
    "complete_migration_batch",
    "get_migration_batch",
    "get_migration_user",
    "get_migration_user_statistics",
    "new_migration_batch",
    "remove_migration_batch",
    "remove_migration_user",
    "set_migration_batch",
    "set_migration_user",
    "start_migration_batch",
    "stop_migration_batch",
]

_STORAGE: Final = "Microsoft.Exchange.Data.Storage.Management"


@cmdlet(
    "New-MigrationBatch",
    "exo",
    uses=("Name", "CSVData", "SourceEndpoint", "TargetDeliveryDomain", "AutoStart", "AutoComplete", "NotificationEmails"),
)
def new_migration_batch(call: Call) -> Iterable[Value]:
    """A batch of the users whose addresses stand in the column EmailAddress of the CSV."""
    name = call.text("Name") or ""
    if any(batch.name.casefold() == name.casefold() for batch in call.world.state.batches):
        raise exchange_error(
            call,
            f"A migration batch with the name '{name}' already exists.",
            f"{_STORAGE}.MigrationBatchAlreadyExistsException",
            "InvalidArgument",
            target=name,
        )
    users = _addresses(call)
    if not call.should_process():
        return ()
    batch = Batch(
        name=name,
        guid=call.world.new_guid(),
        users=users,
        created=call.world.now,
        auto_start=call.switch("AutoStart"),
        auto_complete=call.switch("AutoComplete"),
        endpoint=call.text("SourceEndpoint") or "",
        delivery_domain=call.text("TargetDeliveryDomain") or "",
    )
    call.world.state.batches.append(batch)
    if batch.auto_start:
        start_batch(call.world, batch)
    return [migration_batch(batch, _moves(call, batch))]


@cmdlet("Start-MigrationBatch", "exo", uses=("Identity",))
def start_migration_batch(call: Call) -> Iterable[Value]:
    """Begin a batch that waits."""
    batch = _batch(call)
    if call.should_process():
        start_batch(call.world, batch)
    return ()


@cmdlet("Complete-MigrationBatch", "exo", uses=("Identity",))
def complete_migration_batch(call: Call) -> Iterable[Value]:
    """Let every synced user of a batch go on to the end. It asks without -Confirm:$false."""
    batch = _batch(call)
    if call.should_process(_performing("Completing migration batch", batch.name), asks=True):
        for move in _moves(call, batch):
            complete_move(call.world, move)
    return ()


@cmdlet("Stop-MigrationBatch", "exo", uses=("Identity",))
def stop_migration_batch(call: Call) -> Iterable[Value]:
    """Hold every user of a batch who is being copied; Start-MigrationBatch lets them go on. It asks."""
    batch = _batch(call)
    if call.should_process(_performing("Stopping migration batch", batch.name), asks=True):
        for move in _moves(call, batch):
            if move.status in {"Queued", "Syncing"}:
                suspend_move(call.world, move)
    return ()


@cmdlet("Remove-MigrationBatch", "exo", uses=("Identity",))
def remove_migration_batch(call: Call) -> Iterable[Value]:
    """Remove a batch with its users; what was copied stays where it is. It asks."""
    batch = _batch(call)
    if call.should_process(_performing("Removing migration batch", batch.name), asks=True):
        for move in _moves(call, batch):
            remove_move(call.world, move)
        call.world.state.batches.remove(batch)
    return ()


@cmdlet("Remove-MigrationUser", "exo", uses=("Identity",))
def remove_migration_user(call: Call) -> Iterable[Value]:
    """Remove one user of a batch. It asks."""
    move = _user(call)
    if call.should_process(_performing("Removing migration user", move.identity), asks=True):
        remove_move(call.world, move)
    return ()


@cmdlet("Set-MigrationBatch", "exo", uses=("Identity", "ApproveSkippedItems"))
def set_migration_batch(call: Call) -> Iterable[Value]:
    """Approve what was skipped, for every user of a batch (field-notes 5.3)."""
    batch = _batch(call)
    if call.should_process() and call.switch("ApproveSkippedItems"):
        for move in _moves(call, batch):
            move.skipped_items_approved = call.world.now
    return ()


@cmdlet("Set-MigrationUser", "exo", uses=("Identity", "ApproveSkippedItems"))
def set_migration_user(call: Call) -> Iterable[Value]:
    """Approve what was skipped: without it a user whose score is Investigate is not completed (field-notes 5.3)."""
    move = _user(call)
    if call.should_process() and call.switch("ApproveSkippedItems"):
        move.skipped_items_approved = call.world.now
    return ()


@cmdlet("Get-MigrationBatch", "exo", uses=("Identity", "ResultSize"), reads=True)
def get_migration_batch(call: Call) -> Iterable[Value]:
    """Batches; a null identity gives all of them (field-notes 2.5)."""
    batches = call.world.state.batches if call.text("Identity") is None else [_batch(call)]
    return limited(call, (migration_batch(batch, _moves(call, batch)) for batch in batches))


@cmdlet("Get-MigrationUser", "exo", uses=("Identity", "BatchId", "ResultSize"), reads=True)
def get_migration_user(call: Call) -> Iterable[Value]:
    """The users of the batches."""
    users = [move for move in call.world.state.moves if move.batch is not None]
    if call.text("BatchId") is not None:
        wanted = (call.text("BatchId") or "").casefold()
        users = [move for move in users if (move.batch or "").casefold() == wanted]
    if call.text("Identity") is not None:
        users = [_user(call)]
    return limited(call, (migration_user(move) for move in users))


@cmdlet("Get-MigrationUserStatistics", "exo", uses=("Identity", "IncludeReport", "IncludeSkippedItems"), reads=True)
def get_migration_user_statistics(call: Call) -> Iterable[Value]:
    """What was transferred, how long it took, and with -IncludeReport why (the second document)."""
    return [migration_user_statistics(_user(call), with_report=call.switch("IncludeReport"))]


def _performing(operation: str, target: str) -> str:
    return f'Performing the operation "{operation}" on target "{target}".'


def _addresses(call: Call) -> list[str]:
    data = call.bound.get("CSVData")
    text = data.decode("utf-8-sig") if isinstance(data, bytes) else ""
    rows = csv.DictReader(io.StringIO(text))
    column = next((name for name in rows.fieldnames or [] if name.strip().casefold() == "emailaddress"), None)
    if column is None:
        raise exchange_error(
            call,
            "The CSV file doesn't contain the required column 'EmailAddress'.",
            f"{_STORAGE}.MigrationCSVParsingException",
            "InvalidArgument",
        )
    return [address.strip() for row in rows if (address := row[column] or "").strip()]


def _batch(call: Call) -> Batch:
    wanted = call.text("Identity") or ""
    for batch in call.world.state.batches:
        if wanted.casefold() in (batch.name.casefold(), str(batch.guid)):
            return batch
    raise _missing(call, "MigrationBatchNotFoundException", f"The migration batch '{wanted}' couldn't be found.")


def _user(call: Call) -> Move:
    wanted = call.text("Identity") or ""
    for move in call.world.state.moves:
        if move.batch is not None and wanted.casefold() in (move.identity.casefold(), str(move.request_guid)):
            return move
    raise _missing(call, "MigrationUserNotFoundException", f"The migration user '{wanted}' couldn't be found.")


def _missing(call: Call, exception: str, message: str) -> CmdletError:
    return exchange_error(call, message, f"{_STORAGE}.{exception}", "ObjectNotFound")


def _moves(call: Call, batch: Batch) -> list[Move]:
    return [move for move in call.world.state.moves if move.batch == batch.name]
