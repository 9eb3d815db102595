"""A playbook and a seed in, a rehearsal out: the same engine and playbook in a simulated organisation whose time skips."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Final

import typer

from psbridge.cli.again import Again
from psbridge.cli.batch import Many
from psbridge.cli.consent import Consent
from psbridge.cli.drive import drive
from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.live import Live
from psbridge.cli.outputs import Outputs
from psbridge.cli.what_if import show_plan
from psbridge.cli.workbench import workbench
from psbridge.clock import SkippingClock
from psbridge.endpoints import Endpoints
from psbridge.engine import Playbook
from psbridge.errors import InputError
from psbridge.journal.records import SIMULATED
from psbridge.report.visible import visible
from psbridge.simulator import SimulatedOrganisation
from psbridge.simulator.state import Tenant
from psbridge.transports.base import Transport
from psbridge.transports.local import LOCAL, LocalTransport
from psbridge.transports.simulated import SimulatedTransport

__all__ = ["rehearse"]

# Longer than any playbook waits.
_FOREVER: Final = timedelta(days=400)
# What a run needs besides the migration, until it waits for that.
_LONGER: Final = timedelta(hours=4)


def rehearse(  # noqa: PLR0913 - what the command was given
    playbook: Playbook,
    inputs: Mapping[str, str],
    seed: str,
    consent: Consent,
    *,
    journal: Path | None = None,
    playbooks: Path | None = None,
    what_if: bool = False,
    outputs: Outputs,
    many: Many | None = None,
) -> ExitCode:
    """Run a playbook against the organisation of a seed; nothing real is connected, and a wait of days is over at once.

    Without `journal` the journal is thrown away afterwards; one that is there already is refused, because a simulated run must
    never carry on a real one. Raises InputError.
    """
    if journal is not None and journal.exists():
        raise InputError(f"{journal} is there already; a rehearsal needs a journal of its own: name a new file, or none")
    organisation = SimulatedOrganisation.from_seed(seed)
    clock = SkippingClock(organisation.state.now)

    def transport(endpoint: str) -> Transport:
        # A file is on this machine, whatever organisation is simulated.
        return LocalTransport() if endpoint == LOCAL else SimulatedTransport(organisation, endpoint, clock)

    endpoints = Endpoints(transport)
    # No profile has such a name, so no real session can carry a rehearsal on.
    tenant = f"{SIMULATED}{organisation.state.cloud_organization.tenant_name}"
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory()) if journal is None else ""
        again = Again(str(journal), by_sessions=False) if journal is not None else None
        live = Live()
        bench = workbench(journal or Path(folder, "journal.db"), endpoints, live, playbooks=playbooks, tenant=tenant, clock=clock)
        engine = stack.enter_context(bench)
        typer.echo(f"A rehearsal in the tenant {tenant} ({seed}); nothing real is touched.")
        users = [job.inputs for job in many.jobs] if many is not None else [inputs]
        waiting = [given["identity"] for given in users if _waits_in_vain(organisation.state, playbook.filled(given))]
        patience = _until_all_are_migrated(organisation.state) if waiting else _FOREVER
        if many is not None:
            code = many.go(engine, clock, consent, patience, live, what_if=what_if, again=again)
        elif what_if:
            show_plan(engine.plan(playbook.name, dict(inputs)), live)
            code = ExitCode.DONE
        else:
            begun = engine.start(playbook.name, dict(inputs))
            typer.echo(f"Run {begun} of {playbook.name} for {inputs.get('identity', 'everybody')}")
            code = drive(engine, begun, clock, consent, patience=patience, again=again, live=live)
            outputs.give_out(engine, begun)
        if code is ExitCode.WAITING and waiting and not engine.pending_approvals():
            typer.echo(_IN_VAIN.format(users=", ".join(map(visible, waiting)), first=visible(waiting[0])), err=True)
        return code


def _waits_in_vain(organisation: Tenant, inputs: Mapping[str, str]) -> bool:
    """Whether the run leaves the migration to somebody else, and nobody is there who migrates this user's mailbox."""
    if inputs.get("migration") != "wait":
        return False
    names = {inputs["identity"].casefold()}
    for account in organisation.directory:
        known = (account.user_principal_name, str(account.object_id), account.alias, account.display_name)
        if names.intersection(map(str.casefold, known)):
            names.add(account.user_principal_name.casefold())
    return not any(migration.user.casefold() in names for migration in organisation.migrations)


def _until_all_are_migrated(organisation: Tenant) -> timedelta:
    """Long enough for every other user's migration; looking on for a month would show nothing more."""
    return _LONGER + timedelta(minutes=max((migration.after_minutes for migration in organisation.migrations), default=0))


_IN_VAIN: Final = (
    "The rehearsal ends here: nobody migrates the mailbox of {users} in this organisation. Let somebody do it, with these two "
    'lines in a seed of your own:\n  [[migrations]]\n  user = "{first}"\nOr let the run do it: --option migration=move, '
    "with what the playbook's page names for it."
)
