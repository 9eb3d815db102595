"""A server that refuses the credentials is asked once, over a real connection: it counts, and may lock the account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from psbridge.engine import Done, Failed, Look, Operator, Outcome, Run
from psbridge.errors import TransportError
from psbridge.psobject import SecureString
from psbridge.session import Session
from psbridge.simulator.server.sign_in import SignIn, Step
from psbridge.simulator.server.wsman import WsmanServer
from psbridge.transports.psrp import PsrpTransport
from psbridge.transports.wsman import WsmanEndpoint
from tests.engine.bench import Bench, Body, see_ada
from tests.engine.far_end import FarEndpoints, get_account, new_request, remove_account, start_sync
from tests.simulator.served import PASSWORD, USER, Recorder, served


class Door:
    """The endpoint `exo` behind a real server, with the password that we have just now; any other one leads to the far end."""

    def __init__(self, inside: FarEndpoints, server: WsmanServer) -> None:
        self._inside, self._server = inside, server
        self._sessions: list[Session] = []
        self.password = "n0t-the-w0rd"

    def session(self, endpoint: str) -> object:
        if endpoint != "exo":
            return self._inside.session(endpoint)
        if not self._sessions:
            password = SecureString.of(self.password)
            where = WsmanEndpoint(self._server.uri("exo"), "Microsoft.Exchange", "basic", USER, password)
            self._sessions.append(Session("exo", PsrpTransport(where, endpoint="exo", deadline=20.0), sleep=lambda _: None))
        return self._sessions[0]

    def close(self) -> None:
        for session in self._sessions:
            session.close()
        self._sessions.clear()


@pytest.fixture
def sign_ins(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every time that somebody shows credentials to the server."""
    seen: list[str] = []
    step = SignIn.step

    def counted(self: SignIn, authorization: str) -> Step:
        seen.extend([authorization] * bool(authorization))
        return step(self, authorization)

    monkeypatch.setattr(SignIn, "step", counted)
    return seen


@pytest.fixture
def inside() -> Recorder:
    return Recorder()


@pytest.fixture
def server(inside: Recorder) -> Iterator[WsmanServer]:
    with served(session=lambda _: inside) as at:
        yield at


def tried(folder: Path, server: WsmanServer, body: Body) -> tuple[Bench, Door, Outcome]:
    """A run as far as it goes by itself with the wrong password."""
    bench = Bench(folder, body)
    door = Door(bench.endpoints, server)
    bench.endpoints = door  # type: ignore[assignment]
    bench.engine = bench.another()
    return bench, door, bench.settled()


def changing(run: Run) -> Mapping[str, object]:
    run.change("sync", "exo", start_sync())
    return {}


def holding(run: Run) -> Mapping[str, object]:
    run.hold("pause", "exo", new_request("pause"), back=new_request("resume"), says="It is paused.")
    run.release("resume", "pause")
    return {}


def deleting(verified_at: str) -> Body:
    """A deletion that is not seen to be done, neither where it is sent to nor elsewhere."""

    def body(run: Run) -> Mapping[str, object]:
        account = run.evidence("account", "dir", get_account("ada"), need=("id",))

        def verify(look: Look) -> bool:
            return look.read(verified_at, get_account("ada")).objects == () and account.id is None

        run.destroy("delete", "exo", remove_account("ada"), requires=["account"], approval=None, before=see_ada, verify=verify)
        return {}

    return body


def bearing(run: Run) -> Mapping[str, object]:
    """A playbook to which an endpoint that is away is no reason to end."""
    run.change("sync", "dir", start_sync())
    for key in ("first", "second"):
        with suppress(TransportError):
            run.read(key, "exo", get_account("ada"))
    run.read("third", "exo", get_account("ada"))
    return {}


SENT = {
    "change": (changing, ["Start-Sync"]),
    "hold": (holding, ["New-Request", "New-Request"]),
    "deletion that is verified there": (deleting("exo"), ["Get-Account", "Remove-Account"]),
    "deletion that is verified elsewhere": (deleting("dir"), ["Remove-Account"]),
    "read": (bearing, ["Get-Account"] * 3),
}


@pytest.mark.parametrize("step", SENT)
def test_a_server_that_refuses_the_credentials_is_asked_once_until_a_person_has_seen_to_it(
    step: str, tmp_path: Path, server: WsmanServer, inside: Recorder, sign_ins: list[str]
) -> None:
    body, sent = SENT[step]
    bench, door, outcome = tried(tmp_path, server, body)
    assert isinstance(outcome, Operator), outcome
    assert "the server refused the credentials" in outcome.why
    assert len(sign_ins) == 1
    bench.engine.retry(bench.run_id)
    assert isinstance(bench.settled(), Operator)
    assert len(sign_ins) == 2, "once for each time that a person says so"
    assert inside.asked == []
    door.password = PASSWORD
    bench.engine.retry(bench.run_id)
    assert bench.settled() == Done({})
    assert [asked.name for asked in inside.asked] == sent


def test_what_is_held_is_not_taken_back_by_who_was_just_refused(tmp_path: Path, server: WsmanServer, sign_ins: list[str]) -> None:
    """Its warning stands and names the command; whoever cancels the run has it tried once more."""

    def body(run: Run) -> Mapping[str, object]:
        run.hold("pause", "dir", new_request("pause"), back=new_request("resume"), says="It is paused.")
        run.hold("lock", "exo", new_request("lock"), back=new_request("unlock"), says="It is locked.")
        return {}

    bench, _, outcome = tried(tmp_path, server, body)
    assert isinstance(outcome, Operator)
    assert len(sign_ins) == 1
    bench.engine.cancel(bench.run_id)
    assert isinstance(bench.advance(), Failed)
    assert len(sign_ins) == 2
    assert bench.engine.warnings(bench.run_id) == ["It is locked. To end it: [exo] New-Request -Name unlock"]
