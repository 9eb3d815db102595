"""The scan in a simulated organisation: one person of each class, in each dialect; what is joined, and what never is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from playbooks.duplicate_mailbox import delete_account, validation_error
from psbridge.clock import SkippingClock
from psbridge.endpoints import Endpoints
from psbridge.engine import Engine, Failed
from psbridge.journal import SqliteStore
from psbridge.simulator import SimulatedOrganisation
from psbridge.simulator.generate import Makeup, generate
from psbridge.simulator.seed import load_seed
from psbridge.simulator.state import Licence, Plan, Sku, Tenant
from psbridge.transports.simulated import SimulatedTransport
from tests.playbooks.scanning import NAME, RUN, engine_for, findings, scanned, short, simulated

MOBILITY = Sku("EMS", UUID(int=1), plans=[Plan("INTUNE_A", UUID(int=2), "SCO")])
BOTH, RISK, NO_GUID, ERROR = "mailbox-on-both-sides", "mail-user-at-risk", "mail-user-without-guid", "validation-error"
# Who is in the seed `scan`, the playbook that fits, and a word of the reason. Nobody else is found.
EXPECTED = [
    (BOTH, "both", "delete-account", "merged after the migration"),
    (BOTH, "stuck", "validation-error", "OPTION #3"),
    (BOTH, "migrated", "none", "on both sides"),
    (BOTH, "archived", "none", "on both sides"),
    (BOTH, "held", "none", "LitigationHoldEnabled"),
    (BOTH, "inplace", "none", "InPlaceHolds UniH5c000000"),
    (BOTH, "grouped", "none", "A group assigns a licence (5c070000-0000-4000-8000-000000000001)"),
    (BOTH, "unlicensed", "none", "no soft-deleted mailbox"),
    (BOTH, "unsynced", "none", "not synchronised"),
    (BOTH, "shared", "none", "SharedMailbox in the cloud"),
    (BOTH, "anchored", "none", "is not the objectGUID"),
    (BOTH, "matched", "none", "More than one match"),
    (BOTH, "matched", "none", "More than one match"),
    (RISK, "risk", "none", "-PermanentlyClearPreviousMailboxInfo"),
    (NO_GUID, "noguid", "none", "was not synchronised"),
    (NO_GUID, "external", "none", "external address"),
    (ERROR, "stuck", "validation-error", "OPTION #3"),
    (ERROR, "failing", "none", "No playbook is for that"),
]


def endpoints_of(state: Tenant) -> Endpoints:
    organisation, clock = SimulatedOrganisation(state), SkippingClock(state.now)
    return Endpoints(lambda endpoint: SimulatedTransport(organisation, endpoint, clock))


@pytest.mark.parametrize("dialect", ["msonline", "graph", "entra"])
def test_each_class_is_told_with_its_playbook_and_why_in_every_dialect(dialect: str, tmp_path: Path) -> None:
    engine = engine_for(tmp_path, simulated("scan"))
    outcome = scanned(engine, dialect=dialect)
    found = sorted(zip(short(engine), (str(line["Why"]) for line in findings(engine)), strict=True))
    assert [told for told, _ in found] == sorted(expected[:3] for expected in EXPECTED)
    for (told, why), expected in zip(found, sorted(EXPECTED, key=lambda one: one[:3]), strict=True):
        assert expected[3] in why, told
    counts = {name: outcome.result[name] for name in ("findings", BOTH, RISK, NO_GUID, ERROR)}
    assert counts == {"findings": 18, BOTH: 13, RISK: 1, NO_GUID: 2, ERROR: 2}


def test_nobody_is_told_to_take_a_groups_licence_away_before_the_purge(tmp_path: Path) -> None:
    """Without its licence the mailbox is gone, and nothing can be merged (field-notes 1.7)."""
    engine = engine_for(tmp_path, simulated("scan"))
    scanned(engine)
    (why,) = (str(line["Why"]) for line in findings(engine) if str(line["UserPrincipalName"]).startswith("grouped@"))
    assert "a list does not show with which plans" in why
    assert "Never take it away before the purge" in why
    assert why.index("Assign the same licence to the account itself first") < why.index("take the user out of the group")
    told = re.search(r"--option (\w+)=(\w+)", why)
    assert told is not None
    assert told[2] in next(one for one in delete_account.playbook.inputs if one.name == told[1]).choices


def with_mobility(*names: str) -> Tenant:
    """The seed, with a licence for each of them that has no Exchange plan."""
    state = load_seed("scan")
    state.skus.append(MOBILITY)
    for account in state.directory:
        if account.user_principal_name.partition("@")[0] in names:
            account.licenses.append(Licence(MOBILITY.part_number))
    return state


@pytest.mark.parametrize("dialect", ["msonline", "graph", "entra"])
def test_a_licence_without_exchange_leads_to_option_3_and_that_playbook_takes_the_user(dialect: str, tmp_path: Path) -> None:
    """The documents: `no Exchange license currently assigned`."""
    endpoints = endpoints_of(with_mobility("stuck"))
    engine = engine_for(tmp_path, endpoints)
    scanned(engine, dialect=dialect)
    assert {one for one in short(engine) if one[1] == "stuck"} == {
        (BOTH, "stuck", "validation-error"),
        (ERROR, "stuck", "validation-error"),
    }
    (why,) = {str(line["Why"]) for line in findings(engine) if line["UserPrincipalName"] == "stuck@domain.com"}
    assert why.startswith("Licences, but the mailbox knows of none for Exchange (SKUAssigned False;")
    advised = validation_error.playbook
    playbooks = {advised.name: advised}
    plan = Engine(SqliteStore(tmp_path / "advised.db"), playbooks, endpoints).plan(
        advised.name, {"identity": "stuck@domain.com", "dialect": dialect}
    )
    assert [approval.key for approval in plan.approvals] == ["remove-account"]


def test_no_licence_is_taken_for_one_with_exchange(tmp_path: Path) -> None:
    group = UUID(int=3)
    state = with_mobility("risk", "noguid")
    next(one for one in state.directory if one.user_principal_name == "noguid@domain.com").licenses[0].assigned_by_group = group
    engine = engine_for(tmp_path, endpoints_of(state))
    scanned(engine)
    why = {str(line["UserPrincipalName"]).partition("@")[0]: str(line["Why"]) for line in findings(engine)}
    assert why["risk"].startswith("It has a licence (with which plans, a list does not show): with Exchange among them, ")
    assert why["noguid"].startswith("It has a licence already (with which plans, a list does not show). ")
    assert why["noguid"].endswith(f"A group assigns a licence ({group}): if Exchange is among its plans, take it away there.")


def test_what_is_to_be_kept_decides_between_two_playbooks(tmp_path: Path) -> None:
    engine = engine_for(tmp_path, simulated("scan"))
    scanned(engine, prefer="account")
    assert (BOTH, "both", "remove-license") in short(engine)
    assert (BOTH, "stuck", "validation-error") in short(engine)


def test_classes_can_be_left_out(tmp_path: Path) -> None:
    engine = engine_for(tmp_path, simulated("scan"))
    outcome = scanned(engine, without=f"{NO_GUID}, {ERROR}, {BOTH}")
    assert short(engine) == [(RISK, "risk", "none")]
    assert NO_GUID not in outcome.result
    other = engine.advance(engine.start(NAME, {"without": "nothing-such"}))
    assert isinstance(other, Failed)
    assert "There is no class nothing-such" in other.error


def test_a_guid_with_five_zeros_is_a_guid(tmp_path: Path) -> None:
    """`-notlike "*00000*"` would leave it out (field-notes 1.1); the one of `risk` has them too."""
    engine = engine_for(tmp_path, simulated("scan"))
    scanned(engine)
    (risk,) = [line for line in findings(engine) if line["Class"] == RISK]
    assert "00000" in str(risk["OnPremisesExchangeGuid"])
    assert risk["DisplayName"] == '=HYPERLINK("http://contoso.com";"click")'


def renamed(state: Tenant) -> None:
    """Two strangers with one name, alias and address: nothing may join them."""
    cloud = next(one for one in state.cloud if one.user_principal_name == "both@domain.com")
    local = next(one for one in state.on_premises if one.user_principal_name == "both@domain.com")
    account = next(one for one in state.directory if one.user_principal_name == "both@domain.com")
    account.immutable_id = "AAAAWwAAAECAAAAAAAAA+w=="
    assert cloud.alias == local.alias


def two_with_one_anchor(state: Tenant) -> None:
    """Two accounts with one ImmutableId: each cloud mailbox leads to the same on-premises one."""
    both, held = (next(a for a in state.directory if a.user_principal_name == f"{n}@domain.com") for n in ("both", "held"))
    held.immutable_id = both.immutable_id


@pytest.mark.parametrize(
    ("change", "expected"),
    [(renamed, []), (two_with_one_anchor, [(BOTH, "both", "none")])],
    ids=["a name joins nobody", "more than one match refuses both"],
)
def test_only_immutable_ids_join(change: Callable[[Tenant], None], expected: list[tuple[str, str, str]], tmp_path: Path) -> None:
    state = load_seed("scan")
    change(state)
    engine = engine_for(tmp_path, endpoints_of(state))
    scanned(engine)
    assert [one for one in short(engine) if one[1] == "both"] == expected


@pytest.mark.parametrize("name", ["LitigationHoldEnabled", "InPlaceHolds"])
def test_a_hold_that_is_not_seen_is_no_missing_hold(name: str, tmp_path: Path) -> None:
    state = load_seed("scan")
    next(one for one in state.cloud if one.user_principal_name == "both@domain.com").properties[name] = None
    engine = engine_for(tmp_path, endpoints_of(state))
    scanned(engine)
    (line,) = [line for line in findings(engine) if line["UserPrincipalName"] == "both@domain.com"]
    assert line["Playbook"] == "none"
    assert "could not be seen" in str(line["Why"])


@pytest.mark.parametrize("dialect", ["graph", "entra"])
def test_an_account_that_was_handed_over_to_the_cloud_is_left_alone(dialect: str, tmp_path: Path) -> None:
    state = load_seed("scan")
    next(one for one in state.directory if one.user_principal_name == "both@domain.com").cloud_managed = True
    engine = engine_for(tmp_path, endpoints_of(state))
    scanned(engine, dialect=dialect)
    (line,) = [line for line in findings(engine) if line["UserPrincipalName"] == "both@domain.com"]
    assert line["Playbook"] == "none"
    assert "its authority is in the cloud" in str(line["Why"])


def test_an_account_that_the_directory_does_not_list_stops_at_none(tmp_path: Path) -> None:
    state = load_seed("scan")
    state.directory = [one for one in state.directory if one.user_principal_name != "migrated@domain.com"]
    engine = engine_for(tmp_path, endpoints_of(state))
    scanned(engine)
    assert (BOTH, "migrated", "none") in short(engine)


def test_a_healthy_organisation_has_no_findings(tmp_path: Path) -> None:
    engine = engine_for(tmp_path, endpoints_of(generate(25, Makeup())))
    outcome = scanned(engine)
    assert outcome.result["findings"] == 0
    assert list(findings(engine)) == []
    assert outcome.result["read"] == "0 cloud mailboxes, 25 mail users, 25 users, 25 local mailboxes, 25 accounts"


def test_the_journal_keeps_numbers_hashes_and_places_and_no_object(tmp_path: Path) -> None:
    engine = engine_for(tmp_path, endpoints_of(generate(300, Makeup(duplicates=5, unclean=3))))
    assert scanned(engine).result["findings"] == 8
    kept = "".join(str(entry.body) for entry in engine.entries(RUN))
    assert "north.sales0" not in kept
    gathered = [entry.body["gathered"] for entry in engine.entries(RUN) if entry.kind == "gather"]
    assert [one["count"] for one in gathered] == [5, 295, 295, 300, 300]
    assert all(len(one["sha256"]) == 64 and Path(one["path"]).exists() for one in gathered)
    assert len(kept) < 12_000


def test_what_if_reads_the_same_and_keeps_nothing(tmp_path: Path) -> None:
    engine = engine_for(tmp_path, simulated("scan"))
    plan = engine.plan(NAME, {})
    assert plan.result is not None
    assert (plan.result["findings"], plan.writes, plan.approvals, plan.ended) == (18, (), (), "")
    assert engine.runs() == []
    assert not list(tmp_path.glob("*.tables/*"))


def test_the_guid_of_a_person_is_never_the_empty_one(tmp_path: Path) -> None:
    engine = engine_for(tmp_path, simulated("scan"))
    scanned(engine)
    for line in findings(engine):
        for name in ("ObjectId", "OnPremisesGuid", "CloudExchangeGuid", "OnPremisesExchangeGuid"):
            assert not line[name] or UUID(str(line[name])).int
