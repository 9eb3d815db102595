"""The way to a server: a name without an address, a closed port, certificates of every kind, ways to sign in, clocks."""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path

import pytest

from psbridge.doctor.examination import CHECKS, Check
from psbridge.doctor.finding import Seen
from psbridge.doctor.subject import Subject
from tests.doctor.looking import FAILED, OK, SKIPPED, WARNING, Answer, certificate, findings, look, verdicts, web_server

LATER = ("sign-in", "session configuration", "language mode", "version", "modules", "connection commands", "cmdlets")


# The password is not there, so that nobody signs in at the end of the way.
WHO = 'username = "jane"\npassword = { secret = "environment:PSBRIDGE_NOT_THERE" }'


def at(uri: str, more: str = "", way: str = "kerberos") -> str:
    return f'[endpoints.onprem]\ntransport = "psrp"\nuri = "{uri}"\nauthentication = "{way}"\n{WHO}\n{more}\n'


def test_a_name_without_an_address_is_the_one_failure_and_everything_after_it_is_skipped() -> None:
    seen = look(at("http://ex01.invalid/PowerShell/"))
    assert seen["name resolution"].verdict is FAILED
    assert seen["name resolution"].found == "ex01.invalid has no address"
    assert "DNS" in seen["name resolution"].remedy
    assert all(seen[name].found == "because of: name resolution" for name in ("port", "TLS", "ways to sign in", "clock"))
    assert all(seen[name].verdict is SKIPPED for name in LATER)


def test_a_name_that_is_none_fails_too() -> None:
    assert look(at("http://ex01..contoso.com/PowerShell/"))["name resolution"].verdict is FAILED


def test_kerberos_to_a_bare_address_is_a_warning() -> None:
    with web_server() as port:
        seen = look(at(f"http://127.0.0.1:{port}/PowerShell/"))["name resolution"]
    assert (seen.verdict, seen.remedy) == (WARNING, "Write the server's full name in the profile.")


def test_a_closed_port_says_where_exchange_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    seen = look(at(f"http://localhost:{port}/PowerShell/"))
    assert (seen["port"].verdict, seen["port"].found) == (FAILED, f"localhost:{port}: Connection refused")
    assert "Exchange listens on port 80 (http) or 443 (https), path /PowerShell/." in seen["port"].remedy
    assert all(seen[name].verdict is SKIPPED for name in LATER)


def test_a_server_behind_a_proxy_is_left_to_the_proxy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    seen = look(at("http://ex01.contoso.invalid/PowerShell/", f'proxy = "http://localhost:{port}"'))
    assert "(the proxy; it resolves ex01.contoso.invalid itself)" in seen["name resolution"].found
    assert seen["port"].found == f"localhost:{port}: Connection refused"


@pytest.mark.parametrize(
    ("made", "trusted", "verdict", "cause"),
    [
        ({}, True, OK, ""),
        ({"days": -2}, True, FAILED, "Its certificate has expired."),
        ({"days": 1_500}, True, FAILED, "Its certificate is not valid yet."),
        ({"days": 10}, True, WARNING, "Nobody has renewed it yet."),
        ({"name": "mail.contoso.com"}, True, FAILED, "Its certificate is for another name."),
        ({"authority": False}, False, FAILED, "Its certificate is signed by itself."),
        ({}, False, FAILED, "An authority signed it that is not trusted here."),
    ],
    ids=["good", "expired", "not yet", "soon", "wrong name", "self-signed", "unknown authority"],
)
def test_a_certificate_is_looked_at(tmp_path: Path, made: dict[str, object], trusted: bool, verdict: object, cause: str) -> None:
    server, authority = certificate(tmp_path, **made)  # type: ignore[arg-type]  # its own options
    with web_server(tls=server) as port:
        seen = look(at(f"https://localhost:{port}/PowerShell/", f'verify = "{authority}"' if trusted else ""))
    assert (seen["TLS"].verdict, seen["TLS"].cause) == (verdict, cause)
    assert str(made.get("name", "localhost")) in seen["TLS"].found
    assert bool(seen["TLS"].remedy) is (verdict is not OK)
    assert (seen["ways to sign in"].verdict is SKIPPED) is (verdict is FAILED)


def test_a_certificate_that_nobody_verifies_is_a_warning(tmp_path: Path) -> None:
    server, _ = certificate(tmp_path, days=-2)
    with web_server(tls=server) as port:
        seen = look(at(f"https://localhost:{port}/PowerShell/", "verify = false"))
    assert (seen["TLS"].verdict, seen["TLS"].cause) == (WARNING, "verify is false: whoever answers is believed.")
    assert seen["ways to sign in"].verdict is OK


def test_a_file_of_authorities_that_is_not_there_is_named(tmp_path: Path) -> None:
    server, _ = certificate(tmp_path)
    with web_server(tls=server) as port:
        seen = look(at(f"https://localhost:{port}/PowerShell/", f'verify = "{tmp_path}/none.pem"'))["TLS"]
    assert (seen.verdict, "No such file" in seen.found) == (FAILED, True)


def test_https_at_a_server_of_plain_http_fails() -> None:
    with web_server() as port:
        seen = look(at(f"https://localhost:{port}/PowerShell/"))["TLS"]
    assert (seen.verdict, seen.cause) == (FAILED, "What answers there may speak plain http.")


@pytest.mark.parametrize(
    ("answer", "way", "verdict", "says"),
    [
        (Answer(), "kerberos", OK, "it offers Negotiate, Kerberos"),
        (Answer(schemes=['Basic realm="a, b"', "NTLM"]), "kerberos", FAILED, "it offers Basic, NTLM"),
        (Answer(schemes=['Negotiate, Basic realm="x"']), "kerberos", OK, "it offers Negotiate, Basic"),
        (Answer(404), "kerberos", FAILED, "HTTP 404: the server has no such endpoint"),
        (Answer(302, headers=[("Location", "http://elsewhere/")]), "kerberos", FAILED, "HTTP 302: the server sent us elsewhere"),
        (Answer(503), "kerberos", WARNING, "HTTP 503: the service is not available"),
        (Answer(200, schemes=()), "kerberos", OK, "it lets everybody in"),
    ],
)
def test_what_a_server_offers_is_held_against_the_profile(answer: Answer, way: str, verdict: object, says: str) -> None:
    with web_server(answer) as port:
        seen = look(at(f"http://localhost:{port}/PowerShell/", way=way))["ways to sign in"]
    assert seen.verdict is verdict
    assert says in seen.found
    assert bool(seen.remedy) is (verdict is not OK)


@pytest.mark.parametrize(
    ("away", "verdict", "says"),
    [
        (timedelta(), OK, " s apart"),
        (timedelta(hours=1), FAILED, "minutes ahead"),
        (timedelta(minutes=-10), FAILED, "minutes behind"),
        (timedelta(days=40), FAILED, "39 days ahead"),
    ],
)
def test_a_clock_that_is_wrong_keeps_kerberos_from_signing_in(away: timedelta, verdict: object, says: str) -> None:
    with web_server(Answer(away=away)) as port:
        seen = look(at(f"http://localhost:{port}/PowerShell/"))
    assert seen["clock"].verdict is verdict
    assert says in seen["clock"].found


def test_where_another_way_than_kerberos_is_left_a_wrong_clock_is_a_warning() -> None:
    with web_server(Answer(away=timedelta(hours=1))) as port:
        seen = look(at(f"http://localhost:{port}/PowerShell/", way="negotiate"))
    assert seen["clock"].verdict is WARNING
    assert seen["sign-in"].found == "because of: secrets"


def test_a_server_that_demands_a_certificate_is_shown_it(tmp_path: Path) -> None:
    server, authority = certificate(tmp_path)
    keys = f'certificate = "{server}"\ncertificate_key = "{server}"\nverify = "{authority}"'
    with web_server(Answer(403, schemes=()), tls=server) as port:
        text = f'[endpoints.onprem]\ntransport = "psrp"\nuri = "https://localhost:{port}/PowerShell/"\n'
        seen = look(f'{text}authentication = "certificate"\n{keys}\n')
        without = look(at(f"https://localhost:{port}/PowerShell/", f'verify = "{authority}"'))
    assert (seen["ways to sign in"].verdict, seen["sign-in"].verdict is SKIPPED) == (WARNING, False)
    assert without["ways to sign in"].verdict is FAILED


def test_a_certificate_whose_names_cannot_be_read_is_told(tmp_path: Path) -> None:
    server, authority = certificate(tmp_path, malformed=True)
    with web_server(tls=server) as port:
        seen = look(at(f"https://localhost:{port}/PowerShell/", f'verify = "{authority}"'))["TLS"]
    assert (seen.verdict, "a certificate for names that cannot be read" in seen.found) == (FAILED, True)


def test_a_check_that_breaks_off_is_a_failed_one_and_the_other_endpoints_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Subject) -> Seen:
        raise KeyError("no such thing")

    monkeypatch.setitem(CHECKS, "process", (Check("start", broken), Check("version", broken, ("start",))))
    text = '[endpoints.exo]\ntransport = "process"\ncommand = ["pwsh"]\n[endpoints.sync]\ntransport = "manual"\n'
    start, version, operator = findings(text, "exo", "sync")
    assert (start.seen.verdict, start.seen.found) == (FAILED, "the check itself broke off: KeyError: 'no such thing'")
    assert version.seen.found == "because of: start"
    assert operator.seen.verdict is OK


def test_a_secret_that_is_not_there_is_told_before_anybody_signs_in() -> None:
    with web_server() as port:
        seen = look(at(f"http://localhost:{port}/PowerShell/"))
    assert verdicts(seen) == {"secrets": "failed", **dict.fromkeys((*LATER, "throttling policy", "sessions at once"), "skipped")}
    assert seen["secrets"].found == "the secret 'environment:PSBRIDGE_NOT_THERE' is not there"
    assert seen["secrets"].remedy == "Set the environment variable PSBRIDGE_NOT_THERE for this process."
    assert seen["sign-in"].found == "because of: secrets"
