"""The faults of a tenant that strike a call of a cmdlet, before it works or after it has had its effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from psbridge.simulator.rules.synchronisation import run_cycle
from psbridge.simulator.runspace.cmdlet import Call
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.runspace.records import Dropped, Hung
from psbridge.simulator.state import Fault
from psbridge.simulator.state.fault import CALL_FAULTS

__all__ = ["strike_after", "strike_before"]

_THROTTLED = (
    "[FailureCategory=AuthZ-AuthorizationException] Fail to create a runspace because you have exceeded the maximum number of "
    "connections allowed : 3 for the policy party : MaxConcurrency. Please close existing runspace and try again."
)
# field-notes 3: the beginning of the text that Exchange writes; the budget's figures follow.
_MICRO_DELAY = (
    "Micro delay applied. Actual delayed: 50 msecs, Enforced: True, Capped delay: 50 msecs, Required: False, Additional info: .;"
)


def strike_before(call: Call) -> list[Fault]:
    """Count the call, let the faults before it strike, and give those that wait for its effect."""
    state = call.world.state
    name = call.info.name
    count = state.calls[name] = state.calls.get(name, 0) + 1
    faults = [fault for fault in state.faults if _meets(fault, call, count)]
    for fault in faults:
        if not fault.after:
            _strike(call, fault)
    return [fault for fault in faults if fault.after]


def strike_after(call: Call, faults: list[Fault]) -> None:
    """Let the faults strike whose call has had its effect: the change is made and the answer lost."""
    for fault in faults:
        _strike(call, fault)


def _meets(fault: Fault, call: Call, count: int) -> bool:
    return (
        fault.name in CALL_FAULTS
        and not fault.operation
        and fault.cmdlet.lower() in {"", call.info.name.lower()}
        and fault.endpoint in {"", call.endpoint}
        and fault.call in {0, count}
        and (fault.begins is None or fault.begins <= call.world.now)
    )


def _strike(call: Call, fault: Fault) -> None:
    if fault.name == "dropped-connection":
        raise Dropped(after=fault.after)
    if fault.name == "hang":
        raise Hung
    if fault.name == "sync-cycle":
        # The worst moment: a scheduled cycle runs just now (field-notes 1.7).
        run_cycle(call.world, "Delta")
    elif fault.name == "warning":
        call.write_warning(fault.message or _MICRO_DELAY)
    elif fault.name in _TOLD:
        _TOLD[fault.name](call, fault.message or "The simulated service has something to say.")
    else:
        raise _error(fault)


def _progress(call: Call, text: str) -> None:
    for percent in (0, 50, 100):
        call.write_progress(text, percent)


_TOLD: Final[Mapping[str, Callable[[Call, str], None]]] = {
    "verbose": Call.write_verbose,
    "debug": Call.write_debug,
    "information": Call.write_information,
    "progress": _progress,
}


def _error(fault: Fault) -> CmdletError:
    if fault.name == "throttled":
        # field-notes 3: the text and the category of Exchange's budget.
        exception = "Microsoft.Exchange.Configuration.Authorization.AuthorizationException"
        message = fault.message or _THROTTLED
        return CmdletError(
            message, fault.error_id or "AuthorizationException", "PermissionDenied", (exception,), terminating=True
        )
    return CmdletError(
        fault.message or "The simulated service failed.",
        fault.error_id or "SimulatedFault",
        fault.category,
        ("System.InvalidOperationException", "System.SystemException"),
        terminating=fault.name == "terminating-error",
    )
