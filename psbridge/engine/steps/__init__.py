"""The kinds of steps, one file each."""

from psbridge.engine.steps.approval import approval
from psbridge.engine.steps.change import change
from psbridge.engine.steps.destroy import destroy
from psbridge.engine.steps.gathering import gather, tabulate
from psbridge.engine.steps.hold import Hold, hold, release, way_out
from psbridge.engine.steps.poll import InVain, poll
from psbridge.engine.steps.reading import evidence, read
from psbridge.engine.steps.talking import ask, guard, note
from psbridge.engine.steps.warning import lift, warn

__all__ = [
    "Hold",
    "InVain",
    "approval",
    "ask",
    "change",
    "destroy",
    "evidence",
    "gather",
    "guard",
    "hold",
    "lift",
    "note",
    "poll",
    "read",
    "release",
    "tabulate",
    "warn",
    "way_out",
]
