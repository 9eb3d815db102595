"""Which modules an endpoint needs, and what is known of their versions (field-notes 2.1 and 2.5, of July 2026)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from psbridge.doctor.finding import Seen, Verdict, failed, ok, warning

__all__ = ["Known", "judged", "modules_of"]

Number = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A module. `only_for` names the one playbook that needs it, where the others do without."""

    name: str
    only_for: str = ""


_EXCHANGE: Final = "ExchangeOnlineManagement"
_GRAPH: Final = "Microsoft.Graph."
_AT: Final[Mapping[str, tuple[Known, ...]]] = {
    "onprem": (),
    "exo": (Known(_EXCHANGE),),
    "sync": (Known("ADSync"), Known("ADSyncTools", "mobile-phone-override")),
}
_IN_THE_DIRECTORY: Final[Mapping[str, tuple[Known, ...]]] = {
    "graph": (
        Known(f"{_GRAPH}Authentication"),
        Known(f"{_GRAPH}Users"),
        Known(f"{_GRAPH}Users.Actions", "duplicate-mailbox-remove-license"),
        Known(f"{_GRAPH}Identity.DirectoryManagement"),
    ),
    "entra": (Known("Microsoft.Entra"), Known(f"{_GRAPH}Identity.DirectoryManagement", "mobile-phone-bypass")),
    "msonline": (Known("MSOnline"),),
}


def modules_of(endpoint: str, dialect: str) -> tuple[Known, ...]:
    """The modules that an endpoint needs."""
    return _IN_THE_DIRECTORY[dialect] if endpoint == "directory" else _AT[endpoint]


def judged(wanted: tuple[Known, ...], found: Mapping[str, str], powershell: str, edition: str) -> Seen:
    """What is to be said of the versions that were found, by name; `powershell` is its version, empty where it is not told."""
    seen = [_one(known, found.get(known.name, ""), _number(powershell), edition) for known in wanted]
    for verdict, make in ((Verdict.FAILED, failed), (Verdict.WARNING, warning)):
        if any(one.verdict is verdict for one in seen):
            wrong = [one for one in seen if one.verdict in (Verdict.FAILED, Verdict.WARNING)]
            return make(*("; ".join(dict.fromkeys(filter(None, texts))) for texts in _columns(wrong)))
    return ok(", ".join(one.found for one in seen))


def _columns(seen: list[Seen]) -> Iterator[list[str]]:
    yield [one.found for one in seen]
    yield [one.cause for one in seen]
    yield [one.remedy for one in seen]


def _one(known: Known, version: str, powershell: Number, edition: str) -> Seen:
    if not version:
        remedy = f"Install-Module {known.name} -Scope AllUsers"
        if known.name == "ADSync":
            remedy = "Entra Connect brings it: use the server that it runs on"
        # Whether the cmdlets are there all the same, another check tells.
        who = f"{known.only_for} needs it" if known.only_for else "It is not installed for this account and this PowerShell"
        return warning(f"{known.name} is not there", who, remedy)
    found = f"{known.name} {version}"
    if known.name == "MSOnline":
        cause = "Microsoft retired it on 2025-05-30: it reaches no tenant any more"
        return warning(found, cause, 'Write dialect = "graph" or "entra"; msonline is for rehearsals')
    return _exchange(found, _number(version), powershell, edition) if known.name == _EXCHANGE else ok(found)


def _exchange(found: str, version: Number, powershell: Number, edition: str) -> Seen:
    update = f"Update-Module {_EXCHANGE} (3.10.1 or newer)"
    if version < (3,):
        return failed(found, "It speaks remote PowerShell, which Exchange Online ended in October 2023", update)
    core = edition == "Core" and bool(powershell)
    least = (7, 6) if version >= (3, 10) else (7, 4) if version >= (3, 5) else (7,)
    if core and powershell < least:
        wanted = ".".join(map(str, least))
        cause = f"This version needs PowerShell {wanted}, and {'.'.join(map(str, powershell[:2]))} was started"
        return failed(found, cause, f"Install PowerShell {wanted} or newer, or use Windows PowerShell 5.1 (powershell.exe)")
    if (3, 10) <= version < (3, 10, 1):
        return warning(found, "3.10.1 mends faults of signing in by certificate", update)
    return ok(found)


def _number(text: str) -> Number:
    """A version as numbers; what stands behind a hyphen is a preview's name."""
    return tuple(int(part) for part in text.partition("-")[0].split(".") if part.isdecimal())
