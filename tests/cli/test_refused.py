"""A server refuses who we are: whoever has several runs to carry on asks it once, because the same again may lock the account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from playbooks.duplicate_mailbox.delete_account import playbook
from psbridge.engine import Engine
from psbridge.journal import SqliteStore, Status
from psbridge.simulator.server.wsman import WsmanServer
from tests.cli.in_process import Run, runner
from tests.simulator.served import USER, served

PEOPLE = ("testduplicate@domain.com", "testLicense@domain.com", "kim@domain.com")
TENANT = "domain.onmicrosoft.com"


@pytest.fixture(scope="module")
def server() -> Iterator[WsmanServer]:
    with served() as at:
        yield at


@pytest.fixture
def command(server: WsmanServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """psbridge with a profile whose password is wrong at every endpoint."""
    monkeypatch.setenv("PSBRIDGE_TEST_WORD", "n0t-the-w0rd")
    lines = [f'tenant = "{TENANT}"', f"journal = '{tmp_path / 'journal.db'}'"]
    for name in ("onprem", "exo", "directory", "sync"):
        lines += [
            f"[endpoints.{name}]",
            f'transport = "psrp"\nuri = "{server.uri(name)}"\nauthentication = "ntlm"\nusername = "{USER}"',
            'password = { secret = "environment:PSBRIDGE_TEST_WORD" }\nconfiguration = "Microsoft.Exchange"',
        ]
    (tmp_path / "profile.toml").write_text("\n".join(lines), encoding="utf-8")
    rows = [f"{playbook.name},{who}" for who in PEOPLE]
    (tmp_path / "scan.csv").write_text("\n".join(["Playbook,UserPrincipalName", *rows]), encoding="utf-8")
    return runner(tmp_path, monkeypatch)


@pytest.mark.parametrize("what_if", ["", " --what-if"])
def test_no_further_line_of_a_file_is_begun(command: Run, tmp_path: Path, what_if: str) -> None:
    done = command(f"psbridge run {playbook.name} --from scan.csv --profile profile.toml{what_if}")
    assert done.code == 1
    assert "the server refused the credentials" in done.err
    assert "refused us, and would refuse the others, too" in done.err
    assert "SUMMARY of duplicate-mailbox-delete-account: 1 of 3 users" in done.out
    assert [line for line in done.out.splitlines() if "not begun" in line] == [
        f"  -  {who}  not begun: a server refused us" for who in PEOPLE[1:]
    ]
    with SqliteStore(tmp_path / "journal.db") as store:
        assert [run.status for run in store.runs()] == ([] if what_if else [Status.FAILED])


def test_no_further_run_that_is_due_is_carried_on(command: Run, tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "journal.db") as store:
        engine = Engine(store, {playbook.name: playbook}, tenant=TENANT)
        for number, who in enumerate(PEOPLE):
            engine.start(playbook.name, {"identity": who}, run_id=f"run-{number}")
    done = command("psbridge resume --due --profile profile.toml")
    assert done.code == 1
    assert "Not carried on, because each may sign in again: run-1, run-2" in done.err
    with SqliteStore(tmp_path / "journal.db") as store:
        assert [run.status for run in store.runs()] == [Status.FAILED, Status.READY, Status.READY]
