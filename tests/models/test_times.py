"""Durations and times, in every form that Exchange sends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psbridge.models import EnhancedTimeSpan, WrongShape
from psbridge.models.values import read_moment
from psbridge.psobject import DateTime, DateTimeKind, Int64, PSObject, TimeSpan, Value

TICKS = st.integers(-(2**63), 2**63 - 1)
LAST_TICK = 3_155_378_975_999_999_999  # DateTime.MaxValue
DURATION_EXPECTED = "expected a duration: '[d.]hh:mm:ss[.fffffff]', 'PT1H1M30S', or a number of ticks"
MOMENT_EXPECTED = "expected a time: a DateTime, or 'yyyy-mm-ddThh:mm:ss[.fffffff]' with 'Z', an offset or no zone"


def span_object(text: str | None, ticks: int | None = None) -> PSObject:
    props: dict[str, Value] = {"Days": 0} if ticks is None else {"Days": 0, "Ticks": Int64(ticks)}
    return PSObject(("Deserialized.Microsoft.Exchange.Data.EnhancedTimeSpan",), to_string=text, props=props)


@given(TICKS)
def test_a_duration_survives_its_own_text(ticks: int) -> None:
    duration = EnhancedTimeSpan(ticks)
    assert EnhancedTimeSpan.parse(str(duration)) == duration
    assert EnhancedTimeSpan.parse(span_object(str(duration))) == duration
    assert EnhancedTimeSpan.parse(span_object(None, ticks)) == duration


@pytest.mark.parametrize(
    "value",
    [
        "01:01:30.1987283",
        "PT1H1M30.1987283S",
        "PT3690.1987283S",
        "PT61M30.19872839S",  # PowerShell cuts the eighth digit
        "P0DT1H1M30.1987283S",
        36901987283,
        Int64(36901987283),
        TimeSpan(36901987283),
        span_object("01:01:30.1987283", 36901987283),
        span_object("01:01:30.1987283"),
        PSObject.wrapping(TimeSpan(36901987283)),
    ],
    ids=repr,
)
def test_a_duration_keeps_its_100_nanoseconds_in_every_form(value: Value) -> None:
    duration = EnhancedTimeSpan.parse(value)
    assert (duration.ticks, str(duration), duration.total_seconds) == (36901987283, "01:01:30.1987283", 3690.1987283)


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        ("-00:00:01", -10_000_000),
        ("-1.00:00:00", -864_000_000_000),
        ("10675199.02:48:05.4775807", 2**63 - 1),
        ("P10675199DT2H48M5.4775807S", 2**63 - 1),
        ("-PT1S", -10_000_000),
        ("7:05:00", 255_000_000_000),
        ("00:00:00.5", 5_000_000),
    ],
)
def test_a_duration_may_be_negative_and_long(text: str, ticks: int) -> None:
    assert EnhancedTimeSpan.parse(text).ticks == ticks


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("24:00:00", "System.String '24:00:00'"),
        ("00:60:00", "System.String '00:60:00'"),
        ("5", "System.String '5'"),
        ("1:2:3", "System.String '1:2:3'"),
        ("PT", "System.String 'PT'"),
        ("P1DT", "System.String 'P1DT'"),
        ("P1Y", "System.String 'P1Y'"),
        ("Unlimited", "System.String 'Unlimited'"),
        ("10675199.02:48:05.4775808", "System.String '10675199.02:48:05.4775808'"),
        (2**63, "System.Int32 '9223372036854775808'"),
        (1.5, "System.Double '1.5'"),
        (False, "System.Boolean 'False'"),
        (span_object("soon"), "Microsoft.Exchange.Data.EnhancedTimeSpan 'soon'"),
    ],
)
def test_what_is_no_duration_is_refused(value: Value, found: str) -> None:
    with pytest.raises(WrongShape) as caught:
        EnhancedTimeSpan.parse(value)
    assert str(caught.value) == f"Found {found}; {DURATION_EXPECTED}"


@given(
    st.builds(
        DateTime,
        st.integers(0, LAST_TICK),
        st.just(DateTimeKind.UTC) | st.just(DateTimeKind.UNSPECIFIED),
    )
    | st.builds(DateTime, st.integers(0, LAST_TICK), st.just(DateTimeKind.LOCAL), st.integers(-14 * 60, 14 * 60))
)
def test_a_time_survives_its_own_text_with_its_zone(moment: DateTime) -> None:
    assert read_moment(str(moment)) == moment
    assert read_moment(moment) == moment
    assert read_moment(PSObject.wrapping(moment, ms={"DisplayHint": "Date"})) == moment


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("7/3/2018 3:14:56 PM", "System.String '7/3/2018 3:14:56 PM'"),
        ("2018-02-30T00:00:00", "System.String '2018-02-30T00:00:00'"),
        ("2018-07-03T24:00:00", "System.String '2018-07-03T24:00:00'"),
        ("0000-01-01T00:00:00", "System.String '0000-01-01T00:00:00'"),
        ("2018-07-03T15:14:56+24:00", "System.String '2018-07-03T15:14:56+24:00'"),
        ("2018-07-03", "System.String '2018-07-03'"),
        (636662276960000000, "System.Int32 '636662276960000000'"),
    ],
)
def test_what_is_no_certain_time_is_refused(value: Value, found: str) -> None:
    with pytest.raises(WrongShape) as caught:
        read_moment(value)
    assert str(caught.value) == f"Found {found}; {MOMENT_EXPECTED}"
