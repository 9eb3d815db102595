"""Accounts, licences and errors of every dialect where the answer is odd: half selected, too deep, of two kinds at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from psbridge.models import Account, AccountError, AccountLicense, DirSyncFeatures, WrongShape
from psbridge.psobject import Kind, PSObject, Value

ID = UUID("5b000000-0000-4000-8000-00000000002b")
SKU, GROUP, OTHER = (UUID(f"5b000000-0000-4000-8000-0000000000{number}") for number in ("a1", "a2", "a3"))
EXCHANGE, TEAMS, GONE = (UUID(f"5b000000-0000-4000-8000-0000000000{number}") for number in ("b1", "b2", "b3"))


def made(**members: Value) -> PSObject:
    return PSObject((), ms=members)


def several(*items: Value) -> PSObject:
    return PSObject((), kind=Kind.LIST, items=list(items))


def graph(**members: Value) -> Account:
    return Account.read(made(Id=str(ID), UserPrincipalName="user@contoso.com", **members))


@pytest.mark.parametrize(
    ("sync_enabled", "immutable_id", "last_sync", "expected"),
    [
        (True, "abc==", "2018-07-15T14:45:00Z", (True, False)),
        (False, "abc==", "2018-07-15T14:45:00Z", (False, False)),
        (None, None, None, (False, False)),
        # Once synchronised, and now Entra Connect passes it over (field-notes 1.9).
        (None, "abc==", "2018-07-15T14:45:00Z", (False, True)),
        # An immutable id that was written by hand proves nothing.
        (None, "abc==", None, (False, None)),
        (None, "", "2018-07-15T14:45:00Z", (False, False)),
    ],
)
def test_whose_an_account_is(sync_enabled: Value, immutable_id: Value, last_sync: Value, expected: tuple[Any, Any]) -> None:
    account = graph(OnPremisesSyncEnabled=sync_enabled, OnPremisesImmutableId=immutable_id, OnPremisesLastSyncDateTime=last_sync)
    assert (account.is_synchronised, account.is_cloud_managed) == expected


def test_what_was_not_selected_is_not_known() -> None:
    account = graph()
    unknown = ("is_licensed", "is_synchronised", "is_cloud_managed", "has_validation_error", "immutable_id")
    assert {name: getattr(account, name) for name in unknown} == dict.fromkeys(unknown)


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        (several(), False),
        (several(made(IsResolved=True)), False),
        (several(made(IsResolved=True), made(IsResolved=False)), True),
        # Whether it was resolved is not said: then it counts.
        (several(made(ServiceInstance="exchange/x")), True),
        # The depth left a type name.
        (several("MicrosoftGraphServiceProvisioningXmlError"), None),
        (several("MicrosoftGraphServiceProvisioningXmlError", made(IsResolved=False)), True),
        (None, None),
    ],
)
def test_whether_there_is_an_error_that_is_not_resolved(errors: Value, expected: bool | None) -> None:
    assert graph(ServiceProvisioningErrors=errors).has_validation_error is expected


def test_a_deleted_account_has_its_own_name_and_no_other_name_is_cut() -> None:
    assert Account.read(made(Id=str(ID), UserPrincipalName=f"{ID.hex}user@contoso.com")).user_principal_name == "user@contoso.com"
    other = f"{SKU.hex}user@contoso.com"
    assert Account.read(made(Id=str(ID), UserPrincipalName=other)).user_principal_name == other


@pytest.mark.parametrize("odd", [None, "text", 5, PSObject(()), several(), made(Id=str(ID)), made(ObjectId=ID, ImmutableId="x")])
def test_what_is_no_account_is_refused(odd: Value) -> None:
    with pytest.raises(WrongShape):
        Account.read(odd)


def assignment(group: UUID | None = None, *off: UUID, state: str = "Active", sku: UUID = SKU) -> PSObject:
    by = None if group is None else str(group)
    return made(SkuId=str(sku), AssignedByGroup=by, DisabledPlans=several(*map(str, off)), State=state)


def named(plans: Mapping[UUID, str], sku: UUID = SKU) -> PSObject:
    listed = several(*(made(ServicePlanId=str(plan), ServicePlanName=name) for plan, name in plans.items()))
    return made(SkuId=str(sku), SkuPartNumber="E3", ServicePlans=listed)


PLANS = {EXCHANGE: "EXCHANGE_S_ENTERPRISE", TEAMS: "TEAMS1"}


@pytest.mark.parametrize(
    ("assignments", "exchange", "off", "groups", "is_direct"),
    [
        ([assignment()], 1, (), (), True),
        ([assignment(None, EXCHANGE)], 0, ("EXCHANGE_S_ENTERPRISE",), (), True),
        ([assignment(GROUP)], 1, (), (GROUP,), False),
        ([assignment(None, EXCHANGE), assignment(GROUP)], 1, ("EXCHANGE_S_ENTERPRISE",), (GROUP,), True),
        ([assignment(GROUP, EXCHANGE), assignment(OTHER, EXCHANGE, TEAMS)], 0, ("EXCHANGE_S_ENTERPRISE",), (GROUP, OTHER), False),
        # A group that could not give it does not switch anything on, but it may yet.
        ([assignment(None, EXCHANGE), assignment(GROUP, state="Error")], 0, ("EXCHANGE_S_ENTERPRISE",), (GROUP,), True),
        # A plan that is off and that the licence lists no more stays in what must stay off.
        ([assignment(None, TEAMS, GONE)], 1, ("TEAMS1", str(GONE)), (), True),
    ],
)
def test_what_a_licence_gives_and_who_gives_it(
    assignments: list[PSObject], exchange: int, off: tuple[str, ...], groups: tuple[UUID, ...], is_direct: bool
) -> None:
    (licence,) = AccountLicense.of_graph([*assignments, named(PLANS), named(PLANS, sku=OTHER)])
    assert (len(licence.exchange_plans), licence.disabled_plans) == (exchange, off)
    assert (licence.groups, licence.is_direct) == (groups, is_direct)
    assert len(licence.disabled_plan_ids) == len(licence.disabled_plans)


@pytest.mark.parametrize(
    ("assignments", "waiting"),
    [
        ([assignment(GROUP, state="Error")], ("EXCHANGE_S_ENTERPRISE",)),
        ([assignment(), assignment(GROUP, state="Error")], ("EXCHANGE_S_ENTERPRISE",)),
        ([assignment(GROUP, EXCHANGE, state="Error")], ()),
        ([assignment(GROUP)], ()),
        ([assignment(None, state="Error")], ()),
    ],
)
def test_what_a_group_would_give_as_soon_as_a_licence_is_free(assignments: list[PSObject], waiting: tuple[str, ...]) -> None:
    (licence,) = AccountLicense.of_graph([*assignments, named(PLANS)])
    assert licence.waiting_plans == waiting


@pytest.mark.parametrize(
    ("name", "gives_mailbox"),
    [
        ("EXCHANGE_S_STANDARD", True),
        ("EXCHANGE_S_DESKLESS", True),
        ("EXCHANGE_B_STANDARD", True),
        ("EXCHANGE_L_STANDARD", True),
        ("exchange_s_enterprise_gov", True),
        ("EXCHANGE_S_FOUNDATION", False),
        ("EXCHANGE_S_ARCHIVE_ADDON", False),
        ("EXCHANGE_S_ARCHIVE", False),
        ("EXCHANGE_ANALYTICS", False),
        ("MIP_S_EXCHANGE", False),
    ],
)
def test_which_plans_give_a_mailbox(name: str, gives_mailbox: bool) -> None:
    (licence,) = AccountLicense.of_graph([assignment(), named({EXCHANGE: name})])
    assert licence.exchange_plans == ((name,) if gives_mailbox else ())


def test_a_licence_without_a_name_or_with_plans_that_are_only_texts_is_refused() -> None:
    with pytest.raises(WrongShape, match="names with its plans"):
        list(AccountLicense.of_graph([assignment(), named(PLANS, sku=OTHER)]))
    texts = made(SkuId=str(SKU), SkuPartNumber="E3", ServicePlans=several("MicrosoftGraphServicePlanInfo"))
    with pytest.raises(WrongShape, match="not their type names"):
        list(AccountLicense.of_graph([assignment(), texts]))


def test_an_account_s_own_id_among_the_groups_means_directly_too() -> None:
    def plan(*groups: UUID) -> PSObject:
        return made(
            ServiceName="EXCHANGE_S_ENTERPRISE",
            ServicePlanId=EXCHANGE,
            AccountSkuId="contoso:E3",
            GroupsAssigningLicense=several(*groups),
            ProvisioningStatus="Success",
        )

    said = [next(AccountLicense.of_msol([plan(*groups)], ID)) for groups in ((), (ID,), (GROUP,), (ID, GROUP))]
    assert [(licence.groups, licence.is_direct) for licence in said] == [
        ((), True),
        ((), True),
        ((GROUP,), False),
        ((GROUP,), True),
    ]


DETAIL = (
    '<ServiceInstance xmlns="http://schemas.microsoft.com/online/serviceextensions/2009/08/ExtensibilitySchema.xsd">'
    "<ObjectErrors><ErrorRecord><ErrorCode>A</ErrorCode>"
    "<ErrorDescription>one <b>bold</b> &lt;word&gt;</ErrorDescription></ErrorRecord>"
    "<ErrorRecord><ErrorCode>B</ErrorCode></ErrorRecord></ObjectErrors></ServiceInstance>"
)


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        (DETAIL, [("A", "one bold <word>"), ("B", "")]),
        ("no XML at all", [("", "no XML at all")]),
        ("<cut", [("", "<cut")]),
        ("<Other>text</Other>", [("", "<Other>text</Other>")]),
        (None, [("", "")]),
        # A declaration could make a short text endless; it is shown, not read.
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', [("", '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')]),
    ],
)
def test_the_xml_of_an_error_is_read_and_any_other_text_is_kept(detail: Value, expected: list[tuple[str, str]]) -> None:
    found = AccountError.of_graph([made(ErrorDetail=detail, IsResolved=True, ServiceInstance="exchange/x")])
    errors = list(found)
    assert [(error.code, error.description) for error in errors] == expected
    assert all((error.is_resolved, error.service) == (True, "exchange/x") for error in errors)


def test_the_detail_of_a_type_that_the_module_does_not_know_is_read_all_the_same() -> None:
    more = PSObject((), kind=Kind.DICT, entries=[("@odata.type", "#x"), ("errorDetail", DETAIL)])
    errors = AccountError.of_graph([made(IsResolved=False, ServiceInstance="exchange/x", AdditionalProperties=more)])
    assert [error.code for error in errors] == ["A", "B"]


def test_features_that_did_not_come_are_refused_and_another_feature_says_nothing() -> None:
    with pytest.raises(WrongShape):
        DirSyncFeatures.read(made(Id="x", Features="MicrosoftGraphOnPremisesDirectorySynchronizationFeature"))
    with pytest.raises(WrongShape):
        DirSyncFeatures.read(made(Features=made(BypassDirSyncOverridesEnabled=True)))
    other = DirSyncFeatures.read(made(DirSyncFeatureName="EnableSoftMatchOnUpn", Enabled=True))
    assert other.bypass_dir_sync_overrides is None
