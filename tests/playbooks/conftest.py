"""What the tests of all playbooks share: PowerShell sessions that outlive a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.playbooks.live_tenant import LiveSessions


@pytest.fixture(scope="session")
def live_sessions(tmp_path_factory: pytest.TempPathFactory, exchange_like: str) -> Iterator[LiveSessions]:
    """Sessions of the real engine, with a fresh tenant behind them whenever one is asked for."""
    sessions = LiveSessions(tmp_path_factory.mktemp("live"), exchange_like)
    yield sessions
    sessions.close()
