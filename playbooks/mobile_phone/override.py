"""`mobile-phone-override`: make one user's two sides equal with ADSyncTools, keeping the side that the operator chooses.

`keep=on-premises` writes the on-premises numbers into the directory, `keep=cloud` the directory's into AD. Nobody else changes.
The authority stays in the cloud either way: the next change on-premises is ignored again (field-notes 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from playbooks.mobile_phone.both_sides import BothSides, Keep, in_ad, in_entra
from playbooks.mobile_phone.diagnosis import Diagnosis, Seen, diagnosed
from playbooks.mobile_phone.look import ACCOUNT, IDENTITY
from playbooks.mobile_phone.numbers import same, shown
from playbooks.mobile_phone.reading import EVIDENCE, Person, changed_at, moment, must_be_synchronised, person
from playbooks.mobile_phone.synchronising import A_DAY, SOON
from psbridge.cmdlets import Call, get_user
from psbridge.cmdlets.directory import directory_of
from psbridge.engine import DIALECT, Answer, Input, Look, Playbook, Run
from psbridge.errors import Stopped
from psbridge.models import DirSyncOverridesUser, User

__all__ = ["playbook"]

REQUIRED: Final = (*EVIDENCE, "numbers-in-ad", "numbers-in-entra")


def body(run: Run) -> Mapping[str, object]:
    """Read both sides, write the one that loses, and see that they are equal."""
    found, keep = person(run, directory_of(run.inputs["dialect"])), cast("Keep", run.inputs["keep"])
    must_be_synchronised(run, found.account)
    sides = _both_sides(run, found)
    if not sides.differ:
        return {"user": sides.user, "changed": "nothing: both sides hold the same numbers", **found.told()}
    _must_be_overridden(run, found, sides)
    _write(run, found, sides, keep)
    _must_be_equal(run, sides, keep)
    if keep == "on-premises":
        _address_book(run, found, sides)
    return {
        "user": sides.user,
        "changed": f"the {'directory' if keep == 'on-premises' else 'on-premises'} numbers; before: {sides.told()}",
        "way_back": _way_back(sides, keep),
        "still_so": "The authority is still in the cloud: the next change on-premises will not reach this user either.",
    }


def _both_sides(run: Run, found: Person) -> BothSides:
    name = str(found.local.user_principal_name)
    ad = run.evidence("numbers-in-ad", "sync", in_ad(name), need=("shown",))
    entra = run.evidence("numbers-in-entra", "sync", in_entra(name), need=("shown",))
    run.guard(
        "every way of reading shows the same numbers",
        same(ad.number, found.local.mobile_phone) and same(entra.number, found.account.mobile_phone),
        found=f"ADSyncTools: {shown(ad.number)} in AD, {shown(entra.number)} in the directory; "
        f"Get-User: {shown(found.local.mobile_phone)}; the account: {shown(found.account.mobile_phone)}.",
        expected="the same number twice on each side.",
        remedy="Something is changing this user now, or the sync server belongs to another tenant. Wait, and begin a new run.",
    )
    return BothSides(name, ad, entra)


def _must_be_overridden(run: Run, found: Person, sides: BothSides) -> None:
    """What the next synchronisation would bring by itself is no override, and must not be made one.

    The times do not always tell: WhenChanged moves with attributes that are not synchronised, and then no export ever follows it.
    So where they do not prove an override, a person must have seen one.
    """
    numbers = ((sides.number_differs, found.mobile_phone), (sides.further_differ, _further(found, sides)))
    unproved = [diagnosis for differs, diagnosis in numbers if differs and not diagnosis.is_overridden]
    if not unproved:
        return
    answer = run.ask(
        "seen-to-be-overridden",
        f"{unproved[0].why} Has a whole synchronisation cycle run since, and the numbers still differ? {_YES} goes on; anything "
        "else ends the run.",
        "Start-ADSyncSyncCycle -PolicyType Delta, wait until it is over, and look with the playbook mobile-phone.",
    )
    run.guard(
        "the cloud has overridden the numbers",
        answer.strip().lower() == _YES,
        found=f"{unproved[0].verdict}; the operator's answer was {answer!r}.",
        expected=f"numbers that differ after a whole cycle, and the answer {_YES}.",
        remedy=unproved[0].remedy,
    )


def _further(found: Person, sides: BothSides) -> Diagnosis:
    return diagnosed(
        Seen(
            sides.ad.further,
            sides.entra.further,
            is_synchronised=found.account.is_synchronised,
            is_cloud_managed=found.account.is_cloud_managed,
            changed=changed_at(found.local),
            synced=moment(found.account.last_dir_sync_time),
        )
    )


def _write(run: Run, found: Person, sides: BothSides, keep: Keep) -> None:
    calls = list(sides.writes(keep))
    loser = "directory" if keep == "on-premises" else "on-premises"
    run.approval(
        "make-equal",
        [("sync", call) for call in calls],
        requires=REQUIRED,
        says=(
            f"One user changes: {sides.told()}. The {loser} numbers are overwritten; nobody else is touched. The authority stays "
            f"in the cloud. Way back: {_way_back(sides, keep)}"
        ),
    )
    for place, call in enumerate(calls):
        _send(run, found, sides, keep, call, first=place == 0)


def _send(run: Run, found: Person, sides: BothSides, keep: Keep, call: Call[Any], *, first: bool) -> None:
    run.destroy(
        f"{call.cmdlet.partition('-')[0].lower()}-numbers",
        "sync",
        call,
        requires=REQUIRED,
        approval="make-equal",
        before=lambda look: _look_before(look, found, sides, keep, first=first),
        verify=lambda look: _is_written(look, sides, keep, call),
    )


def _look_before(look: Look, found: Person, sides: BothSides, keep: Keep, *, first: bool) -> None:
    """The name still means the captured user, and no number has changed since; after our first write only its source counts."""
    local = look.read("onprem", get_user(sides.user)).one()
    if local.guid != found.guid:
        raise Stopped(
            "the name means the captured user",
            found=f"objectGUID {local.guid}.",
            expected=f"{found.guid}, as captured.",
            remedy="The name has gone to another person. Begin a new run.",
        )
    captured = {"on-premises": (in_ad, sides.ad), "cloud": (in_entra, sides.entra)}
    for side in (keep,) if not first else tuple(captured):
        call, was = captured[side]
        now = look.read("sync", call(sides.user)).one()
        if now.shown != was.shown:
            raise Stopped(
                "the numbers are the captured ones",
                found=f"{now.shown} ({side}).",
                expected=f"{was.shown}, as captured.",
                remedy="Somebody has changed them in the meantime. Look whose numbers are right, and begin a new run.",
                changed=not first,
            )


def _is_written(look: Look, sides: BothSides, keep: Keep, call: Call[Any]) -> bool:
    """Whether the side that loses holds what this call writes there."""
    wanted, read = (sides.ad, in_entra) if keep == "on-premises" else (sides.entra, in_ad)
    now = BothSides(sides.user, wanted, look.read("sync", read(sides.user)).one())
    names = call.pipeline.commands[0].parameters
    about_number = any(name in names for name in ("MobileInAD", "MobilePhoneInAAD"))
    about_further = any(name in names for name in ("OtherMobileInAD", "AlternateMobilePhonesInAAD"))
    return not (about_number and now.number_differs) and not (about_further and now.further_differ)


def _must_be_equal(run: Run, sides: BothSides, keep: Keep) -> None:
    wanted, read = (sides.ad, in_entra) if keep == "on-premises" else (sides.entra, in_ad)

    def is_equal(answer: Answer[DirSyncOverridesUser]) -> bool:
        return len(answer.objects) == 1 and not BothSides(sides.user, wanted, answer.objects[0]).differ

    run.poll(
        "numbers-after",
        "sync",
        read(sides.user),
        until=is_equal,
        every=SOON,
        timeout=A_DAY,
        why="both sides to hold the same numbers",
    )


def _address_book(run: Run, found: Person, sides: BothSides) -> None:
    if found.online is None or not found.online.objects:
        return

    def shows(answer: Answer[User]) -> bool:
        return len(answer.objects) == 1 and same(answer.objects[0].mobile_phone, sides.ad.number)

    run.poll(
        "online-after",
        "exo",
        get_user(found.account.object_id),
        until=shows,
        every=SOON,
        timeout=A_DAY,
        why="Exchange Online to show the directory's number",
    )


def _way_back(sides: BothSides, keep: Keep) -> str:
    return "; ".join(map(str, sides.undone(keep)))


_YES: Final = "yes"

playbook: Final = Playbook(
    name="mobile-phone-override",
    version="1",
    summary="Make one user's overridden mobile phone equal on both sides with ADSyncTools, keeping the side you choose.",
    inputs=(
        IDENTITY,
        Input("keep", choices=("on-premises", "cloud"), help="whose numbers are right: the other side is overwritten"),
        ACCOUNT,
        DIALECT,
    ),
    endpoints=("onprem", "directory", "exo", "sync"),
    outline=(
        ("on-premises-user", "on-premises: Get-User; directory: the account; exo: Get-User (evidence)"),
        ("numbers-in-ad", "sync: Get-ADSyncToolsDirSyncOverridesUser -FromAD, then -FromAzureAD (evidence)"),
        ("make-equal", "sync: Set- and Clear-ADSyncToolsDirSyncOverridesUser, after an approval"),
        ("numbers-after", "sync: Get-ADSyncToolsDirSyncOverridesUser: both sides are equal; exo: Get-User"),
    ),
    body=body,
)
