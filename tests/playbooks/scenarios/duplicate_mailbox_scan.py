"""The scan of a whole organisation: one person of each class in the simulator, the documents' people on the real engine."""

from __future__ import annotations

from playbooks.duplicate_mailbox.scan import playbook
from tests.playbooks.scenario import Scenario

__all__ = ["SCENARIOS"]

# What it finds is compared in test_scan.py and test_scan_live.py, from the table that it makes.
SCENARIOS = (Scenario(name="scan", playbook=playbook, inputs={}, seed="scan", unchanged=True, sweep=True, recorded=False),)
