"""Profiles: what is read, and how every mistake is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from psbridge.endpoints import transport_for
from psbridge.errors import ProfileError
from psbridge.profile import Profile
from psbridge.psobject import SecureString
from psbridge.transports.winrm import WinRmTransport

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
    assert str(caught.value) == f"{path}: there is no profile. Write one with psbridge init, or name another one with --profile."


def test_a_process_without_a_command_and_a_manual_mailbox_endpoint_are_refused(tmp_path: Path) -> None:
    text = '[endpoints.exo]\ntransport = "manual"\n[endpoints.onprem]\ntransport = "process"\n'
    path = written(tmp_path, text)
    with pytest.raises(ProfileError) as caught:
        Profile.load(path)
    assert str(caught.value) == (
        f"{path}: 2 mistakes:\n"
        '  line 2: endpoints.exo.transport: transport "manual" is for the endpoint sync only\n'
        '  line 3: endpoints.onprem: transport "process" needs a command, such as ["pwsh"]'
    )


def test_an_exchange_server_needs_a_line_only(tmp_path: Path) -> None:
    text = '[endpoints.onprem]\ntransport = "psrp"\nserver = "ex01.contoso.com"\n'
    endpoint = Profile.load(written(tmp_path, text)).endpoints["onprem"].wsman(SecureString.of)
    assert (endpoint.uri, endpoint.configuration) == ("http://ex01.contoso.com/PowerShell/", "Microsoft.Exchange")
    assert (endpoint.authentication, endpoint.verify, endpoint.username) == ("kerberos", True, None)


def test_the_keys_of_a_remote_endpoint_reach_it(tmp_path: Path) -> None:
    text = (
        '[endpoints.sync]\ntransport = "psrp"\nserver = "sync01.contoso.com"\nconfiguration = "Microsoft.PowerShell"\n'
        'authentication = "negotiate"\nusername = "jane@contoso.com"\npassword = { secret = "environment:WORD" }\n'
        'verify = "C:/authority.pem"\nspn = "HTTP/mail.contoso.com"\nproxy = "http://proxy:8080"\n'
    )
    asked: list[str] = []

    def fetch(reference: str) -> SecureString:
        asked.append(reference)
        return SecureString.of("Pa55word")

    endpoint = Profile.load(written(tmp_path, text)).endpoints["sync"].wsman(fetch)
    assert endpoint.uri == "http://sync01.contoso.com:5985/wsman"
    assert (endpoint.username, endpoint.verify, endpoint.spn) == (
        "jane@contoso.com",
        Path("C:/authority.pem"),
        "HTTP/mail.contoso.com",
    )
    assert asked == ["environment:WORD"]


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("", 'transport "psrp" needs either a uri, such as "http://ex01.contoso.com/PowerShell/", or a server'),
        ('uri = "http://a/b"\nserver = "c"', 'transport "psrp" needs either a uri'),
        ('uri = "ex01"', "'ex01' is no address such as http://server.contoso.com/PowerShell/"),
        ('uri = "http://u:p@a/PowerShell/"', "is no address such as"),
        (
            'uri = "http://a/PowerShell/"\nauthentication = "basic"\nusername = "u"\npassword = { secret = "environment:W" }',
            'authentication "basic" needs an https uri; over http everything could be read',
        ),
        ('uri = "https://a/b"\nauthentication = "basic"', 'authentication "basic" needs username and password'),
        ('uri = "https://a/b"\nauthentication = "ntlm"\nusername = "u"', 'authentication "ntlm" needs username and password'),
        ('uri = "https://a/b"\nauthentication = "certificate"', "needs certificate and certificate_key"),
        ('uri = "http://a/b"\npassword = { secret = "environment:W" }', "a password without a username is of no use"),
        ('uri = "http://a/b"\nspn = "mail"', "spn 'mail' is no service principal name such as HTTP/mail.contoso.com"),
        (
            'uri = "http://a/b"\ncommand = ["pwsh"]',
            'command: this is no key of transport "psrp"; it belongs to "process" and "winrm"',
        ),
        (
            'uri = "http://a/b"\nauthentication = "digest"',
            "authentication: expected one of kerberos, negotiate, ntlm, basic, credssp, certificate",
        ),
        ('uri = "http://a/b"\npassword = "hunter2"', "password: "),
    ],
)
def test_a_remote_endpoint_that_cannot_work_is_explained(tmp_path: Path, keys: str, problem: str) -> None:
    with pytest.raises(ProfileError) as caught:
        Profile.load(written(tmp_path, f'[endpoints.onprem]\ntransport = "psrp"\n{keys}\n'))
    assert "endpoints.onprem" in str(caught.value)
    assert problem in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_key_of_another_transport_is_refused(tmp_path: Path) -> None:
    text = '[endpoints.exo]\ntransport = "process"\ncommand = ["pwsh"]\nuri = "http://a/b"\nverify = false\n'
    with pytest.raises(ProfileError) as caught:
        Profile.load(written(tmp_path, text))
    assert "line 4: endpoints.exo.uri: this is no key of transport" in str(caught.value)
    assert "line 5: endpoints.exo.verify: this is no key of transport" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [("tenant = ", "line 1: this is no TOML: Invalid value"), ("\udcff", "the profile is no text in UTF-8. Save it as UTF-8")],
)
def test_what_is_no_toml_is_an_error_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "profile.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ProfileError, match=said):
        Profile.load(path)


def test_a_secret_written_into_the_profile_is_no_reference(tmp_path: Path) -> None:
    text = GOOD.replace('{ secret = "environment:WORD" }', '{ password = "hunter2" }')
    with pytest.raises(ProfileError) as caught:
        Profile.load(written(tmp_path, text))
    assert "hunter2" not in str(caught.value)


WINRM = """
[endpoints.sync]
transport = "winrm"
uri = "https://sync.contoso.com:5986/wsman"
authentication = "ntlm"
username = "CONTOSO\\\\jane"
password = { secret = "environment:WORD" }
verify = "ca.pem"
connect = [{ cmdlet = "Import-Module", parameters = { Name = "ADSync" } }]
"""


def test_a_winrm_endpoint_is_read_and_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORD", "Pa55word")
    endpoint = Profile.load(written(tmp_path, WINRM)).endpoints["sync"]
    assert endpoint.uri == "https://sync.contoso.com:5986/wsman"
    assert endpoint.verify == Path("ca.pem")
    transport = transport_for("sync", endpoint)
    assert isinstance(transport, WinRmTransport)
    transport.close()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            WINRM.replace('uri = "https://sync.contoso.com:5986/wsman"', ""),
            "is no address such as http://server.contoso.com:5985/wsman",
        ),
        (WINRM.replace("https://", "ftp://"), "is no address"),
        (WINRM.replace("https://", "https://:hunter2@"), "'sync.contoso.com:5986/wsman' is no address"),
        (WINRM + 'proxy = "http://u:hunter2@proxy:8080"', "the proxy 'proxy:8080' has a user in front of it"),
        (WINRM.replace('password = { secret = "environment:WORD" }', ""), 'authentication "ntlm" needs username and password'),
        (WINRM.replace('"ntlm"', '"negotiate"'), "authentication 'negotiate' is none of kerberos, ntlm, basic, credssp"),
        (WINRM + 'command = ["pwsh", "-s"]', "takes a command of one part"),
        (WINRM.replace('"ADSync"', '{ secret = "environment:WORD" }'), "Import-Module -Name: no secret travels over WinRS"),
        (WINRM.replace('"winrm"', '"process"') + 'command = ["pwsh"]', 'authentication: this is no key of transport "process"'),
    ],
)
def test_a_mistake_in_a_winrm_endpoint_is_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ProfileError) as caught:
        Profile.load(written(tmp_path, text))
    assert "endpoints.sync" in str(caught.value)
    assert problem in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_word_for_no_does_not_switch_verification_off(tmp_path: Path) -> None:
    endpoint = Profile.load(written(tmp_path, WINRM.replace('"ca.pem"', '"no"'))).endpoints["sync"]
    assert endpoint.verify == Path("no")  # a file, which is not there
