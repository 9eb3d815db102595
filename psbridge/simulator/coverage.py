"""`python -m psbridge.simulator.coverage`: the list of cmdlets and parameters in README.md, made of what is registered."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

import psbridge.simulator.cmdlets  # noqa: F401  (registers them)
from psbridge.simulator.organisation import ENDPOINTS
from psbridge.simulator.runspace.cmdlet import Cmdlet, cmdlets_of

__all__ = ["coverage"]

_TITLES: Final = {
    "onprem": "Exchange on-premises",
    "exo": "Exchange Online",
    "directory": "Directory (MSOnline, Microsoft Graph, Entra)",
    "sync": "Entra Connect",
}
# More names than this are not worth reading where nothing is missing.
_MANY: Final = 15


def coverage() -> str:
    """The whole list as Markdown: per endpoint each cmdlet, what it understands, and how many parameters it refuses."""
    return "\n".join(line for endpoint in ENDPOINTS for line in _endpoint(endpoint))


def _endpoint(endpoint: str) -> Iterator[str]:
    yield f"### {_TITLES[endpoint]} (`{endpoint}`)"
    yield ""
    yield "| Cmdlet | Understands | Refuses |"
    yield "|---|---|---:|"
    for found in cmdlets_of(endpoint):
        yield f"| `{found.info.name}` | {_understood(found)} | {len(found.refused) or ''} |"
    yield ""


def _understood(found: Cmdlet) -> str:
    own = [parameter.name for parameter in found.info.parameters if not parameter.common]
    names = [f"`-{name}`" for name in own if name not in found.refused]
    if len(names) > _MANY and len(names) == len(own):
        return f"all {len(names)} parameters"
    return " ".join(names) or "no parameter"


if __name__ == "__main__":
    sys.stdout.write(coverage())
