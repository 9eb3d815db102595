"""Where a WinRM server is and how we sign in: what is refused, what pywinrm is told; NTLM and TLS over real sockets.

NTLM is tried with an acceptor of its own. Kerberos, CredSSP and certificates cannot be tried here: the options that pywinrm
gets are.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from winrm.protocol import Protocol

from psbridge.command import Pipeline
from psbridge.errors import AuthenticationFailed, EndpointRefused, InputError, ProfileError, StartError
from psbridge.psobject import SecureString
from psbridge.transports.winrm import WinRmTransport
from psbridge.transports.winrm_connection import connect, options
from psbridge.transports.winrm_endpoint import WinRmEndpoint
from tests.transports.far_end import output
from tests.transports.winrm_far_end import at, idle_program, serving
from tests.transports.winrs_server import WinRsServer

HTTP, HTTPS = "http://server.contoso.com:5985/wsman", "https://server.contoso.com:5986/wsman"
WORD = SecureString.of("Pa55word")
ACCOUNT: dict[str, Any] = {"username": "jane@contoso.com", "password": WORD}
FILES: dict[str, Any] = {"certificate": Path("me.pem"), "certificate_key": Path("me.key")}


@pytest.mark.parametrize(
    ("uri", "settings", "told"),
    [
        (HTTP, {}, {"transport": "kerberos", "username": None, "password": None, "server_cert_validation": "validate"}),
        (HTTP, {"username": "jane@CONTOSO.COM"}, {"transport": "kerberos", "username": "jane@CONTOSO.COM"}),
        (HTTP, {"authentication": "ntlm", **ACCOUNT}, {"transport": "ntlm", "password": "Pa55word"}),
        (HTTPS, {"authentication": "basic", **ACCOUNT}, {"transport": "basic", "username": "jane@contoso.com"}),
        (HTTPS, {"authentication": "credssp", **ACCOUNT}, {"transport": "credssp"}),
        (HTTPS, {"authentication": "certificate", **FILES}, {"cert_pem": "me.pem", "cert_key_pem": "me.key"}),
        (HTTPS, {"verify": Path("ca.pem")}, {"server_cert_validation": "validate", "ca_trust_path": "ca.pem"}),
        (HTTPS, {"verify": False}, {"server_cert_validation": "ignore", "ca_trust_path": None}),
        (HTTPS, {"proxy": "http://proxy:8080"}, {"proxy": "http://proxy:8080"}),
    ],
)
def test_pywinrm_is_told_what_the_endpoint_says(uri: str, settings: dict[str, Any], told: dict[str, Any]) -> None:
    given = options(WinRmEndpoint(uri, **settings))
    assert given["endpoint"] == uri
    assert {name: given[name] for name in told} == told
    assert given["read_timeout_sec"] > given["operation_timeout_sec"]
    assert given["proxy"] == settings.get("proxy")


@pytest.mark.parametrize(
    ("uri", "settings", "encrypts"),
    [
        (HTTP, {}, True),
        (HTTPS, {}, False),
        (HTTP, {"authentication": "ntlm", **ACCOUNT}, True),
        (HTTPS, {"authentication": "ntlm", **ACCOUNT}, False),
        (HTTP, {"authentication": "credssp", **ACCOUNT}, True),
        (HTTPS, {"authentication": "basic", **ACCOUNT}, False),
        (HTTPS, {"authentication": "certificate", **FILES}, False),
    ],
)
def test_over_http_the_messages_themselves_are_encrypted(uri: str, settings: dict[str, Any], encrypts: bool) -> None:
    assert WinRmEndpoint(uri, **settings).encrypts is encrypts


@pytest.mark.parametrize(
    ("uri", "settings", "problem"),
    [
        ("server.contoso.com", {}, "is no address such as http://server.contoso.com:5985/wsman"),
        ("ftp://server/wsman", {}, "is no address"),
        ("http://jane:Pa55word@server/wsman", {}, "is no address"),
        ("http://server:99999/wsman", {}, "is no address"),
        (HTTP, {"authentication": "digest"}, "authentication 'digest' is none of kerberos, ntlm, basic, credssp, certificate"),
        (HTTP, {"authentication": "basic", **ACCOUNT}, 'authentication "basic" needs an https uri'),
        (HTTP, {"authentication": "certificate", **FILES}, 'authentication "certificate" needs an https uri'),
        (HTTPS, {"authentication": "basic", "username": "jane"}, 'authentication "basic" needs username and password'),
        (HTTPS, {"authentication": "ntlm", "password": WORD}, 'authentication "ntlm" needs username and password'),
        (HTTPS, ACCOUNT, 'authentication "kerberos" takes the ticket of whoever runs this'),
        (HTTPS, {"authentication": "certificate"}, 'authentication "certificate" needs certificate and certificate_key'),
    ],
)
def test_what_cannot_work_is_refused(uri: str, settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError) as refused:
        WinRmEndpoint(uri, **settings)
    assert problem in str(refused.value)
    assert "Pa55word" not in str(refused.value).replace(uri, "")


def test_basic_may_be_tried_on_this_machine_without_tls() -> None:
    for host in ("127.0.0.1", "localhost", "[::1]"):
        WinRmEndpoint(f"http://{host}:5985/wsman", "basic", "user", WORD)


def test_no_secret_shows_in_the_endpoint() -> None:
    assert "Pa55word" not in repr(WinRmEndpoint(HTTPS, "basic", "user", WORD))


def test_a_connection_takes_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.fabrikam.com:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    connection = connect(WinRmEndpoint(HTTPS, "basic", "user", WORD))
    session = connection.transport.session
    assert isinstance(connection, Protocol)
    assert session is not None
    assert (session.trust_env, session.verify) == (False, True)
    assert "proxy.fabrikam.com" not in str(session.proxies)


def test_a_way_to_sign_in_that_is_not_installed_says_how() -> None:
    with pytest.raises(ProfileError) as missing:
        connect(WinRmEndpoint(HTTPS, "credssp", "user", WORD), "sync")
    assert str(missing.value).startswith("endpoints.sync: ")
    assert str(missing.value).endswith("Install it with: python -m pip install pywinrm[credssp]")


def test_a_certificate_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ProfileError, match=r"endpoints\.sync: cert_pem file not found \(me\.pem\)"):
        connect(WinRmEndpoint(HTTPS, "certificate", **FILES), "sync")


@pytest.fixture
def trusted(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path / "server.pem"
    path.write_bytes(key.private_bytes(*form) + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def opened(server: WinRsServer, **settings: object) -> list[str]:
    transport = WinRmTransport(at(server, **settings), endpoint="sync")
    transport.open()
    transport.close()
    return server.actions


def test_a_server_that_is_not_trusted_gets_nothing_unless_it_is_asked_for(tmp_path: Path, trusted: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted)
    with serving(idle_program(tmp_path), tls=context) as server:
        with pytest.raises(EndpointRefused) as refused:
            opened(server)
        assert "TLS failed" in refused.value.problem
        assert server.actions == []
        assert opened(server, verify=trusted) == ["Create", "Delete"]
        assert opened(server, verify=False) == ["Create", "Delete"] * 2


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """An account that the acceptor of NTLM knows."""
    path = tmp_path / "accounts"
    path.write_text("CONTOSO:jane:Pa55word", encoding="utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(path))
    return {"authentication": "ntlm", "username": "CONTOSO\\jane", "password": WORD}


@pytest.mark.realps
def test_ntlm_signs_in_and_every_message_is_encrypted(pwsh: str, account: dict[str, Any]) -> None:
    text = "\u2019\U0001f600" * 30_000
    with serving(pwsh, ntlm=True) as server:
        transport = WinRmTransport(at(server, **account), deadline=60.0)
        assert output(transport.run(Pipeline.of("Write-Output", InputObject=text))) == [text]
        transport.close()
        assert (server.shells, server.commands) == ({}, {})


def test_a_wrong_password_is_refused_by_ntlm_once(tmp_path: Path, account: dict[str, Any]) -> None:
    wrong = {**account, "password": SecureString.of("wrong")}
    with serving(idle_program(tmp_path), ntlm=True) as server, pytest.raises(AuthenticationFailed) as refused:
        opened(server, **wrong)
    assert "wrong" not in str(refused.value)


@pytest.mark.parametrize("idle_seconds", [0.0, 60.0])
def test_an_idle_connection_with_encryption_is_made_anew(tmp_path: Path, account: dict[str, Any], idle_seconds: float) -> None:
    script = "echo 'no PowerShell' >&2; exit 1"
    with serving(idle_program(tmp_path, script), ntlm=True) as server:
        transport = WinRmTransport(at(server, **account), idle_seconds=idle_seconds)
        transport.open()
        signed_in = server.signed_in
        for _ in range(2):
            with pytest.raises(StartError, match="no PowerShell"):
                transport.run(Pipeline.of("Get-Many", Count=1))
        transport.close()
        assert server.signed_in - signed_in == (2 if idle_seconds == 0.0 else 0)
