"""`mobile-phone-bypass`: let the on-premises numbers win for the whole tenant, or switch that off again.

Every cloud number that differs is overwritten. So each difference is exported first, and the approval names all who change.
Source: field-notes 4, after Microsoft's page on BypassDirSyncOverridesEnabled.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any, Final, TypeVar

from playbooks.mobile_phone.both_sides import BothSides, in_ad, in_entra
from playbooks.mobile_phone.comparing import NAMED, Compared, compare
from playbooks.mobile_phone.synchronising import A_DAY, SYNC, must_export, synchronise
from psbridge.cmdlets import Call, start_ad_sync_sync_cycle
from psbridge.cmdlets.directory import Directory, directory_of
from psbridge.engine import DIALECT, Answer, Input, Look, Playbook, Run
from psbridge.errors import Stopped
from psbridge.models import DirSyncFeatures, DirSyncOverridesUser, Model

__all__ = ["playbook", "sha256_of", "table_of"]

M = TypeVar("M", bound=Model)

COLUMNS: Final = ("UserPrincipalName", "MobileInAD", "MobileInAAD", "OtherMobileInAD", "OtherMobileInAAD")


def body(run: Run) -> Mapping[str, object]:
    """Switch it on with the export, the approval, the full synchronisation and the check; or switch it off."""
    return _carry_out(run, returns=True)


def _version_1(run: Run) -> Mapping[str, object]:
    """The steps of version 1, for runs that were begun with it: what differs after the approval ends the run."""
    return _carry_out(run, returns=False)


def _carry_out(run: Run, *, returns: bool) -> Mapping[str, object]:
    directory = directory_of(run.inputs["dialect"])
    features = run.evidence("features", "directory", directory.get_dir_sync_features(), need=("bypass_dir_sync_overrides",))
    if run.inputs["turn"] == "off":
        return _off(run, directory, features)
    must_export(run)
    compared = _approved(run, directory, features, returns=returns)
    synchronise(run, "Initial")
    for sides in compared.changing:
        _must_be_taken(run, sides)
    return {
        "changed": len(compared.changing),
        "differences": [sides.told() for sides in compared.changing[:NAMED]],
        "table_sha256": sha256_of(table_of(compared.changing)),
        "not_found": list(compared.unknown),
        "way_back": _way_back(compared.changing),
        "still_so": "From now on every number that is written in the cloud is overwritten from on-premises.",
    }


def _approved(run: Run, directory: Directory, features: DirSyncFeatures, *, returns: bool) -> Compared:
    """Switch it on, behind an approval of what everybody's numbers still are when it has been given.

    An approval may lie open for days. Whatever differs after it is put into a new approval, as often as that is so.
    """
    compared = _compared(run, directory, 1)
    for number in count(1):
        _ask(run, directory, features, compared, number)
        now = _compared(run, directory, number + 1) if returns else compared
        if not (since := now.since(compared)):
            break
        run.note(f"changed-since-approval-{number}", f"Since the approval these differ, so it is asked for again: {since}")
        compared = now
    if not features.bypass_dir_sync_overrides:
        _switch_on(run, directory, features, compared, number)
    return compared


def _compared(run: Run, directory: Directory, number: int) -> Compared:
    """Compare as steps of the run, and keep both sides of everybody who differs as evidence."""

    def read(key: str, endpoint: str, call: Call[M], /) -> Answer[M]:
        return run.read(_numbered(key, number), endpoint, call)

    def keep(sides: BothSides) -> BothSides:
        ad, entra = (run.evidence(key, "sync", call, need=("shown",)) for key, call in _evidence(sides.user, number))
        return BothSides(sides.user, ad, entra)

    return compare(read, directory, with_cmdlet=_with_cmdlet(run), keep=keep)


def _with_cmdlet(run: Run) -> bool:
    return run.inputs["compare"] == "yes"


def _numbered(key: str, number: int) -> str:
    return key if number == 1 else f"{key}-{number}"


def _evidence(name: str, number: int) -> tuple[tuple[str, Call[DirSyncOverridesUser]], ...]:
    on_premises, in_the_directory = _numbered(f"{name} on-premises", number), _numbered(f"{name} in the directory", number)
    return (on_premises, in_ad(name)), (in_the_directory, in_entra(name))


def table_of(changing: Iterable[BothSides]) -> str:
    """Every difference as CSV, in the columns of Compare-ADSyncToolsDirSyncOverrides; semicolons join several numbers."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows(map(_row, changing))
    return text.getvalue()


def _row(sides: BothSides) -> tuple[str, ...]:
    further = (";".join(sides.ad.further), ";".join(sides.entra.further))
    return sides.user, sides.ad.number or "", sides.entra.number or "", *further


def _ask(run: Run, directory: Directory, features: DirSyncFeatures, compared: Compared, number: int) -> None:
    """Nothing happens to anybody before this is approved: the feature and the full synchronisation stand in one approval."""
    table = table_of(compared.changing)
    run.note(_numbered("differences", number), table)
    rows = [_row(sides) for sides in compared.changing]
    run.tabulate(_numbered("who-changes", number), columns=COLUMNS, rows=lambda _: rows, by="UserPrincipalName", shown=COLUMNS)
    switch = directory.set_bypass_dir_sync_overrides(features, enabled=True)
    run.approval(
        _numbered("overwrite-all", number),
        [*([] if features.bypass_dir_sync_overrides else [("directory", switch)]), ("sync", _INITIAL)],
        requires=_requires(compared, number),
        says=_blast_radius(compared, number, table),
    )


def _requires(compared: Compared, number: int) -> tuple[str, ...]:
    return ("features", *(key for sides in compared.changing for key, _ in _evidence(sides.user, number)))


def _switch_on(run: Run, directory: Directory, features: DirSyncFeatures, compared: Compared, number: int) -> None:
    run.destroy(
        "switch-on",
        "directory",
        directory.set_bypass_dir_sync_overrides(features, enabled=True),
        requires=_requires(compared, number),
        approval=_numbered("overwrite-all", number),
        before=lambda look: _look_before(look, directory, compared, with_cmdlet=_with_cmdlet(run)),
        verify=lambda look: look.read("directory", directory.get_dir_sync_features()).one().bypass_dir_sync_overrides is True,
    )


def _blast_radius(compared: Compared, number: int, table: str) -> str:
    changing, unknown = compared.changing, compared.unknown
    named = " | ".join(sides.told() for sides in changing[:NAMED])
    more = f" | and {len(changing) - NAMED} more" if len(changing) > NAMED else ""
    unseen = (
        f"{len(unknown)} USERS COULD NOT BE COMPARED, as they were not found under one name on both sides: "
        f"a number that one of them has in the cloud is overwritten, and kept nowhere: {', '.join(unknown[:NAMED])}. "
        if unknown
        else ""
    )
    return (
        f"THE WHOLE TENANT: the on-premises numbers overwrite the directory's. {len(changing)} users change now: "
        f"{named or 'none'}{more}. {unseen}"
        f"All of them are in the evidence, and in the table of the step `{_numbered('differences', number)}` (psbridge show), "
        f"SHA-256 {sha256_of(table)}. "
        "From then on every number that somebody writes in the cloud is overwritten too. Self-service password reset and "
        "sign-in that use a cloud number may stop working for them. Way back: switch it off (turn=off), then write the cloud "
        "numbers of the table back, user by user."
    )


def _look_before(look: Look, directory: Directory, compared: Compared, *, with_cmdlet: bool) -> None:
    """The approval is about these numbers; the run may have lain still since they were compared."""

    def read(_: str, endpoint: str, call: Call[M], /) -> Answer[M]:
        return look.read(endpoint, call)

    since = compare(read, directory, with_cmdlet=with_cmdlet).since(compared)
    if since:
        raise Stopped(
            "the numbers are the approved ones",
            found=f"{since}.",
            expected="everybody's numbers as they were approved.",
            remedy="Somebody has changed them in the meantime. Retry this run: it makes a new list, and asks for it.",
        )


def _must_be_taken(run: Run, sides: BothSides) -> None:
    def is_taken(answer: Answer[DirSyncOverridesUser]) -> bool:
        return len(answer.objects) == 1 and not BothSides(sides.user, sides.ad, answer.objects[0]).differ

    run.poll(
        f"{sides.user} after",
        "sync",
        in_entra(sides.user),
        until=is_taken,
        every=_A_MINUTE,
        timeout=A_DAY,
        why=f"the full synchronisation to bring the on-premises numbers of {sides.user}",
    )


def _off(run: Run, directory: Directory, features: DirSyncFeatures) -> Mapping[str, object]:
    if features.bypass_dir_sync_overrides is False:
        return {"changed": 0, "why": "BypassDirSyncOverrides is off already."}
    switch = directory.set_bypass_dir_sync_overrides(features, enabled=False)
    run.approval(
        "switch-off",
        [("directory", switch)],
        requires=("features",),
        says=(
            "THE WHOLE TENANT: BypassDirSyncOverrides is switched off. No number changes now; from then on a number that is "
            "written in the cloud stays, and the on-premises one is ignored for that user."
        ),
    )
    run.destroy(
        "switch-off-bypass",
        "directory",
        switch,
        requires=("features",),
        approval="switch-off",
        verify=lambda look: look.read("directory", directory.get_dir_sync_features()).one().bypass_dir_sync_overrides is False,
    )
    return {
        "changed": 0,
        "still_so": "Overrides begin again: a number that is written in the cloud stays there.",
        "way_back": "mobile-phone-bypass with --option turn=on.",
    }


def _way_back(changing: Sequence[BothSides]) -> str:
    commands = [str(call) for sides in changing[:NAMED] for call in sides.undone("on-premises")]
    more = f"; and so on for {len(changing) - NAMED} more, from the table" if len(changing) > NAMED else ""
    return "; ".join(("mobile-phone-bypass with --option turn=off, then", *commands)) + more if commands else "turn=off"


def sha256_of(table: str) -> str:
    """What an approval names the table by."""
    return hashlib.sha256(table.encode()).hexdigest()


_A_MINUTE: Final = timedelta(minutes=1)
_INITIAL: Final[Call[Any]] = start_ad_sync_sync_cycle(policy_type="Initial")

_LATEST: Final = Playbook(
    name="mobile-phone-bypass",
    version="2",
    summary="Let the on-premises mobile phones win for the WHOLE TENANT (BypassDirSyncOverrides), or switch that off again.",
    inputs=(
        Input("turn", choices=("on", "off"), help="on: everybody's on-premises number wins; off: overrides begin again"),
        Input("compare", default="yes", choices=("yes", "no"), help="no: leave Compare-ADSyncToolsDirSyncOverrides out"),
        # Who changes is read on the sync server, whoever starts the cycle.
        replace(SYNC, replaces=()),
        DIALECT,
    ),
    endpoints=("directory", "sync"),
    outline=(
        ("features", "directory: whether BypassDirSyncOverrides is on (evidence)"),
        ("compare", "sync: Compare-ADSyncToolsDirSyncOverrides, or Get-ADSyncToolsDirSyncOverridesUser for everybody (evidence)"),
        ("overwrite-all", "an approval that names everybody who changes"),
        ("compare-2", "sync: the same again; where anything differs from what was approved, a new approval (evidence)"),
        ("switch-on", "directory: BypassDirSyncOverrides is switched on"),
        ("synchronise", "sync: Start-ADSyncSyncCycle -PolicyType Initial"),
        "sync: Get-ADSyncToolsDirSyncOverridesUser -FromAzureAD: everybody has the on-premises number",
    ),
    body=body,
)
_VERSION_1: Final = replace(_LATEST, version="1", body=_version_1)

playbook: Final = replace(_LATEST, earlier=(_VERSION_1,))
