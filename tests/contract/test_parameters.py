"""Parameter values over the real engine: exactly the type and the value that was given, or nothing is sent at all."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from psbridge.command import Pipeline
from psbridge.errors import ValueTypeError
from psbridge.psobject import (
    Byte,
    Char,
    DateTime,
    DateTimeKind,
    Int16,
    Int64,
    Kind,
    PSObject,
    SByte,
    SecureString,
    Single,
    TimeSpan,
    UInt16,
    UInt32,
    UInt64,
    Uri,
    Version,
    XmlDocument,
)
from psbridge.transports.base import Transport
from tests.contract.limits import Need, needs
from tests.transports.far_end import output

pytestmark = pytest.mark.realps


MOMENT = DateTime(638_000_000_000_000_001)
VALUES = [
    ("System.String", "text"),
    ("System.String", ""),
    ("System.String", "_x000A_ \r\n\t<&>'\" \U0001f600 \ud83d \ufffe \x00"),
    ("System.Char", Char("x")),
    ("System.Boolean", True),
    ("System.Boolean", False),
    ("System.SByte", SByte(-128)),
    ("System.Byte", Byte(255)),
    ("System.Int16", Int16(-32_768)),
    ("System.UInt16", UInt16(65_535)),
    ("System.Int32", -(2**31)),
    ("System.UInt32", UInt32(2**32 - 1)),
    ("System.UInt64", UInt64(2**64 - 1)),
    ("System.Single", Single(0.5)),
    ("System.Double", 0.1),
    ("System.Double", -0.0),
    ("System.Double", math.inf),
    ("System.Double", 1e308),
    ("System.Decimal", Decimal(79228162514264337593543950335)),
    ("System.Decimal", Decimal("1.10")),
    ("System.DateTime", MOMENT),
    ("System.DateTime", DateTime(MOMENT.ticks, DateTimeKind.UTC)),
    ("System.TimeSpan", TimeSpan(-1)),
    ("System.TimeSpan", TimeSpan(2**63 - 1)),
    ("System.Guid", UUID("fa38094d-cbfd-46b7-82f6-8a3022e39a66")),
    ("System.Uri", Uri("https://outlook.office365.com/powershell/")),
    ("System.Version", Version("15.20.1")),
    ("System.Byte[]", b"\x00\x01\xff"),
    ("System.Byte[]", b""),
    ("System.Xml.XmlDocument", XmlDocument("<a>1</a>")),
]


@needs(Need.PROMPT)
@pytest.mark.parametrize(("type_name", "value"), VALUES, ids=lambda item: item if isinstance(item, str) else "")
def test_a_simple_value_arrives_and_comes_back_as_it_was(transport: Transport, type_name: str, value: object) -> None:
    seen, back = output(transport.run(Pipeline.of("Get-Argument", Value=value)))
    assert seen == type_name
    assert type(back) is type(value)
    assert repr(back) == repr(value)


@needs(Need.PROMPT)
def test_nan_arrives(transport: Transport) -> None:
    seen, back = output(transport.run(Pipeline.of("Get-Argument", Value=math.nan)))
    assert seen == "System.Double"
    assert isinstance(back, float)
    assert math.isnan(back)


@needs(Need.PROMPT)
@pytest.mark.parametrize(
    ("given", "type_name", "back"),
    [
        (2**31, "System.Int64", Int64(2**31)),
        (-(2**63), "System.Int64", Int64(-(2**63))),
        (Int64(5), "System.Int64", Int64(5)),
        (datetime(2018, 7, 15, 15, 45, 30, 123456, UTC), "System.DateTime", "2018-07-15T15:45:30.123456Z"),
        (timedelta(seconds=100), "System.TimeSpan", TimeSpan(1_000_000_000)),
    ],
)
def test_a_value_of_pythons_own_arrives_as_its_counterpart(
    transport: Transport, given: object, type_name: str, back: object
) -> None:
    seen, value = output(transport.run(Pipeline.of("Get-Argument", Value=given)))
    assert seen == type_name
    assert value == back or str(value) == back


def test_null_arrives_as_null(transport: Transport) -> None:
    assert output(transport.run(Pipeline.of("Get-Argument", Value=None))) == ["null", None]


@pytest.mark.parametrize("given", [["a", 1, None, True], ("a", 1, None, True)])
def test_a_list_arrives_with_its_items(transport: Transport, given: object) -> None:
    _, back = output(transport.run(Pipeline.of("Get-Argument", Value=given)))
    assert isinstance(back, PSObject)
    assert back.items == ["a", 1, None, True]


def test_a_dictionary_arrives_with_its_entries(transport: Transport) -> None:
    seen, back = output(transport.run(Pipeline.of("Get-Argument", Value={"a": 1, "b": ["x"]})))
    assert seen == "System.Collections.Hashtable"
    assert isinstance(back, PSObject)
    assert back.kind is Kind.DICT
    entries = {str(key): value for key, value in back.entries or []}
    inner = entries["b"]
    assert entries["a"] == 1
    assert isinstance(inner, PSObject)
    assert inner.items == ["x"]


@needs(Need.OBJECTS)
def test_an_object_that_was_read_goes_back_with_its_properties(transport: Transport) -> None:
    (first,) = output(transport.run(Pipeline.of("Get-Date")))
    seen, back = output(transport.run(Pipeline.of("Get-Argument", Value=first)))
    assert seen == "System.DateTime"
    assert isinstance(first, PSObject)
    assert isinstance(back, PSObject)
    assert back.base == first.base
    assert back.get("DisplayHint") is not None


def deep(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


@needs(Need.WIRE)
def test_a_value_that_cannot_travel_is_refused_before_anything_is_sent(transport: Transport) -> None:
    values = (object(), 2**63, -(2**63) - 1, {1, 2}, Decimal("NaN"), Decimal("1E+40"), deep(60), SecureString("AAAA"), Exception)
    for value in values:
        with pytest.raises(ValueTypeError) as refused:
            transport.run(Pipeline.of("Get-Argument", Value=value))
        assert refused.value.where == "Get-Argument -Value"
    assert output(transport.run(Pipeline.of("Get-Many", Count=1))) == [1]


@needs(Need.WIRE, Need.PROMPT)
def test_the_deepest_value_that_may_travel_arrives(transport: Transport) -> None:
    sent = 0
    for levels in range(35, 50):
        try:
            reply = transport.run(Pipeline.of("Get-Argument", Value=deep(levels)), deadline=10)
        except ValueTypeError:
            break
        assert len(output(reply)) == 2
        sent = levels
    assert sent >= 40


# Both sides then speak the lower version; from 2.4 on the text is clear, below it keys are exchanged first.
@needs(Need.SECRETS)
def test_a_secure_string_arrives_readable_for_the_cmdlet_only(transport: Transport) -> None:
    for text in ("Pa55wörd", "\U0001f600" * 100):
        reply = transport.run(Pipeline.of("Get-SecretText", Secret=SecureString.of(text)))
        assert output(reply) == ["System.Security.SecureString", text]


def test_a_secure_string_comes_back_sealed(transport: Transport) -> None:
    (secret,) = output(transport.run(Pipeline.of("Get-Secret", Text="hush")))
    assert isinstance(secret, SecureString)
    assert "hush" not in repr(secret)


@needs(Need.SECRETS)
def test_a_secure_string_inside_a_credential_arrives(transport: Transport) -> None:
    types = ("System.Management.Automation.PSCredential", "System.Object")
    credential = PSObject(types, props={"UserName": "jane@contoso.com", "Password": SecureString.of("Pa55wörd")})
    seen, back = output(transport.run(Pipeline.of("Get-Argument", Value=credential)))
    assert seen == "System.Management.Automation.PSCredential"
    assert isinstance(back, PSObject)
    assert back["UserName"] == "jane@contoso.com"
