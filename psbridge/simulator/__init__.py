"""A simulated hybrid Exchange organisation: state and rules, cmdlets, and the servers in front of them. It needs no PowerShell.

From the inside out: `state` (plain data), `rules` (what happens), `cmdlets` and `views` (what is asked and shown), `runspace`
(parameter binding, streams, errors), `server` (protocols). It knows nothing of psbridge's client side.
"""

from psbridge.simulator.organisation import ENDPOINTS, SimulatedOrganisation
from psbridge.simulator.runspace.records import Argument, Dropped, Hung, Invocation, Outcome, Question
from psbridge.simulator.seed import load_seed, named_seeds

__all__ = [
    "ENDPOINTS",
    "Argument",
    "Dropped",
    "Hung",
    "Invocation",
    "Outcome",
    "Question",
    "SimulatedOrganisation",
    "load_seed",
    "named_seeds",
]
