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
    ("Get-ConnectionInformation", "exo"),
    ("Get-MgContext", "directory"),
    ("Disconnect-ExchangeOnline", "exo"),
    ("Connect-MsolService", "directory"),
    ("Connect-MgGraph", "directory"),
    ("Disconnect-MgGraph", "directory"),
    ("Connect-Entra", "directory"),
    ("Disconnect-Entra", "directory"),
)
_GREETINGS: Final = {
    "Connect-ExchangeOnline": "This V3 EXO PowerShell module contains new REST API backed Exchange Online cmdlets which doesn't "
    "require WinRM for Client-Server communication.",
    "Connect-MgGraph": "Welcome to Microsoft Graph!",
    "Connect-Entra": "Welcome to Microsoft Graph!",
}


def connect(call: Call) -> Iterable[Value]:
    """Nothing has to be done: a simulated session is connected from the beginning (field-notes 2.5 names the real parameters).

    Nothing is kept of it either, so there is no connection to list. It greets as the modules do: in the information stream,
    unless it is told not to; with -ShowProgress it shows a bar too.
    """
    if call.bound.get("ShowProgress") is True:
        for percent in (0, 100):
            call.write_progress("Loading the cmdlets", percent)
    if call.info.name in _GREETINGS and call.bound.get("ShowBanner") is not False and not call.switch("NoWelcome"):
        call.write_host(_GREETINGS[call.info.name])
    return ()


for _name, _endpoint in _CONNECTORS:
    _all = [parameter.name for parameter in cmdlet_infos(_endpoint)[_name.lower()].parameters]
    cmdlet(_name, _endpoint, uses=_all, reads=True)(connect)
