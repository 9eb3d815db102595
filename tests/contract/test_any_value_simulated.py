"""Any value, over every protocol that the simulator serves: its cmdlets are given exactly what was sent."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from psbridge.command import Command, Pipeline
from psbridge.errors import TransportError
from psbridge.psobject import DateTime, SecureString
from psbridge.transports.base import Transport
from psbridge.transports.process import ProcessTransport
from psbridge.transports.winrm import WinRmTransport
from psbridge.transports.winrm_endpoint import WinRmEndpoint
from tests.contract.echo import echo, said
from tests.simulator.served import PASSWORD, USER, served, transport
from tests.transports.far_end import output
from tests.transports.witness import any_values

MEGABYTE = "'\u2018\u2019\u201a\u201b\"$(exit)`\r\n\U0001f600" * 70_000


@pytest.fixture(scope="module", params=["process", "psrp", "winrm"])
def far(request: pytest.FixtureRequest) -> Iterator[Transport]:
    """A transport to an endpoint that says what it is given."""
    if request.param == "process":
        with ProcessTransport([sys.executable, "-m", "tests.contract.echo"], deadline=30.0) as by_process:
            yield by_process
        return
    with served(session=lambda _: echo) as server:
        where = WinRmEndpoint(server.uri("exo", "wsman"), "ntlm", USER, SecureString.of(PASSWORD))
        made = transport(server, "exo", "ntlm") if request.param == "psrp" else WinRmTransport(where, deadline=30.0)
        with made:
            yield made


def travels(value: object) -> bool:
    """psrpcore reads with an XML parser that refuses U+FFFE and U+FFFF, however they are written."""
    return "\ufffe" not in str(value) and "\uffff" not in str(value) and "\\ufffe" not in repr(value)


def test_any_value_arrives_unchanged(far: Transport) -> None:
    values = [value for value in any_values(150) if travels(value)]
    assert len(values) > 100
    pipeline = Pipeline(tuple(Command("Get-Argument", {"Value": value}) for value in values))
    for value, came in zip(values, output(far.run(pipeline)), strict=True):
        assert came == said(value), value


def test_a_megabyte_and_the_seventh_digit_of_a_second_arrive_unchanged(far: Transport) -> None:
    (text,) = output(far.run(Pipeline.of("Get-Argument", Value=MEGABYTE)))
    assert text == said(MEGABYTE)
    (moment,) = output(far.run(Pipeline.of("Get-Argument", Value=DateTime(638_000_000_000_000_001))))
    assert moment == '["moment", "2022-09-28T22:13:20.0000001"]'


def test_a_text_that_cannot_be_read_there_fails_and_costs_nothing_else(far: Transport) -> None:
    with pytest.raises(TransportError):
        far.run(Pipeline.of("Get-Argument", Value="\ufffe"))
    assert output(far.run(Pipeline.of("Get-Argument", Value="after"))) == [said("after")]
