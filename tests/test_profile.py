"""Profiles: what is read, and how every mistake is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from psbridge.errors import ProfileError
from psbridge.profile import Profile

GOOD = """
tenant = "contoso.onmicrosoft.com"

[endpoints.exo]
transport = "process"
command = ["pwsh"]
environment = { LANG = "C" }

[[endpoints.exo.connect]]
cmdlet = "Connect-ExchangeOnline"
parameters = { Organization = "contoso.onmicrosoft.com", ShowBanner = false, Password = { secret = "environment:WORD" } }

[endpoints.sync]
transport = "manual"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "profile.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_profile_gives_its_endpoints_with_their_connection_commands(tmp_path: Path) -> None:
    profile = Profile.load(written(tmp_path, GOOD))
    assert profile.tenant == "contoso.onmicrosoft.com"
    assert profile.endpoints["exo"].command == ("pwsh",)
    assert profile.endpoints["exo"].connect[0].cmdlet == "Connect-ExchangeOnline"
    assert profile.endpoints["sync"].transport == "manual"


def test_a_profile_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "profile.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert Profile.load(path).tenant == "contoso.onmicrosoft.com"


def test_a_profile_that_is_not_there_says_where_it_was_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    with pytest.raises(ProfileError) as caught:
        Profile.load(path)
    assert str(caught.value) == f"{path}: there is no profile. Write one (the README shows it), or name it with --profile."


def test_every_mistake_is_listed_at_once(tmp_path: Path) -> None:
    text = '[endpoints.exo]\ntransport = "telnet"\ndeadline = 0\n[endpoints.moon]\ntransport = "process"\n'
    with pytest.raises(ProfileError) as caught:
        Profile.load(written(tmp_path, text))
    message = str(caught.value)
    assert "endpoints.exo.transport: Input should be 'process' or 'manual'" in message
    assert "endpoints.exo.deadline: Input should be greater than 0" in message
    assert "endpoints.moon" in message


def test_a_process_without_a_command_and_a_manual_mailbox_endpoint_are_refused(tmp_path: Path) -> None:
    text = '[endpoints.exo]\ntransport = "manual"\n[endpoints.onprem]\ntransport = "process"\n'
    path = written(tmp_path, text)
    with pytest.raises(ProfileError) as caught:
        Profile.load(path)
    assert str(caught.value) == (
        f'{path}: endpoints.exo: transport "manual" is for the endpoint sync only; '
        'endpoints.onprem: transport "process" needs a command, such as ["pwsh"]'
    )


@pytest.mark.parametrize("text", ["tenant = ", "\udcff"])
def test_what_is_no_toml_is_an_error_with_its_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "profile.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ProfileError, match="the profile cannot be read"):
        Profile.load(path)


def test_a_secret_written_into_the_profile_is_no_reference(tmp_path: Path) -> None:
    text = GOOD.replace('{ secret = "environment:WORD" }', '{ password = "hunter2" }')
    with pytest.raises(ProfileError) as caught:
        Profile.load(written(tmp_path, text))
    assert "hunter2" not in str(caught.value)
