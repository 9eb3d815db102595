"""A folder that a run was exported to in, what is wrong with it out: files, the chain of its entries, the seals of all else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from psbridge.errors import JournalError
from psbridge.journal.folder import FILES, SUMS
from psbridge.journal.records import GENESIS, Approval, Draft, Kind, RunRecord, Signal, Status, Tally, chained, dump, read_time
from psbridge.journal.seals import seal_of

__all__ = ["check_folder"]

_TIMES: Final = ("started_at", "wake_at", "ended_at", "lease_until", "given_at", "expires_at", "at")
_UNREADABLE: Final = (ValueError, KeyError, TypeError, AttributeError, OverflowError)


def check_folder(folder: Path) -> list[str]:
    """What is wrong with a folder that `write_folder` wrote: files changed, missing or not listed, a chain or a seal that does
    not fit; empty if nothing.

    Raises JournalError where it is no such folder at all.
    """
    if not (folder / SUMS).is_file() or not (folder / "run.json").is_file():
        remedy = "Name a folder that `psbridge journal export` wrote."
        raise JournalError(str(folder), f"it has no {SUMS} and run.json: it is no exported run", remedy=remedy)
    try:
        return [*_changed(folder), *_broken(folder)]
    except OSError as error:
        raise JournalError(str(folder), f"it cannot be read: {error.strerror}", remedy="Check the rights on it.") from error


def _changed(folder: Path) -> Iterator[str]:
    told: dict[str, str] = {}
    for number, line in enumerate(_text(folder / SUMS).splitlines(), start=1):
        digest, gap, name = line.partition("  ")
        if not gap or Path(name).name != name:
            yield f"{SUMS}, line {number}: it is no hash and the name of a file"
            continue
        told[name] = digest
        path = folder / name
        if not path.is_file():
            yield f"{name} is missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            yield f"{name} is not the file that was written: its hash differs from the one in {SUMS}"
    there = {*FILES, *(path.name for path in folder.iterdir())} - {SUMS}
    yield from (f"{name} is not listed in {SUMS}" for name in sorted(there) if name not in told)


def _broken(folder: Path) -> Iterator[str]:
    try:
        document = json.loads(_text(folder / "run.json"))
        seal, run = document.pop("seal", None), _as_run(document)
        fits = seal == seal_of(run)
    except _UNREADABLE:
        yield "run.json cannot be read"
        return
    if seal is None:
        yield "run.json has no seal: an earlier build of psbridge wrote the folder, or somebody took it away"
    elif not fits:
        yield "run.json does not fit its seal"
    yield from _broken_chain(folder / "entries.jsonl", run)
    approvals, signals = (None, None) if run.tally is None else (run.tally.approvals, run.tally.signals)
    yield from _unsealed(folder / "approvals.jsonl", run, Approval, approvals)
    yield from _unsealed(folder / "signals.jsonl", run, Signal, signals)


def _broken_chain(path: Path, run: RunRecord) -> Iterator[str]:
    previous, number = GENESIS, 0
    for number, line in enumerate(_present(path), start=1):
        previous, problem = _link(line, run.run_id, number, previous)
        if problem:
            yield problem
            return
    if path.is_file() and (number, previous) != (run.entries, run.head):
        yield f"{path.name} has {number} entries, expected {run.entries} ending in {run.head[:12]}"


def _link(line: str, run_id: object, number: int, previous: str) -> tuple[str, str]:
    """The hash that the next entry must name, or what is wrong with this one."""
    try:
        entry = json.loads(line)
        known = (entry["key"], Kind(entry["kind"]), entry["state"], entry["attempt"], entry["input_hash"])
        place = {name: entry[name] for name in ("run_id", "seq", "at", "epoch", "previous")}
        digest = chained(Draft(*known), **place, body=dump(entry["body"]))
        fits = (entry["run_id"], entry["seq"], entry["previous"], entry["hash"]) == (run_id, number, previous, digest)
    except _UNREADABLE:
        fits, digest = False, ""
    return digest, "" if fits else f"entries.jsonl, line {number}: the entry does not fit the chain of hashes"


def _unsealed(path: Path, run: RunRecord, kind: type[Approval | Signal], expected: int | None) -> Iterator[str]:
    lines = _present(path)
    for number, line in enumerate(lines, start=1):
        try:
            document = json.loads(line)
            seal, told = document.pop("seal"), kind(**_timed(document))
            fits = (seal, told.run_id) == (seal_of(told), run.run_id) and getattr(told, "seq", number) == number
        except _UNREADABLE:
            fits = False
        if not fits:
            yield f"{path.name}, line {number}: it does not fit its seal and its place"
    if path.is_file() and expected is not None and len(lines) != expected:
        yield f"{path.name} has {len(lines)} lines, expected {expected}"


def _as_run(document: dict[str, Any]) -> RunRecord:
    tally = document.get("tally")
    status = Status(document["status"])
    return RunRecord(**{**_timed(document), "status": status, "tally": None if tally is None else Tally(**tally)})


def _timed(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: read_time(value) if name in _TIMES and value is not None else value for name, value in document.items()}


def _present(path: Path) -> list[str]:
    """The lines of a file; none where it is missing, which is told elsewhere."""
    return _text(path).splitlines() if path.is_file() else []


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")
