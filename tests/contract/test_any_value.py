"""Values of every shape, by the hundred, over the real engine by each carrier: each arrives as exactly what it was."""

from __future__ import annotations

from random import Random

import pytest

from psbridge.command import Pipeline, canonical
from psbridge.psobject import Kind, PSObject, Value
from psbridge.transports.base import Transport
from tests import hostile_text
from tests.contract.limits import Need, needs
from tests.transports.far_end import output
from tests.transports.witness import any_values, written_down

pytestmark = pytest.mark.realps

SURROGATES = ["\ud83d", "\ude00\ud83d", "a\udfff", "\x00", "\x01\x1f", "_x0041_", "_xD83D_"]


@pytest.fixture
def values() -> list[object]:
    """The same for both runs of a replay."""
    return any_values(150)


@needs(Need.PROMPT)
def test_any_value_is_seen_by_the_cmdlet_as_what_it_was(transport: Transport, values: list[object]) -> None:
    for value in values:
        assert output(transport.run(Pipeline.of("Get-Witness", Value=value))) == [written_down(value)], value


@pytest.mark.parametrize("seed", range(3))
def test_a_hundred_values_arrive_and_come_back_unchanged(transport: Transport, seed: int) -> None:
    random = Random(seed)
    sent = [hostile_text.value(random) for _ in range(100)]
    for value, came in zip(sent, there_and_back(transport, sent), strict=True):
        assert canonical(came) == canonical(value)


def test_a_text_that_utf_8_does_not_know_arrives_unchanged(transport: Transport) -> None:
    assert there_and_back(transport, SURROGATES) == SURROGATES


@needs(Need.NONCHARACTERS)
def test_a_text_that_xml_does_not_know_arrives_unchanged(transport: Transport) -> None:
    assert there_and_back(transport, ["\ufffe\uffff"]) == ["\ufffe\uffff"]


def test_a_text_of_a_megabyte_arrives_unchanged(transport: Transport) -> None:
    text = "'\u2018\u2019\u201a\u201b\"$(exit)`\r\n\U0001f600" * 70_000
    assert output(transport.run(Pipeline.of("Get-Witness", Value=text))) == [written_down(text)]


def there_and_back(transport: Transport, sent: list[object] | list[str]) -> list[object]:
    """What comes back of a list that is sent in one call."""
    _, back = output(transport.run(Pipeline.of("Get-Argument", Value=sent)))
    assert isinstance(back, PSObject)
    assert back.items is not None
    return [plain(came) for came in back.items]


def plain(value: Value) -> object:
    """Lists and dictionaries as Python has them, and what an object wraps."""
    if not isinstance(value, PSObject):
        return value
    if value.kind is Kind.DICT:
        return {key: plain(item) for key, item in value.entries or []}
    if value.items is not None:
        return [plain(item) for item in value.items]
    return value.base
