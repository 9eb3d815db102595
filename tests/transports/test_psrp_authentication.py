"""How the psrp transport signs in. Kerberos, CredSSP and certificates need a domain: here only what pypsrp is given is seen."""

from __future__ import annotations

import datetime as dt
import gc
import logging
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pypsrp.negotiate import HTTPNegotiateAuth

from psbridge.command import Pipeline
from psbridge.errors import AuthenticationFailed, EndpointRefused, InputError, StartError
from psbridge.psobject import SecureString
from psbridge.transports.faults import judge, read
from psbridge.transports.psrp import PsrpTransport
from psbridge.transports.wsman import WsmanEndpoint
from psbridge.transports.wsman_connection import connect, options
from tests.transports.far_end import output
from tests.transports.wsman_server import PASSWORD, USER, WsmanServer

CALL = Pipeline.of("Get-Thing", Text="x" * 1_000_000)
SECRET = SecureString.of(PASSWORD)
ACCOUNT = f"CONTOSO\\{USER}"


@pytest.fixture
def ntlm_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that the server's side of NTLM takes its accounts from."""
    path = tmp_path / "accounts"
    path.write_text(f"CONTOSO:{USER}:{PASSWORD}\n", encoding="utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(path))


@pytest.mark.usefixtures("ntlm_accounts")
@pytest.mark.parametrize("authentication", ["ntlm", "negotiate"])
def test_a_call_over_http_is_sealed(authentication: Any) -> None:
    with WsmanServer(ntlm=True) as server:
        endpoint = WsmanEndpoint(server.uri, authentication=authentication, username=ACCOUNT, password=SECRET)
        with PsrpTransport(endpoint, deadline=10.0) as transport:
            for _ in range(3):
                assert output(transport.run(CALL)) == ["done"]
        assert server.connections == 1
        assert server.sealed == len(server.asked)
        assert server.counts["Send"] == 3 * 2  # a million characters are three packets; the first goes with the Command


@pytest.mark.usefixtures("ntlm_accounts")
def test_a_stop_over_a_sealed_connection_uses_another_one() -> None:
    with WsmanServer(ntlm=True) as server:
        server.answer = lambda session, command: session.output(command)
        endpoint = WsmanEndpoint(server.uri, authentication="ntlm", username=ACCOUNT, password=SECRET)
        with PsrpTransport(endpoint, stop_grace=5.0) as transport:
            with pytest.raises(Exception, match="it was stopped"):
                transport.run(CALL, deadline=0.5)
            server.answer = lambda session, command: session.complete(command)
            assert output(transport.run(CALL)) == ["done"]
        assert server.counts["Create"] == 1
        assert server.connections == 2


@pytest.mark.usefixtures("ntlm_accounts")
@pytest.mark.parametrize(("ntlm", "authentication"), [(True, "ntlm"), (True, "negotiate"), (False, "basic")])
def test_a_wrong_password_is_told_once_and_not_tried_again(ntlm: bool, authentication: Any) -> None:
    with WsmanServer(ntlm=ntlm) as server:
        wrong = SecureString.of("no" + PASSWORD)
        endpoint = WsmanEndpoint(server.uri, authentication=authentication, username=ACCOUNT, password=wrong)
        with pytest.raises(AuthenticationFailed) as failed:
            PsrpTransport(endpoint, endpoint="onprem").open()
        assert PASSWORD not in str(failed.value)
        assert server.tokens <= 2
        assert server.asked == []


@pytest.mark.usefixtures("ntlm_accounts")
def test_a_connection_that_was_idle_is_replaced_and_sealed_anew_in_the_same_session() -> None:
    with WsmanServer(ntlm=True) as server:
        endpoint = WsmanEndpoint(server.uri, authentication="ntlm", username=ACCOUNT, password=SECRET)
        with PsrpTransport(endpoint, connection_idle=0.2) as transport:
            assert output(transport.run(CALL)) == ["done"]
            time.sleep(0.4)
            assert output(transport.run(CALL)) == ["done"]
        assert (server.counts["Create"], server.connections) == (1, 2)
        assert server.sealed == len(server.asked)


# pypsrp leaves the connection on which it could not sign in to the garbage collector, which says so.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("ntlm_accounts")
def test_kerberos_without_a_realm_signs_in_nowhere_and_sends_nothing() -> None:
    with WsmanServer(ntlm=True) as server:
        with pytest.raises(StartError) as failed:
            PsrpTransport(WsmanEndpoint(server.uri)).open()
        assert type(failed.value) in (AuthenticationFailed, EndpointRefused)
        assert server.asked == []
        del failed
        gc.collect()


def test_a_server_that_takes_none_of_our_ways_is_told() -> None:
    with WsmanServer() as server:
        endpoint = WsmanEndpoint(server.uri, authentication="ntlm", username=ACCOUNT, password=SECRET)
        with pytest.raises(AuthenticationFailed, match="Basic realm"):
            PsrpTransport(endpoint).open()


def test_credssp_that_is_not_installed_says_how_to_install_it() -> None:
    try:
        import requests_credssp  # type: ignore[import-not-found]  # noqa: F401 - whether it is there
    except ImportError:
        with WsmanServer() as server:
            endpoint = WsmanEndpoint(server.uri, authentication="credssp", username=ACCOUNT, password=SECRET)
            with pytest.raises(EndpointRefused, match=r'python -m pip install "psbridge\[kerberos\]" or "psbridge\[credssp\]"'):
                PsrpTransport(endpoint).open()
    else:
        pytest.skip("CredSSP is installed here")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for localhost, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    plain = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + plain)
    return path


def test_basic_over_tls_needs_a_certificate_that_is_trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    with WsmanServer(certificate=str(certificate)) as server:
        given: dict[str, Any] = {"authentication": "basic", "username": USER, "password": SECRET}
        with pytest.raises(StartError) as failed:
            PsrpTransport(WsmanEndpoint(server.uri, **given)).open()
        assert type(failed.value) is EndpointRefused
        assert judge(read(failed.value.__cause__ or failed.value)).name == "certificate"
        assert server.asked == []
        missing = certificate.with_name("missing.pem")
        with pytest.raises(EndpointRefused, match=r"a file on this machine cannot be used .*missing\.pem"):
            PsrpTransport(WsmanEndpoint(server.uri, verify=missing, **given)).open()
        with PsrpTransport(WsmanEndpoint(server.uri, verify=certificate, **given)) as transport:
            assert output(transport.run(CALL)) == ["done"]


def given(**more: Any) -> dict[str, Any]:
    return options(WsmanEndpoint(more.pop("uri", "http://ex01.contoso.com/PowerShell/"), **more))


def test_exchange_with_the_ticket_of_whoever_runs_this() -> None:
    assert given() == {
        "server": "ex01.contoso.com",
        "port": 80,
        "ssl": False,
        "path": "PowerShell/",
        "auth": "kerberos",
        "username": None,
        "password": None,
        "cert_validation": True,
        "encryption": "auto",
        "proxy": None,
        "no_proxy": True,
        "operation_timeout": 20,
        "connection_timeout": 15,
        "read_timeout": 30,
        "reconnection_retries": 0,
        "negotiate_service": "HTTP",
        "negotiate_hostname_override": None,
    }


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"uri": "https://mail.contoso.com/PowerShell/?serializationLevel=Full"}, {"port": 443, "ssl": True}),
        ({"uri": "https://mail.contoso.com/PowerShell/?x=Full"}, {"path": "PowerShell/?x=Full"}),
        (
            {"uri": "http://sync:5985/wsman", "configuration": "Microsoft.PowerShell"},
            {"negotiate_service": "host", "port": 5985},
        ),
        ({"spn": "HTTP/mail.contoso.com"}, {"negotiate_service": "HTTP", "negotiate_hostname_override": "mail.contoso.com"}),
        ({"username": "jane@CONTOSO.COM", "password": SECRET}, {"username": "jane@CONTOSO.COM", "password": PASSWORD}),
        ({"authentication": "credssp", "username": "u", "password": SECRET}, {"auth": "credssp", "encryption": "auto"}),
        ({"proxy": "http://proxy:8080"}, {"proxy": "http://proxy:8080", "no_proxy": False}),
        ({"verify": False}, {"cert_validation": False}),
        (
            {
                "uri": "https://sync01:5986/wsman",
                "authentication": "certificate",
                "certificate": Path("c.pem"),
                "certificate_key": Path("k.pem"),
                "certificate_key_password": SECRET,
            },
            {"certificate_pem": "c.pem", "certificate_key_pem": "k.pem", "certificate_key_password": PASSWORD, "port": 5986},
        ),
    ],
)
def test_what_pypsrp_is_given(more: dict[str, Any], expected: dict[str, Any]) -> None:
    found = given(**more)
    assert {key: found[key] for key in expected} == expected


def test_kerberos_seals_over_http_and_takes_no_other_way() -> None:
    wsman = connect(WsmanEndpoint("http://ex01.contoso.com/PowerShell/"))
    session: Any = wsman.transport.session
    assert wsman.transport.wrap_required
    assert isinstance(session.auth, HTTPNegotiateAuth)
    assert (session.auth.auth_provider, session.auth.service, session.auth.wrap_required) == ("kerberos", "HTTP", True)
    assert session.verify is not False
    assert not session.trust_env


def test_a_certificate_is_what_tls_shows(certificate: Path) -> None:
    endpoint = WsmanEndpoint(
        "https://sync01:5986/wsman", authentication="certificate", certificate=certificate, certificate_key=certificate
    )
    session: Any = connect(endpoint).transport.session
    assert session.cert == (str(certificate), str(certificate))
    assert session.headers["Authorization"].endswith("/https/mutual")


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"authentication": "basic", "username": "u", "password": SECRET}, "needs an https uri; over http everything"),
        (
            {"authentication": "digest"},
            "authentication 'digest' is none of kerberos, negotiate, ntlm, basic",
        ),
        ({"uri": "ftp://ex01/PowerShell/"}, "'ftp://ex01/PowerShell/' is no address"),
        ({"uri": "http://[::1/PowerShell/"}, "is no address"),
        ({"uri": "http://ex01:99999/PowerShell/"}, "is no address"),
    ],
)
def test_what_cannot_work_is_refused_at_once(more: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        given(**more)


def test_a_password_shows_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    endpoint = WsmanEndpoint("https://a/b", authentication="basic", username=USER, password=SECRET)
    assert PASSWORD not in repr(endpoint)
    with WsmanServer() as server, caplog.at_level(logging.DEBUG):
        endpoint = WsmanEndpoint(server.uri, authentication="basic", username=USER, password=SECRET)
        with PsrpTransport(endpoint) as transport:
            transport.run(Pipeline.of("Get-Thing", Text="a word that nobody shall read"))
    assert [record for record in caplog.records if record.name.startswith("pypsrp")] == []
