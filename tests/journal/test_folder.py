"""A run handed on as a folder: whole, readable by anybody, and every change in it is seen."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from psbridge.errors import JournalError
from psbridge.journal import JournalView, SqliteStore
from psbridge.journal.folder import write_folder
from psbridge.journal.folder_check import check_folder
from psbridge.journal.reading import JournalTransaction
from tests.journal.making import append, filled, lease_of

UNFIT = "it does not fit its seal and its place"
TEXTS = {"transcript.txt": "PS C:\\> Get-Mailbox\n", "report.txt": "REPORT \udc80\n"}


@pytest.fixture
def view(tmp_path: Path) -> JournalView:
    filled(tmp_path / "journal.db")
    return SqliteStore.view(tmp_path / "journal.db")


@pytest.fixture
def folder(view: JournalView, tmp_path: Path) -> Path:
    write_folder(view.whole("run-1"), tmp_path / "tickets" / "run-1", TEXTS)
    return tmp_path / "tickets" / "run-1"


def sealed_again(folder: Path) -> None:
    """What somebody does who hides a change: the hashes of the files are made anew."""
    names = [line.partition("  ")[2] for line in (folder / "SHA256SUMS").read_text().splitlines()]
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / "SHA256SUMS").write_text("".join(lines))


def test_everything_of_the_run_is_in_it(view: JournalView, folder: Path) -> None:
    assert check_folder(folder) == []
    run = json.loads((folder / "run.json").read_text())
    assert (run["run_id"], run["entries"], run["head"]) == ("run-1", view.run("run-1").entries, view.run("run-1").head)
    entries = [json.loads(line) for line in (folder / "entries.jsonl").read_text().splitlines()]
    assert [entry["body"] for entry in entries] == [dict(entry.body) for entry in view.entries("run-1")]
    assert [json.loads(line)["who"] for line in (folder / "approvals.jsonl").read_text().splitlines()] == ["lee"]
    assert (folder / "transcript.txt").read_text() == TEXTS["transcript.txt"]
    assert folder.stat().st_mode & 0o077 == 0


def test_the_tool_that_everybody_has_can_check_it(folder: Path) -> None:
    done = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count(": OK")) == (0, 7)


def test_nothing_is_ever_written_over(view: JournalView, folder: Path) -> None:
    with pytest.raises(JournalError, match="it is there already"):
        write_folder(view.whole("run-2"), folder, {})
    assert check_folder(folder) == []


def test_a_place_that_cannot_be_written_leaves_nothing(view: JournalView, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="it cannot be written"):
        write_folder(view.whole("run-1"), tmp_path / "file" / "ticket", {})
    assert sorted(path.name for path in tmp_path.iterdir() if ".new" in path.name) == []


def test_no_flipped_bit_goes_unseen(folder: Path) -> None:
    pick = random.Random(7)
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        for _ in range(20):
            place = pick.randrange(len(whole))
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << pick.randrange(8)]) + whole[place + 1 :])
            assert check_folder(folder), f"{path.name}, byte {place}"
        path.write_bytes(whole)
    assert check_folder(folder) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[:-1],
        lambda lines: lines[1:],
        lambda lines: [lines[1], lines[0], *lines[2:]],
        lambda lines: [*lines, lines[-1]],
        lambda lines: [lines[0], lines[1].replace("done", "lost"), *lines[2:]],
        lambda lines: [lines[0], "{}", *lines[2:]],
        lambda lines: [lines[0], "[]", *lines[2:]],
        lambda lines: [lines[0], "", *lines[2:]],
        lambda lines: [lines[0], "\x00", *lines[2:]],
    ],
)
def test_a_changed_chain_is_seen_although_the_hashes_of_the_files_fit(folder: Path, change: object) -> None:
    path = folder / "entries.jsonl"
    lines = path.read_text().splitlines()
    path.write_text("".join(f"{line}\n" for line in change(lines)))  # type: ignore[operator]
    sealed_again(folder)
    assert any("chain of hashes" in problem or "expected" in problem for problem in check_folder(folder))


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "approvals.jsonl").unlink()
    assert check_folder(folder) == ["approvals.jsonl is missing"]


def test_a_file_outside_is_never_read(folder: Path) -> None:
    with (folder / "SHA256SUMS").open("a") as sums:
        sums.write(f"{'0' * 64}  ../journal.db\n")
    assert check_folder(folder) == ["SHA256SUMS, line 8: it is no hash and the name of a file"]


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="it is no exported run"):
        check_folder(tmp_path)


def test_a_file_that_is_not_listed_is_named(folder: Path) -> None:
    (folder / "extra-transcript.txt").write_text("all went well")
    (folder / "more").mkdir()
    sums = (folder / "SHA256SUMS").read_text().splitlines(keepends=True)
    (folder / "SHA256SUMS").write_text("".join(line for line in sums if not line.endswith("transcript.txt\n")))
    assert check_folder(folder) == [
        f"{name} is not listed in SHA256SUMS" for name in ("extra-transcript.txt", "more", "transcript.txt")
    ]


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("approvals.jsonl", lambda text: '{"forged":1}\n', f"approvals.jsonl, line 1: {UNFIT}"),
        ("approvals.jsonl", lambda text: text.replace("lee", "eve"), f"approvals.jsonl, line 1: {UNFIT}"),
        ("approvals.jsonl", lambda text: "", "approvals.jsonl has 0 lines, expected 1"),
        ("approvals.jsonl", lambda text: text + text, "approvals.jsonl has 2 lines, expected 1"),
        ("signals.jsonl", lambda text: text.replace("lee", "eve"), f"signals.jsonl, line 1: {UNFIT}"),
        ("signals.jsonl", lambda text: text.replace("run-1", "run-2"), f"signals.jsonl, line 1: {UNFIT}"),
        ("signals.jsonl", lambda text: "", "signals.jsonl has 0 lines, expected 1"),
        ("run.json", lambda text: text.replace('"kim"', '"eve"'), "run.json does not fit its seal"),
        ("run.json", lambda text: text.replace('"approvals": 1', '"approvals": 2'), "run.json does not fit its seal"),
        ("run.json", lambda text: text.replace('"seal": "', '"sail": "'), "run.json cannot be read"),
    ],
)  # fmt: skip
def test_what_was_changed_under_new_hashes_of_the_files_is_seen(
    folder: Path, name: str, change: Callable[[str], str], problem: str
) -> None:
    before = (folder / name).read_text()
    (folder / name).write_text(change(before))
    assert (folder / name).read_text() != before
    sealed_again(folder)
    assert problem in check_folder(folder)


def test_a_folder_of_an_earlier_build_is_told_as_one_that_proves_less(folder: Path) -> None:
    document = json.loads((folder / "run.json").read_text())
    del document["seal"], document["tally"]
    (folder / "run.json").write_text(json.dumps(document))
    sealed_again(folder)
    assert check_folder(folder) == [
        "run.json has no seal: an earlier build of psbridge wrote the folder, or somebody took it away"
    ]


def test_the_seals_are_those_of_the_journal(view: JournalView, folder: Path) -> None:
    with view._connection.read() as tx:
        for table, name in (("run", "run.json"), ("approval", "approvals.jsonl"), ("signal", "signals.jsonl")):
            [(seal,)] = tx.rows(f"SELECT seal FROM {table} WHERE run_id = 'run-1'")
            assert json.loads((folder / name).read_text())["seal"] == seal


def test_a_run_that_is_being_carried_on_is_read_at_one_moment(tmp_path: Path) -> None:
    """Between two reads a worker may write: here one does, whenever a transaction of ours has ended."""
    path = tmp_path / "journal.db"
    with SqliteStore(path) as store, store.worker("kim"), SqliteStore.view(path) as view:
        lease = lease_of(store)
        read = view._connection.read

        @contextlib.contextmanager
        def meanwhile() -> Iterator[JournalTransaction]:
            with read() as tx:
                yield tx
            append(store, lease, f"step-{len(store.entries('run-1'))}")

        view._connection.read = meanwhile  # type: ignore[method-assign, assignment]
        write_folder(view.whole("run-1"), tmp_path / "ticket", {})
        assert len(store.entries("run-1")) == 2
    assert check_folder(tmp_path / "ticket") == []
