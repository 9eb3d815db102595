"""Every test of this folder runs over each carrier."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from psbridge.transports.base import Transport
from tests.contract.carriers import CARRIERS, ByWsman, Carrier, relay_of


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
