"""A playbook and a seed in, a rehearsal out: the same engine and playbook in a simulated organisation whose time skips."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import typer

from psbridge.cli.batch import Many
from psbridge.cli.consent import Consent
from psbridge.cli.drive import drive
from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.tables import give_out
from psbridge.cli.what_if import show_plan
from psbridge.cli.workbench import workbench
from psbridge.clock import SkippingClock
from psbridge.endpoints import Endpoints
from psbridge.errors import InputError
from psbridge.simulator import SimulatedOrganisation
from psbridge.transports.simulated import SimulatedTransport

__all__ = ["rehearse"]

# Longer than any playbook waits.
_FOREVER = timedelta(days=400)


def rehearse(  # noqa: PLR0913 - what the command was given
    playbook: str,
    inputs: Mapping[str, str],
    seed: str,
    consent: Consent,
    *,
    journal: Path | None = None,
    playbooks: Path | None = None,
    what_if: bool = False,
    outputs: Sequence[Path] = (),
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
    endpoints = Endpoints(lambda endpoint: SimulatedTransport(organisation, endpoint, clock))
    # No profile has such a name, so no real session can carry a rehearsal on.
    tenant = f"simulated {organisation.state.cloud_organization.tenant_name}"
    with ExitStack() as stack:
        if journal is None:
            journal = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "journal.db"
        engine = stack.enter_context(workbench(journal, endpoints, playbooks=playbooks, tenant=tenant, clock=clock))
        typer.echo(f"A rehearsal in the tenant {tenant} ({seed}); nothing real is touched.")
        if many is not None:
            return many.go(engine, clock, consent, _FOREVER, what_if=what_if)
        if what_if:
            show_plan(engine.plan(playbook, dict(inputs)))
            return ExitCode.DONE
        begun = engine.start(playbook, dict(inputs))
        typer.echo(f"Run {begun} of {playbook} for {inputs.get('identity', 'everybody')}")
        code = drive(engine, begun, clock, consent, patience=_FOREVER)
        give_out(engine, begun, outputs)
        return code
