"""Every test of this folder runs over each carrier that keeps what it needs; over `replay` it runs twice."""

from __future__ import annotations

import inspect
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from psbridge.transports.base import Transport
from tests.contract.carriers import CARRIERS, ByReplay, ByWsman, Carrier, relay_of
from tests.contract.limits import LIMITS, Need


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


@pytest.fixture(autouse=True)
def on_tape(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Skip what the carrier cannot keep by design, with the reason; record what is to be played."""
    carrier: Carrier | None = request.getfixturevalue("carrier") if "carrier" in request.fixturenames else None
    if carrier is None:
        yield
        return
    limits = LIMITS.get(carrier.name, {})
    for mark in request.node.iter_markers("needs"):
        lacking: list[Need] = [need for need in mark.args if need in limits]
        if lacking:
            pytest.skip(f"{carrier.name}: {limits[lacking[0]]}")
    if not isinstance(carrier, ByReplay):
        yield
        return
    carrier.reel.record(tmp_path / "recording.psbridge")
    yield
    carrier.reel.end()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Run a test over a recording once more, when its first run has made it."""
    done = yield
    carrier = pyfuncitem.funcargs.get("carrier")
    if isinstance(carrier, ByReplay):
        carrier.reel.rewind()
        names = inspect.signature(pyfuncitem.obj).parameters
        pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
        carrier.reel.finish()
    return done
