"""A section of the documents and what was really sent in; every way in which the one is not held by the other out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from tests.playbooks.document_lines import Line, lines_of
from tests.playbooks.sent import Sent, Stage

__all__ = ["ADDITIONS", "Golden", "differences", "in_dialect"]

# What a playbook may add to a line of the documents, and why.
ADDITIONS: Final[Mapping[str, str]] = {
    "Name": "a request is found again after a crash by the run's id in its name",
    "Identity": "one object instead of all of them",
    "Confirm": "nobody is there to answer; only as -Confirm:$false",
    "ResultSize": "all objects, or a first few",
    "Property": "Microsoft Graph gives only the properties that are asked for",
}


@dataclass(frozen=True, slots=True)
class Golden:
    """Which lines of the documents a scenario must send.

    - `section`: one of `document_lines.SECTIONS`; `dialect`: msonline, graph or entra.
    - `names`, `writes`: see `differences`.
    - `leaves_out`: numbers of lines that this scenario does not come to, with the reason.
    """

    section: str
    names: Mapping[str, Collection[str]] = field(default_factory=dict)
    writes: tuple[Sent, ...] = ()
    dialect: str = "msonline"
    leaves_out: Mapping[int, str] = field(default_factory=dict)

    def differences(self, documents: Path, sent: Iterable[Sent]) -> list[str]:
        """What was not sent as the documents show it."""
        lines = lines_of(documents, self.section)
        missing = set(self.leaves_out) - {line.number for line in lines}
        if missing:
            return [f"the documents' section {self.section} shows no cmdlet in line {number}" for number in sorted(missing)]
        wanted = [line for line in lines if line.number not in self.leaves_out]
        return differences(in_dialect(wanted, self.dialect), sent, names=self.names, writes=self.writes)


def differences(
    lines: Sequence[Line],
    sent: Iterable[Sent],
    *,
    names: Mapping[str, Collection[str]] | None = None,
    writes: Iterable[Sent] = (),
    additions: Collection[str] = ADDITIONS,
) -> list[str]:
    """What is not as the documents show it; nothing means that it is.

    The documents' lines must have been sent in their order, each with at least its parameters and, beyond them, `additions`
    only. Extra reads are allowed. A write that is no line of the documents must stand in `writes`, with its parameters, once for
    each time, and after those that stand before it.

    - `names`: a name or value of the documents, and by which others the same object may be addressed (ids, addresses).
    """
    known = {name.lower(): {other.lower() for other in others} for name, others in (names or {}).items()}
    found: list[str] = []
    waiting = list(lines)
    allowed = list(writes)
    for call in sent:
        if waiting and _is(waiting[0], call, known, additions):
            waiting.pop(0)
        elif call.writes:
            place = next((place for place, own in enumerate(allowed) if _added(own, call, known, additions)), None)
            if place is None:
                found.append(f"a write that the documents do not have here: {call}")
            else:
                del allowed[: place + 1]
    found += [f"not sent, or not in the documents' order: {line}" for line in waiting]
    return found


def _added(own: Sent, call: Sent, names: Mapping[str, set[str]], additions: Collection[str]) -> bool:
    same = (call.endpoint, call.cmdlet) == (own.endpoint, own.cmdlet)
    return same and _holds(own.parameters, call.parameters, names, additions)


def _is(line: Line, call: Sent, names: Mapping[str, set[str]], additions: Collection[str]) -> bool:
    if (call.endpoint, call.cmdlet.lower()) != (line.endpoint, line.cmdlet.lower()):
        return False
    if not _holds(line.parameters, call.parameters, names, additions):
        return False
    # What lies deep in an object of Microsoft Graph is lifted by Select-Object: no other question than the documents'.
    lifted = call.cmdlet.lower().startswith(("get-mg", "get-entra")) and not _selections(line.then)
    return lifted or _then(line.then, call.then, names)


def _holds(
    wanted: Mapping[str, object], given: Mapping[str, object], names: Mapping[str, set[str]], additions: Collection[str]
) -> bool:
    values = {name.lower(): value for name, value in given.items()}
    allowed = {name.lower() for name in additions}
    for name, value in wanted.items():
        if name.lower() not in values or not _means(value, values.pop(name.lower()), names):
            return False
    return all(name in allowed and (name != "confirm" or value is False) for name, value in values.items())


def _then(wanted: tuple[Stage, ...], given: tuple[Stage, ...] | None, names: Mapping[str, set[str]]) -> bool:
    """What is behind the cmdlet: Select-Object decides what is asked for; other cmdlets only show or keep it."""
    if given is None:
        return True
    asked, chosen = _selections(wanted), _selections(given)
    if len(asked) != len(wanted) and not asked:
        return True  # what Format-List shows, a projection may carry
    return len(asked) == len(chosen) and all(
        _holds(one.parameters, other.parameters, names, ()) for one, other in zip(asked, chosen, strict=True)
    )


def _selections(stages: tuple[Stage, ...]) -> list[Stage]:
    return [stage for stage in stages if stage.cmdlet.lower() == "select-object"]


def _means(documented: object, sent: object, names: Mapping[str, set[str]]) -> bool:
    if isinstance(documented, bool) or isinstance(sent, bool):
        return documented is sent
    wanted, given = _bare(documented), _bare(sent)
    if wanted == given or given in names.get(wanted, ()):
        return True
    # An alias, or an address in another domain, is the same person in another form.
    return ("@" in wanted or "@" in given) and wanted.partition("@")[0] == given.partition("@")[0]


def _bare(value: object) -> str:
    # The documents have lost their backslashes.
    return str(value).replace("\\", "").lower()


# field-notes 2.2: what stands in the place of an MSOnline cmdlet today. A parameter maps to the one that carries its value;
# a switch that chose between two cmdlets, and -Force, are gone.
_TODAY: Final[Mapping[str, Mapping[tuple[str, str], tuple[str, Mapping[str, str]]]]] = {
    "graph": {
        ("get-msoluser", ""): ("Get-MgUser", {"UserPrincipalName": "UserId"}),
        ("get-msoluser", "ReturnDeletedUsers"): (
            "Get-MgDirectoryDeletedItemAsUser",
            {"UserPrincipalName": "DirectoryObjectId"},
        ),
        ("remove-msoluser", ""): ("Remove-MgUser", {"UserPrincipalName": "UserId"}),
        ("remove-msoluser", "RemoveFromRecycleBin"): (
            "Remove-MgDirectoryDeletedItem",
            {"UserPrincipalName": "DirectoryObjectId"},
        ),
        ("set-msoluser", ""): ("Update-MgUser", {"UserPrincipalName": "UserId", "FirstName": "GivenName"}),
    },
    "entra": {
        ("get-msoluser", ""): ("Get-EntraUser", {"UserPrincipalName": "UserId"}),
        ("get-msoluser", "ReturnDeletedUsers"): ("Get-EntraDeletedUser", {"UserPrincipalName": "UserId"}),
        ("remove-msoluser", ""): ("Remove-EntraUser", {"UserPrincipalName": "UserId"}),
        ("remove-msoluser", "RemoveFromRecycleBin"): (
            "Remove-EntraDeletedDirectoryObject",
            {"UserPrincipalName": "DirectoryObjectId"},
        ),
        ("set-msoluser", ""): ("Set-EntraUser", {"UserPrincipalName": "UserId", "FirstName": "GivenName"}),
    },
}


def in_dialect(lines: Sequence[Line], dialect: str) -> list[Line]:
    """The documents' lines in a directory dialect: `msonline` as they are, `graph` and `entra` by field-notes 2.2."""
    if dialect == "msonline":
        return list(lines)
    return [_translated(line, _TODAY[dialect]) if line.endpoint == "directory" else line for line in lines]


def _translated(line: Line, table: Mapping[tuple[str, str], tuple[str, Mapping[str, str]]]) -> Line:
    chooses = next((name for name in line.parameters if (line.cmdlet.lower(), name) in table), "")
    cmdlet, parameters = table[line.cmdlet.lower(), chooses]
    # The documents write a parameter in any case.
    known = {name.lower(): own for name, own in parameters.items()}
    kept = {known[name.lower()]: value for name, value in line.parameters.items() if name.lower() in known}
    return replace(line, cmdlet=cmdlet, parameters=kept)
