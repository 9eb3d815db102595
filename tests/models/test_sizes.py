"""Sizes, limits and item counts, in every form that Exchange sends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psbridge.models import ByteQuantifiedSize, ItemCount, Unlimited, WrongShape
from psbridge.models.values import read_int
from psbridge.psobject import Int64, Kind, PSObject, UInt64, Value

BYTES = st.integers(0, 2**64 - 1)
SIZE_EXPECTED = "expected a size such as '99 GB (106,300,440,576 bytes)', or a number of bytes"
COUNT_EXPECTED = "expected a count with a size such as '10188 [1.152 GB (1,237,342,091 bytes)]'"


def size_object(text: str) -> PSObject:
    return PSObject(("Deserialized.Microsoft.Exchange.Data.ByteQuantifiedSize",), to_string=text)


def limit_object(unlimited: Value, value: Value = None, text: str | None = None) -> PSObject:
    type_name = "Deserialized.Microsoft.Exchange.Data.Unlimited`1[[Microsoft.Exchange.Data.ByteQuantifiedSize]]"
    props: dict[str, Value] = {"IsUnlimited": unlimited}
    if value is not None:
        props["Value"] = value
    return PSObject((type_name,), to_string=text, props=props)


@given(BYTES)
def test_a_size_survives_its_own_text(number: int) -> None:
    size = ByteQuantifiedSize(number)
    assert ByteQuantifiedSize.parse(str(size)) == size
    assert ByteQuantifiedSize.parse(size_object(str(size))) == size


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B (0 bytes)"),
        (1, "1 B (1 bytes)"),
        (1023, "1023 B (1,023 bytes)"),
        (1024, "1 KB (1,024 bytes)"),
        (1088, "1.063 KB (1,088 bytes)"),  # 1.0625: half up, as .NET does
        (10245, "10 KB (10,245 bytes)"),
        (1048575, "1024 KB (1,048,575 bytes)"),
        (53150220288, "49.5 GB (53,150,220,288 bytes)"),
        (2**50, "1024 TB (1,125,899,906,842,624 bytes)"),
        (2**64 - 1, "16777216 TB (18,446,744,073,709,551,615 bytes)"),
    ],
)
def test_a_size_is_shown_as_exchange_shows_it(number: int, text: str) -> None:
    assert str(ByteQuantifiedSize(number)) == text


@pytest.mark.parametrize(
    "value",
    [
        106300440576,
        Int64(106300440576),
        UInt64(106300440576),
        106300440576.0,
        "106300440576",
        "99 GB (106,300,440,576 bytes)",
        "99 GB (106.300.440.576 bytes)",
        "99 GB (106\u202f300\u202f440\u202f576 bytes)",
        "101376 MB (106300440576 bytes)",
        size_object("99 GB (106,300,440,576 bytes)"),
        PSObject.wrapping("99 GB (106,300,440,576 bytes)"),
    ],
    ids=repr,
)
def test_a_size_is_read_exactly_in_every_form(value: Value) -> None:
    assert ByteQuantifiedSize.parse(value) == ByteQuantifiedSize(106300440576)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("1.5 GB", "System.String '1.5 GB'"),
        ("99 GB (106,30,440,576 bytes)", "System.String '99 GB (106,30,440,576 bytes)'"),
        ("99 GB (106,300,440,576 bytes) more", "System.String '99 GB (106,300,440,576 bytes) more'"),
        (-1, "System.Int32 '-1'"),
        (2**64, "System.Int32 '18446744073709551616'"),
        (1.5, "System.Double '1.5'"),
        (float("nan"), "System.Double 'nan'"),
        (True, "System.Boolean 'True'"),
        (None, "null '$null'"),
        (size_object("big"), "Microsoft.Exchange.Data.ByteQuantifiedSize 'big'"),
        (PSObject(kind=Kind.LIST, items=["1 B (1 bytes)"]), "a list '{1 B (1 bytes)}'"),
    ],
)
def test_what_is_no_exact_size_is_refused(value: Value, found: str) -> None:
    with pytest.raises(WrongShape) as caught:
        ByteQuantifiedSize.parse(value)
    assert str(caught.value) == f"Found {found}; {SIZE_EXPECTED}"


@given(st.none() | BYTES.map(ByteQuantifiedSize))
def test_a_quota_survives_its_own_text(limit: ByteQuantifiedSize | None) -> None:
    quota = Unlimited(limit)
    assert Unlimited.parse(str(quota), ByteQuantifiedSize.parse) == quota


@pytest.mark.parametrize(
    "value",
    [
        "Unlimited",
        "unlimited",
        limit_object(unlimited=True, text="Unlimited"),
        limit_object(unlimited=True),
        PSObject.wrapping("Unlimited"),
    ],
    ids=repr,
)
def test_no_limit_is_read_in_every_form(value: Value) -> None:
    quota = Unlimited.parse(value, ByteQuantifiedSize.parse)
    assert (quota.is_unlimited, quota.value, str(quota)) == (True, None, "Unlimited")


@pytest.mark.parametrize(
    "value",
    [
        "20 GB (21,474,836,480 bytes)",
        21474836480,
        size_object("20 GB (21,474,836,480 bytes)"),
        limit_object(unlimited=False, value="20 GB (21,474,836,480 bytes)"),
        limit_object(unlimited=False, value=size_object("20 GB (21,474,836,480 bytes)")),
        limit_object(unlimited=False, text="20 GB (21,474,836,480 bytes)"),
    ],
    ids=repr,
)
def test_a_limit_is_read_in_every_form(value: Value) -> None:
    quota = Unlimited.parse(value, ByteQuantifiedSize.parse)
    assert (quota.is_unlimited, quota.value) == (False, ByteQuantifiedSize(21474836480))


def test_a_limit_of_numbers_is_read_as_text_and_as_object() -> None:
    assert Unlimited.parse("500", read_int) == Unlimited(500)
    assert Unlimited.parse(limit_object(unlimited=False, value=500), read_int) == Unlimited(500)


def test_a_limit_of_another_kind_is_refused_with_both_things_it_may_be() -> None:
    with pytest.raises(WrongShape) as caught:
        Unlimited.parse("many", ByteQuantifiedSize.parse)
    assert (
        str(caught.value)
        == f"Found System.String 'many'; {SIZE_EXPECTED.replace('expected ', 'expected ' + repr('Unlimited') + ' or ')}"
    )


def test_a_limit_object_that_does_not_say_what_it_is_is_refused() -> None:
    with pytest.raises(WrongShape, match="or an object that says whether it is"):
        Unlimited.parse(limit_object("perhaps", text="20 GB"), ByteQuantifiedSize.parse)


@given(st.integers(0, 10**18 - 1), BYTES.map(ByteQuantifiedSize))
def test_an_item_count_survives_its_own_text(count: int, size: ByteQuantifiedSize) -> None:
    items = ItemCount(count, size)
    assert ItemCount.parse(str(items)) == items
    assert ItemCount.parse(PSObject(("Deserialized.X",), to_string=str(items))) == items


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("10188", "System.String '10188'"),
        ("10,188 [0 B (0 bytes)]", "System.String '10,188 [0 B (0 bytes)]'"),
        ("5 [many]", "System.String '5 [many]'"),
        ("5 [0 B (0 bytes)] ", "System.String '5 [0 B (0 bytes)] '"),
        (5, "System.Int32 '5'"),
    ],
)
def test_what_is_no_item_count_is_refused(value: Value, found: str) -> None:
    with pytest.raises(WrongShape) as caught:
        ItemCount.parse(value)
    assert str(caught.value) == f"Found {found}; {COUNT_EXPECTED}"
