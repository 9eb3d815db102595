"""What is seen of a run while it goes on: at a terminal, and where there is none."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from playbooks.duplicate_mailbox.delete_account import playbook
from psbridge.cli.consent import SayYes
from psbridge.cli.drive import drive
from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.live import Live
from psbridge.clock import SkippingClock
from psbridge.command import Pipeline
from psbridge.endpoints import Endpoints
from psbridge.engine import Engine
from psbridge.journal import Entry, Kind, SqliteStore, Status
from psbridge.reply import Reply
from psbridge.simulator import SimulatedOrganisation
from psbridge.transports.simulated import SimulatedTransport
from tests.playbooks.option_zero import NAME, USER

AT = datetime(2018, 7, 15, 15, 45, tzinfo=UTC)
# A terminal's codes, and going back in a line: neither belongs into a file or a pipe.
CODES = re.compile("\x1b|\r|\x08")


class Watchful(SimulatedTransport):
    """The simulated organisation; `before` is called with each command line, before it is run."""

    before: Callable[[str], object]

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        self.before(str(pipeline))
        return super().run(pipeline, deadline=deadline)


class Bench:
    """A run of OPTION #0 in the documents' organisation, with everything that is shown of it."""

    def __init__(self, folder: Path) -> None:
        organisation = SimulatedOrganisation.from_seed("option-0")
        self.clock = SkippingClock(organisation.state.now)
        self.live = Live()
        self.before: Callable[[str], object] = str
        self.store = SqliteStore(folder / "journal.db")

        def transport(endpoint: str) -> SimulatedTransport:
            made = Watchful(organisation, endpoint, self.clock)
            made.before = self.before
            return made

        watched = self.live.over(Endpoints(transport))
        self.engine = Engine(self.store, {NAME: playbook}, watched, clock=self.clock, watch=self.live.take)
        self.run = self.engine.start(NAME, {"identity": USER})

    def drive(self) -> ExitCode:
        patience = timedelta(days=100)
        return drive(self.engine, self.run, self.clock, SayYes(), patience=patience, again=None, live=self.live)


@dataclass
class Seen:
    """A whole run: all that was said, and what had been said when each cmdlet was first sent; and its journal."""

    said: str
    before: dict[str, str]
    entries: list[Entry]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    bench, before = Bench(tmp_path_factory.mktemp("run")), dict[str, str]()
    with contextlib.closing(bench.store), contextlib.redirect_stdout(io.StringIO()) as said:
        bench.before = lambda command: before.setdefault(command.split(" ")[0], said.getvalue())
        assert bench.drive() is ExitCode.DONE
        return Seen(said.getvalue(), before, bench.engine.entries(bench.run))


def test_each_answer_is_there_before_the_next_cmdlet_is_sent(seen: Seen) -> None:
    assert "[PS] C:\\>Get-Mailbox" in seen.before["Get-MsolUser"]
    assert "Guard holds: no inactive mailbox has this name." in seen.before["Get-ADSyncScheduler"]
    assert "\nPS C:\\> Remove-MsolUser" not in seen.before["Remove-MsolUser"]
    # What is shown could stand in the way of what is sent.
    assert "Intent kept" not in seen.before["Remove-MsolUser"]
    assert "Intent kept, attempt 1; the next line is sent once." in seen.said
    assert "\nPS C:\\> Remove-MsolUser" in seen.before["Start-ADSyncSyncCycle"]


def test_a_wait_is_told_when_it_begins_when_something_changed_and_when_it_ends(seen: Seen) -> None:
    assert not CODES.search(seen.said)
    (told,) = [line for line in seen.said.splitlines() if "waits for the on-premises mailbox to be migrated" in line]
    assert told.startswith("Waiting until 2018-07-15 15:50:30 UTC: ")
    assert told.endswith(" It waits until 2018-08-07 15:45 UTC at most.")
    ended = (
        "The wait is over after 1 h 10 min: the on-premises mailbox to be migrated (New-MigrationBatch\n# or New-MoveRequest)."
    )
    between, _, _ = seen.said.partition(told)[2].partition(ended)
    assert ended in seen.said
    looks = [one.command for one in seen.entries if one.kind is Kind.LOOK and one.key == "migrated-mailbox"]
    assert len(looks) == 1, "it was not there, again and again"
    assert between.count(f"PS C:\\> {looks[0]}\n") == 1, "the first stands before; here is the one that ended it"


def test_a_restore_request_is_told_by_what_its_statistics_say(seen: Seen) -> None:
    told = [line.partition("Seen: ")[2] for line in seen.said.splitlines() if "  Seen: " in line]
    assert told == [
        "Queued, 0 %, 0 B of 4.589 MB, 0 of 37 items.",
        "InProgress (CopyingMessages), 20 %, 939.8 KB of 4.589 MB, 7 of 37 items.",
    ]
    asked = [one.key for one in seen.entries if one.command.startswith("Get-MailboxRestoreRequestStatistics")]
    assert "restore-is-over" not in asked, "that question is no step of the run"


def test_a_run_goes_on_though_nobody_can_be_shown_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path)

    class Closed(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())
    with pytest.raises(BrokenPipeError):
        bench.drive()
    monkeypatch.undo()
    run = bench.engine.run(bench.run)
    assert run.status is Status.WAITING, "as far as it goes without a person: to its first approval"
    assert "somebody must approve" in run.why
    bench.store.close()


def test_a_long_list_is_told_by_ten_thousands(capsys: pytest.CaptureFixture[str]) -> None:
    with Live().under_way("exo", Pipeline.of("Get-Mailbox", ResultSize="Unlimited")) as list_of:
        list_of.begin()
        for _ in range(25_000):
            list_of.came()
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("Z  ")[2] for line in lines] == [
        f"PS C:\\> Get-Mailbox -ResultSize Unlimited: {count} objects so far" for count in ("10,000", "20,000")
    ]


def entry(key: str, kind: Kind, state: str, at: datetime, **body: object) -> Entry:
    return Entry("r", 1, key, kind, state, 1, "", at, 1, body, "", "")


def test_a_pause_after_a_lost_connection_is_told_once_for_each_reason(capsys: pytest.CaptureFixture[str]) -> None:
    live, clock = Live(), SkippingClock(AT)
    for why in ("the line is dead", "the line is dead", "the door is shut"):
        live.rest(clock, clock.now() + timedelta(seconds=15), why)
    assert capsys.readouterr().out.splitlines() == [
        "Waiting until 2018-07-15 15:45:15 UTC: the line is dead.",
        "Waiting until 2018-07-15 15:45:45 UTC: the door is shut.",
    ]
    assert clock.now() == AT + timedelta(seconds=45)


def test_looks_that_fail_alike_are_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    live, clock = Live(), SkippingClock(AT)
    live.take(entry("k", Kind.POLL, "begun", AT, why="it", deadline="2018-07-16T15:45:00.000000Z"))
    look = {"purpose": "poll", "call": {"endpoint": "exo", "text": "Get-Mailbox"}, "error": {"type": "X", "text": "gone"}}
    for _ in range(3):
        live.take(entry("k", Kind.LOOK, "lost", clock.now(), **look))
        live.rest(clock, clock.now() + timedelta(minutes=1), "waits for it")
    live.settle()
    said = capsys.readouterr().out
    assert said.count("No answer: gone") == 1
    assert said.count("Waiting until") == 1
    assert "Seen: " not in said


VAIN = """
from datetime import timedelta

from psbridge.cmdlets import get_mailbox
from psbridge.engine import Playbook, Run


def body(run: Run) -> dict[str, object]:
    call = get_mailbox("nobody@domain.com")
    every, timeout, why = timedelta(minutes=5), timedelta(days=1), "a mailbox that nobody makes"
    run.poll("vain", "exo", call, until=lambda seen: bool(seen.objects), every=every, timeout=timeout, why=why)
    return {}


playbook = Playbook("wait-in-vain", "1", "Waits.", (), ("exo",), ("Wait",), body)
"""
needs_a_terminal = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals there")


@needs_a_terminal
def test_at_a_terminal_a_wait_is_one_line_that_is_redrawn_and_ctrl_c_leaves_it_clean(tmp_path: Path) -> None:
    from tests.cli.terminal import Terminal

    (tmp_path / "vain.py").write_text(VAIN, encoding="utf-8")
    profile = tmp_path / "profile.toml"
    profile.write_text(
        f"journal = '{tmp_path / 'journal.db'}'\n[endpoints.exo]\ntransport = 'process'\n"
        f"command = ['{sys.executable}', '-m', 'psbridge.simulator', '-s', '--endpoint', 'exo']\n",
        encoding="utf-8",
    )
    begin = ("-m", "psbridge", "run", "wait-in-vain", "--playbooks", tmp_path, "--profile", profile, "--wait", "30")
    with Terminal(*begin, NO_COLOR="1") as terminal:
        terminal.until("| it is not there yet | ")
        terminal.press(b"\x03")
    assert terminal.code == ExitCode.INTERRUPTED
    assert "\x1b" not in terminal.said
    drawn = re.search(
        r"\r(Waiting \d+ s, next look in [\w ]+, deadline in 23 h 59 min \| it is not there yet \| [a-z ]+)", terminal.said
    )
    assert drawn
    cleaned = re.search(r"\^C\r( +)\rInterrupted\. ", terminal.said)
    assert cleaned
    assert len(cleaned[1]) >= len(drawn[1]) + len("^C")
    assert "psbridge resume " in terminal.said


REDRAWN = """
from psbridge.cli.status_line import StatusLine, can_redraw
import sys
line = StatusLine(on=can_redraw())
print("on" if line.on else "off", flush=True)
with line.showing(lambda: "x" * 200):
    sys.stdin.readline()
print("end", flush=True)
"""


@needs_a_terminal
def test_a_dumb_terminal_gets_no_line_that_is_redrawn() -> None:
    from tests.cli.terminal import Terminal

    with Terminal("-c", REDRAWN, TERM="dumb") as terminal:
        terminal.until("off")
        terminal.press(b"\n")
    assert (terminal.code, terminal.said.split()) == (0, ["off", "end"])


@needs_a_terminal
def test_the_line_is_no_longer_than_the_terminal_and_leaves_no_trace() -> None:
    from tests.cli.terminal import Terminal

    with Terminal("-c", REDRAWN, TERM="xterm") as terminal:
        terminal.until("xxx")
        terminal.press(b"\n")
    assert re.fullmatch("on\r\n(\r)x{117}\r\n\r {119}\rend\r\n", terminal.said)


LISTED = """
import sys
from psbridge.cli.live import Live
from psbridge.command import Pipeline
with Live().under_way("exo", Pipeline.of("Get-Mailbox", ResultSize="Unlimited")) as of_list:
    of_list.begin()
    for _ in range(12_345):
        of_list.came()
    sys.stdin.readline()
"""


@needs_a_terminal
def test_at_a_terminal_the_line_says_how_many_objects_of_a_list_have_come() -> None:
    from tests.cli.terminal import Terminal

    with Terminal("-c", LISTED, TERM="xterm") as terminal:
        terminal.until(" s | PS C:\\> Get-Mailbox -ResultSize Unlimited")
        terminal.press(b"\n")
    assert re.search(r"\r12,345 objects, \d+ s \| PS C", terminal.said)
    assert "so far" not in terminal.said, "that is for where nothing can be redrawn"
