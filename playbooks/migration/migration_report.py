"""The second document: what became of a migration, why DATA MIGRATED is no measure of it, and whether everything has arrived.

Nothing is changed. The statistics come live, or from what somebody has exported; each property is read for itself, so that one
that cannot be read is told and does not hide the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from playbooks.migration.report import report_of
from playbooks.migration.verdict import Judgement
from psbridge.cmdlets import (
    as_untyped,
    get_file_hash,
    get_migration_user_statistics,
    get_move_request_statistics,
    import_clixml,
)
from psbridge.engine import Input, Playbook, Run
from psbridge.models import Reading, Untyped

__all__ = ["playbook"]


def body(run: Run) -> Mapping[str, object]:
    """Report on one move, or on every move of a file."""
    found, read_from = _from_file(run) if run.inputs["file"] else _live(run)
    reports = [report_of(Reading.of(statistics)) for statistics in found]
    if len(reports) == 1:
        (report,) = reports
        return {**_attention(reports), **report, "read_from": read_from}
    worst = min((report["verdict"] for report in reports), key=_WORST_FIRST.index)
    moves = [{name: report[name] for name in _OVERVIEW} for report in reports]
    return {**_attention(reports), "verdict": worst, "moves": moves, "read_from": read_from, "reports": reports}


def _attention(reports: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """Everything but `verified` needs a person, so that a scheduled run that ends with 0 has proved something."""
    unproved = [f"{report['user']}: {report['verdict']}" for report in reports if report["verdict"] != Judgement.VERIFIED]
    return {"findings": len(unproved), "attention": "; ".join(unproved)}


def _live(run: Run) -> tuple[Sequence[Untyped], str]:
    """A batch has made a migration user; a move that was requested for itself has none."""
    user, source = run.inputs["identity"], run.inputs["from"]
    run.guard(
        "one user is named",
        run.inputs["users"] == "one",
        found="users=all, and no file.",
        expected="a file with users=all.",
        remedy="Name the file with --option file=..., or leave users=all away.",
    )
    if source != "move-request":
        call = as_untyped(get_migration_user_statistics(user, include_report=True))
        answer = run.read("migration-user-statistics", "exo", call)
        if answer.objects or source == "migration-user":
            run.guard("the migration user is there", bool(answer.objects), **_nobody(answer.command, user))
            return (answer.one(),), answer.command
    call = as_untyped(get_move_request_statistics(user, include_report=True))
    answer = run.read("move-request-statistics", "exo", call)
    run.guard("a move is there", bool(answer.objects), **_nobody(answer.command, user))
    return (answer.one(),), answer.command


def _nobody(command: str, user: str) -> dict[str, str]:
    return {
        "found": f"{command} found nothing.",
        "expected": "one move.",
        "remedy": (
            f"Check the name {user}. A completed move is forgotten when its batch or request is removed: then use a file that "
            "Export-Clixml has written (--option file=...)."
        ),
    }


def _from_file(run: Run) -> tuple[Sequence[Untyped], str]:
    """Read the file between two looks at its hash, so that the hash in the journal is that of what was read."""
    path = run.inputs["file"]
    before = run.read("file-hash", "local", get_file_hash(path)).one()
    content = run.read("file", "local", import_clixml(path)).objects
    after = run.read("file-hash-afterwards", "local", get_file_hash(path)).one()
    run.guard(
        "the file has not changed while it was read",
        before.hash == after.hash,
        found=f"SHA-256 {before.hash}, then {after.hash}.",
        expected="the same twice.",
        remedy="Wait until the export has ended, and begin a new run.",
    )
    moves = [one for one in content if Reading.of(one).name("Status") is not None or Reading.of(one).child("Report") is not None]
    run.guard(
        "the file holds the statistics of moves",
        bool(moves),
        found=f"{len(content)} objects, and none with a Status or a Report.",
        expected="what Get-MigrationUserStatistics or Get-MoveRequestStatistics gave.",
        remedy="Export it with: Get-MigrationUserStatistics <user> -IncludeReport | Export-Clixml -Path <file>",
    )
    return _chosen(run, moves), f"{path}, SHA-256 {before.hash}"


def _chosen(run: Run, moves: Sequence[Untyped]) -> Sequence[Untyped]:
    if run.inputs["users"] == "all":
        return moves
    wanted = run.inputs["identity"].lower()
    chosen = [move for move in moves if wanted in _names(Reading.of(move))]
    there = [_told(Reading.of(move)) for move in moves[:_MOST_NAMED]]
    run.guard(
        "the file holds one move of this user",
        len(chosen) == 1,
        found=f"{len(chosen)} of {len(moves)} moves; the file has {', '.join(there)}.",
        expected="one.",
        remedy="Name the user as the file does, or report on all of them with --option users=all.",
    )
    return chosen


def _told(move: Reading) -> str:
    """A user with up to three of the names that the file knows: a move request has no address."""
    names = list(dict.fromkeys(name for name in map(move.text, _NAMES) if name))
    return " = ".join(names[:3]) or "somebody without a name"


def _names(move: Reading) -> set[str]:
    """Everything by which a user may be named, without case."""
    told = (move.text(name) for name in _NAMES)
    return {name.lower() for name in (*told, move.shown) if name}


_NAMES: Final = (
    "Identity",
    "Identifier",
    "EmailAddress",
    "MailboxIdentity",
    "Alias",
    "DisplayName",
    "DistinguishedName",
    "ExchangeGuid",
    "MailboxGuid",
    "Guid",
    "RequestGuid",
)
_MOST_NAMED: Final = 10
_OVERVIEW: Final = ("user", "status", "verdict", "reasons")
_WORST_FIRST: Final = (
    Judgement.FAILED,
    Judgement.DIFFERS,
    Judgement.UNPROVED,
    Judgement.UNDER_WAY,
    Judgement.VERIFIED,
)

playbook: Final = Playbook(
    name="migration-report",
    version="1",
    summary="What became of a migration: DATA MIGRATED and why it differs, stalls, speed, and whether every item has arrived.",
    inputs=(
        Input("identity", help="the user whose mailbox is or was moved"),
        Input("file", default="", help="what Export-Clixml has written, instead of a session", replaces=("exo",)),
        Input("users", default="one", choices=("one", "all"), help="all: report on every move of the file"),
        Input(
            "from",
            default="any",
            choices=("any", "migration-user", "move-request"),
            help="which statistics; any: the migration user's, or the move request's where there is none",
        ),
    ),
    endpoints=("exo",),
    outline=(
        ("migration-user-statistics", "exo: Get-MigrationUserStatistics -IncludeReport"),
        ("move-request-statistics", "exo: Get-MoveRequestStatistics -IncludeReport, where there is no migration user"),
        ("file", "or this machine: Import-Clixml of what was exported"),
    ),
    body=body,
)
