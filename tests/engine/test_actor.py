"""Who is at the keyboard."""

from __future__ import annotations

import os
import socket

import pytest

from psbridge.engine import system_actor


def test_the_operating_system_says_who_it_is_and_not_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    before = system_actor()
    for name in ("USER", "LOGNAME", "USERNAME", "LNAME", "USERDOMAIN"):
        monkeypatch.setenv(name, "mallory")
    assert system_actor() == before
    assert "mallory" not in before
    assert before.endswith(f" on {socket.gethostname()}")


@pytest.mark.skipif(os.name != "posix", reason="other systems keep no password file")
def test_a_login_without_a_name_is_known_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    assert system_actor() == f"uid 4000000 on {socket.gethostname()}"
