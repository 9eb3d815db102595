"""The journal: what every run saw, meant to do and did, kept so that neither a kill nor a power cut loses it."""

from psbridge.journal.over import is_cancelled, why_over
from psbridge.journal.records import Approval, Draft, Entry, Kind, Lease, NewRun, Pause, RunRecord, Signal, Status, WholeRun
from psbridge.journal.replies import Redact, reply_from_json, reply_to_json
from psbridge.journal.sqlite import SqliteStore
from psbridge.journal.standing import next_reminder, standing, warning_text
from psbridge.journal.store import CANCEL, WAKE, Store
from psbridge.journal.view import JournalView

__all__ = [
    "CANCEL",
    "WAKE",
    "Approval",
    "Draft",
    "Entry",
    "JournalView",
    "Kind",
    "Lease",
    "NewRun",
    "Pause",
    "Redact",
    "RunRecord",
    "Signal",
    "SqliteStore",
    "Status",
    "Store",
    "WholeRun",
    "is_cancelled",
    "next_reminder",
    "reply_from_json",
    "reply_to_json",
    "standing",
    "warning_text",
    "why_over",
]
