"""The answer to a destructive call is lost, nobody can look, and the operator cancels: what is at stake is told all the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from psbridge.engine import Failed, Operator
from psbridge.journal import SqliteStore
from psbridge.simulator.state import Fault
from tests.playbooks.far_ends import Simulated
from tests.playbooks.option_zero import CAPTURED
from tests.playbooks.playing import Meanwhile, Skipping, carry_on, engine_for
from tests.playbooks.scenario import RUN, Scenario
from tests.playbooks.scenarios import duplicate_mailbox_delete_account as option_0
from tests.playbooks.scenarios import duplicate_mailbox_remove_license as option_1


# The cmdlet, which of its calls is lost, and how often the account is looked at between the approval and that.
@pytest.mark.parametrize(
    ("scenario", "cmdlet", "call", "looks", "told"),
    [
        (option_0.COMPLETE, "Remove-MsolUser", 2, 4, f"what its cloud mailbox {CAPTURED} holds is lost for good 30 days later"),
        (
            option_1.COMPLETE,
            "Set-MsolUserLicense",
            1,
            2,
            "take the Exchange licence of testLicense@domain.com away, and may have",
        ),
    ],
    ids=["the-purge", "the-licence"],
)
def test_the_warning_stands_before_the_change_is_sent(
    scenario: Scenario, cmdlet: str, call: int, looks: int, told: str, tmp_path: Path
) -> None:
    scenario = replace(scenario, golden=None)
    far = Simulated(scenario)
    with SqliteStore(tmp_path / "journal.db") as store:
        engine = engine_for(scenario, store, Skipping(far, [], Meanwhile(far)), far.clock)
        engine.start(scenario.playbook.name, scenario.inputs, run_id=RUN)
        while not engine.pending_approvals(RUN):
            engine.advance(RUN)
        state = far.state()
        seen = state.calls.get("Get-MsolUser", 0) + looks
        state.faults.append(Fault("dropped-connection", cmdlet=cmdlet, call=call, after=True))
        state.faults += [Fault("dropped-connection", cmdlet="Get-MsolUser", call=seen + number) for number in range(1, 60)]
        asked = carry_on(engine, RUN, far.clock, Meanwhile(far))
        assert isinstance(asked, Operator), asked
        assert "it cannot be told" in asked.why
        assert any(told in warning for warning in engine.warnings(RUN))
        engine.signal(RUN, "cancel", "enough")
        assert isinstance(engine.advance(RUN), Failed)
        assert any(told in warning for warning in engine.warnings(RUN))
