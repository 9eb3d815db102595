"""Values of every shape, by the hundred, over the real engine by each carrier: each arrives as exactly what it was."""

from __future__ import annotations

from random import Random

import pytest

from psbridge.command import Pipeline, canonical
from psbridge.psobject import Kind, PSObject, Value
from psbridge.transports.base import Transport
from tests import hostile_text
from tests.transports.far_end import output

pytestmark = pytest.mark.realps

SURROGATES = ("\ud83d", "\ude00\ud83d", "a\udfff", "\x00", "\x01\x1f", "\ufffe\uffff", "_x0041_", "_xD83D_")


@pytest.mark.parametrize("seed", range(3))
def test_a_hundred_values_arrive_unchanged(transport: Transport, seed: int) -> None:
    random = Random(seed)
    sent = [hostile_text.value(random) for _ in range(100)]
    _, back = output(transport.run(Pipeline.of("Get-Argument", Value=sent)))
    assert isinstance(back, PSObject)
    assert back.items is not None
    for value, came in zip(sent, back.items, strict=True):
        assert canonical(plain(came)) == canonical(value)


@pytest.mark.parametrize("text", SURROGATES)
def test_a_text_that_utf_8_does_not_know_arrives_unchanged(transport: Transport, text: str) -> None:
    assert output(transport.run(Pipeline.of("Get-Argument", Value=text))) == ["System.String", text]


def plain(value: Value) -> object:
    """Lists and dictionaries as Python has them, and what an object wraps."""
    if not isinstance(value, PSObject):
        return value
    if value.kind is Kind.DICT:
        return {key: plain(item) for key, item in value.entries or []}
    if value.items is not None:
        return [plain(item) for item in value.items]
    return value.base
