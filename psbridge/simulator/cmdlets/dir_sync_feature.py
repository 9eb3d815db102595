"""The features of directory synchronisation in all three dialects: BypassDirSyncOverrides is one of them (field-notes 4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from psbridge.psobject import PSObject, Value
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.views.graph import directory_synchronisation

__all__ = [
    "get_entra_dir_sync_feature",
    "get_mg_directory_on_premise_synchronization",
    "get_msol_dir_sync_features",
    "set_msol_dir_sync_feature",
    "update_mg_directory_on_premise_synchronization",
]

_BYPASS: Final = "BypassDirSyncOverrides"
_AUTOMATION: Final = "Microsoft.Online.Administration.Automation"
_CUSTOM: Final = ("System.Management.Automation.PSCustomObject", "System.Object")


@cmdlet("Get-MsolDirSyncFeatures", "directory", uses=("Feature",), reads=True)
def get_msol_dir_sync_features(call: Call) -> Iterable[Value]:
    """What is switched on (field-notes 2.2 and 4)."""
    types = ("Microsoft.Online.Administration.DirSyncFeature", "System.Object")
    for name, enabled in _chosen(call, {"EnableSoftMatchOnUpn": True}):
        yield PSObject(types, to_string=types[0], props={"DirSyncFeatureName": name, "Enabled": enabled})


@cmdlet("Set-MsolDirSyncFeature", "directory", uses=("Feature", "Enable", "Force"))
def set_msol_dir_sync_feature(call: Call) -> Iterable[Value]:
    """Switch one on or off; for the whole tenant, so it asks without -Force (field-notes 4)."""
    name = call.text("Feature") or ""
    if name.casefold() != _BYPASS.casefold():
        exception = f"{_AUTOMATION}.MicrosoftOnlineException"
        text = f"The simulator can switch {_BYPASS} only, not {name}."
        raise CmdletError(text, f"{_AUTOMATION}.InvalidParameterException", "OperationStopped", (exception,))
    if not call.switch("Force"):
        call.should_continue("Continue with this operation?")
    call.world.state.settings.bypass_dir_sync_overrides = call.bound.get("Enable") is True
    return ()


@cmdlet("Get-EntraDirSyncFeature", "directory", uses=("Feature",), reads=True)
def get_entra_dir_sync_feature(call: Call) -> Iterable[Value]:
    """What is switched on, as Entra's module shows it (field-notes 4)."""
    for name, enabled in _chosen(call, {"PasswordSync": True}):
        yield PSObject(_CUSTOM, ms={"DirSyncFeature": name, "Enabled": enabled})


@cmdlet("Get-MgDirectoryOnPremiseSynchronization", "directory", uses=("OnPremisesDirectorySynchronizationId", "All"), reads=True)
def get_mg_directory_on_premise_synchronization(call: Call) -> Iterable[Value]:
    """The tenant's one synchronisation, with its features (field-notes 4)."""
    return [directory_synchronisation(call.world)]


@cmdlet("Update-MgDirectoryOnPremiseSynchronization", "directory", uses=("OnPremisesDirectorySynchronizationId", "Features"))
def update_mg_directory_on_premise_synchronization(call: Call) -> Iterable[Value]:
    """Switch BypassDirSyncOverridesEnabled: the next initial cycle writes the local numbers over the cloud's (field-notes 4)."""
    given = call.bound.get("Features")
    wanted = {str(name).casefold(): value for name, value in given.items()} if isinstance(given, dict) else {}
    if call.should_process() and f"{_BYPASS}Enabled".casefold() in wanted:
        call.world.state.settings.bypass_dir_sync_overrides = wanted[f"{_BYPASS}Enabled".casefold()] is True
    return ()


def _chosen(call: Call, others: dict[str, bool]) -> Iterable[tuple[str, bool]]:
    every = {_BYPASS: call.world.state.settings.bypass_dir_sync_overrides, **others}
    wanted = call.text("Feature")
    return ((name, enabled) for name, enabled in every.items() if wanted is None or name.casefold() == wanted.casefold())
