"""What is known of a tenant in, the text of its profile out: every key explained, what is not known marked as to be filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from psbridge.profile.mistakes import PLACEHOLDER

__all__ = ["Plan", "template"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the profile is to say.

    - `onprem`: an Exchange server's name, "here" for its management tools on this machine, or "none".
    - `sync`: "manual", "here" for a PowerShell on this machine, or the Entra Connect server, reached as `sync_over` says.
    - `certificate`: the thumbprint of one in the certificate store, or a .pfx file. `app_id`: the application that has it.
    - `store`: whether a certificate that is not named is in Windows' store; elsewhere Exchange Online takes a file only.
    - `journal`: where runs are kept; with `own_journal` it is written as a key, else only told as what is used anyhow.
    - `secrets`: the service name of this profile's secrets in the keyring.
    """

    tenant: str = ""
    dialect: str = "graph"
    onprem: str = ""
    authentication: str = "kerberos"
    sync: str = "manual"
    sync_over: str = "psrp"
    app_id: str = ""
    certificate: str = ""
    store: bool = True
    journal: str = ""
    own_journal: bool = False
    secrets: str = "psbridge"


def template(plan: Plan) -> str:
    """The profile's text; it can be read as soon as every `<fill in: ...>` is."""
    parts = (_head(plan), _onprem(plan), _exo(plan), _directory(plan), _sync(plan), _approvals(), _limits())
    return "\n\n".join("\n".join(part) for part in map(tuple, parts) if part) + "\n"


def _head(plan: Plan) -> Iterator[str]:
    yield "# A psbridge profile in TOML: one tenant, how its endpoints are reached, what is kept to. Behind a # stands a remark."
    yield '# No secret stands here: a secret is { secret = "keyring:SERVICE/USER" } or { secret = "environment:NAME" }.'
    yield "# Try it with: psbridge doctor"
    yield ""
    yield "# The tenant's name; approvals name it, and a run goes on in its own tenant only."
    yield f"tenant = {_text(plan.tenant, 'the tenant, such as contoso.onmicrosoft.com')}"
    yield "# How the directory is spoken to: graph or entra; msonline is retired and for rehearsals."
    yield f"dialect = {_quoted(plan.dialect)}"
    yield "# Where runs are kept: a file, or the address of a PostgreSQL database without a password."
    yield f"{'' if plan.own_journal else '# '}journal = {_quoted(plan.journal)}"


def _onprem(plan: Plan) -> Iterator[str]:
    if plan.onprem == "none":
        return
    yield "# Exchange on-premises."
    yield "[endpoints.onprem]"
    if plan.onprem == "here":
        yield "# PowerShell on this machine, which has the Exchange management tools."
        yield 'transport = "process"'
        yield "# The snap-in is one of Windows PowerShell 5.1."
        yield 'command = ["powershell.exe"]'
        yield from _connect("onprem", "Add-PSSnapin", {"Name": _quoted("Microsoft.Exchange.Management.PowerShell.SnapIn")})
        return
    yield "# A session at the server, over WS-Man."
    yield 'transport = "psrp"'
    if plan.authentication in _OVER_TLS:
        yield "# https, because this way to sign in encrypts nothing."
        yield f"uri = {_quoted(f'https://{plan.onprem}/PowerShell/' if plan.onprem else f'{PLACEHOLDER}https://SERVER/PowerShell/>')}"
    else:
        yield "# The server's full name: http, port 80, path /PowerShell/. http is right, the sign-in encrypts the messages."
        yield f"server = {_text(plan.onprem, 'the full name of the Exchange server')}"
    yield from _sign_in("onprem", plan)


def _exo(plan: Plan) -> Iterator[str]:
    yield "# Exchange Online: the module ExchangeOnlineManagement in a PowerShell on this machine."
    yield "[endpoints.exo]"
    yield 'transport = "process"'
    yield "# The program that is started. Module 3.10 needs PowerShell 7.6 (pwsh) or Windows PowerShell 5.1 (powershell.exe)."
    yield 'command = ["pwsh"]'
    yield "# Seconds for one cmdlet; Exchange Online itself ends one after 900."
    yield "deadline = 900"
    organization = _text(plan.tenant, "the tenant's .onmicrosoft.com domain")
    application = {"AppId": _app(plan), "Organization": organization}
    yield from _connect(
        "exo",
        "Connect-ExchangeOnline",
        {**application, **_certificate(plan), "ShowBanner": "false", "SkipLoadingFormatData": "true"},
    )


def _directory(plan: Plan) -> Iterator[str]:
    yield f"# The directory (Entra ID), spoken to in the dialect {plan.dialect}."
    yield "[endpoints.directory]"
    yield 'transport = "process"'
    if plan.dialect == "msonline":
        yield "# MSOnline is retired since May 2025 and needs Windows PowerShell 5.1."
        yield 'command = ["powershell.exe"]'
        yield from _connect("directory", "Connect-MsolService", {})
        return
    yield 'command = ["pwsh"]'
    tenant = _text(plan.tenant, "the tenant, such as contoso.onmicrosoft.com")
    cmdlet = "Connect-MgGraph" if plan.dialect == "graph" else "Connect-Entra"
    thumbprint = plan.certificate if _is_thumbprint(plan.certificate) else ""
    wanted = {
        "ClientId": _app(plan),
        "TenantId": tenant,
        "CertificateThumbprint": _text(thumbprint, "the certificate's thumbprint, 40 hexadecimal digits"),
        "NoWelcome": "true",
    }
    yield from _connect("directory", cmdlet, wanted)


def _sync(plan: Plan) -> Iterator[str]:
    yield "# Entra Connect, which synchronises."
    yield "[endpoints.sync]"
    if plan.sync == "manual":
        yield "# No session: you pause and start the synchronisation when a run asks for it."
        yield 'transport = "manual"'
    elif plan.sync == "here":
        yield "# psbridge runs on the Entra Connect server itself."
        yield 'transport = "process"'
        yield 'command = ["powershell.exe"]'
        yield from _connect("sync", "Import-Module", {"Name": _quoted("ADSync")})
    elif plan.sync_over == "winrm":
        yield "# A PowerShell at the server for each cmdlet, through WinRS: slow, for servers that allow nothing else."
        yield 'transport = "winrm"'
        yield "# Its address: http, where the sign-in encrypts the messages, or https."
        yield f"uri = {_quoted(_wsman(plan))}"
        yield from _sign_in("sync", plan)
        yield from _connect("sync", "Import-Module", {"Name": _quoted("ADSync")})
    else:
        yield "# A session at the Entra Connect server, over WS-Man (port 5985, with https 5986)."
        yield 'transport = "psrp"'
        yield "# Its address: http, where the sign-in encrypts the messages, or https."
        yield f"uri = {_quoted(_wsman(plan))}"
        yield "# The session configuration there."
        yield 'configuration = "Microsoft.PowerShell"'
        yield from _sign_in("sync", plan)
        yield from _connect("sync", "Import-Module", {"Name": _quoted("ADSync")})


def _approvals() -> Iterator[str]:
    yield "# Each destructive step waits for an approval, which names the exact commands and the evidence."
    yield "# Who sits at a terminal is asked; else `psbridge approve RUN` gives it for 24 hours."
    yield "[approvals]"
    yield "# Whether --yes may approve; false: each approval is given by somebody who was shown it."
    yield "yes = true"
    yield "# How long a run waits to be approved before it asks its operator."
    yield "wait_days = 7"


def _limits() -> Iterator[str]:
    yield "# What everybody who carries runs on in a journal keeps to, all together; without a key there is no limit."
    yield "[limits]"
    yield "# Sessions open at one endpoint at the same time. Exchange allows 18, or what its throttling policy says."
    yield "sessions = { onprem = 3, exo = 3 }"
    yield "# Calls that are sent to one endpoint in a minute."
    yield "calls_per_minute = { exo = 120 }"
    yield "# Steps that cannot be taken back, in an hour."
    yield "destructive_per_hour = 20"
    yield "# After so many failed runs nothing destructive goes on before somebody has looked; for a journal in PostgreSQL."
    yield "# stop_after_failures = 3"


# Ways to sign in over which everything could be read without TLS.
_OVER_TLS: Final = frozenset({"basic", "certificate"})


def _wsman(plan: Plan) -> str:
    scheme, port = ("https", 5986) if plan.authentication in _OVER_TLS else ("http", 5985)
    return f"{scheme}://{plan.sync}:{port}/wsman"


def _sign_in(endpoint: str, plan: Plan) -> Iterator[str]:
    yield "# kerberos takes the ticket of the account that runs psbridge (Linux: kinit); ntlm wants a username and a password."
    yield f"authentication = {_quoted(plan.authentication)}"
    if plan.authentication in {"ntlm", "credssp", "basic", "negotiate"}:
        yield "# Who signs in."
        yield f'username = "{PLACEHOLDER}the account, such as admin@contoso.com>"'
        yield f"# Store it once with: python -m keyring set {plan.secrets} {endpoint}"
        yield f'password = {{ secret = "keyring:{plan.secrets}/{endpoint}" }}'
    elif plan.authentication == "certificate":
        yield "# The certificate that signs in: a PEM file on this machine."
        yield f'certificate = "{PLACEHOLDER}the certificate\'s .pem file>"'
        yield "# Its key: a PEM file too; where the key has a password, certificate_key_password = { secret = ... }."
        yield f'certificate_key = "{PLACEHOLDER}the .pem file of its key>"'
    yield "# Over https: true, or the file of the authority whose certificates are trusted."
    yield "# verify = true"


def _connect(endpoint: str, cmdlet: str, parameters: Mapping[str, str]) -> Iterator[str]:
    yield ""
    yield "# Sent once after the session was opened."
    yield f"[[endpoints.{endpoint}.connect]]"
    yield f"cmdlet = {_quoted(cmdlet)}"
    if parameters:
        yield f"[endpoints.{endpoint}.connect.parameters]"
    for name, value in parameters.items():
        yield f"# {_MEANING[name]}"
        yield f"{name} = {value}"


_MEANING: Final[Mapping[str, str]] = {
    "Name": "What is loaded.",
    "AppId": "The application (client) id of the app registration.",
    "ClientId": "The application (client) id of the app registration.",
    "Organization": "The .onmicrosoft.com domain; a domain of your own is not taken.",
    "TenantId": "The tenant, by name or id.",
    "CertificateThumbprint": "The certificate in the store of the account that runs psbridge; its key must not be a CNG one.",
    "CertificateFilePath": "The .pfx file with certificate and key; single quotes, so that a backslash stays one.",
    "CertificatePassword": "The file's password: a reference.",
    "ShowBanner": "Nothing is written that nobody reads.",
    "NoWelcome": "Nothing is written that nobody reads.",
    "SkipLoadingFormatData": "The tables on a screen; nobody looks at one here.",
}


def _certificate(plan: Plan) -> dict[str, str]:
    if _is_thumbprint(plan.certificate) or (plan.store and not plan.certificate):
        wanted = "the certificate's thumbprint, 40 hexadecimal digits"
        return {"CertificateThumbprint": _text(plan.certificate, wanted)}
    return {
        "CertificateFilePath": _text(plan.certificate, "the .pfx file"),
        "CertificatePassword": f'{{ secret = "keyring:{plan.secrets}/exo-certificate" }}',
    }


def _is_thumbprint(text: str) -> bool:
    return re.fullmatch(r"[0-9A-Fa-f]{40}", text) is not None


def _app(plan: Plan) -> str:
    return _text(plan.app_id, "the application's id")


def _text(known: str, wanted: str) -> str:
    return _quoted(known or f"{PLACEHOLDER}{wanted}>")


def _quoted(text: str) -> str:
    """A TOML string; a backslash would need another one in double quotes, so such a text gets single ones."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
