"""The faults of a tenant that strike a request of WS-Man, before it is worked on or after it has had its effect."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from psbridge.simulator.server.outbox import AnswerLost
from psbridge.simulator.server.wsman_fault import ACCESS_DENIED, MAX_OPERATIONS, WsmanFault
from psbridge.simulator.state import Fault, Tenant
from psbridge.simulator.state.fault import REQUEST_FAULTS

__all__ = ["HttpRefused", "RequestFaults"]

# What the quota of an overloaded service allows, for its text.
_OPERATIONS = 15


class HttpRefused(Exception):
    """The HTTP server answers in the place of WS-Management: 429 or 503, to be tried again after so many seconds."""

    def __init__(self, status: int, retry_after: int) -> None:
        super().__init__(status)
        self.status, self.retry_after = status, retry_after


class RequestFaults:
    """Counts the requests by operation, and strikes those that a fault means. `look` gives the tenant as it is now."""

    def __init__(self, look: Callable[[], Tenant] | None = None) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def around(self, operation: str, endpoint: str) -> Iterator[None]:
        """Strike before, or after, what is done inside. Raises AnswerLost, HttpRefused or WsmanFault."""
        struck = self._meant(operation, endpoint)
        for fault in struck:
            if not fault.after:
                _strike(fault)
        yield
        for fault in struck:
            if fault.after:
                _strike(fault)

    def _meant(self, operation: str, endpoint: str) -> list[Fault]:
        if self._look is None:
            return []
        tenant = self._look()
        with self._lock:
            for about in ((operation, endpoint), (operation, ""), ("*", endpoint), ("*", "")):
                self._counts[about] += 1
            return [fault for fault in tenant.faults if self._means(fault, operation, endpoint, tenant.now)]

    def _means(self, fault: Fault, operation: str, endpoint: str, now: datetime) -> bool:
        wanted = fault.operation or ("*" if fault.name in REQUEST_FAULTS else "")
        return (
            wanted in {operation, "*"}
            and fault.endpoint in {"", endpoint}
            and fault.call in {0, self._counts[wanted, fault.endpoint]}
            and (fault.begins is None or fault.begins <= now)
        )


def _strike(fault: Fault) -> None:
    if fault.name == "dropped-connection":
        raise AnswerLost
    if fault.name == "too-many-requests":
        raise HttpRefused(429, fault.seconds)
    if fault.name == "service-unavailable":
        raise HttpRefused(503, fault.seconds)
    raise WsmanFault(ACCESS_DENIED if fault.name == "access-denied" else MAX_OPERATIONS, _OPERATIONS)
