"""A run in; it is carried on until it ends, or waits for longer than the caller does. Shows what happens on the way."""

from __future__ import annotations

from datetime import datetime, timedelta

import typer

from psbridge.cli.again import Again
from psbridge.cli.consent import Consent
from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.live import Live
from psbridge.cli.outcome_codes import code_of
from psbridge.cli.standing import warn
from psbridge.clock import Clock
from psbridge.engine import Busy, Done, Engine, Failed, Finished, NotDue, Operator, Outcome, Waiting
from psbridge.report.result import opened_by

__all__ = ["drive"]


def drive(
    engine: Engine,
    run_id: str,
    clock: Clock,
    consent: Consent,
    *,
    patience: timedelta,
    again: Again | None,
    live: Live,
) -> ExitCode:
    """Advance a run until it ends or a wait reaches beyond `patience` from now; gives the exit code.

    `again`: what the commands must name that are told; None for a run that is kept nowhere. `live`: what watches the engine and
    shows the run. Ctrl+C ends the command, never the run: what was under way is looked at when the run is resumed.
    """
    live.begin(engine.entries(run_id))
    try:
        code, left = _driven(engine, run_id, clock, consent, live, limit=clock.now() + patience)
    except KeyboardInterrupt:
        live.close()
        _say_interrupted(run_id, again)
        warn(engine.warnings(run_id))
        return ExitCode.INTERRUPTED
    finally:
        live.close()
    if left is not None:
        _how_to_go_on(engine, run_id, left, again)
    warn(engine.warnings(run_id))
    return code


def _driven(
    engine: Engine, run_id: str, clock: Clock, consent: Consent, live: Live, *, limit: datetime
) -> tuple[ExitCode, Outcome | None]:
    """The exit code, and the outcome of a run that can go on."""
    while True:
        outcome = engine.advance(run_id)
        live.settle()
        if not (isinstance(outcome, Waiting) and outcome.until <= limit):
            live.close()  # a person, who is asked now, or another command goes on: that may take days
        match outcome:
            case Waiting() | NotDue() if engine.pending_approvals(run_id):
                if not _approved(engine, run_id, consent):
                    typer.echo("Not approved; nothing was sent for it. The run waits.")
                    return ExitCode.WAITING, None
            case Waiting(until=until) | NotDue(until=until) if until <= limit:
                live.rest(clock, until, str(getattr(outcome, "why", "it is not due")))
            case Busy(until=until, why=why) if why and until <= limit:
                live.rest(clock, until, why)
            case Operator(signal=signal) if _is_question(signal) and (answer := consent.answers(outcome)) is not None:
                engine.signal(run_id, signal, answer)
            case _:
                _say(outcome)
                return code_of(outcome), outcome


def _approved(engine: Engine, run_id: str, consent: Consent) -> bool:
    for asked in engine.pending_approvals(run_id):
        if not consent.approves(asked):
            return False
        engine.approve(run_id, asked.key, asked.sha)
    return True


def _is_question(signal: str) -> bool:
    # An approval that names something else is mended by an approval, not by a word.
    return bool(signal) and not signal.startswith("approval:")


def _say(outcome: Outcome) -> None:
    match outcome:
        case Done(result=result):
            for line in opened_by("Done.", result):
                typer.echo(line)
        case Failed(error=error):
            typer.echo(f"Failed. {error}", err=True)
        case Waiting(until=until, why=why):
            typer.echo(f"Waiting until {until:%Y-%m-%d %H:%M:%S} UTC: {why}.")
        case NotDue(until=until):
            typer.echo(f"Not due before {until:%Y-%m-%d %H:%M:%S} UTC.")
        case Operator(why=why, question=question):
            typer.echo(f"An operator is needed. {why}\n{question}", err=True)
        case Busy(owner=owner, why=why):
            typer.echo(f"Busy: {why or f'{owner} is at work on it'}.", err=True)
        case Finished(outcome=ended, at=at):
            typer.echo(f"This run ended at {at:%Y-%m-%d %H:%M:%S} UTC.")
            _say(ended)


def _say_interrupted(run_id: str, again: Again | None) -> None:
    if again is None or not again.by_sessions:
        typer.echo(f"Interrupted. {_kept(run_id, again)}", err=True)
        return
    typer.echo(
        "Interrupted. A cmdlet that was under way may still have its effect; the run looks for it when it goes on.\n"
        f"Go on with: {again.command('resume', run_id)}    all that happened: {again.command('show', run_id)}",
        err=True,
    )


def _kept(run_id: str, again: Again | None) -> str:
    """What there is of a run that cannot go on: a rehearsal, a replay."""
    if again is None:
        return "Nothing is kept of this run; with --journal FILE it would be."
    return f"It cannot go on; all that happened: {again.command('show', run_id)}"


def _how_to_go_on(engine: Engine, run_id: str, outcome: Outcome, again: Again | None) -> None:
    if again is None or not again.by_sessions:
        if isinstance(outcome, Waiting | NotDue | Operator | Failed):
            typer.echo(_kept(run_id, again), err=True)
        return
    retry, show = again.command("retry", run_id), again.command("show", run_id)
    match outcome:
        case Waiting() | NotDue():
            typer.echo(f"Go on later with: {again.command('resume', run_id)}")
        case Busy(why=why) if why:
            typer.echo(f"Go on later with: {again.command('resume', run_id)}", err=True)
        case Operator(signal=signal) if _is_question(signal):
            answer = again.command("answer", run_id, '"..."')
            typer.echo(f"Answer with: {answer}    look again with: {retry}", err=True)
        case Failed() if why := engine.why_over(run_id):
            typer.echo(f"A retry would not help, because {why}: begin a new run. All that happened: {show}", err=True)
        case Operator() | Failed():
            typer.echo(f"After its cause is seen to: {retry}    all that happened: {show}", err=True)
        case _:
            pass
