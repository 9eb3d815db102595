"""One run of a journal in, a folder for a ticket out; and such a folder in, what is wrong with it out.

The folder says everything the journal says of the run, in files that any editor opens. `SHA256SUMS` lets `sha256sum -c` check
the files; the chain of hashes in `entries.jsonl` is the journal's own, and `run.json` holds its length and its last hash.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from psbridge.errors import JournalError
from psbridge.journal.reading import Journal
from psbridge.journal.records import GENESIS, Draft, Kind, chained, dump, write_time

__all__ = ["FORMAT", "check_folder", "write_folder"]

# The first line of README.txt names it; a newer format gets a newer number.
FORMAT: Final = 1
_SUMS: Final = "SHA256SUMS"
_FILES: Final = ("README.txt", "run.json", "entries.jsonl", "approvals.jsonl", "signals.jsonl")
_README: Final = """\
psbridge run, format {format}: {run_id}, {playbook} (version {version})

run.json         what was asked, by whom, and how it stands; the length and the last hash of its chain
entries.jsonl    every entry of its journal in order: what was sent and answered, seen, meant, approved and done
approvals.jsonl  every approval that was given
signals.jsonl    every word that came from outside
{texts}SHA256SUMS       the hashes of these files (sha256sum -c SHA256SUMS)

Check everything, the chain of hashes included:  psbridge journal verify FOLDER
Passwords and other secrets are not in it. Names, addresses and ids of people are: handle it as you handle those.
"""


def write_folder(view: Journal, run_id: str, folder: Path, texts: Mapping[str, str]) -> tuple[str, int]:
    """Write a run to a new folder, whole or not at all; gives the last hash of its chain and the number of entries.

    `texts` are further files by name, such as a transcript. Raises InputError for an unknown run, and JournalError for a run
    that cannot be trusted, a folder that is there, and one that cannot be written.
    """
    if folder.exists():
        raise JournalError(str(folder), "it is there already", remedy="Name a new folder; nothing is ever written over.")
    run = view.run(run_id)
    listed = "".join(f"{name:<16} {_what_is(name)}\n" for name in texts)
    files = {
        "README.txt": _README.format(format=FORMAT, run_id=run.run_id, playbook=run.playbook, version=run.version, texts=listed),
        "run.json": json.dumps(_plain(asdict(run)), indent=2, sort_keys=True) + "\n",
        "entries.jsonl": _lines(asdict(entry) for entry in view.entries(run_id)),
        "approvals.jsonl": _lines(asdict(given) for given in view.approvals(run_id)),
        "signals.jsonl": _lines(asdict(told) for told in view.signals(run_id)),
        **texts,
    }
    draft = folder.with_name(f"{folder.name}.{uuid4().hex}.new")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir(mode=0o700)
        for name, text in files.items():
            (draft / name).write_bytes(_bytes(text))
        (draft / _SUMS).write_bytes("".join(f"{_sum(text)}  {name}\n" for name, text in files.items()).encode())
        draft.rename(folder)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        remedy = "Check the rights and the space of the folder it is to be in; the journal itself is untouched."
        raise JournalError(str(folder), f"it cannot be written: {error.strerror}", remedy=remedy) from error
    return run.head, run.entries


def check_folder(folder: Path) -> list[str]:
    """What is wrong with a folder that `write_folder` wrote: changed files, and a chain that does not fit; empty if nothing.

    Raises JournalError where it is no such folder at all.
    """
    if not (folder / _SUMS).is_file() or not (folder / "run.json").is_file():
        remedy = "Name a folder that `psbridge journal export` wrote."
        raise JournalError(str(folder), f"it has no {_SUMS} and run.json: it is no exported run", remedy=remedy)
    try:
        return [*_changed(folder), *_broken(folder)]
    except OSError as error:
        raise JournalError(str(folder), f"it cannot be read: {error.strerror}", remedy="Check the rights on it.") from error


def _changed(folder: Path) -> Iterator[str]:
    told: dict[str, str] = {}
    for number, line in enumerate(_text(folder / _SUMS).splitlines(), start=1):
        digest, gap, name = line.partition("  ")
        if not gap or Path(name).name != name:
            yield f"{_SUMS}, line {number}: it is no hash and the name of a file"
            continue
        told[name] = digest
        path = folder / name
        if not path.is_file():
            yield f"{name} is missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            yield f"{name} is not the file that was written: its hash differs from the one in {_SUMS}"
    yield from (f"{name} is not listed in {_SUMS}" for name in _FILES if name not in told)


def _broken(folder: Path) -> Iterator[str]:
    try:
        run = json.loads(_text(folder / "run.json"))
        run_id, count, head = run["run_id"], run["entries"], run["head"]
    except (ValueError, KeyError, TypeError):
        yield "run.json cannot be read"
        return
    previous, number = GENESIS, 0
    for number, line in enumerate(_text(folder / "entries.jsonl").splitlines(), start=1):
        previous, problem = _link(line, run_id, number, previous)
        if problem:
            yield problem
            return
    if (number, previous) != (count, head):
        yield f"entries.jsonl has {number} entries, expected {count} ending in {str(head)[:12]}"


def _link(line: str, run_id: object, number: int, previous: str) -> tuple[str, str]:
    """The hash that the next entry must name, or what is wrong with this one."""
    try:
        entry = json.loads(line)
        known = (entry["key"], Kind(entry["kind"]), entry["state"], entry["attempt"], entry["input_hash"])
        place = {name: entry[name] for name in ("run_id", "seq", "at", "epoch", "previous")}
        digest = chained(Draft(*known), **place, body=dump(entry["body"]))
        fits = (entry["run_id"], entry["seq"], entry["previous"], entry["hash"]) == (run_id, number, previous, digest)
    except (ValueError, KeyError, TypeError, AttributeError):
        fits, digest = False, ""
    return digest, "" if fits else f"entries.jsonl, line {number}: the entry does not fit the chain of hashes"


def _lines(documents: Iterable[dict[str, Any]]) -> str:
    return "".join(f"{dump(_plain(document))}\n" for document in documents)


def _plain(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: write_time(value) if isinstance(value, datetime) else value for name, value in document.items()}


def _what_is(name: str) -> str:
    return {"transcript.txt": "every cmdlet and its answer, as PowerShell would have shown it"}.get(name, "the report")


def _sum(text: str) -> str:
    return hashlib.sha256(_bytes(text)).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")
