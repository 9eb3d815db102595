"""What docs/embedding.md shows is run: its functions against a simulated endpoint, its commands, its JSON and its exit codes."""

from __future__ import annotations

import heapq
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from psbridge.cli import ExitCode
from psbridge.clock import SystemClock
from psbridge.engine import Done, Operator
from psbridge.journal import SqliteStore, Status
from psbridge.journal.opening import open_journal
from tests.cli.commands import psbridge
from tests.cli.in_process import runner

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

# A look, a wait of a second, and a question: every outcome that a caller meets.
PLAYBOOK = """
from datetime import timedelta
from psbridge.cmdlets import get_mailbox
from psbridge.engine import Input, Playbook

def body(run):
    name = run.inputs["identity"]
    seen = []
    run.read("first", "exo", get_mailbox(name)).one()
    if run.inputs["wait"] == "yes":
        run.poll("never", "exo", get_mailbox("nobody"), until=lambda a: not a.absent, every=timedelta(seconds=1),
                 timeout=timedelta(seconds=3), why="nobody")
    return {"guid": str(run.read("second", "exo", get_mailbox(name)).one().exchange_guid)}

playbook = Playbook("look", "1", "A look.", (Input("identity"), Input("wait", default="no")), ("exo",), (), body)
"""
USER = {"identity": "testduplicate@domain.com"}


def shown(name: str) -> dict[str, Any]:
    """The block of the page that defines a function, run as a module of its own."""
    [block] = [block for block in PYTHON if f"def {name}(" in block]
    names: dict[str, Any] = {"__name__": f"embedding_{name}"}
    exec(compile(block, f"docs/embedding.md: {name}", "exec"), names)
    return names


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A profile with a simulated endpoint, and the playbook of this test installed as others are."""
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / "look.py").write_text(PLAYBOOK)
    command = [sys.executable, "-m", "psbridge.simulator", "-s", "--endpoint", "exo", "--state", str(tmp_path / "tenant.json")]
    lines = [
        'tenant = "domain.onmicrosoft.com"',
        f"journal = '{tmp_path / 'journal.db'}'",
        "[endpoints.exo]",
        'transport = "process"',
        f"command = {command}",
    ]
    (tmp_path / "profile.toml").write_text("\n".join(lines))
    from psbridge import discovery

    found = discovery.find_playbooks
    monkeypatch.setattr(discovery, "find_playbooks", lambda folder=None: found(folder or tmp_path / "playbooks"))
    return tmp_path / "profile.toml"


def begun(profile: Path, run_id: str, **inputs: str) -> None:
    """Begin a run, as `psbridge run` would elsewhere."""
    from psbridge.discovery import find_playbooks
    from psbridge.engine import Engine

    with open_journal(profile.parent / "journal.db") as store:
        Engine(store, find_playbooks(profile.parent / "playbooks"), tenant="domain.onmicrosoft.com").start(
            "look", {**USER, **inputs}, run_id=run_id
        )


def test_the_plain_loop_stays_with_a_run_to_its_end(profile: Path) -> None:
    carry_on = shown("carry_on")["carry_on"]
    outcome = carry_on(profile, "look", USER)
    assert isinstance(outcome, Done)
    assert outcome.result["guid"] == "fa38094d-cbfd-46b7-82f6-8a3022e39a66"
    assert isinstance(carry_on(profile, "look", {**USER, "wait": "yes"}), Operator)


def test_a_queue_that_loses_and_doubles_tasks_carries_every_run_to_its_end(profile: Path) -> None:
    names = shown("advance")
    advance: Callable[[Path, str], datetime | None] = names["advance"]
    due: Callable[[Path], list[str]] = names["due"]
    for number in range(3):
        begun(profile, f"run-{number}", wait="yes" if number else "no")
    queue = [(datetime.now(UTC), run_id) for run_id in due(profile)] * 2
    heapq.heapify(queue)
    lost = False
    give_up = datetime.now(UTC) + timedelta(seconds=60)
    while queue or due(profile):
        assert datetime.now(UTC) < give_up
        if not queue:
            queue = [(datetime.now(UTC), run_id) for run_id in due(profile)]
        at, run_id = heapq.heappop(queue)
        if at > datetime.now(UTC):
            heapq.heappush(queue, (at, run_id))
            continue
        again = advance(profile, run_id)
        if again is not None and lost:
            heapq.heappush(queue, (again, run_id))
        lost = lost or again is not None
    with open_journal(profile.parent / "journal.db") as store:
        ended = {run.run_id: run.status for run in store.runs()}
    assert ended == {"run-0": Status.DONE, "run-1": Status.OPERATOR, "run-2": Status.OPERATOR}


def test_the_activity_says_when_it_is_to_be_called_again(profile: Path) -> None:

    activity = shown("psbridge_run")["psbridge_run"]
    environment = ActivityEnvironment()
    done = environment.run(activity, str(profile), "run-1", "look", USER)
    assert done["guid"] == "fa38094d-cbfd-46b7-82f6-8a3022e39a66"
    assert environment.run(activity, str(profile), "run-1", "look", USER) == done
    with pytest.raises(ApplicationError) as caught:
        environment.run(activity, str(profile), "run-2", "look", {**USER, "wait": "yes"})
    assert caught.value.type == "Waiting"
    assert caught.value.next_retry_delay is not None
    assert not caught.value.non_retryable


@pytest.fixture
def at_work(profile: Path) -> Iterator[ExitStack]:
    """Somebody else works on the journal, until the stack is closed."""
    store = SqliteStore(profile.parent / "journal.db")
    with ExitStack() as stack:
        stack.callback(store.close)
        stack.enter_context(store.worker("CONTOSO\\kim"))
        yield stack


def test_the_plain_loop_waits_for_whoever_works_on_the_journal(
    profile: Path, at_work: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    def sleep(_: SystemClock, seconds: float) -> None:
        slept.append(seconds)
        at_work.close()

    monkeypatch.setattr(SystemClock, "sleep", sleep)
    assert isinstance(shown("carry_on")["carry_on"](profile, "look", USER), Done)
    assert [0 < seconds <= 60 for seconds in slept] == [True]


def test_a_task_that_meets_a_busy_journal_is_called_again_soon(profile: Path, at_work: ExitStack) -> None:
    advance = shown("advance")["advance"]
    begun(profile, "run-1")
    again = advance(profile, "run-1")
    assert timedelta(0) < again - datetime.now(UTC) < timedelta(minutes=1)
    at_work.close()
    assert advance(profile, "run-1") is None


def test_an_activity_that_meets_a_busy_journal_is_called_again_soon(profile: Path, at_work: ExitStack) -> None:
    activity, environment = shown("psbridge_run")["psbridge_run"], ActivityEnvironment()
    with pytest.raises(ApplicationError) as caught:
        environment.run(activity, str(profile), "run-1", "look", USER)
    assert (caught.value.type, caught.value.non_retryable) == ("Waiting", False)
    assert caught.value.next_retry_delay is not None
    assert caught.value.next_retry_delay < timedelta(minutes=1)
    at_work.close()
    assert "guid" in environment.run(activity, str(profile), "run-1", "look", USER)


@pytest.mark.parametrize("which", ["--due", "run-1"])
def test_a_scheduler_and_ansible_see_by_the_exit_code_that_the_journal_is_busy(
    profile: Path, at_work: ExitStack, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    assert "until: run.rc != 3 and run.rc != 5" in PAGE
    begun(profile, "run-1")
    folder = profile.parent / "playbooks"
    done = runner(profile.parent, monkeypatch)(f"psbridge resume {which} --json --profile {profile} --playbooks {folder}")
    assert done.code == ExitCode.BUSY
    assert "CONTOSO\\kim is at work on it" in done.err
    [line] = [json.loads(line) for line in done.out.splitlines()]
    assert (line["run"], line["status"]) == ("run-1", "ready")


def test_one_process_holds_several_engines(profile: Path) -> None:
    advance = shown("advance")["advance"]
    other = profile.parent / "other"
    other.mkdir()
    text = profile.read_text().replace("journal.db", "other/journal.db").replace("tenant.json", "other/tenant.json")
    (other / "profile.toml").write_text(text)
    begun(profile, "run-1")
    with open_journal(other / "journal.db") as store:
        assert store.runs() == []
    assert advance(profile, "run-1") is None


def test_due_is_what_a_scheduler_starts(profile: Path) -> None:
    assert "psbridge resume --due --profile" in PAGE
    begun(profile, "run-1")
    done = psbridge("resume", "--due", "--json", "--profile", profile, "--playbooks", profile.parent / "playbooks")
    assert done.returncode == 0, done.stderr
    [line] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (line["run"], line["status"]) == ("run-1", "done")


def test_what_ansible_reads_is_what_is_written(profile: Path) -> None:
    keys = set(json.loads(re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[0]))
    folder = ("--playbooks", profile.parent / "playbooks")
    done = psbridge("run", "look", USER["identity"], "--profile", profile, "--json", *folder)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert set(document) == keys
    assert (document["status"], document["changed"]) == ("done", False)
    assert "PS C:\\> Get-Mailbox" in done.stderr
    waiting = psbridge(
        "run", "look", USER["identity"], "--option", "wait=yes", "--wait", "0", "--profile", profile, "--json", *folder
    )
    told = json.loads(waiting.stdout)
    assert (waiting.returncode, told["status"]) == (3, "waiting")
    again = psbridge("resume", told["run"], "--profile", profile, "--json", *folder)
    assert json.loads(again.stdout)["run"] == told["run"]
    refused = psbridge("run", "look", USER["identity"], "--simulate", "--json", *folder)
    assert (refused.returncode, refused.stdout) == (2, "")


def test_the_exit_codes_are_those_that_the_page_names() -> None:
    told = {name: int(number) for number, name in re.findall(r"(\d) (done|failed|usage|waiting|busy)", PAGE)}
    assert told == {code.name.lower(): int(code) for code in ExitCode if code.name.lower() in told}
    assert f"{int(ExitCode.FINDINGS)} something was found" in PAGE
    assert f"{int(ExitCode.OPERATOR)} an operator is needed" in PAGE


def test_a_page_of_ones_own_gives_consent(tmp_path: Path) -> None:
    names = shown("consents")
    journal = tmp_path / "journal.db"
    source = ROOT / "fixtures" / "journals" / "1" / "waiting.db"
    journal.write_bytes(source.read_bytes())
    with open_journal(journal) as store:
        clock_in_2018 = store.runs()[0].started_at
    assert clock_in_2018.year == 2018
    [(run_id, key, sha, commands)] = names["consents"](str(journal))
    assert commands[0].startswith("Remove-MsolUser -UserPrincipalName testduplicate@domain.com -Force")
    with pytest.raises(Exception, match="waited for it until"):  # its time is over: that is told, and nothing is approved
        names["consent"](str(journal), "CONTOSO\\lee", run_id, key, sha)
