"""The doctor at servers that speak WS-Man: the simulator's, one that is told to refuse, and the real engine behind a relay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from psbridge.errors import ProfileError
from psbridge.simulator.server.wsman import WsmanServer as Simulated
from tests.contract.carriers import Relay, relay_of
from tests.doctor.looking import FAILED, OK, SKIPPED, WARNING, findings, look, verdicts
from tests.simulator.served import PASSWORD, USER, served
from tests.transports.wsman_server import PASSWORD as SPOILT_PASSWORD
from tests.transports.wsman_server import USER as SPOILT_USER
from tests.transports.wsman_server import WsmanServer, fault, http

MAX_SHELLS = 2150859173
SIMULATED_UNTOLD = {"modules": "skipped", "cmdlets": "warning", "version": "skipped", "connection commands": "skipped"}


@pytest.fixture(autouse=True)
def word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSBRIDGE_TEST_WORD", PASSWORD)
    monkeypatch.setenv("PSBRIDGE_TEST_SPOILT", SPOILT_PASSWORD)
    monkeypatch.setenv("PSBRIDGE_TEST_RELAY", "p")


@pytest.fixture(scope="module")
def simulated() -> Iterator[Simulated]:
    with served() as server:
        yield server


def at(
    server: Simulated, name: str = "onprem", *, more: str = "", way: str = "ntlm", configuration: str = "Microsoft.Exchange"
) -> str:
    return (
        f'[endpoints.{name}]\ntransport = "psrp"\nuri = "{server.uri(name)}"\nauthentication = "{way}"\nusername = "{USER}"\n'
        f'password = {{ secret = "environment:PSBRIDGE_TEST_WORD" }}\nconfiguration = "{configuration}"\n{more}\n'
    )


def test_at_an_exchange_that_is_well_only_what_it_does_not_tell_is_open(simulated: Simulated) -> None:
    seen = look(at(simulated, more="[limits]\nsessions = { onprem = 3 }"), try_sessions=True)
    assert verdicts(seen) == {**SIMULATED_UNTOLD, "throttling policy": "skipped"}
    assert seen["sign-in"].found == f"as {USER}, by ntlm"
    assert seen["language mode"].found == "NoLanguage, as Exchange has it"
    assert seen["sessions at once"].found == "3 at once, as the profile allows"
    assert "the endpoint has no Get-Command" in seen["cmdlets"].found


def test_a_wrong_password_is_told_with_what_to_do(simulated: Simulated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSBRIDGE_TEST_WORD", "n0t-the-w0rd")
    seen = look(at(simulated))
    assert seen["sign-in"].verdict is FAILED
    assert seen["sign-in"].cause == "It lies with the profile or the account."
    assert "Check username, password and authentication" in seen["sign-in"].remedy
    assert "Exchange is sure of Kerberos only" in seen["sign-in"].remedy
    assert seen["cmdlets"].found == "because of: sign-in"
    assert "n0t-the-w0rd" not in str(seen)


def test_a_password_that_one_server_refused_is_sent_to_no_other(simulated: Simulated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSBRIDGE_TEST_WORD", "n0t-the-w0rd")
    both = at(simulated) + at(simulated, "exo").replace(USER, USER.upper())
    seen = {(finding.endpoint, finding.check): finding.seen for finding in findings(both, "onprem", "exo")}
    assert (seen["onprem", "sign-in"].verdict, seen["exo", "sign-in"].verdict) == (FAILED, SKIPPED)
    assert "was refused a moment ago; again may lock the account" in seen["exo", "sign-in"].found
    assert seen["exo", "cmdlets"].found == "because of: sign-in"


def test_another_secret_is_tried_all_the_same(simulated: Simulated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSBRIDGE_TEST_OTHER", "n0t-the-w0rd")
    both = at(simulated).replace("PSBRIDGE_TEST_WORD", "PSBRIDGE_TEST_OTHER") + at(simulated, "exo")
    seen = {(finding.endpoint, finding.check): finding.seen for finding in findings(both, "onprem", "exo")}
    assert (seen["onprem", "sign-in"].verdict, seen["exo", "sign-in"].verdict) == (FAILED, OK)


def test_a_configuration_that_the_server_has_not_is_no_matter_of_the_password(simulated: Simulated) -> None:
    seen = look(at(simulated, configuration="Microsoft.Nosuch"))
    assert seen["sign-in"].verdict is OK
    assert seen["session configuration"].verdict is FAILED
    assert "Microsoft.Nosuch: " in seen["session configuration"].found
    assert "Microsoft.Exchange is at http://server/PowerShell/" in seen["session configuration"].remedy
    assert seen["language mode"].found == "because of: session configuration"


def test_a_wrong_path_is_found_before_anybody_signs_in(simulated: Simulated) -> None:
    text = at(simulated).replace("/onprem/", "/nothing/")
    assert "/nothing/" in text
    seen = look(text)
    assert (seen["ways to sign in"].verdict, seen["sign-in"].verdict) == (FAILED, SKIPPED)
    assert seen["ways to sign in"].found.startswith("HTTP 404")


def test_a_directory_that_takes_no_scripts_cannot_do_with_licences(simulated: Simulated) -> None:
    seen = look(at(simulated, "directory", configuration="Microsoft.PowerShell"), "directory")["language mode"]
    assert (seen.verdict, "constant scripts" in seen.cause) == (FAILED, True)


def test_a_connection_command_that_fails_is_named(simulated: Simulated) -> None:
    seen = look(at(simulated, more='connect = [{ cmdlet = "Connect-Nosuch" }]'))
    assert seen["connection commands"].verdict is FAILED
    assert "the connection command Connect-Nosuch failed" in seen["connection commands"].found
    assert seen["cmdlets"].found == "because of: connection commands"


def test_winrs_is_looked_at_as_well(simulated: Simulated) -> None:
    uri = f"http://127.0.0.1:{simulated.port}/wsman"
    seen = look(
        f'[endpoints.sync]\ntransport = "winrm"\nuri = "{uri}"\nauthentication = "ntlm"\nusername = "{USER}"\n'
        'password = { secret = "environment:PSBRIDGE_TEST_WORD" }\n',
        "sync",
    )
    assert [name for name, one in seen.items() if one.verdict is FAILED] == []
    assert seen["session configuration"].found == "the command shell (WinRS) opened a session"


def test_winrs_with_a_wrong_password(simulated: Simulated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSBRIDGE_TEST_WORD", "n0t-the-w0rd")
    uri = f"http://127.0.0.1:{simulated.port}/wsman"
    seen = look(
        f'[endpoints.sync]\ntransport = "winrm"\nuri = "{uri}"\nauthentication = "ntlm"\nusername = "{USER}"\n'
        'password = { secret = "environment:PSBRIDGE_TEST_WORD" }\n',
        "sync",
    )
    assert seen["sign-in"].verdict is FAILED
    assert "repeated failures may lock the account" in seen["sign-in"].remedy


def refusing(server: WsmanServer, more: str = "") -> str:
    return (
        f'[endpoints.onprem]\ntransport = "psrp"\nuri = "{server.uri}"\nauthentication = "basic"\nusername = "{SPOILT_USER}"\n'
        f'password = {{ secret = "environment:PSBRIDGE_TEST_SPOILT" }}\nopen_timeout = 1\n{more}\n'
    )


def test_a_server_that_has_given_all_its_sessions_is_no_matter_of_the_password() -> None:
    with WsmanServer() as server:
        server.spoil("Create", 1, fault(MAX_SHELLS), forever=True)
        seen = look(refusing(server))
    assert (seen["sign-in"].verdict, seen["session configuration"].verdict) == (OK, FAILED)
    assert seen["session configuration"].cause == "It lies with the load or a quota of the server."
    assert "close other sessions of this account" in seen["session configuration"].remedy


def test_a_limit_above_what_the_server_gives_is_found_by_trying() -> None:
    with WsmanServer() as server:
        server.spoil("Create", 3, fault(MAX_SHELLS), forever=True)
        seen = look(refusing(server, "[limits]\nsessions = { onprem = 4 }"), try_sessions=True)["sessions at once"]
        assert server.counts["Delete"] >= 2  # what was opened is closed again
    assert (seen.verdict, seen.found.startswith("2 of 4: ")) == (FAILED, True)
    assert seen.remedy.startswith("Write sessions = { onprem = 2 } below [limits]")


def test_sessions_that_a_worker_may_need_are_opened_only_when_asked_for() -> None:
    with WsmanServer() as server:
        seen = look(refusing(server, "[limits]\nsessions = { onprem = 4 }"))["sessions at once"]
        assert server.counts["Create"] == 1
    assert (seen.verdict, "psbridge doctor onprem --sessions" in seen.found) == (SKIPPED, True)


def test_an_account_that_may_not_use_the_endpoint_is_told_so() -> None:
    with WsmanServer() as server:
        server.spoil("Create", 1, fault(5))
        seen = look(refusing(server))
    assert (seen["sign-in"].verdict, seen["session configuration"].verdict) == (OK, FAILED)
    assert "RemotePowerShellEnabled" in seen["session configuration"].remedy


def test_a_text_of_the_server_that_repeats_the_password_is_covered() -> None:
    with WsmanServer() as server:
        server.spoil("Create", 1, fault(5, f"{SPOILT_PASSWORD} is refused"))
        seen = look(refusing(server))
    assert "******** is refused" in seen["session configuration"].found
    assert SPOILT_PASSWORD not in str(seen)


def test_a_proxy_that_answers_in_the_servers_place_is_not_taken_for_the_sign_in() -> None:
    with WsmanServer() as server:
        server.spoil("Create", 1, http(502), forever=True)
        seen = look(refusing(server))
    assert seen["sign-in"].verdict is FAILED
    assert seen["sign-in"].cause == "It lies with something between us and the server."


# ---- the real engine as Exchange has it: no language, some cmdlets, a throttling policy

_SESSION = (
    "@{{SchemaVersion='2.0.0.0'; GUID='7a0c6a0e-0c3d-4a6c-8d0e-5a1f3f1c9a11'; SessionType='Default'; LanguageMode='NoLanguage';"
    " ModulesToImport='{modules}'; VisibleCmdlets='Get-Command','Select-Object'; VisibleFunctions='*'}}"
)
_MODULE = """
function Get-Mailbox { }
function Get-User { }
function Set-RemoteMailbox { }
function Get-ThrottlingPolicyAssociation { [CmdletBinding()] param($Identity)
    [PSCustomObject]@{ ThrottlingPolicyId = 'OWN' } }
function Get-ThrottlingPolicy { [CmdletBinding()] param($Identity)
    [PSCustomObject]@{ Name = 'strict'; ThrottlingPolicyScope = 'Regular'; PowerShellMaxConcurrency = '2' }
    if (-not $Identity) {
        [PSCustomObject]@{ Name = 'Global'; ThrottlingPolicyScope = 'SCOPE'; PowerShellMaxConcurrency = '18' } } }
"""


@contextmanager
def exchange_of_the_engine(pwsh: str, folder: Path, *, own: str = "", scope: str = "Global") -> Iterator[str]:
    """The uri of an endpoint with these cmdlets alone; `own`: the account's own policy, `scope`: that of the other one."""
    place = folder / "ExchangeRoles"
    place.mkdir()
    (place / "ExchangeRoles.psm1").write_text(_MODULE.replace("OWN", own).replace("SCOPE", scope), encoding="utf-8")
    session = folder / "exchange.pssc"
    session.write_text(_SESSION.format(modules=place / "ExchangeRoles.psm1"), encoding="utf-8")
    program = folder / "restricted"
    program.write_text(f'#!/bin/sh\nexec "{pwsh}" "$@" -ConfigurationFile "{session}"\n', encoding="utf-8")
    program.chmod(0o755)
    relay = Relay(str(program), {}, relay=relay_of(pwsh))
    try:
        yield relay.uri
    finally:
        relay.close()


def restricted(uri: str) -> str:
    return (
        f'[endpoints.onprem]\ntransport = "psrp"\nuri = "{uri}"\nconfiguration = "Microsoft.PowerShell"\n'
        f'authentication = "basic"\nusername = "user"\npassword = {{ secret = "environment:PSBRIDGE_TEST_RELAY" }}\n'
        "[limits]\nsessions = { onprem = 3 }\n"
    )


@pytest.mark.realps
def test_a_restricted_endpoint_shows_which_roles_are_missing_and_what_its_policy_allows(pwsh: str, tmp_path: Path) -> None:
    with exchange_of_the_engine(pwsh, tmp_path, own="strict") as uri:
        seen = look(restricted(uri), try_sessions=True)
    assert seen["language mode"].found == "NoLanguage"
    assert seen["cmdlets"].found == "2 of 5 are missing: Get-RemoteMailbox, Set-User"
    assert "duplicate-mailbox-remove-license, mobile-phone-set" in seen["cmdlets"].cause
    assert "Get-ManagementRole -Cmdlet Get-RemoteMailbox" in seen["cmdlets"].remedy
    assert seen["throttling policy"].verdict is FAILED
    assert seen["throttling policy"].found == "PowerShellMaxConcurrency is 2"
    assert "sessions = { onprem = 2 }" in seen["throttling policy"].remedy
    assert seen["sessions at once"].verdict in (OK, WARNING)


@pytest.mark.realps
@pytest.mark.parametrize(
    ("scope", "verdict", "says"),
    [
        ("Global", OK, "PowerShellMaxConcurrency is 18, by the policy for everybody, Global; the profile uses 3"),
        ("Regular", WARNING, "it is not told which of 2 policies is the account's"),
    ],
)
def test_an_account_without_a_policy_of_its_own_is_judged_by_the_one_for_everybody(
    pwsh: str, tmp_path: Path, scope: str, verdict: object, says: str
) -> None:
    with exchange_of_the_engine(pwsh, tmp_path, scope=scope) as uri:
        seen = look(restricted(uri))["throttling policy"]
    assert (seen.verdict, seen.found) == (verdict, says)


def test_a_wrong_profile_is_no_finding() -> None:
    with pytest.raises(ProfileError):
        look('[endpoints.onprem]\ntransport = "psrp"\n')
