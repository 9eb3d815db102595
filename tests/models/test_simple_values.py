"""Texts, truths, numbers, bytes, GUIDs and enums: what is taken, and that nothing is guessed."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psbridge.models import EnumName, WrongShape, is_no_guid
from psbridge.models.values import read_bool, read_bytes, read_guid, read_int, read_shown_text, read_text
from psbridge.psobject import Int64, Kind, PSObject, SecureString, UInt64, Uri, Value, Version

ENUM_TYPES = ("Deserialized.Microsoft.Exchange.Data.Directory.Recipient.RecipientTypeDetails", "Deserialized.System.Enum")
GUID = UUID("fa38094d-cbfd-46b7-82f6-8a3022e39a66")


@given(st.uuids())
def test_a_guid_survives_its_own_text(guid: UUID) -> None:
    assert read_guid(str(guid)) == guid


@pytest.mark.parametrize(
    "value",
    [
        GUID,
        "fa38094d-cbfd-46b7-82f6-8a3022e39a66",
        "FA38094D-CBFD-46B7-82F6-8A3022E39A66",
        "{fa38094d-cbfd-46b7-82f6-8a3022e39a66}",
        "(fa38094d-cbfd-46b7-82f6-8a3022e39a66)",
        "fa38094dcbfd46b782f68a3022e39a66",
        " fa38094d-cbfd-46b7-82f6-8a3022e39a66\n",
        PSObject.wrapping(GUID, ms={"PSComputerName": "ps.outlook.com"}),
        PSObject(("Deserialized.Microsoft.Exchange.Data.MailboxId",), to_string=str(GUID)),
    ],
    ids=repr,
)
def test_a_guid_is_read_in_every_form(value: Value) -> None:
    assert read_guid(value) == GUID


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("testduplicate", "System.String 'testduplicate'"),
        ("{fa38094d-cbfd-46b7-82f6-8a3022e39a66", "System.String '{fa38094d-cbfd-46b7-82f6-8a3022e39a66'"),
        ("", "System.String ''"),
        (b"0123456789abcdef", "System.Byte[] '16 bytes'"),
        (5, "System.Int32 '5'"),
    ],
)
def test_what_is_no_guid_is_refused(value: Value, found: str) -> None:
    with pytest.raises(WrongShape) as caught:
        read_guid(value)
    assert str(caught.value) == f"Found {found}; expected a GUID"


def test_the_empty_guid_and_none_are_no_guid() -> None:
    assert is_no_guid(UUID(int=0))
    assert is_no_guid(None)
    assert not is_no_guid(UUID("00000000-0000-0000-0000-000000000001"))


@pytest.mark.parametrize(
    ("value", "truth"), [(True, True), (False, False), ("True", True), ("false", False), (PSObject.wrapping(True), True)]
)
def test_a_truth_is_a_boolean_or_its_text(value: Value, truth: bool) -> None:
    assert read_bool(value) is truth


@pytest.mark.parametrize(
    ("value", "found"),
    [(1, "System.Int32 '1'"), ("Yes", "System.String 'Yes'"), ("", "System.String ''"), (None, "null '$null'")],
)
def test_what_is_no_truth_is_refused(value: Value, found: str) -> None:
    with pytest.raises(WrongShape) as caught:
        read_bool(value)
    assert str(caught.value) == f"Found {found}; expected True or False"


@pytest.mark.parametrize(
    ("value", "number"), [(5, 5), (Int64(2**40), 2**40), (UInt64(2**63), 2**63), ("-12", -12), (PSObject.wrapping(Int64(7)), 7)]
)
def test_a_whole_number_has_any_width(value: Value, number: int) -> None:
    assert read_int(value) == number
    assert type(read_int(value)) is int


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (1.0, "System.Double '1.0'"),
        ("1,000", "System.String '1,000'"),
        (True, "System.Boolean 'True'"),
        ("\u0663", "System.String '\u0663'"),  # a digit for Python, not for Exchange
    ],
)
def test_what_is_no_whole_number_is_refused(value: Value, found: str) -> None:
    with pytest.raises(WrongShape) as caught:
        read_int(value)
    assert str(caught.value) == f"Found {found}; expected a whole number"


def test_bytes_are_bytes_or_a_list_of_them() -> None:
    assert read_bytes(b"\x00\xff") == b"\x00\xff"
    assert read_bytes(PSObject(kind=Kind.LIST, items=[0, 255])) == b"\x00\xff"
    for wrong in (PSObject(kind=Kind.LIST, items=[256]), PSObject(kind=Kind.LIST, items=["a"]), "AAAA"):
        with pytest.raises(WrongShape, match=r"expected bytes$"):
            read_bytes(wrong)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""),
        (" a ", " a "),
        (Uri("http://domain.com/"), "http://domain.com/"),
        (Version("1.2"), "1.2"),
        (PSObject.wrapping("a", ms={"Length": 1}), "a"),
    ],
)
def test_a_text_is_kept_as_it_is(value: Value, text: str) -> None:
    assert read_text(value) == text


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (5, "System.Int32 '5'"),
        (SecureString.of("hidden!"), "System.Security.SecureString 'System.Security.SecureString'"),
        (PSObject(("Deserialized.X",), to_string="a"), "X 'a'"),
    ],
)
def test_what_is_no_text_is_refused_and_no_secret_is_told(value: Value, found: str) -> None:
    with pytest.raises(WrongShape) as caught:
        read_text(value)
    assert str(caught.value) == f"Found {found}; expected a text"


def test_a_shown_text_is_the_to_string_of_an_object() -> None:
    version = PSObject(
        ("Deserialized.Microsoft.Exchange.Data.ServerVersion",), to_string="Version 15.1 (Build 1531.3)", props={"Major": 15}
    )
    assert read_shown_text(version) == read_shown_text("Version 15.1 (Build 1531.3)")
    with pytest.raises(WrongShape, match=r"expected a text, or an object that is shown as one$"):
        read_shown_text(PSObject(kind=Kind.LIST, items=["a"]))


@given(st.text(min_size=1))
def test_an_enum_survives_its_own_text(name: str) -> None:
    assert EnumName.parse(str(EnumName(name))) == EnumName(name)


@pytest.mark.parametrize(
    ("value", "name", "number"),
    [
        ("UserMailbox", "UserMailbox", None),
        (PSObject.wrapping(Int64(2147483648), ENUM_TYPES, to_string="RemoteUserMailbox"), "RemoteUserMailbox", 2147483648),
        (PSObject.wrapping(224, ENUM_TYPES, to_string="224"), "224", 224),
        (16, "16", 16),
        (PSObject.wrapping("UserMailbox"), "UserMailbox", None),
    ],
)
def test_an_enum_is_its_name_and_knows_its_number_where_it_came(value: Value, name: str, number: int | None) -> None:
    enum = EnumName.parse(value)
    assert (enum, enum.number) == (name, number)


def test_the_flags_of_an_enum_are_its_names() -> None:
    assert EnumName.parse("CrossOrg, Pull").flags == ("CrossOrg", "Pull")


@pytest.mark.parametrize(
    ("value", "found"),
    [(True, "System.Boolean 'True'"), (PSObject(("Deserialized.X",), to_string="a"), "X 'a'"), ("", "System.String ''")],
)
def test_what_is_no_enum_is_refused(value: Value, found: str) -> None:
    with pytest.raises(WrongShape) as caught:
        EnumName.parse(value)
    assert str(caught.value) == f"Found {found}; expected an enum: its name, its number, or both"
