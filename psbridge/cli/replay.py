"""A cassette in, the recorded run out: the same playbook and engine, answered from the recording, with time that skips."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import typer

from psbridge.cassettes import Cassette, Playback
from psbridge.cli.again import Again
from psbridge.cli.consent import Consent
from psbridge.cli.drive import drive
from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.live import Live
from psbridge.cli.outputs import Outputs
from psbridge.cli.workbench import workbench
from psbridge.clock import SkippingClock
from psbridge.endpoints import Endpoints
from psbridge.errors import CassetteError, InputError
from psbridge.report.summary import summary

__all__ = ["replay"]

# Longer than any playbook waits.
_FOREVER = timedelta(days=400)


def replay(
    path: Path,
    consent: Consent,
    *,
    playbook: str | None = None,
    inputs: Mapping[str, str] | None = None,
    journal: Path | None = None,
    playbooks: Path | None = None,
    report: bool = False,
    outputs: Outputs | None = None,
) -> ExitCode:
    """Play a cassette. It goes by the recorded run's id and inputs, because names that a run gives hold its id.

    Raises CassetteError if the recording cannot be read, is not of a run, or was not played to its end; InputError if
    `playbook` or `inputs` are not the recorded ones, or `journal` is there already: recorded answers must never carry on
    a real run, nor lock its objects. Without `journal` the journal is thrown away afterwards.
    """
    if journal is not None and journal.exists():
        raise InputError(f"{journal} is there already; a replay needs a journal of its own: name a new file, or none")
    cassette = Cassette.load(path)
    recorded = _recorded(cassette, playbook, inputs or {})
    clock = SkippingClock(datetime.fromisoformat(cassette.header.created))
    playback = Playback(cassette)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="psbridge-"))) if journal is None else None
        kept = folder / "journal.db" if folder is not None else journal or Path()
        tenant = str(cassette.metadata.get("tenant", ""))
        live = Live(asks=False)
        bench = workbench(kept, Endpoints(playback.transport), live, playbooks=playbooks, tenant=tenant, clock=clock)
        engine = stack.enter_context(bench)
        run_id = engine.start(str(cassette.playbook), recorded, run_id=cassette.run_id)
        typer.echo(
            f"Replay of run {run_id} of {cassette.playbook} for {recorded.get('identity', 'everybody')}, "
            f"recorded {cassette.header.created}"
        )
        again = Again(str(journal), by_sessions=False) if journal is not None else None
        code = drive(engine, run_id, clock, consent, patience=_FOREVER, again=again, live=live)
        (outputs or Outputs()).give_out(engine, run_id)
        if report:
            typer.echo(summary(engine.run(run_id), engine.entries(run_id)))
    if code in {ExitCode.DONE, ExitCode.FAILED, ExitCode.FINDINGS}:
        playback.finish()
    return code


def _recorded(cassette: Cassette, playbook: str | None, inputs: Mapping[str, str]) -> dict[str, str]:
    if cassette.playbook is None or cassette.run_id is None:
        raise CassetteError(
            cassette.name, "it is no recording of a run", remedy="Record one with psbridge run ... --record FILE."
        )
    if playbook is not None and playbook != cassette.playbook:
        raise InputError(f"{cassette.name} is a recording of {cassette.playbook}, not of {playbook}")
    recorded = {name: str(value) for name, value in cassette.inputs.items()}
    differences = [name for name, value in inputs.items() if recorded.get(name, value) != value]
    if differences:
        told = ", ".join(f"{name} {recorded[name]!r}, not {inputs[name]!r}" for name in differences)
        raise InputError(f"{cassette.name} was recorded for {told}")
    return {**inputs, **recorded}
