"""Every call of every dialect against the simulator and the real engine: the same people, whatever the cmdlets are called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final
from uuid import UUID

import pytest

from psbridge.cmdlets import directory_of
from psbridge.cmdlets.directory import DIALECTS
from psbridge.error_record import ErrorCategory
from psbridge.models import Account, AccountLicense
from tests.cmdlets.directory.far_ends import Changes, FarEnd, RealEngine, simulator

pytestmark = pytest.mark.tenant

LICENSED: Final = "testlicense@domain.com"
ERROR: Final = "testerror@domain.com"
MOBILE: Final = "testmobile@domain.com"
GROUP: Final = UUID("5b000000-0000-4000-8000-0000000000aa")
SKU: Final = "ENTERPRISEPACK"
# SharePoint off already; a licence of a group, and one of both kinds; an account whose authority has moved to the cloud.
CHANGES: Final[Changes] = {
    LICENSED: {"licenses": [{"sku": SKU, "disabledPlans": ["SHAREPOINTENTERPRISE"]}]},
    MOBILE: {"licenses": [{"sku": SKU, "assignedByGroup": str(GROUP)}]},
    "user@domain.com": {
        "licenses": [{"sku": SKU, "disabledPlans": ["MCOSTANDARD"]}, {"sku": SKU, "assignedByGroup": str(GROUP)}]
    },
    "tim.mcmichael@domain.com": {"cloudManaged": True},
}
Scene = Callable[..., FarEnd]


FAR_ENDS: Final = ("simulator", "engine")


@pytest.fixture(scope="module")
def engine(exchange_like: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealEngine]:
    process = RealEngine(exchange_like, tmp_path_factory.mktemp("tenant"))
    yield process
    process.transport.close()


@pytest.fixture
def scene(engine: RealEngine) -> Scene:
    """A far end, begun with the changed people."""
    return lambda name: engine.begin(CHANGES) if name == "engine" else simulator(CHANGES)


def about(found: Any) -> dict[str, object]:
    """What a dialect says of somebody, without what only some can say."""
    return dict(found.model_dump(exclude={"raw", "is_cloud_managed", "sku_id"}))


@pytest.mark.parametrize("far_end", FAR_ENDS)
def test_the_three_dialects_say_the_same_of_everybody(scene: Scene, far_end: str) -> None:
    far = scene(far_end)
    everybody = {dialect: far.ask(directory_of(dialect).get_users()).objects for dialect in DIALECTS}
    assert len(everybody["msonline"]) == 8
    said = {dialect: [about(account) for account in accounts] for dialect, accounts in everybody.items()}
    # A Graph that was told of the move says null, so its account is no synchronised one any more.
    moved = next(place for place, account in enumerate(everybody["graph"]) if account.is_cloud_managed)
    assert said["msonline"][moved].pop("is_synchronised") is True
    assert [said[dialect][moved].pop("is_synchronised") for dialect in ("graph", "entra")] == [False, False]
    assert said["msonline"] == said["graph"] == said["entra"]
    assert everybody["graph"] == everybody["entra"]
    for dialect in DIALECTS:
        directory = directory_of(dialect)
        account = everybody[dialect][moved]
        assert account.user_principal_name == "tim.mcmichael@domain.com"
        assert account.is_cloud_managed is (None if dialect == "msonline" else True)
        assert len(far.ask(directory.get_any_user()).objects) == 1
        for known in everybody[dialect]:
            assert far.ask(directory.get_user(known.user_principal_name)).one() == known
            assert far.ask(directory.get_user_by_id(known.object_id)).one() == known


@pytest.mark.parametrize("far_end", FAR_ENDS)
def test_they_say_the_same_of_licences_and_errors(scene: Scene, far_end: str) -> None:
    far = scene(far_end)
    for name, expected in {
        LICENSED: [
            {
                "sku_name": SKU,
                "exchange_plans": ("EXCHANGE_S_ENTERPRISE",),
                "exchange_plan_ids": (UUID("efb87545-963c-4e0d-99df-69c6916d9eb0"),),
                "disabled_plans": ("SHAREPOINTENTERPRISE",),
                "disabled_plan_ids": (UUID("5dbe027f-2339-4123-9542-606e4d348a72"),),
                "waiting_plans": (),
                "groups": (),
                "is_direct": True,
            }
        ],
        MOBILE: [
            {
                "sku_name": SKU,
                "exchange_plans": ("EXCHANGE_S_ENTERPRISE",),
                "exchange_plan_ids": (UUID("efb87545-963c-4e0d-99df-69c6916d9eb0"),),
                "disabled_plans": (),
                "disabled_plan_ids": (),
                "waiting_plans": (),
                "groups": (GROUP,),
                "is_direct": False,
            }
        ],
        "user@domain.com": [
            {
                "sku_name": SKU,
                "exchange_plans": ("EXCHANGE_S_ENTERPRISE",),
                "exchange_plan_ids": (UUID("efb87545-963c-4e0d-99df-69c6916d9eb0"),),
                "disabled_plans": ("MCOSTANDARD",),
                "disabled_plan_ids": (UUID("0feaeb32-d00e-4d66-bd5a-43b5b83db82c"),),
                "waiting_plans": (),
                "groups": (GROUP,),
                "is_direct": True,
            }
        ],
        ERROR: [],
    }.items():
        for dialect in DIALECTS:
            directory = directory_of(dialect)
            account = far.ask(directory.get_user(name)).one()
            licences = [about(found) for found in far.ask(directory.get_licenses(account)).objects]
            assert licences == expected, (name, dialect)
    errors = [
        far.ask(directory.get_validation_errors(far.ask(directory.get_user(ERROR)).one())).objects
        for directory in map(directory_of, DIALECTS)
    ]
    assert errors[0] == errors[1] == errors[2]
    assert [error.code for error in errors[0]] == ["ExO_ObjectValidation", "ExO_DualWrite"]
    assert str(errors[0][1].correlation_id) == "5d4ac3f2-0ce3-4f0e-8b39-7f43d2f5e1a6"
    assert errors[0][0].is_resolved is False
    healthy = far.ask(directory_of("graph").get_user(LICENSED)).one()
    assert all(not far.ask(directory_of(dialect).get_validation_errors(healthy)).objects for dialect in DIALECTS)


@pytest.mark.parametrize("far_end", FAR_ENDS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_exchange_plans_go_off_and_nothing_else_changes(scene: Scene, far_end: str, dialect: str) -> None:
    far, directory = scene(far_end), directory_of(dialect)
    account = far.ask(directory.get_user(LICENSED)).one()
    before = far.ask(directory.get_licenses(account)).one()
    far.ask(directory.disable_exchange_plans(account, before))
    # Seen by every dialect, not only by the one that changed it.
    for witness in map(directory_of, DIALECTS):
        after: AccountLicense = far.ask(witness.get_licenses(account)).one()
        assert after.exchange_plans == ()
        assert set(after.disabled_plans) == {"EXCHANGE_S_ENTERPRISE", "SHAREPOINTENTERPRISE"}
        assert (after.sku_name, after.groups, after.is_direct) == (SKU, (), True)
    assert far.ask(directory.get_user(LICENSED)).one() == account
    others = [far.ask(directory.get_user(name)).one() for name in (MOBILE, "testduplicate@domain.com")]
    assert all(far.ask(directory.get_licenses(other)).one().exchange_plans for other in others)


@pytest.mark.parametrize("far_end", FAR_ENDS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_account_goes_to_the_recycle_bin_comes_back_and_goes_for_good(scene: Scene, far_end: str, dialect: str) -> None:
    far, directory = scene(far_end), directory_of(dialect)
    account = far.ask(directory.get_user(ERROR)).one()
    assert far.ask(directory.get_deleted_user(account)).absent
    far.ask(directory.remove_user(account))
    assert far.ask(directory.get_user(ERROR)).absent
    assert far.ask(directory.get_user_by_id(account.object_id)).absent
    # The sign-in name is given without the id that Graph puts before it there.
    assert far.ask(directory.get_deleted_user(account)).one() == account
    assert far.ask(directory.get_deleted_user_by_id(account.object_id)).one() == account
    far.ask(directory.restore_user(account))
    assert far.ask(directory.get_user(ERROR)).one() == account
    far.ask(directory.remove_user(account))
    far.ask(directory.purge_user(account))
    assert far.ask(directory.get_deleted_user(account)).absent
    assert far.ask(directory.get_deleted_user_by_id(account.object_id)).absent
    assert far.ask(directory.get_licenses(account)).absent
    assert far.ask(directory.get_validation_errors(account)).absent
    missing = {"UserNotFoundException", "Request_ResourceNotFound"}
    assert any(far.refusal(directory.purge_user(account)).names(name) for name in missing)


@pytest.mark.parametrize("far_end", FAR_ENDS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_local_directory_masters_the_first_name_and_not_the_number(scene: Scene, far_end: str, dialect: str) -> None:
    far, directory = scene(far_end), directory_of(dialect)
    account = far.ask(directory.get_user(MOBILE)).one()
    call = directory.set_first_name(account, "Somebody")
    refused = far.refusal(call)
    assert any(refused.names(name) for name in call.refused)
    assert not any(refused.names(name) for name in directory.get_user(MOBILE).absent)
    assert far.ask(directory.get_user(MOBILE)).one() == account
    far.ask(directory.set_mobile_phone(account, "+1 803 555 0100"))
    changed = far.ask(directory.get_user(MOBILE)).one()
    assert changed == Account(**{**dict(account), "mobile_phone": "+1 803 555 0100"})


@pytest.mark.parametrize("far_end", FAR_ENDS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_tenant_bypasses_overrides_when_it_is_told_to(scene: Scene, far_end: str, dialect: str) -> None:
    far, directory = scene(far_end), directory_of(dialect)
    before = far.ask(directory.get_dir_sync_features()).one()
    assert before.bypass_dir_sync_overrides is False
    far.ask(directory.set_bypass_dir_sync_overrides(before, enabled=True))
    for witness in map(directory_of, DIALECTS):
        assert far.ask(witness.get_dir_sync_features()).one().bypass_dir_sync_overrides is True
    far.ask(directory.set_bypass_dir_sync_overrides(before, enabled=False))
    assert far.ask(directory.get_dir_sync_features()).one() == before


@pytest.mark.parametrize("far_end", FAR_ENDS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_nobody_of_that_name_is_absent(scene: Scene, far_end: str, dialect: str) -> None:
    directory = directory_of(dialect)
    assert scene(far_end).ask(directory.get_user("nosuch@domain.com")).absent


@pytest.mark.parametrize("far_end", FAR_ENDS)
@pytest.mark.parametrize("dialect", ["graph", "entra"])
def test_a_licence_that_the_tenant_has_not_is_refused_before_any_effect(scene: Scene, far_end: str, dialect: str) -> None:
    far, directory = scene(far_end), directory_of(dialect)
    account = far.ask(directory.get_user(LICENSED)).one()
    licence = far.ask(directory.get_licenses(account)).one()
    unknown = licence.model_copy(update={"sku_id": "6fd2c87f-b296-42f0-b197-1e91e994b9ff"})
    call = directory.disable_exchange_plans(account, unknown)
    error = far.refusal(call)
    assert error.category is ErrorCategory.InvalidOperation
    assert any(error.names(name) for name in call.refused)
    assert not any(error.names(name) for name in directory.get_user(LICENSED).absent)
    assert far.ask(directory.get_licenses(account)).one() == licence
