"""A way to read in; whose numbers differ between the two sides, and who could not be compared, out.

Whoever is on neither list holds the same numbers on both sides: for them BypassDirSyncOverrides changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from playbooks.mobile_phone.both_sides import BothSides, in_ad, in_entra
from psbridge.cmdlets import Call, compare_ad_sync_tools_dir_sync_overrides
from psbridge.cmdlets.directory import Directory
from psbridge.engine import Answer
from psbridge.errors import CmdletError
from psbridge.models import Account, Model

__all__ = ["NAMED", "Compared", "Read", "compare"]

M = TypeVar("M", bound=Model)


class Read(Protocol):
    """How a comparison looks at an endpoint: as a step of the run by that key, or live directly before a write."""

    def __call__(self, key: str, endpoint: str, call: Call[M], /) -> Answer[M]:
        """Look, and give the answer."""
        ...


@dataclass(frozen=True, slots=True)
class Compared:
    """Everybody as one comparison found them.

    - `changing`: those whose numbers differ. `unknown`: names that are not exactly one user on each side.
    """

    changing: tuple[BothSides, ...]
    unknown: tuple[str, ...]

    def since(self, before: Compared) -> str:
        """What is different from an earlier comparison, for people; empty if nothing is."""
        was, now = before.states(), self.states()
        names = sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
        told = [f"{name}: {was.get(name, _EQUAL)}, now {now.get(name, _EQUAL)}" for name in names[:NAMED]]
        more = [f"and {len(names) - NAMED} more"] if len(names) > NAMED else []
        return " | ".join([*told, *more])

    def states(self) -> dict[str, str]:
        """What an approval is about: the numbers of both sides of each one who differs, and who could not be compared."""
        differing = {sides.user: f"on-premises {sides.ad.shown}, in the directory {sides.entra.shown}" for sides in self.changing}
        return {**dict.fromkeys(self.unknown, "not found on both sides"), **differing}


_EQUAL: Final = "no difference"
NAMED: Final = 20
"""So many differences stand in a text; all of them are in the evidence and in the table."""


def compare(
    read: Read, directory: Directory, *, with_cmdlet: bool, keep: Callable[[BothSides], BothSides] = lambda sides: sides
) -> Compared:
    """Read both sides of whom Compare-ADSyncToolsDirSyncOverrides names, or of everybody.

    `with_cmdlet`: whether to ask it. `keep` looks once more at each one who differs; who no longer does drops out.
    """
    changing, unknown = [], []
    for name in _candidates(read, directory, with_cmdlet=with_cmdlet):
        ad, entra = read(f"{name} in AD", "sync", in_ad(name)), read(f"{name} in Entra", "sync", in_entra(name))
        if len(ad.objects) != 1 or len(entra.objects) != 1:
            unknown.append(name)
        elif (sides := BothSides(name, ad.one(), entra.one())).differ and (kept := keep(sides)).differ:
            changing.append(kept)
    return Compared(tuple(changing), tuple(unknown))


def _candidates(read: Read, directory: Directory, *, with_cmdlet: bool) -> list[str]:
    """Whom Compare-ADSyncToolsDirSyncOverrides names; where it only writes its file, everybody who is synchronised."""
    compared = _by_cmdlet(read) if with_cmdlet else ()
    named = {row.user_principal_name: None for row in compared if row.user_principal_name}
    if named:
        return list(named)
    accounts = read("accounts", "directory", directory.get_users()).objects
    return list({account.user_principal_name: None for account in accounts if _is_carried(account)})


def _by_cmdlet(read: Read) -> Sequence[Any]:
    try:
        return read("compare", "sync", compare_ad_sync_tools_dir_sync_overrides()).objects
    except CmdletError as error:
        if not any(error.record.names(name) for name in _NO_SUCH_CMDLET):
            raise
        return ()


_NO_SUCH_CMDLET: Final = ("CommandNotFoundException", "ParameterBindingException")


def _is_carried(account: Account) -> bool:
    """Synchronisation passes over what is not synchronised, or managed in the cloud; the feature changes nothing there."""
    return account.is_synchronised is not False and account.is_cloud_managed is not True
