"""A playbook and the lines of a file in, a run for each line that fits it, and a summary, out.

A user whose run is there already is not begun again unseen. One run that fails does not stop the others, until too many have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import typer

from psbridge.cli.again import Again
from psbridge.cli.consent import Consent
from psbridge.cli.drive import drive
from psbridge.cli.exit_codes import ExitCode, most_urgent
from psbridge.cli.lines import Line, read_lines
from psbridge.cli.live import Live
from psbridge.cli.refused import refusal_of
from psbridge.cli.what_if import show_plan
from psbridge.clock import Clock
from psbridge.cmdlets import identity as checked_identity
from psbridge.engine import Engine, Playbook
from psbridge.errors import InputError, JournalBusy, PsbridgeError
from psbridge.journal import RunRecord
from psbridge.report.visible import visible

__all__ = ["Batch", "Job", "Many", "jobs_of"]

_PLAYBOOK: Final = "Playbook"
_IDENTITY: Final = "UserPrincipalName"


@dataclass(frozen=True, slots=True)
class Job:
    """One line that fits the playbook: its number in the file, and the inputs that it gives."""

    number: int
    inputs: Mapping[str, str]

    @property
    def who(self) -> str:
        """The user, for people."""
        return visible(self.inputs["identity"])


def jobs_of(playbook: Playbook, path: Path, given: Mapping[str, str]) -> list[Job]:
    """Read the lines that are for this playbook, each user once; the others are counted and said.

    An input is filled from the column that it names: the identity from UserPrincipalName, immutable ids from theirs. What is
    `given` on the command line wins. Raises InputError for a file without the columns, before anything is begun.
    """
    if path.is_file() and not path.stat().st_size:
        raise InputError(f"{path} is empty: not even the names of the columns are there; write it with --output of a scan")
    lines = read_lines(path)
    for name in (_PLAYBOOK, _IDENTITY):
        if lines and name not in lines[0]:
            raise InputError(f"{path} has no column {name}; write it with --output of a scan")
    others = Counter(line.get(_PLAYBOOK, "") for line in lines if line.get(_PLAYBOOK) != playbook.name)
    jobs: dict[tuple[str, ...], Job] = {}
    for number, line in enumerate(lines, 1):
        if line.get(_PLAYBOOK) == playbook.name:
            job = Job(number, {**_inputs(playbook, line, path, number), **given})
            jobs.setdefault(_key(job.inputs, playbook), job)
    told = ", ".join(f"{count} for {visible(name) or '(nothing)'}" for name, count in sorted(others.items()))
    typer.echo(f"{path}: {len(jobs)} users for {playbook.name}{f'; skipped: {told}' if told else ''}.")
    return list(jobs.values())


def _inputs(playbook: Playbook, line: Line, path: Path, number: int) -> dict[str, str]:
    columns = {known.name: known.column or (_IDENTITY if known.name == "identity" else "") for known in playbook.inputs}
    try:
        return {
            name: _checked(line.get(column, ""), column)
            for name, column in columns.items()
            if column and (name == "identity" or line.get(column, "").strip())
        }
    except InputError as error:
        raise InputError(f"{path}, line {number} behind the heading: {error}") from error


def _checked(value: str, column: str) -> str:
    """An identity; a column of ids holds ids, and no name that slipped into it. Raises InputError."""
    if column != _IDENTITY:
        try:
            return checked_identity(UUID(value.strip()))
        except ValueError as error:
            raise InputError(f"{value!r} in the column {column} is no GUID") from error
    return checked_identity(value)


def _key(inputs: Mapping[str, str], playbook: Playbook) -> tuple[str, ...]:
    """What tells one user from another: the immutable ids, or the name where there are none."""
    ids = tuple(inputs.get(known.name, "").lower() for known in playbook.inputs if known.column)
    return ids if any(ids) else (inputs["identity"].lower(),)


@dataclass(frozen=True, slots=True)
class Many:
    """What `--from` asks for, before there is an engine."""

    playbook: Playbook
    jobs: Sequence[Job]
    most_failures: int
    repeat: bool
    to_workers: bool = False

    def with_inputs(self, decided: Mapping[str, str]) -> Many:
        """The same with inputs that something else decides, where nothing was given."""
        return replace(self, jobs=[Job(job.number, {**decided, **job.inputs}) for job in self.jobs])

    def go(
        self,
        engine: Engine,
        clock: Clock,
        consent: Consent,
        patience: timedelta,
        live: Live,
        *,
        what_if: bool,
        again: Again | None,
    ) -> ExitCode:
        """Carry it out over an engine; `to_workers`: begin the runs, and leave them to workers."""
        batch = Batch(engine, self.playbook, clock, consent, patience, live, self.most_failures, self.repeat, again)
        if what_if:
            return batch.plan(self.jobs)
        return batch.begin(self.jobs) if self.to_workers else batch.run(self.jobs)


@dataclass(slots=True)
class Batch:
    """The runs of one file. `most_failures`: so many may fail, then no further one is begun; `again`: see `drive`."""

    engine: Engine
    playbook: Playbook
    clock: Clock
    consent: Consent
    patience: timedelta
    live: Live
    most_failures: int
    repeat: bool = False
    again: Again | None = None
    ended: list[tuple[Job, str, str]] = field(default_factory=list)
    left: list[tuple[Job, str]] = field(default_factory=list)
    codes: list[ExitCode] = field(default_factory=list)

    def plan(self, jobs: Sequence[Job]) -> ExitCode:
        """Say what each run would do; nothing is begun."""
        self._each(jobs, self._plan)
        return self._summary(len(jobs))

    def run(self, jobs: Sequence[Job]) -> ExitCode:
        """Begin a run for each user and carry it on as far as it goes now; gives the code of what needs most attention."""
        self._each(jobs, self._run)
        return self._summary(len(jobs))

    def begin(self, jobs: Sequence[Job]) -> ExitCode:
        """Begin a run for each user, and leave it to the workers."""
        self._each(jobs, self._begin)
        return self._summary(len(jobs))

    def _each(self, jobs: Sequence[Job], work: Callable[[Job], ExitCode | None]) -> None:
        failures, known = 0, self._known()
        for place, job in enumerate(jobs):
            earlier = next((known[who] for who in self._who(job.inputs) if who in known), None)
            if earlier is not None and not self._may_repeat(earlier):
                self._told(job, earlier.run_id, f"not begun: its run is there already ({earlier.status})", None)
                continue
            typer.echo(f"\n{job.who} ({place + 1} of {len(jobs)})")
            code = self._tried(job, work)
            if code is ExitCode.INTERRUPTED:
                break
            failures += code is ExitCode.FAILED
            if self.engine.refused and place + 1 < len(jobs):
                self._left(jobs[place + 1 :])
                break
            if failures >= self.most_failures and place + 1 < len(jobs):
                typer.echo(f"{failures} users have failed; no further one is begun (--max-failures).", err=True)
                break

    def _left(self, jobs: Sequence[Job]) -> None:
        """A server refuses who we are: name who is not begun, because the same credentials again may lock the account."""
        typer.echo(f"{refusal_of(self.engine)} No further user is begun, because each would sign in again.", err=True)
        self.left += [(job, "not begun: a server refused us") for job in jobs]

    def _tried(self, job: Job, work: Callable[[Job], ExitCode | None]) -> ExitCode | None:
        try:
            return work(job)
        except JournalBusy:
            raise
        except PsbridgeError as error:
            typer.echo(f"{job.who}: {error}", err=True)
            self._told(job, "-", f"failed: {error}", ExitCode.FAILED)
            return ExitCode.FAILED

    def _plan(self, job: Job) -> None:
        show_plan(self.engine.plan(self.playbook.name, job.inputs), self.live)
        self._told(job, "-", "would run", None)

    def _run(self, job: Job) -> ExitCode:
        run_id = self.engine.start(self.playbook.name, job.inputs)
        typer.echo(f"Run {run_id} of {self.playbook.name} for {job.who}")
        code = drive(self.engine, run_id, self.clock, self.consent, patience=self.patience, again=self.again, live=self.live)
        self._told(job, run_id, code.name.lower(), code)
        return code

    def _begin(self, job: Job) -> None:
        run_id = self.engine.start(self.playbook.name, job.inputs)
        self._told(job, run_id, "begun, and left to the workers", None)

    def _known(self) -> dict[str, RunRecord]:
        """The latest run of this playbook under each id and name; looked up once, since there may be thousands of either.

        A damaged run is told, and nobody knows whose it is: what it has for itself (an object lock) nobody else gets.
        """
        problems: list[str] = []
        mine = [run for run in self.engine.runs(problems=problems) if run.playbook == self.playbook.name]
        for problem in problems:
            typer.echo(f"{visible(problem)}. It may be the run of a user of this file: psbridge journal verify", err=True)
            self.codes.append(ExitCode.FAILED)
        return {who: run for run in mine for who in self._who(run.inputs)}

    def _who(self, inputs: Mapping[str, str]) -> set[str]:
        names = ("identity", *(known.name for known in self.playbook.inputs if known.column))
        return {inputs[name].lower() for name in names if inputs.get(name)}

    def _may_repeat(self, earlier: RunRecord) -> bool:
        return self.repeat and earlier.status.ended

    def _told(self, job: Job, run_id: str, what: str, code: ExitCode | None) -> None:
        self.ended.append((job, run_id, what))
        if code is not None:
            self.codes.append(code)

    def _summary(self, count: int) -> ExitCode:
        typer.echo(f"\nSUMMARY of {self.playbook.name}: {len(self.ended)} of {count} users")
        for job, run_id, what in self.ended:
            typer.echo(f"  {run_id}  {job.who}  {visible(what)}")
        for job, what in self.left:
            typer.echo(f"  -  {job.who}  {what}")
        if self.again is not None and any(what.startswith("not begun") for _, _, what in self.ended):
            typer.echo(f"  Go on with a run: {self.again.command('resume', 'RUN')}. --repeat begins anew what has ended.")
        if len(self.ended) + len(self.left) < count:
            typer.echo(f"  {count - len(self.ended)} users were not come to.")
        return most_urgent(self.codes)
