"""A disagreement between the two tenants is seen; that they agree is looked at where both are played (test_scenarios)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.playbooks.agreement import disagreements, must_agree
from tests.playbooks.change import user
from tests.playbooks.far_ends import Live, Simulated
from tests.playbooks.live_tenant import LiveSessions
from tests.playbooks.option_zero import USER
from tests.playbooks.playing import play
from tests.playbooks.scenario import all_scenarios


def test_a_disagreement_is_seen(tmp_path: Path, live_sessions: LiveSessions) -> None:
    (refused,) = (one for one in all_scenarios() if must_agree(one) and one.name == "refused-litigation-hold")
    other = replace(refused, changes=(), live=user("cloud", USER, holds=["UniH5b000000"]).live)
    for name in ("simulated", "live"):
        (tmp_path / name).mkdir()
    simulated = play(refused, Simulated(refused), tmp_path / "simulated")
    live = play(other, Live(other, live_sessions), tmp_path / "live")
    (told,) = disagreements(simulated, live)
    assert "no hold is on the cloud mailbox" in told
    assert "found" in told
