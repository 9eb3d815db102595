"""A policy type in, a synchronisation cycle begun out: by Start-ADSyncSyncCycle, or by the operator."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from playbooks.asking import DONE, ask_until
from psbridge.cmdlets import get_ad_sync_scheduler, start_ad_sync_sync_cycle
from psbridge.engine import Input, Run

__all__ = ["A_DAY", "SOON", "SYNC", "must_export", "synchronise"]

SYNC: Final = Input(
    "sync",
    default="cmdlet",
    choices=("cmdlet", "manual"),
    help="manual: the operator starts the synchronisation",
    replaces=("sync",),
    replaces_at="manual",
)
SOON: Final = timedelta(seconds=30)
A_DAY: Final = timedelta(days=1)


def must_export(run: Run) -> None:
    """Look before any change whether the sync server can carry it; with `sync=manual` the operator knows."""
    if run.inputs["sync"] == "manual":
        return
    scheduler = run.read("scheduler", "sync", get_ad_sync_scheduler()).one()
    run.guard(
        "the sync server exports",
        scheduler.staging_mode_enabled is not True,
        found=f"StagingModeEnabled {scheduler.staging_mode_enabled}.",
        expected="a server that exports: one in staging mode changes nothing in the cloud.",
        remedy="Let the endpoint `sync` lead to the active Entra Connect server.",
    )


def synchronise(run: Run, policy_type: str = "Delta") -> None:
    """Begin a cycle. A second one does no harm; one while another is under way is tried again by the engine."""
    call = start_ad_sync_sync_cycle(policy_type=policy_type)
    if run.inputs["sync"] == "manual":
        question = f"Start a directory synchronisation cycle ({policy_type}) on the Entra Connect server."
        ask_until(run, "synchronise", question, f"{call}; then answer `done`.", DONE)
    else:
        run.change("synchronise", "sync", call)
