"""Python values in, the .NET objects that Exchange's and the directory's cmdlets give out.

Every function makes a live object in full depth, as the cmdlet holds it; `serialize.py` decides how much of it crosses the wire.
Source of names, members and kinds: recordings of `Get-... | Select-Object *` (field-notes 5.2 and 2.6 for the sizes and times).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from uuid import UUID

from psbridge.psobject import Byte, DateTime, DateTimeKind, Int64, Kind, PSObject, TimeSpan, Value
from psbridge.simulator.state.ids import NO_GUID

__all__ = [
    "ad_object_id",
    "byte_quantified_size",
    "directory_id",
    "enhanced_time_span",
    "enum",
    "exchange_object_version",
    "listed",
    "local_time",
    "organization_id",
    "proxy_address",
    "server_version",
    "size_text",
    "smtp_address",
    "unlimited",
    "us_time",
    "utc",
]

_OBJECT: Final = "System.Object"
_STRUCT: Final = ("System.ValueType", _OBJECT)
_DATA: Final = "Microsoft.Exchange.Data"
_DIRECTORY: Final = "Microsoft.Exchange.Data.Directory"
_SIGNED: Final = "Version=15.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
_PARTITION: Final = UUID("59ce2f71-eaa2-4ddf-a4fa-f25069d0b324")
_UNITS: Final = ("KB", "MB", "GB", "TB")


# Enumerations of 64 bits.
_WIDE: Final = frozenset({f"{_DIRECTORY}.Recipient.{name}" for name in ("RecipientTypeDetails", "RemoteRecipientType")})


def enum(type_name: str, name: str, number: int) -> PSObject:
    """An enumeration's value: its number, with its name as text."""
    held = Int64(number) if type_name in _WIDE else number
    return PSObject.wrapping(held, (type_name, "System.Enum", *_STRUCT), to_string=name)


def ad_object_id(text: str) -> PSObject:
    """An ADObjectId of a thing that has only a name here; its text may be a path, or begin with a backslash."""
    name = text.rpartition("/")[2].removeprefix("\\")
    return _object_id(text, {"Rdn": f"CN={name}", "DistinguishedName": f"CN={name}", "Name": name})


def directory_id(text: str, name: str, distinguished_name: str, guid: UUID, *, domain: str, parent: str, depth: int) -> PSObject:
    """The ADObjectId of an object of a directory: its Identity."""
    return _object_id(
        text,
        {
            "Rdn": f"CN={name}",
            "Parent": parent,
            "Depth": depth,
            "DistinguishedName": distinguished_name,
            "DomainId": domain,
            "PartitionFQDN": domain,
            "ObjectGuid": guid,
            "Name": name,
        },
    )


def _object_id(text: str, values: dict[str, Value]) -> PSObject:
    props: dict[str, Value] = {
        "OrgHierarchyToIgnore": None,
        "IsDeleted": False,
        "Rdn": "",
        "Parent": None,
        "Depth": 2,
        "DistinguishedName": "",
        "IsRelativeDn": False,
        "DomainId": "",
        "PartitionGuid": _PARTITION,
        "PartitionFQDN": "",
        "ObjectGuid": NO_GUID,
        "Name": "",
        "SecurityIdentifierString": None,
    }
    types = (f"{_DIRECTORY}.ADObjectId", f"{_DATA}.ObjectId", _OBJECT)
    return PSObject(types, to_string=text, props={**props, **values})


def smtp_address(address: str) -> PSObject:
    """A Microsoft.Exchange.Data.SmtpAddress."""
    local, _, domain = address.partition("@")
    return PSObject(
        (f"{_DATA}.SmtpAddress", *_STRUCT),
        to_string=address,
        props={
            "Length": len(address),
            "Local": local or None,
            "Domain": domain or None,
            "Address": address or None,
            "IsUTF8": not address.isascii(),
            "IsValidAddress": bool(local and domain),
        },
    )


def proxy_address(text: str) -> PSObject:
    """A proxy address such as `SMTP:user@contoso.com`; an upper-case prefix is the primary one."""
    prefix, _, address = text.partition(":")
    smtp = prefix.lower() == "smtp"
    return PSObject(
        (f"{_DATA}.{'Smtp' if smtp else 'Custom'}ProxyAddress", f"{_DATA}.ProxyAddress", f"{_DATA}.ProxyAddressBase", _OBJECT),
        to_string=text,
        props={
            **({"SmtpAddress": address} if smtp else {}),
            "AddressString": address,
            "ProxyAddressString": text,
            "Prefix": prefix.upper(),
            "IsPrimaryAddress": prefix.isupper(),
            "PrefixString": prefix,
        },
    )


def size_text(size: int) -> str:
    """Write a number of bytes as Exchange does: `1.501 GB (1,612,092,317 bytes)`, four significant digits (field-notes 0)."""
    if size < 1024:
        return f"{size} B ({size:,} bytes)"
    power = min((size.bit_length() - 1) // 10, len(_UNITS))
    amount = Decimal(size) / (1 << (10 * power))
    whole = len(str(int(amount)))
    rounded = amount.quantize(Decimal(1).scaleb(min(0, whole - 4)), rounding=ROUND_HALF_UP)
    text = f"{rounded:f}".rstrip("0").rstrip(".") if "." in f"{rounded:f}" else f"{rounded:f}"
    return f"{text} {_UNITS[power - 1]} ({size:,} bytes)"


def byte_quantified_size(size: int) -> PSObject:
    """A Microsoft.Exchange.Data.ByteQuantifiedSize, whose whole content is its text."""
    return PSObject((f"{_DATA}.ByteQuantifiedSize", *_STRUCT), to_string=size_text(size))


def enhanced_time_span(span: timedelta | TimeSpan) -> PSObject:
    """A Microsoft.Exchange.Data.EnhancedTimeSpan."""
    ticks = (span if isinstance(span, TimeSpan) else TimeSpan.of(span)).ticks
    size = abs(ticks)
    sign = (ticks > 0) - (ticks < 0)
    seconds, fraction = divmod(size, 10_000_000)
    return PSObject(
        (f"{_DATA}.EnhancedTimeSpan", *_STRUCT),
        to_string=str(TimeSpan(ticks)),
        props={
            "Days": sign * (seconds // 86_400),
            "Hours": sign * (seconds // 3600 % 24),
            "Milliseconds": sign * (fraction // 10_000),
            "Minutes": sign * (seconds // 60 % 60),
            "Seconds": sign * (seconds % 60),
            "Ticks": Int64(ticks),
            "TotalDays": ticks / 864_000_000_000,
            "TotalHours": ticks / 36_000_000_000,
            "TotalMilliseconds": ticks / 10_000,
            "TotalMinutes": ticks / 600_000_000,
            "TotalSeconds": ticks / 10_000_000,
            "Sign": sign,
        },
    )


_LIMITED: Final[Mapping[str, str]] = {
    "size": f"{_DATA}.ByteQuantifiedSize, {_DATA}, {_SIGNED}",
    "span": f"{_DATA}.EnhancedTimeSpan, {_DATA}, {_SIGNED}",
    "int": "System.Int32, mscorlib, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089",
}


_LIMITS: Final[Mapping[str, Callable[[Any], Value]]] = {
    "size": byte_quantified_size,
    "span": enhanced_time_span,
    "int": int,
}


def unlimited(kind: str, value: int | timedelta | None = None) -> PSObject:
    """An `Unlimited<T>` of `size`, `span` or `int`; None is Unlimited."""
    types = (f"{_DATA}.Unlimited`1[[{_LIMITED[kind]}]]", *_STRUCT)
    if value is None:
        return PSObject(types, to_string="Unlimited", props={"IsUnlimited": True})
    held = _LIMITS[kind](value)
    return PSObject(types, to_string=str(held), props={"IsUnlimited": False, "Value": held})


def server_version(text: str) -> PSObject:
    """A ServerVersion of `Version 15.20 (Build 930.16)`."""
    major, minor, build, revision = (int(part) for part in _numbers(text))
    return PSObject(
        (f"{_DATA}.ServerVersion", _OBJECT),
        to_string=text,
        props={"Major": major, "Minor": minor, "Build": build, "Revision": revision, "FilePatchLevelDescription": ""},
    )


def exchange_object_version(text: str) -> PSObject:
    """An ExchangeObjectVersion of `0.20 (15.0.0.0)`."""
    version, _, build = text.partition(" ")
    major, minor = version.split(".")
    return PSObject(
        (f"{_DATA}.ExchangeObjectVersion", _OBJECT),
        to_string=text,
        props={"Major": Byte(major), "Minor": Byte(minor), "ExchangeBuild": build.strip("()")},
    )


def organization_id(text: str) -> PSObject:
    """The OrganizationId of a tenant; empty on-premises."""
    return PSObject(
        (f"{_DIRECTORY}.OrganizationId", _OBJECT), to_string=text, props={"OrganizationalUnit": None, "ConfigurationUnit": None}
    )


def listed(types: tuple[str, ...], items: Iterable[Value]) -> PSObject:
    """A list of one of .NET's many list types."""
    return PSObject(types, kind=Kind.LIST, items=list(items))


def utc(moment: datetime | None) -> DateTime | None:
    """A time in UTC (`...Z`)."""
    return None if moment is None else DateTime.of(moment.astimezone(UTC))


def local_time(moment: datetime | None) -> DateTime | None:
    """A time of the server's own zone, which is UTC in the cloud and in this simulator (`...+00:00`)."""
    if moment is None:
        return None
    return DateTime(DateTime.of(moment.astimezone(UTC)).ticks, DateTimeKind.LOCAL, 0)


def us_time(moment: datetime) -> str:
    """`7/15/2018 3:51:45 PM`."""
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    return f"{moment.month}/{moment.day}/{moment.year} {hour}:{moment.minute:02}:{moment.second:02} {half}"


def _numbers(text: str) -> list[str]:
    kept = "".join(letter if letter.isdigit() else " " for letter in text).split()
    return (kept + ["0"] * 4)[:4]
