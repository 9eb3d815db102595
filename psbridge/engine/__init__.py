"""The engine: playbooks over a journal, so that a run outlives kills, lost answers, long waits and approvals."""

from psbridge.engine.actor import system_actor
from psbridge.engine.answer import Answer, Refused
from psbridge.engine.context import Settings
from psbridge.engine.desk import Desk, PendingApproval
from psbridge.engine.endpoints import Endpoints, EngineSession
from psbridge.engine.engine import Engine
from psbridge.engine.outcome import Busy, Done, Failed, Finished, NotDue, Operator, Outcome, Waiting
from psbridge.engine.plan import Plan, PlannedApproval, PlannedWrite
from psbridge.engine.playbook import DIALECT, Input, Playbook
from psbridge.engine.run import Run
from psbridge.engine.steps.gathering import Gathered, Tabulated
from psbridge.engine.steps.look import Look, Overtaken
from psbridge.engine.tables import Cell, Query, Row, read_table

__all__ = [
    "DIALECT",
    "Answer",
    "Busy",
    "Cell",
    "Desk",
    "Done",
    "Endpoints",
    "Engine",
    "EngineSession",
    "Failed",
    "Finished",
    "Gathered",
    "Input",
    "Look",
    "NotDue",
    "Operator",
    "Outcome",
    "Overtaken",
    "PendingApproval",
    "Plan",
    "PlannedApproval",
    "PlannedWrite",
    "Playbook",
    "Query",
    "Refused",
    "Row",
    "Run",
    "Settings",
    "Tabulated",
    "Waiting",
    "read_table",
    "system_actor",
]
