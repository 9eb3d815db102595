"""`mobile-phone-bypass`: let the on-premises numbers win for the whole tenant, or switch that off again.

Every cloud number that differs is overwritten. So each difference is exported first, and the approval names all who change.
Source: field-notes 4, after Microsoft's page on BypassDirSyncOverridesEnabled.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from playbooks.mobile_phone.both_sides import BothSides, in_ad, in_entra
from playbooks.mobile_phone.synchronising import A_DAY, SYNC, must_export, synchronise
from psbridge.cmdlets import Call, compare_ad_sync_tools_dir_sync_overrides, start_ad_sync_sync_cycle
from psbridge.cmdlets.directory import Directory, directory_of
from psbridge.engine import DIALECT, Answer, Input, Look, Playbook, Run
from psbridge.errors import CmdletError, Stopped
from psbridge.models import Account, DirSyncFeatures, DirSyncOverridesUser

__all__ = ["playbook", "sha256_of", "table_of"]

COLUMNS: Final = ("UserPrincipalName", "MobileInAD", "MobileInAAD", "OtherMobileInAD", "OtherMobileInAAD")
NAMED: Final = 20
"""So many differences stand in the approval's text; all of them are in its evidence and in the table."""


def body(run: Run) -> Mapping[str, object]:
    """Switch it on with the export, the approval, the full synchronisation and the check; or switch it off."""
    directory = directory_of(run.inputs["dialect"])
    features = run.evidence("features", "directory", directory.get_dir_sync_features(), need=("bypass_dir_sync_overrides",))
    if run.inputs["turn"] == "off":
        return _off(run, directory, features)
    must_export(run)
    changing, unknown = _differences(run, directory)
    table = table_of(changing)
    run.note("differences", table)
    run.tabulate("who-changes", columns=COLUMNS, rows=lambda _: map(_row, changing), by="UserPrincipalName", shown=COLUMNS)
    _switch_on(run, directory, features, changing, _blast_radius(changing, unknown, table))
    synchronise(run, "Initial")
    for sides in changing:
        _must_be_taken(run, sides)
    return {
        "changed": len(changing),
        "differences": [sides.told() for sides in changing[:NAMED]],
        "table_sha256": sha256_of(table),
        "not_found": unknown,
        "way_back": _way_back(changing),
        "still_so": "From now on every number that is written in the cloud is overwritten from on-premises.",
    }


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


def _differences(run: Run, directory: Directory) -> tuple[list[BothSides], list[str]]:
    """Read both sides of everybody, and keep those that differ as evidence; second: who was not found on one side."""
    changing, unknown = [], []
    for name in _candidates(run, directory):
        ad, entra = run.read(f"{name} in AD", "sync", in_ad(name)), run.read(f"{name} in Entra", "sync", in_entra(name))
        if len(ad.objects) != 1 or len(entra.objects) != 1:
            unknown.append(name)
        elif BothSides(name, ad.one(), entra.one()).differ:
            sides = BothSides(name, *(_kept(run, key, call) for key, call in _evidence(name)))
            changing += [sides] if sides.differ else []
    return changing, unknown


def _candidates(run: Run, directory: Directory) -> list[str]:
    """Whom Compare-ADSyncToolsDirSyncOverrides names; where it only writes its file, everybody who is synchronised."""
    named = {row.user_principal_name: None for row in _compared(run) if row.user_principal_name}
    if named:
        return list(named)
    accounts = run.read("accounts", "directory", directory.get_users()).objects
    return list({account.user_principal_name: None for account in accounts if _is_carried(account)})


def _is_carried(account: Account) -> bool:
    """Synchronisation passes over what is not synchronised, or managed in the cloud; the feature changes nothing there."""
    return account.is_synchronised is not False and account.is_cloud_managed is not True


def _compared(run: Run) -> Sequence[Any]:
    if run.inputs["compare"] == "no":
        return ()
    try:
        return run.read("compare", "sync", compare_ad_sync_tools_dir_sync_overrides()).objects
    except CmdletError as error:
        if not any(error.record.names(name) for name in _NO_SUCH_CMDLET):
            raise
        return ()


def _kept(run: Run, key: str, call: Call[DirSyncOverridesUser]) -> DirSyncOverridesUser:
    return run.evidence(key, "sync", call, need=("shown",))


def _evidence(name: str) -> tuple[tuple[str, Call[DirSyncOverridesUser]], ...]:
    return (f"{name} on-premises", in_ad(name)), (f"{name} in the directory", in_entra(name))


def _switch_on(run: Run, directory: Directory, features: DirSyncFeatures, changing: Sequence[BothSides], says: str) -> None:
    """Nothing happens to anybody before this is approved: the feature and the full synchronisation stand in one approval."""
    requires = ("features", *(key for sides in changing for key, _ in _evidence(sides.user)))
    switch = directory.set_bypass_dir_sync_overrides(features, enabled=True)
    is_on = bool(features.bypass_dir_sync_overrides)
    actions = [] if is_on else [("directory", switch)]
    run.approval(
        "overwrite-all",
        [*actions, ("sync", start_ad_sync_sync_cycle(policy_type="Initial"))],
        requires=requires,
        says=says,
    )
    if not is_on:
        run.destroy(
            "switch-on",
            "directory",
            switch,
            requires=requires,
            approval="overwrite-all",
            before=lambda look: _look_before(look, changing),
            verify=lambda look: look.read("directory", directory.get_dir_sync_features()).one().bypass_dir_sync_overrides is True,
        )


def _blast_radius(changing: Sequence[BothSides], unknown: Sequence[str], table: str) -> str:
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
        f"All of them are in the evidence, and in the table of the step `differences` (psbridge show), "
        f"SHA-256 {sha256_of(table)}. "
        "From then on every number that somebody writes in the cloud is overwritten too. Self-service password reset and "
        "sign-in that use a cloud number may stop working for them. Way back: switch it off (turn=off), then write the cloud "
        "numbers of the table back, user by user."
    )


def _look_before(look: Look, changing: Sequence[BothSides]) -> None:
    """The approval is about these numbers: whoever has changed one since must be looked at again."""
    for sides in changing:
        now = BothSides(sides.user, look.read("sync", in_ad(sides.user)).one(), look.read("sync", in_entra(sides.user)).one())
        if (now.ad.shown, now.entra.shown) != (sides.ad.shown, sides.entra.shown):
            raise Stopped(
                "the numbers are the captured ones",
                found=f"{now.told()}.",
                expected=f"{sides.told()}, as captured.",
                remedy="Somebody has changed them in the meantime. Begin a new run: it makes a new list.",
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
_NO_SUCH_CMDLET: Final = ("CommandNotFoundException", "ParameterBindingException")

playbook: Final = Playbook(
    name="mobile-phone-bypass",
    version="1",
    summary="Let the on-premises mobile phones win for the WHOLE TENANT (BypassDirSyncOverrides), or switch that off again.",
    inputs=(
        Input("turn", choices=("on", "off"), help="on: everybody's on-premises number wins; off: overrides begin again"),
        Input("compare", default="yes", choices=("yes", "no"), help="no: leave Compare-ADSyncToolsDirSyncOverrides out"),
        SYNC,
        DIALECT,
    ),
    endpoints=("directory", "sync"),
    outline=(
        ("features", "directory: whether BypassDirSyncOverrides is on (evidence)"),
        ("compare", "sync: Compare-ADSyncToolsDirSyncOverrides, or Get-ADSyncToolsDirSyncOverridesUser for everybody (evidence)"),
        ("overwrite-all", "an approval that names everybody who changes"),
        ("switch-on", "directory: BypassDirSyncOverrides is switched on"),
        ("synchronise", "sync: Start-ADSyncSyncCycle -PolicyType Initial"),
        "sync: Get-ADSyncToolsDirSyncOverridesUser -FromAzureAD: everybody has the on-premises number",
    ),
    body=body,
)
