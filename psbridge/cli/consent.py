"""What a run asks for in, a person's yes or no out. Without a person and without --yes nothing is approved."""

from __future__ import annotations

import sys
from typing import Final, Protocol

import typer

from psbridge.cli.again import Again
from psbridge.cli.folding import folded
from psbridge.engine import Operator, PendingApproval
from psbridge.errors import InputError
from psbridge.profile import Approvals
from psbridge.report.command_line import pasteable
from psbridge.report.transcript import prompt_of
from psbridge.report.visible import visible

__all__ = ["AskHere", "Consent", "LeaveOpen", "LeaveOver", "SayYes", "at_a_terminal", "consent_for", "describe"]


_DEFAULTS: Final = Again()


class Consent(Protocol):
    """Who decides while a run is carried on."""

    def approves(self, asked: PendingApproval) -> bool:
        """Whether exactly this may be done now."""
        ...

    def answers(self, question: Operator) -> str | None:
        """The operator's answer; None leaves the question open."""
        ...


class SayYes:
    """--yes: what is asked for is shown and approved; questions stay open."""

    def approves(self, asked: PendingApproval) -> bool:
        """Show it, and say yes."""
        typer.echo(describe(asked))
        return True

    def answers(self, question: Operator) -> str | None:
        """A question needs a person."""
        _ = question
        return None


class LeaveOpen:
    """Nobody is there: everything stays open and can be approved later. `again`: what the command must name that is told."""

    def __init__(self, again: Again = _DEFAULTS) -> None:
        self._again = again

    def approves(self, asked: PendingApproval) -> bool:
        """Show how to approve it later."""
        typer.echo(describe(asked))
        typer.echo(f"To approve exactly this: {self._again.command('approve', asked.run_id, asked.sha)}")
        return False

    def answers(self, question: Operator) -> str | None:
        """A question needs a person."""
        _ = question
        return None


class LeaveOver(LeaveOpen):
    """Nobody is there, and the run (a rehearsal, a replay) ends with the command: it cannot be approved later either."""

    def __init__(self, again: Again | None) -> None:
        super().__init__()
        self._kept = again

    def approves(self, asked: PendingApproval) -> bool:
        """Show how to begin again."""
        typer.echo(describe(asked))
        kept = "nothing is kept of this run" if self._kept is None else "this run cannot be approved later: its time ends here"
        typer.echo(f"Not approved, and {kept}. Begin it again at a terminal, or with --yes.")
        if self._kept is not None:
            typer.echo(f"All that happened: {self._kept.command('show', asked.run_id)}")
        return False


class AskHere:
    """A person sits at the terminal. `again`: what the command to approve it later must name; None where that cannot be."""

    def __init__(self, again: Again | None = None) -> None:
        self._again = again

    def approves(self, asked: PendingApproval) -> bool:
        """Only the whole word counts; Enter alone is a no."""
        typer.echo(describe(asked))
        if _typed("Type yes to run exactly this", default="no").lower() == "yes":
            return True
        if self._again is not None:
            typer.echo(f"To approve exactly this later: {self._again.command('approve', asked.run_id, asked.sha)}")
        return False

    def answers(self, question: Operator) -> str | None:
        """Enter alone leaves the question open."""
        typer.echo(f"{question.why}\n{question.question}")
        return _typed("Your answer (Enter: later)", default="", shown=False) or None


def _typed(text: str, *, default: str, shown: bool = True) -> str:
    try:
        return str(typer.prompt(text, default=default, show_default=shown)).strip()
    except typer.Abort:  # what a prompt makes of Ctrl+C; the run says then how it goes on
        raise KeyboardInterrupt from None


def consent_for(*, yes: bool, again: Again | None = _DEFAULTS) -> Consent:
    """Choose by --yes, by whether a person can be asked, and by whether the run can be approved later.

    `again`: None where the run is kept nowhere.
    """
    if yes:
        return SayYes()
    if at_a_terminal():
        return AskHere(again if again is not None and again.by_sessions else None)
    if sys.stdin.isatty():
        typer.echo("Standard output is no terminal (a pipe, a file), so nothing is asked here.", err=True)
    return LeaveOpen(again) if again is not None and again.by_sessions else LeaveOver(again)


def allowed(consent: Consent, approvals: Approvals) -> Consent:
    """The same, unless the profile forbids --yes. Raises InputError."""
    if isinstance(consent, SayYes) and not approvals.yes:
        raise InputError("this profile forbids --yes ([approvals] yes = false): run it at a terminal, or use psbridge approve")
    return consent


def at_a_terminal() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def describe(asked: PendingApproval) -> str:
    """Everything that an approval stands for: what it means, the exact commands, the evidence and the hash."""
    commands = [f"    {prompt_of(endpoint)} {pasteable(command)}" for endpoint, command in asked.commands]
    kept = {step: ", ".join(f"{name} {value}" for name, value in fields.items()) for step, fields in asked.evidence.items()}
    lines = ["", _harmless(f"APPROVAL {asked.key}"), *folded(_harmless(f"  {asked.says}"))]
    # A command is for pasting, too: it stays in one line.
    lines += ["  Exactly this will run:", *map(_harmless, commands)]
    lines += ["  On this evidence:", *(line for step in kept for line in folded(_harmless(f"    {step}: {kept[step]}")))]
    return "\n".join([*lines, f"  SHA-256 {asked.sha}", ""])


def _harmless(line: str) -> str:
    """A name may come from anywhere: it must neither steer the terminal nor add lines of its own to what is approved."""
    return visible(line).replace("\r", "\u240d").replace("\n", "\u240a")
