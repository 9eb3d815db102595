"""Where a run stands in, what is said of it at the top of the page, and what is to be done next, out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from psbridge.journal import RunRecord, Status
from psbridge.report.html.proofs import Approved, Change, Guard, Standing
from psbridge.report.html.writing import moment

__all__ = ["CommandLine", "Next", "Outcome", "next_steps", "outcome_of", "tally"]

# The name of a command and its arguments in, a line that can be typed out.
CommandLine: TypeAlias = Callable[..., str]
_APPROVAL: Final = "approval:"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went. `tone`: good, attention, waiting or bad; `said` is what the run itself says."""

    label: str
    tone: str
    said: str


@dataclass(frozen=True, slots=True)
class Next:
    """One thing to be done, with its command where there is one."""

    text: str
    command: str = ""


def outcome_of(run: RunRecord, *, cancelled: bool) -> Outcome:
    """Say where a run stands."""
    if cancelled:
        return Outcome("Cancelled", "attention", run.why)
    if run.status is Status.DONE and (found := _found(run)):
        return Outcome("Done, with findings", "attention", found)
    label, tone, said = _STANDS[run.status]
    return Outcome(label, tone, said(run))


def tally(guards: Sequence[Guard], approvals: Sequence[Approved], changes: Sequence[Change]) -> str:
    """How much was looked at, approved and changed, in a line or two."""
    destructive = sum(change.is_destructive for change in changes)
    people = sorted({approval.who for approval in approvals if approval.who})
    given = sum(bool(approval.who) for approval in approvals)
    failing = sum(not guard.holds for guard in guards)
    told = [
        f"{_count(len(changes), 'change')} sent, {destructive} of them destructive" if changes else "nothing was changed",
        f"{_count(given, 'approval')} given by {' and '.join(people)}" if given else "",
        f"{_count(len(guards) - failing, 'guard')} held" if guards else "",
        f"{failing} did not" if failing else "",
    ]
    return f"{_sentence('; '.join(part for part in told if part))}."


def next_steps(
    run: RunRecord, warnings: Sequence[Standing], command: CommandLine, *, has_list: bool, cancelled: bool, over: str
) -> list[Next]:
    """What a person has to do, in order; warnings first, because they have a deadline or hold something up.

    `over`: why a retry cannot help, empty where it may.
    """
    steps = [*map(_of_warning, warnings)]
    if not cancelled:
        steps += [Next(f"A retry would not help, because {over}: begin a new run.")] if over else _of_run(run, command)
    if has_list and run.status is Status.DONE and _found(run):
        kept = command("show", run.run_id, "--output", "list.csv")
        steps.append(Next("Keep the list as a file, which psbridge run takes with --from:", kept))
    return steps


def _of_warning(warning: Standing) -> Next:
    if warning.command is None:
        return Next(warning.text)
    return Next(f"{warning.text} This ends it (endpoint {warning.command.endpoint}):", warning.command.text)


def _of_run(run: RunRecord, command: CommandLine) -> list[Next]:
    if run.signal.startswith(_APPROVAL) and run.status in {Status.WAITING, Status.OPERATOR}:
        asked = run.question or "Look at what the run asks for, and approve it if that is what is wanted:"
        return [Next(asked, command("approve", run.run_id))]
    if run.status is Status.OPERATOR and run.signal:
        return [Next(run.question, command("answer", run.run_id, '"..."'))]
    if run.status not in _GOES_ON:
        return []
    name, text = _GOES_ON[run.status]
    return [Next(text(run), command(name, run.run_id))]


def _when(run: RunRecord) -> str:
    return f"It looks again when it is resumed{f' from {moment(run.wake_at)} on' if run.wake_at else ''}:"


# The command with which a run goes on, and what is said before it.
_GOES_ON: Final[dict[Status, tuple[str, Callable[[RunRecord], str]]]] = {
    Status.WAITING: ("resume", _when),
    Status.READY: ("resume", lambda _: "Let it go on:"),
    Status.OPERATOR: ("retry", lambda run: run.question or "See to the cause, then:"),
    Status.FAILED: ("retry", lambda _: "When its cause is seen to, make the run ready again, then resume it:"),
}


def _failed(run: RunRecord) -> str:
    return f"{run.why}{' Something was changed before it ended.' if run.changed else ''}"


def _waiting(run: RunRecord) -> str:
    return f"{_sentence(run.why).rstrip('.')}." if run.why else ""


def _verdict(run: RunRecord) -> str:
    """What a playbook that judges has come to, with its first reason."""
    result = run.result or {}
    verdict, reasons = result.get("verdict"), result.get("reasons")
    told = [verdict, *(reasons[:1] if isinstance(reasons, list) else [])] if isinstance(verdict, str) else []
    return ". ".join(_sentence(str(text)) for text in told)


_STANDS: Final[dict[Status, tuple[str, str, Callable[[RunRecord], str]]]] = {
    Status.DONE: ("Done", "good", _verdict),
    Status.FAILED: ("Failed", "bad", _failed),
    Status.OPERATOR: ("Needs an operator", "bad", lambda run: run.why),
    Status.RUNNING: ("Under way", "waiting", lambda run: f"{run.owner} is at work on it."),
    Status.READY: ("Ready to go on", "waiting", lambda _: "It goes on when it is resumed."),
    Status.WAITING: ("Waiting", "waiting", _waiting),
}


def _found(run: RunRecord) -> str:
    """Why a run that is done needs a person all the same, as the exit code says it."""
    result = run.result or {}
    counts = ((name, result.get(name)) for name in ("findings", "unreadable"))
    told = ", ".join(f"{count:,} {name}" for name, count in counts if isinstance(count, int) and count > 0)
    attention = result.get("attention")
    return ". ".join([told, *([attention] if isinstance(attention, str) and attention else [])]) + "." if told else ""


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
