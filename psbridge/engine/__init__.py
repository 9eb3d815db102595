"""The engine: playbooks over a journal, so that a run outlives kills, lost answers, long waits and approvals."""

from psbridge.engine.actor import system_actor
from psbridge.engine.answer import Answer, Refused
from psbridge.engine.context import Settings
from psbridge.engine.desk import Desk, PendingApproval
from psbridge.engine.endpoints import Endpoints, EngineSession
from psbridge.engine.engine import Engine
from psbridge.engine.outcome import Busy, Done, Failed, Finished, NotDue, Operator, Outcome, Waiting
from psbridge.engine.plan import Plan, PlannedApproval, PlannedWrite
from psbridge.engine.playbook import Input, Playbook
from psbridge.engine.run import Run
from psbridge.engine.steps.look import Look

__all__ = [
    "Answer",
    "Busy",
    "Desk",
    "Done",
    "Endpoints",
    "Engine",
    "EngineSession",
    "Failed",
    "Finished",
    "Input",
    "Look",
    "NotDue",
    "Operator",
    "Outcome",
    "PendingApproval",
    "Plan",
    "PlannedApproval",
    "PlannedWrite",
    "Playbook",
    "Refused",
    "Run",
    "Settings",
    "Waiting",
    "system_actor",
]
