"""Which content a tenant still has: a merge counts where all of it arrived in a mailbox that is there."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from psbridge.simulator.rules.deletion import remove_recipient
from psbridge.simulator.state import Ending, RestoreRequest
from tests.playbooks.contents import contents_of
from tests.playbooks.far_ends import Simulated
from tests.playbooks.option_zero import CAPTURED
from tests.playbooks.playing import play
from tests.playbooks.scenarios.duplicate_mailbox_delete_account import COMPLETE

NOBODY = UUID("5b000000-0000-4000-8000-0000000000fe")


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """The documents' user after OPTION #0; somebody has removed the soft-deleted mailbox since."""
    far = Simulated(COMPLETE)
    before = contents_of(far.state())
    play(COMPLETE, far, tmp_path_factory.mktemp("journal"))
    assert contents_of(far.state()) == before
    (source,) = [one for one in far.state().cloud if one.soft_deleted is not None]
    remove_recipient(far.rehearsal.organisation._world, source)
    assert CAPTURED in contents_of(far.state()) == before
    return far


def with_warning(request: RestoreRequest) -> None:
    request.status = "CompletedWithWarning"


def with_items_left(request: RestoreRequest) -> None:
    request.outcome = Ending("Completed", bad_items=3)


def of_one_folder(request: RestoreRequest) -> None:
    request.source_root_folder = "Inbox"


def of_the_archive(request: RestoreRequest) -> None:
    request.source_is_archive = True


def into_nobody(request: RestoreRequest) -> None:
    request.target_exchange_guid = NOBODY


@pytest.mark.parametrize("spoil", [with_warning, with_items_left, of_one_folder, of_the_archive, into_nobody])
def test_what_is_not_merged_as_a_whole_is_lost_with_its_mailbox(
    spoil: Callable[[RestoreRequest], None], merged: Simulated
) -> None:
    state = merged.state()
    before, (request,) = contents_of(state), state.restore_requests
    kept = {name: getattr(request, name) for name in RestoreRequest.__slots__}
    spoil(request)
    try:
        assert before - contents_of(state) == {CAPTURED}
    finally:
        for name, value in kept.items():
            setattr(request, name, value)
