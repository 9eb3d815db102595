"""One run of a journal in, a folder for a ticket out.

The folder says everything the journal says of the run, in files that any editor opens. `SHA256SUMS` lets `sha256sum -c` check
the files; the chain of hashes in `entries.jsonl` and the seals are the journal's own, and `run.json` holds the chain's length and
last hash, and how many approvals and signals there are.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from psbridge.errors import JournalError
from psbridge.journal.records import WholeRun, dump, write_time
from psbridge.journal.seals import seal_of

__all__ = ["FILES", "FORMAT", "SUMS", "write_folder"]

# The first line of README.txt names it; a newer format gets a newer number.
FORMAT: Final = 2
SUMS: Final = "SHA256SUMS"
FILES: Final = ("README.txt", "run.json", "entries.jsonl", "approvals.jsonl", "signals.jsonl")
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


def write_folder(kept: WholeRun, folder: Path, texts: Mapping[str, str]) -> None:
    """Write a run to a new folder, whole or not at all. `texts` are further files by name, such as a transcript.

    Raises JournalError for a folder that is there, and one that cannot be written.
    """
    if folder.exists():
        raise JournalError(str(folder), "it is there already", remedy="Name a new folder; nothing is ever written over.")
    run = kept.run
    listed = "".join(f"{name:<16} {_what_is(name)}\n" for name in texts)
    files = {
        "README.txt": _README.format(format=FORMAT, run_id=run.run_id, playbook=run.playbook, version=run.version, texts=listed),
        "run.json": json.dumps(_plain({**asdict(run), "seal": seal_of(run)}), indent=2, sort_keys=True) + "\n",
        "entries.jsonl": _lines(asdict(entry) for entry in kept.entries),
        "approvals.jsonl": _lines({**asdict(given), "seal": seal_of(given)} for given in kept.approvals),
        "signals.jsonl": _lines({**asdict(told), "seal": seal_of(told)} for told in kept.signals),
        **texts,
    }
    draft = folder.with_name(f"{folder.name}.{uuid4().hex}.new")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir(mode=0o700)
        for name, text in files.items():
            (draft / name).write_bytes(_bytes(text))
        (draft / SUMS).write_bytes("".join(f"{_sum(text)}  {name}\n" for name, text in files.items()).encode())
        draft.rename(folder)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        remedy = "Check the rights and the space of the folder it is to be in; the journal itself is untouched."
        raise JournalError(str(folder), f"it cannot be written: {error.strerror}", remedy=remedy) from error


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
