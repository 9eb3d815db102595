"""Where profiles lie, and what --profile means."""

from __future__ import annotations

from pathlib import Path

import pytest

from psbridge.errors import ProfileError
from psbridge.profile import (
    Profile,
    default_journal_path,
    default_profile_path,
    named_journal_path,
    named_profile_path,
    profile_files,
    profile_path,
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_bare_name_is_one_of_several_tenants() -> None:
    assert profile_path(Path("fabrikam")) == named_profile_path("fabrikam")
    assert named_profile_path("fabrikam") == default_profile_path().parent / "profiles" / "fabrikam.toml"


@pytest.mark.parametrize("path", ["fabrikam.toml", "./x/fabrikam", "/etc/fabrikam", "x/fabrikam.toml"])
def test_what_has_a_folder_or_the_suffix_is_a_file(path: str) -> None:
    assert profile_path(Path(path)) == Path(path)


def test_a_file_with_a_bare_name_is_taken_where_no_profile_has_it(own_folder: Path) -> None:
    (own_folder / "fabrikam").touch()
    assert profile_path(Path("fabrikam")) == Path("fabrikam")
    named_profile_path("fabrikam").parent.mkdir(parents=True)
    named_profile_path("fabrikam").touch()
    assert profile_path(Path("fabrikam")) == named_profile_path("fabrikam")


def test_profiles_are_found_the_default_one_first() -> None:
    assert profile_files() == []
    for path in (named_profile_path("b"), named_profile_path("a"), default_profile_path()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert profile_files() == [default_profile_path(), named_profile_path("a"), named_profile_path("b")]


def test_a_name_that_is_not_there_tells_which_are() -> None:
    named_profile_path("fabrikam").parent.mkdir(parents=True)
    named_profile_path("fabrikam").touch()
    with pytest.raises(ProfileError) as caught:
        Profile.load(named_profile_path("fabrikan"))
    assert f"There are: {named_profile_path('fabrikam')}." in str(caught.value)


def test_each_tenant_has_a_journal_of_its_own() -> None:
    assert named_journal_path("fabrikam") == default_journal_path().with_name("journal-fabrikam.db")
