"""A fault of a tenant: what goes wrong, at which call or at which time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from psbridge.simulator.state.strict import STRICT

__all__ = ["CALL_FAULTS", "REQUEST_FAULTS", "Fault", "FaultName"]

# Strike a call of a cmdlet.
CallFault = Literal[
    "throttled",
    "dropped-connection",
    "error",
    "terminating-error",
    "warning",
    "verbose",
    "debug",
    "information",
    "progress",
    "sync-cycle",
    "hang",
]
# Strike a request of WS-Man.
RequestFault = Literal["too-many-requests", "service-unavailable", "user-quota", "access-denied"]
# Change what happens in the tenant.
TenantFault = Literal["late-replication", "failed-restore", "stalled-migration", "group-licence"]
FaultName = Literal[CallFault, RequestFault, TenantFault]
CALL_FAULTS: frozenset[str] = frozenset(get_args(CallFault))
REQUEST_FAULTS: frozenset[str] = frozenset(get_args(RequestFault))


@dataclass(slots=True, eq=False)
class Fault:
    """One fault by its name.

    - A fault of a call strikes call number `call` of `cmdlet` (0: every call), before it works, or `after` it has had its effect.
    - A fault of a request strikes request number `call` of the WS-Man operation `operation` (Create, Command, Receive ...; `*` or
      none: any), over WS-Man only; so does a dropped-connection that names one. `seconds` is then its Retry-After.
    - A fault of the tenant holds from `begins` on (None: from the beginning), for `user` or, without one, for everybody;
      `times` is how often it strikes (0: always).
    - `seconds`: how late, or how long a stall lasts. `sku`: the licence that a group gives back.
    """

    __pydantic_config__ = STRICT

    name: FaultName
    cmdlet: str = ""
    endpoint: str = ""
    operation: str = ""
    call: int = 1
    after: bool = False
    begins: datetime | None = None
    user: str = ""
    times: int = 1
    seconds: int = 600
    sku: str = ""
    message: str = ""
    error_id: str = ""
    category: str = "NotSpecified"
    struck: int = 0

    def strike(self) -> bool:
        """Count one more blow; False when it has struck as often as it may."""
        if self.times and self.struck >= self.times:
            return False
        self.struck += 1
        return True
