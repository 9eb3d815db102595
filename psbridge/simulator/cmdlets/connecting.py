"""The connection commands of a profile: a simulated session is connected from the beginning; nothing is looked at or kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from psbridge.psobject import Value
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.runspace.metadata import cmdlet_infos

__all__ = ["connect"]

_CONNECTORS: Final = (
    ("Connect-ExchangeOnline", "exo"),
    ("Disconnect-ExchangeOnline", "exo"),
    ("Connect-MsolService", "directory"),
    ("Connect-MgGraph", "directory"),
    ("Disconnect-MgGraph", "directory"),
    ("Connect-Entra", "directory"),
    ("Disconnect-Entra", "directory"),
)


def connect(_call: Call) -> Iterable[Value]:
    """Nothing has to be done: a simulated session is connected from the beginning (field-notes 2.5 names the real parameters)."""
    return ()


for _name, _endpoint in _CONNECTORS:
    _all = [parameter.name for parameter in cmdlet_infos(_endpoint)[_name.lower()].parameters]
    cmdlet(_name, _endpoint, uses=_all, reads=True)(connect)
