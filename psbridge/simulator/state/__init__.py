"""The state of a simulated tenant: plain dataclasses, one file for each place that holds them."""

from psbridge.simulator.state.cloud import PreviousMailbox, Recipient
from psbridge.simulator.state.directory import Account, Licence, Plan, Sku, ValidationError
from psbridge.simulator.state.fault import Fault
from psbridge.simulator.state.on_premises import DisconnectedMailbox, LocalUser
from psbridge.simulator.state.requests import Batch, Ending, Move, ReportEntry, RestoreRequest, VerifiedFolder
from psbridge.simulator.state.tenant import Event, Migration, Organization, Settings, SyncEngine, Tenant

__all__ = [
    "Account",
    "Batch",
    "DisconnectedMailbox",
    "Ending",
    "Event",
    "Fault",
    "Licence",
    "LocalUser",
    "Migration",
    "Move",
    "Organization",
    "Plan",
    "PreviousMailbox",
    "Recipient",
    "ReportEntry",
    "RestoreRequest",
    "Settings",
    "Sku",
    "SyncEngine",
    "Tenant",
    "ValidationError",
    "VerifiedFolder",
]
