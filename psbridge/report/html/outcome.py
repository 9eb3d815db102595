"""Where a run stands in, what is said of it at the top of the page, and what is to be done next, out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from psbridge.journal import CANCEL, Entry, Kind, RunRecord, Signal, Status
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


def outcome_of(run: RunRecord, entries: Sequence[Entry], signals: Sequence[Signal]) -> Outcome:
    """Say where a run stands."""
    match run.status:
        case Status.DONE:
            found = _found(run)
            return Outcome("Done, with findings", "attention", found) if found else Outcome("Done", "good", _verdict(run))
        case Status.FAILED if _is_cancelled(entries, signals):
            return Outcome("Cancelled", "attention", run.why)
        case Status.FAILED:
            changed = "Something was changed before it ended." if run.changed else ""
            return Outcome("Failed", "bad", f"{run.why} {changed}".strip())
        case Status.OPERATOR:
            return Outcome("Needs an operator", "bad", run.why)
        case Status.RUNNING:
            return Outcome("Under way", "waiting", f"{run.owner} is at work on it.")
        case Status.READY:
            return Outcome("Ready to go on", "waiting", "It goes on when it is resumed.")
    return Outcome("Waiting", "waiting", f"{run.why[:1].upper()}{run.why[1:].rstrip('.')}." if run.why else "")


def next_steps(
    run: RunRecord, warnings: Sequence[Standing], command: CommandLine, *, has_list: bool, is_cancelled: bool
) -> list[Next]:
    """What a person has to do, in order; warnings first, because they have a deadline or hold something up."""
    return [*map(_of_warning, warnings), *_of_run(run, command, is_cancelled=is_cancelled), *_of_list(run, command, has_list=has_list)]


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
    text = "; ".join(part for part in told if part)
    return f"{text[:1].upper()}{text[1:]}."


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _of_warning(warning: Standing) -> Next:
    if warning.command is None:
        return Next(warning.text)
    return Next(f"{warning.text} This ends it (endpoint {warning.command.endpoint}):", warning.command.text)


def _of_run(run: RunRecord, command: CommandLine, *, is_cancelled: bool) -> list[Next]:
    match run.status:
        case Status.WAITING if run.signal.startswith(_APPROVAL):
            return [Next("Look at what the run asks for, and approve it if that is what is wanted:", command("approve", run.run_id))]
        case Status.WAITING:
            when = f" from {moment(run.wake_at)} on" if run.wake_at else ""
            return [Next(f"It looks again when it is resumed{when}:", command("resume", run.run_id))]
        case Status.READY:
            return [Next("Let it go on:", command("resume", run.run_id))]
        case Status.OPERATOR if run.signal.startswith(_APPROVAL):
            return [Next(run.question, command("approve", run.run_id))]
        case Status.OPERATOR if run.signal:
            return [Next(run.question, command("answer", run.run_id, '"..."'))]
        case Status.OPERATOR:
            return [Next(run.question or "See to the cause, then:", command("retry", run.run_id))]
        case Status.FAILED if not is_cancelled:
            return [Next("When its cause is seen to, make the run ready again, then resume it:", command("retry", run.run_id))]
    return []


def _of_list(run: RunRecord, command: CommandLine, *, has_list: bool) -> list[Next]:
    if not has_list or run.status is not Status.DONE or not _found(run):
        return []
    return [
        Next("Keep the list as a file, which psbridge run takes with --from:", command("show", run.run_id, "--output", "list.csv"))
    ]


def _found(run: RunRecord) -> str:
    """Why a run that is done needs a person all the same, as the exit code says it."""
    result = run.result or {}
    told = [f"{count:,} {name}" for name in ("findings", "unreadable") if isinstance(count := result.get(name), int) and count > 0]
    attention = result.get("attention")
    return ". ".join([", ".join(told), *([attention] if isinstance(attention, str) and attention else [])]) + "." if told else ""


def _verdict(run: RunRecord) -> str:
    """What a playbook that judges has come to, with its first reason."""
    result = run.result or {}
    verdict, reasons = result.get("verdict"), result.get("reasons")
    told = [verdict, *(reasons[:1] if isinstance(reasons, list) else [])] if isinstance(verdict, str) else []
    return ". ".join(f"{text[:1].upper()}{text[1:]}" for text in map(str, told))


def _is_cancelled(entries: Sequence[Entry], signals: Sequence[Signal]) -> bool:
    forgiven = max((int(entry.body["signals"]) for entry in entries if entry.kind is Kind.RETRY), default=0)
    return any(signal.name == CANCEL and signal.seq > forgiven for signal in signals)
