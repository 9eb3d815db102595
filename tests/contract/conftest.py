"""Every test of this folder runs over each carrier that keeps what it needs; over `replay` it runs twice."""

from __future__ import annotations

import inspect
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from psbridge.transports.base import Transport
from tests.contract.carriers import CARRIERS, ByWsman, Carrier, relay_of
from tests.contract.limits import LIMITS, Need
from tests.contract.tenancies import TENANCIES, EngineByProcess, OfEngine, SimulatorInProcess, Tenancy

# The fixtures that a test can be run over.
SUBJECTS = ("carrier", "tenancy")


@pytest.fixture(scope="module", params=CARRIERS, ids=[carrier.name for carrier in CARRIERS])
def carrier(request: pytest.FixtureRequest, pwsh: str) -> Iterator[Carrier]:
    """What carries the session."""
    kind: type[Carrier] = request.param
    if kind is ByWsman and not relay_of(pwsh).exists():
        pytest.skip("needs wsman_relay.py beside the PowerShell")
    made = kind(pwsh)
    yield made
    made.close()


@pytest.fixture(scope="module")
def transport(carrier: Carrier) -> Iterator[Transport]:
    """An open transport that the tests of a module share."""
    with carrier.connected(stop_grace=0.5) as opened:
        yield opened


@pytest.fixture(scope="module", params=TENANCIES)
def tenancy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenancy]:
    """A tenant and how it is reached; the tests of a module share it."""
    of_engine, make = TENANCIES[request.param]
    made = make(request.getfixturevalue("exchange_like") if of_engine else "", tmp_path_factory.mktemp("tenant"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def reference(tenancy: Tenancy, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenancy]:
    """A tenant of the same kind, reached in the plainest way."""
    folder = tmp_path_factory.mktemp("reference")
    engine = isinstance(tenancy, OfEngine)
    made = EngineByProcess(request.getfixturevalue("exchange_like"), folder) if engine else SimulatorInProcess()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def on_tape(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Skip what the carrier cannot keep by design, with the reason; record what is to be played."""
    subject: Carrier | Tenancy | None
    subject = next((request.getfixturevalue(name) for name in SUBJECTS if name in request.fixturenames), None)
    if subject is None:
        yield
        return
    needed: set[Need] = {need for mark in request.node.iter_markers("needs") for need in mark.args}
    for name in subject.limited_by:
        for need, reason in LIMITS.get(name, {}).items():
            if need in needed:
                pytest.skip(f"{name}: {reason}")
    if subject.reel is None:
        yield
        return
    subject.reel.record(tmp_path / "recording.psbridge")
    yield
    subject.reel.end()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Run a test over a recording once more, when its first run has made it."""
    done = yield
    reel = next((pyfuncitem.funcargs[name].reel for name in SUBJECTS if name in pyfuncitem.funcargs), None)  # type: ignore[attr-defined]
    if reel is not None:
        reel.rewind()
        names = inspect.signature(pyfuncitem.obj).parameters
        pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
        reel.finish()
    return done
