"""Which cmdlet makes one side like the other, which takes it back, and the text of a support case."""

from __future__ import annotations

import pytest

from playbooks.mobile_phone.both_sides import BothSides, Keep
from playbooks.mobile_phone.bypass import table_of
from psbridge.models import DirSyncOverridesUser
from psbridge.psobject import Kind, PSObject

USER = "a@domain.com"
SET, CLEAR = f"Set-ADSyncToolsDirSyncOverridesUser -Identity {USER}", f"Clear-ADSyncToolsDirSyncOverridesUser -Identity {USER}"


def listed(numbers: tuple[str, ...]) -> PSObject:
    return PSObject(("System.String[]",), kind=Kind.LIST, items=list(numbers))


def sides(ad: tuple[str | None, *tuple[str, ...]], entra: tuple[str | None, *tuple[str, ...]]) -> BothSides:
    local = PSObject(ms={"UserPrincipalName": USER, "mobile": ad[0], "otherMobile": listed(ad[1:])})
    cloud = PSObject(ms={"UserPrincipalName": USER, "MobilePhone": entra[0], "AlternateMobilePhones": listed(entra[1:])})
    return BothSides(USER, DirSyncOverridesUser.read(local), DirSyncOverridesUser.read(cloud))


@pytest.mark.parametrize(
    ("ad", "entra", "keep", "writes", "way_back"),
    [
        (("1",), ("2",), "on-premises", [f"{SET} -MobilePhoneInAAD '1'"], [f"{SET} -MobilePhoneInAAD '2'"]),
        (("1",), ("2",), "cloud", [f"{SET} -MobileInAD '2'"], [f"{SET} -MobileInAD '1'"]),
        ((None,), ("2",), "on-premises", [f"{CLEAR} -MobilePhoneInAAD"], [f"{SET} -MobilePhoneInAAD '2'"]),
        (("1",), (None,), "cloud", [f"{CLEAR} -MobileInAD"], [f"{SET} -MobileInAD '1'"]),
        (("1",), (None,), "on-premises", [f"{SET} -MobilePhoneInAAD '1'"], [f"{CLEAR} -MobilePhoneInAAD"]),
        (
            ("1", "8", "9"),
            ("2", "7"),
            "on-premises",
            [f"{SET} -MobilePhoneInAAD '1' -AlternateMobilePhonesInAAD @('8','9')"],
            [f"{SET} -MobilePhoneInAAD '2' -AlternateMobilePhonesInAAD @('7')"],
        ),
        (
            ("1", "8"),
            ("2",),
            "cloud",
            [f"{SET} -MobileInAD '2'", f"{CLEAR} -OtherMobileInAD"],
            [f"{SET} -MobileInAD '1' -OtherMobileInAD @('8')"],
        ),
        (("1", "8", "9"), ("1", "9", "8"), "cloud", [], []),
        (("1", "8"), ("1",), "cloud", [f"{CLEAR} -OtherMobileInAD"], [f"{SET} -OtherMobileInAD @('8')"]),
    ],
)
def test_only_the_side_that_loses_is_written_and_only_what_differs(
    ad: tuple[str | None, *tuple[str, ...]],
    entra: tuple[str | None, *tuple[str, ...]],
    keep: Keep,
    writes: list[str],
    way_back: list[str],
) -> None:
    found = sides(ad, entra)
    assert [str(call) for call in found.writes(keep)] == writes
    assert [str(call) for call in found.undone(keep)] == way_back
    assert found.differ is bool(writes)


def test_what_differs_is_told_in_one_line() -> None:
    assert sides(("1",), ("2",)).told() == f"{USER}: on-premises '1', in the directory '2'"
    assert sides(("1", "8"), ("1",)).told() == f"{USER}: otherMobile '8', AlternateMobilePhones (none)"
    assert sides(("1",), ("1",)).told() == f"{USER}: no difference"


def test_evidence_of_no_number_is_no_empty_text() -> None:
    found = sides((None,), (None,))
    assert (found.ad.shown, found.entra.shown) == ("(none); further: (none)", "(none); further: (none)")


def test_the_table_quotes_what_a_cell_cannot_hold() -> None:
    rows = table_of([sides(('1,"2"', "8", "9"), (None,))]).splitlines()
    assert rows[1] == f'{USER},"1,""2""",,8;9,'
