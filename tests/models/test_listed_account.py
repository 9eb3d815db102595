"""Accounts of a list: what cannot be looked into is unknown, and never "none"."""

from __future__ import annotations

from uuid import UUID

from psbridge.models import ListedGraphUser, ListedMsolUser
from psbridge.psobject import Kind, PSObject, Value

ID, GROUP = "5c020000-0000-4000-8000-000000000001", "5c070000-0000-4000-8000-000000000001"


def listed(*items: Value) -> PSObject:
    return PSObject(("System.Object[]",), kind=Kind.LIST, items=list(items))


def msol(licence: Value) -> ListedMsolUser:
    notes: dict[str, Value] = {
        "ObjectId": ID,
        "UserPrincipalName": "a@domain.com",
        "IsLicensed": True,
        "Licenses": listed(licence),
    }
    return ListedMsolUser.parse(PSObject(("Selected.User",), ms=notes), "Get-MsolUser")


def graph(**notes: Value) -> ListedGraphUser:
    return ListedGraphUser.parse(PSObject(("User",), ms={"Id": ID, "UserPrincipalName": "a@domain.com", **notes}), "Get-MgUser")


def test_a_licence_that_is_only_a_text_hides_its_groups() -> None:
    assert msol("Microsoft.Online.Administration.UserLicense").groups is None
    groups = listed(ID, GROUP)
    assert msol(PSObject(("UserLicense",), props={"GroupsAssigningLicense": groups})).groups == (UUID(GROUP),)


def test_what_graph_was_not_asked_for_is_unknown() -> None:
    nothing = graph(LicenseAssignmentStates=None, ServiceProvisioningErrors=None)
    assert (nothing.licensed, nothing.failing, nothing.synchronised) == (None, None, False)
    empty = graph(LicenseAssignmentStates=listed(), ServiceProvisioningErrors=listed())
    assert (empty.licensed, empty.failing, empty.groups) == (False, False, ())


def test_a_resolved_error_is_none_and_one_that_cannot_be_seen_counts() -> None:
    resolved = PSObject(("Error",), props={"IsResolved": True})
    assert graph(ServiceProvisioningErrors=listed(resolved)).failing is False
    assert graph(ServiceProvisioningErrors=listed(resolved, "Microsoft.Graph.Error")).failing is True
