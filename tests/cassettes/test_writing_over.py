"""A cassette never takes the place of another one, whichever way its path leads and whenever the other one came."""

from __future__ import annotations

from pathlib import Path

import pytest

from psbridge.cassettes.interaction import Header
from psbridge.cassettes.writing import Writer
from psbridge.errors import CassetteError


def test_a_path_through_a_folder_that_is_not_there_yet_leads_to_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "kept.cassette").write_text("kept")
    with pytest.raises(CassetteError, match="there is a cassette of this name"):
        Writer(tmp_path / "new" / ".." / "kept.cassette", Header("now", "0"))
    assert (tmp_path / "kept.cassette").read_text() == "kept"


def test_one_that_came_meanwhile_is_kept_and_so_is_what_was_recorded(tmp_path: Path) -> None:
    path = tmp_path / "it.cassette"
    with Writer(path, Header("now", "0")) as writer:
        path.write_text("kept")
        with pytest.raises(CassetteError, match=r"What was recorded is in .*it\.cassette\.partial"):
            writer.finish()
    assert path.read_text() == "kept"
    assert writer.partial.read_text().startswith("psbridge cassette ")
