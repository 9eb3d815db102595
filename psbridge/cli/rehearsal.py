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
from psbridge.simulator import SimulatedOrganisation
from psbridge.simulator.state import Tenant
from psbridge.transports.base import Transport
from psbridge.transports.local import LOCAL, LocalTransport
from psbridge.transports.simulated import SimulatedTransport

__all__ = ["rehearse"]

# Longer than any playbook waits.
_FOREVER = timedelta(days=400)


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
    tenant = f"simulated {organisation.state.cloud_organization.tenant_name}"
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory()) if journal is None else ""
        again = Again(str(journal), by_sessions=False) if journal is not None else None
        live = Live()
        bench = workbench(journal or Path(folder, "journal.db"), endpoints, live, playbooks=playbooks, tenant=tenant, clock=clock)
        engine = stack.enter_context(bench)
        typer.echo(f"A rehearsal in the tenant {tenant} ({seed}); nothing real is touched.")
        if many is not None:
            return many.go(engine, clock, consent, _FOREVER, live, what_if=what_if, again=again)
        if what_if:
            show_plan(engine.plan(playbook.name, dict(inputs)), live)
            return ExitCode.DONE
        begun = engine.start(playbook.name, dict(inputs))
        typer.echo(f"Run {begun} of {playbook.name} for {inputs.get('identity', 'everybody')}")
        if _waits_in_vain(organisation.state, playbook.filled(inputs)):
            typer.echo(_IN_VAIN.format(user=inputs["identity"]))
        code = drive(engine, begun, clock, consent, patience=_FOREVER, again=again, live=live)
        outputs.give_out(engine, begun)
        return code


def _waits_in_vain(organisation: Tenant, inputs: Mapping[str, str]) -> bool:
    """Whether the run waits for a migration by somebody else, and nobody is there who migrates this user's mailbox."""
    if inputs.get("migration") != "wait":
        return False
    named = inputs["identity"].casefold()
    names = {named}
    for account in organisation.directory:
        known = {account.user_principal_name, str(account.object_id), account.alias, account.display_name}
        if named in {name.casefold() for name in known}:
            names.add(account.user_principal_name.casefold())
    return not any(migration.user.casefold() in names for migration in organisation.migrations)


_IN_VAIN: Final = (
    "Nobody migrates the mailbox of {user} in this organisation: a run that comes to wait for it waits in vain. Let somebody do "
    'it: add [[migrations]] with user = "{user}" to a seed of your own, or let the run do it with --option migration=move.'
)
