"""Mail addresses, proxy addresses and directory objects, as text and as object."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psbridge.models import ADObjectId, ProxyAddress, SmtpAddress, WrongShape
from psbridge.psobject import PSObject, Value

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1)
SMTP_EXPECTED = "expected an SMTP address such as 'user@domain.com'"
PROXY_EXPECTED = "expected a proxy address with its prefix, such as 'SMTP:user@domain.com'"


def shown(type_name: str, text: str | None, **props: Value) -> PSObject:
    return PSObject((f"Deserialized.Microsoft.Exchange.Data.{type_name}",), to_string=text, props=props)


@given(NAMES, NAMES.filter(lambda domain: "@" not in domain))
def test_an_smtp_address_survives_its_own_text(local: str, domain: str) -> None:
    address = SmtpAddress(f"{local}@{domain}")
    assert SmtpAddress.parse(str(address)) == address
    assert (address.local, address.domain) == (local, domain)


@pytest.mark.parametrize(
    "value",
    [
        "testduplicate@domain.com",
        "TestDuplicate@Domain.com",
        shown("SmtpAddress", "testduplicate@domain.com", Local="testduplicate", Domain="domain.com"),
        shown("SmtpAddress", None, Address="testduplicate@domain.com"),
    ],
    ids=repr,
)
def test_an_smtp_address_is_read_in_every_form_and_compared_without_case(value: Value) -> None:
    address = SmtpAddress.parse(value)
    assert address == SmtpAddress("testduplicate@domain.com")
    assert hash(address) == hash(SmtpAddress("testduplicate@domain.com"))


@pytest.mark.parametrize(
    "value", ["nobody", "@domain.com", "user@", "user@domain .com", 5, None, shown("SmtpAddress", "nobody")], ids=repr
)
def test_what_is_no_smtp_address_is_refused(value: Value) -> None:
    with pytest.raises(WrongShape) as caught:
        SmtpAddress.parse(value)
    assert str(caught.value).endswith(SMTP_EXPECTED)


@given(st.sampled_from(["SMTP", "smtp", "X500", "x500", "SIP", "sip", "EUM", "SPO"]), NAMES)
def test_a_proxy_address_survives_its_own_text(prefix: str, address: str) -> None:
    proxy = ProxyAddress(prefix, address)
    assert ProxyAddress.parse(str(proxy)) == proxy
    assert ProxyAddress.parse(shown("ProxyAddress", str(proxy))) == proxy
    assert ProxyAddress.parse(shown("ProxyAddress", None, ProxyAddressString=str(proxy))) == proxy


def test_the_case_of_the_prefix_tells_the_primary_address() -> None:
    assert ProxyAddress.parse("SMTP:user@domain.com").is_primary
    assert not ProxyAddress.parse("smtp:user@domain.com").is_primary
    assert ProxyAddress.parse("smtp:user@domain.com").smtp == SmtpAddress("user@domain.com")


def test_an_x500_address_carries_a_legacy_dn_with_its_colons() -> None:
    proxy = ProxyAddress.parse("x500:/o=First Organization/cn=Recipients/cn=a:b")
    assert (proxy.kind, proxy.address, proxy.smtp) == ("X500", "/o=First Organization/cn=Recipients/cn=a:b", None)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("user@domain.com", "System.String 'user@domain.com'"),
        (":user@domain.com", "System.String ':user@domain.com'"),
        ("smtp:", "System.String 'smtp:'"),
        ("a b:user@domain.com", "System.String 'a b:user@domain.com'"),
        (shown("ProxyAddress", None), "Microsoft.Exchange.Data.ProxyAddress 'Microsoft.Exchange.Data.ProxyAddress'"),
    ],
)
def test_what_is_no_proxy_address_is_refused(value: Value, found: str) -> None:
    with pytest.raises(WrongShape) as caught:
        ProxyAddress.parse(value)
    assert str(caught.value) == f"Found {found}; {PROXY_EXPECTED}"


@given(st.text(min_size=1))
def test_a_directory_object_survives_its_own_text(text: str) -> None:
    assert ADObjectId.parse(str(ADObjectId(text))) == ADObjectId(text)


def test_a_directory_object_as_object_tells_name_dn_and_guid() -> None:
    found = ADObjectId.parse(
        shown(
            "Directory.ADObjectId",
            "domain.com/Users/Test Duplicate",
            Name="Test Duplicate",
            DistinguishedName="CN=Test Duplicate,CN=Users,DC=domain,DC=com",
            ObjectGuid=UUID("5b000000-0000-4000-8000-00000000000b"),
        )
    )
    assert found == ADObjectId("domain.com/Users/Test Duplicate")
    assert (found.name, found.distinguished_name) == ("Test Duplicate", "CN=Test Duplicate,CN=Users,DC=domain,DC=com")
    assert found.object_guid == UUID("5b000000-0000-4000-8000-00000000000b")


def test_the_empty_guid_of_a_directory_object_is_no_guid() -> None:
    found = ADObjectId.parse(shown("Directory.ADObjectId", "DB01", ObjectGuid=UUID(int=0), Name=""))
    assert (str(found), found.object_guid, found.name) == ("DB01", None, None)


@pytest.mark.parametrize("value", ["", None, 5, shown("Directory.ADObjectId", None, Name="DB01")], ids=repr)
def test_what_is_no_directory_object_is_refused(value: Value) -> None:
    with pytest.raises(WrongShape) as caught:
        ADObjectId.parse(value)
    assert str(caught.value).endswith("expected a directory object: its text, or an object with a ToString")
