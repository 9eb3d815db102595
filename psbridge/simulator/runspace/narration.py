"""A call that begins or ends in, what it tells of itself with -Verbose and -Debug out.

An Exchange cmdlet tells its time, its session's settings and where it begins and ends, in the form of the Exchange Management
Shell; the other modules' binary cmdlets tell nothing. No source lists these texts: nobody may decide on them.
"""

from __future__ import annotations

from typing import Final

from psbridge.simulator.runspace.cmdlet import Call

__all__ = ["begin", "end"]

_EXCHANGE: Final = ("Microsoft.Exchange.Management.RecipientTasks", "Microsoft.Exchange.Management.Migration")


def begin(call: Call) -> None:
    """What stands before a cmdlet's own records."""
    if not _narrates(call):
        return
    place = call.world.state.on_premises_organization if call.endpoint == "onprem" else call.world.state.cloud_organization
    server = place.domain_controller
    _verbose(
        call,
        f"Active Directory session settings for '{call.info.name}' are: View Entire Forest: 'False', "
        f"Default Scope: '{place.domain}', Configuration Domain Controller: '{server}', "
        f"Preferred Global Catalog: '{server}', Preferred Domain Controllers: '{{ {server} }}'",
    )
    _verbose(call, "Beginning processing &")
    given = ", ".join(name for name in call.bound if name not in {"Verbose", "Debug"})
    call.write_debug(f"{call.info.name} at {place.server}, with {given or 'no parameter'}")


def end(call: Call) -> None:
    """What stands behind them."""
    if _narrates(call):
        _verbose(call, "Ending processing &")


def _narrates(call: Call) -> bool:
    return call.info.class_name.startswith(_EXCHANGE) and (call.switch("Verbose") or call.switch("Debug"))


def _verbose(call: Call, text: str) -> None:
    stamp = f"{call.world.now:%H:%M:%S}.{call.world.now.microsecond // 1000:03}"
    call.write_verbose(f"[{stamp} GMT] {call.info.name} : {text}")
