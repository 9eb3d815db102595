"""The value types and models against CLIXML that real Exchange servers wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from psbridge.clixml import decode
from psbridge.models import (
    ADObjectId,
    ByteQuantifiedSize,
    EnhancedTimeSpan,
    EnumName,
    OrganizationConfig,
    ProxyAddress,
    SmtpAddress,
    Unlimited,
)
from psbridge.models.values import read_int
from psbridge.psobject import PSObject, Value

pytestmark = pytest.mark.corpus

Parse = Callable[[Value], object]
DATA: Final = "Microsoft.Exchange.Data."


def limit_of(inner: Parse) -> Parse:
    return lambda value: Unlimited.parse(value, inner)


# Type names begin so; the first that fits reads the value.
PARSERS: Final[tuple[tuple[str, Parse], ...]] = (
    (f"{DATA}Unlimited`1[[{DATA}ByteQuantifiedSize", limit_of(ByteQuantifiedSize.parse)),
    (f"{DATA}Unlimited`1[[System.Int32", limit_of(read_int)),
    (f"{DATA}ByteQuantifiedSize", ByteQuantifiedSize.parse),
    (f"{DATA}EnhancedTimeSpan", EnhancedTimeSpan.parse),
    (f"{DATA}SmtpAddress", SmtpAddress.parse),
    (f"{DATA}SmtpProxyAddress", ProxyAddress.parse),
    (f"{DATA}Directory.ADObjectId", ADObjectId.parse),
)


@pytest.fixture(scope="module")
def exchange_objects(corpus: Path) -> list[PSObject]:
    """Every object in the files of the corpus that speak of Exchange's data types."""
    files = (path.read_bytes() for path in sorted((corpus / "real").rglob("*.xml")))
    return [found for data in files if DATA.encode() in data for root in decode(data) for found in objects_in(root)]


def objects_in(root: Value) -> Iterator[PSObject]:
    todo, seen = [root], set[int]()
    while todo:
        value = todo.pop()
        if isinstance(value, PSObject) and id(value) not in seen:
            seen.add(id(value))
            yield value
            todo += [*value.props.values(), *value.ms.values(), *(value.items or ()), value.base]
            todo += [part for entry in value.entries or () for part in entry]


def test_every_exchange_value_of_real_servers_is_read_and_shown_as_the_server_showed_it(exchange_objects: list[PSObject]) -> None:
    read = Counter[str]()
    for value in exchange_objects:
        for beginning, parse in PARSERS:
            if (value.type_name or "").startswith(beginning) and value.to_string:
                assert str(parse(value)) == value.to_string
                read[beginning] += 1
                break
    assert read.total() >= 265
    assert set(read) == {beginning for beginning, _ in PARSERS}


def test_every_enum_of_real_servers_keeps_its_name_and_number(exchange_objects: list[PSObject]) -> None:
    enums = [value for value in exchange_objects if value.is_enum]
    assert len(enums) >= 374
    assert [(name := EnumName.parse(value)) == value.to_string and name.number == value.base for value in enums] == [True] * len(
        enums
    )


def test_the_organisation_of_real_servers_is_read(corpus: Path) -> None:
    files = sorted((corpus / "real").rglob("GetOrganizationConfig*.xml"))
    found = [OrganizationConfig.parse(value, "Get-OrganizationConfig") for path in files for value in decode(path.read_bytes())]
    assert len(found) >= 2
    for organisation in found:
        assert organisation.name
        assert (organisation.is_mixed_mode, organisation.is_dehydrated) == (False, False)
        assert organisation.admin_display_version is not None
        assert organisation.guid is not None
