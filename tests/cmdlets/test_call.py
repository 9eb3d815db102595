"""Calls: identities that are never empty, never a wildcard; switches; pipelines."""

from __future__ import annotations

from uuid import UUID

import pytest

from psbridge.cmdlets import (
    get_mailbox,
    get_mailbox_exchange_guid,
    get_msol_user,
    get_msol_user_by_id,
    new_mailbox_restore_request,
    remove_msol_user,
)
from psbridge.errors import IdentityError

GUID = UUID("fa38094d-cbfd-46b7-82f6-8a3022e39a66")
OTHER = UUID("e683f1ee-4c85-4b99-b4bc-7511572a361d")


@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        ("", "it is empty; Exchange would take that for every object"),
        (" \t", "it is empty; Exchange would take that for every object"),
        ("test*", "it has a wildcard; name exactly one object"),
        ("t?st", "it has a wildcard; name exactly one object"),
        ("[a]", "it has a wildcard; name exactly one object"),
        ("00000000-0000-0000-0000-000000000000", "it is the empty GUID; it names no object"),
        ("a\nb", "it has a control character or half a character"),
        ("a\ud800", "it has a control character or half a character"),
    ],
)
def test_an_identity_that_could_mean_many_is_refused(identity: str, reason: str) -> None:
    with pytest.raises(IdentityError) as caught:
        get_mailbox(identity)
    assert caught.value.reason == reason


def test_the_empty_guid_is_refused_as_a_guid_too() -> None:
    with pytest.raises(IdentityError):
        get_msol_user_by_id(UUID(int=0))


def test_the_documents_lines_come_out() -> None:
    assert str(get_mailbox_exchange_guid("testduplicate")) == (
        "Get-Mailbox -Identity testduplicate | Select-Object -Property ExchangeGuid"
    )
    assert str(get_msol_user("testduplicate@domain.com", return_deleted_users=True)).endswith(" -ReturnDeletedUsers")
    assert str(remove_msol_user("a-b@domain.com", remove_from_recycle_bin=True)).endswith(" -Force -RemoveFromRecycleBin")
    restore = new_mailbox_restore_request(source_mailbox=GUID, target_mailbox=OTHER, name="psb-1")
    assert [*restore.pipeline.commands[0].parameters] == ["SourceMailbox", "TargetMailbox", "AllowLegacyDNMismatch", "Name"]


def test_reads_and_writes_are_told_apart() -> None:
    assert not get_mailbox("a").writes
    assert remove_msol_user("a@domain.com").writes
