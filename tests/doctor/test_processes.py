"""The doctor at PowerShells on this machine: the real engine with modules that stand in for Microsoft's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.doctor.looking import FAILED, OK, SKIPPED, WARNING, findings, look, verdicts

CONNECTED = "[PSCustomObject]@{ Organization = 'contoso.onmicrosoft.com'; State = 'Connected'; TokenStatus = 'Active' }"
MODULE = """
function Connect-ExchangeOnline {{ [CmdletBinding()] param($Organization, $CertificatePassword) {connect} }}
function Get-ConnectionInformation {{ {connections} }}
"""
MANIFEST = """@{{ ModuleVersion = '{version}'; RootModule = 'ExchangeOnlineManagement.psm1'; FunctionsToExport = '*'
    GUID = '7a0c6a0e-0c3d-4a6c-8d0e-5a1f3f1c9a12' }}"""
CONNECT = 'connect = [{ cmdlet = "Connect-ExchangeOnline", parameters = { Organization = "contoso.onmicrosoft.com" } }]'


def module(folder: Path, *, version: str = "3.10.1", connect: str = "", connections: str = CONNECTED) -> Path:
    """A module of that name on the disk; gives the folder for PSModulePath."""
    place = folder / "ExchangeOnlineManagement"
    place.mkdir()
    (place / "ExchangeOnlineManagement.psm1").write_text(
        MODULE.format(connect=connect, connections=connections), encoding="utf-8"
    )
    (place / "ExchangeOnlineManagement.psd1").write_text(MANIFEST.format(version=version), encoding="utf-8")
    return folder


def exo(pwsh: str, modules: Path, more: str = CONNECT) -> str:
    at = json.dumps({"PSModulePath": f"{modules}:{Path(pwsh).resolve().parent / 'Modules'}", "REALPS_ENDPOINT": "exo"})
    environment = at.replace('":', '" =')
    return f'[endpoints.exo]\ntransport = "process"\ncommand = ["{pwsh}"]\nenvironment = {environment}\n{more}\n'


@pytest.mark.tenant
def test_an_exchange_online_that_is_connected_is_well(exchange_like: str, tmp_path: Path) -> None:
    seen = look(exo(exchange_like, module(tmp_path)), "exo")
    assert verdicts(seen) == {}
    assert seen["modules"].found == "ExchangeOnlineManagement 3.10.1"
    assert seen["connection"].found == "contoso.onmicrosoft.com, Connected, Active"
    assert seen["cmdlets"].found == "all 19 that the playbooks call"
    assert seen["version"].found.startswith("PowerShell 7.")


@pytest.mark.realps
def test_what_is_wrong_behind_the_session_is_told_thing_by_thing(pwsh: str, tmp_path: Path) -> None:
    seen = look(exo(pwsh, module(tmp_path, version="2.0.5", connections="")), "exo")
    assert (seen["modules"].verdict, "October 2023" in seen["modules"].cause) == (FAILED, True)
    assert (seen["connection"].verdict, seen["connection"].found) == (FAILED, "there is no connection")
    assert seen["connection commands"].verdict is OK


@pytest.mark.realps
def test_a_connection_that_is_refused_shows_no_secret(pwsh: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSBRIDGE_TEST_PFX", "Tr0ub4dor&3")
    told = "throw \"the password $([Net.NetworkCredential]::new('', $CertificatePassword).Password) is wrong\""
    connect = (
        'connect = [{ cmdlet = "Connect-ExchangeOnline", '
        'parameters = { CertificatePassword = { secret = "environment:PSBRIDGE_TEST_PFX" } } }]'
    )
    seen = look(exo(pwsh, module(tmp_path, connect=told), connect), "exo")
    assert seen["secrets"].found == "1 found"
    assert seen["connection commands"].verdict is FAILED
    assert "Connect-ExchangeOnline failed: the password" in seen["connection commands"].found
    assert "Tr0ub4dor" not in str(seen)
    assert seen["cmdlets"].verdict is SKIPPED


@pytest.mark.realps
def test_a_restricted_program_is_not_advised_to_be_what_it_is(pwsh: str, tmp_path: Path) -> None:
    session = tmp_path / "restricted.pssc"
    session.write_text(
        "@{SchemaVersion='2.0.0.0'; GUID='7a0c6a0e-0c3d-4a6c-8d0e-5a1f3f1c9a11'; SessionType='Default'; "
        "LanguageMode='NoLanguage'}",
        encoding="utf-8",
    )
    program = tmp_path / "restricted"
    program.write_text(f'#!/bin/sh\nexec "{pwsh}" "$@" -ConfigurationFile "{session}"\n', encoding="utf-8")
    program.chmod(0o755)
    seen = look(f'[endpoints.directory]\ntransport = "process"\ncommand = ["{program}"]\n', "directory")["language mode"]
    assert (seen.verdict, seen.found) == (FAILED, "NoLanguage")
    assert "transport" not in seen.remedy
    assert "AppLocker" in seen.remedy


def test_a_program_that_is_not_there_is_named() -> None:
    seen = look('[endpoints.exo]\ntransport = "process"\ncommand = ["no-such-pwsh"]\n', "exo")
    assert (seen["program"].verdict, seen["program"].found) == (FAILED, "no program 'no-such-pwsh'")
    assert seen["start"].found == "because of: program"


def test_a_program_that_is_no_powershell_is_told() -> None:
    seen = look('[endpoints.exo]\ntransport = "process"\ncommand = ["true"]\n', "exo")
    assert (seen["program"].verdict, seen["start"].verdict) == (OK, FAILED)
    assert "true" in seen["start"].remedy


def test_where_there_is_no_session_it_says_what_will_be_asked() -> None:
    [finding] = findings('[endpoints.sync]\ntransport = "manual"\n', "sync")
    assert finding.seen.verdict is OK
    assert "a run asks you to pause, start and continue the synchronisation" in finding.seen.found


@pytest.mark.realps
def test_modules_of_the_directory_that_are_missing_are_named(pwsh: str) -> None:
    text = f'dialect = "graph"\n[endpoints.directory]\ntransport = "process"\ncommand = ["{pwsh}"]\n'
    seen = look(text, "directory")
    assert seen["modules"].verdict is WARNING
    assert "Install-Module Microsoft.Graph.Authentication -Scope AllUsers" in seen["modules"].remedy
