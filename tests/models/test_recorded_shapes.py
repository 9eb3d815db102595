"""The models against recordings of the real engine's answers: what a machine without PowerShell can test."""

from __future__ import annotations

import pytest

from psbridge.models import Mailbox, MailboxGuids
from tests.models import engine_shapes


@pytest.mark.parametrize("name", engine_shapes.recorded_names())
def test_a_recording_is_read_by_its_model(name: str) -> None:
    found = engine_shapes.parsed(name, engine_shapes.recorded(name))
    assert found
    assert all(read.model_fields_set > {"raw"} for read in found)


def test_there_is_no_recording_that_no_test_reads() -> None:
    on_disk = {
        path.relative_to(engine_shapes.FIXTURES).with_suffix("").as_posix() for path in engine_shapes.FIXTURES.rglob("*.clixml")
    }
    assert on_disk == set(engine_shapes.recorded_names())


def test_the_selected_guid_is_the_mailbox_s() -> None:
    mailbox = Mailbox.parse(engine_shapes.recorded("Get-Mailbox/exchange-online")[0], "Get-Mailbox")
    selected = MailboxGuids.parse(engine_shapes.recorded("Get-Mailbox/exchange-guid")[0], "Get-Mailbox")
    assert str(selected.exchange_guid) == str(mailbox.exchange_guid) == engine_shapes.SOFT_DELETED
    assert selected.raw.names() == ["ExchangeGuid"]
