"""A simulator's server in, what its user needs to connect out: addresses, password, a profile, and a few lines of Python."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from psbridge.simulator import ENDPOINTS
from psbridge.simulator.server.psrp_shell import CONFIGURATIONS

__all__ = ["Server", "how_to_connect"]


@dataclass(frozen=True, slots=True)
class Server:
    """What is served. `uri(endpoint)` is an address; `password` is None where the user knows it."""

    tenant: str
    uri: Callable[[str], str]
    port: int
    user: str
    variable: str
    password: str | None


def how_to_connect(server: Server) -> str:
    """Everything in the order in which it is used."""
    return "\n".join(
        (*_addresses(server), "", *_sign_in(server), "", *_profile(server), "", *_pypsrp(server), "", *_pywinrm(server))
    )


def _addresses(server: Server) -> Iterator[str]:
    for endpoint in ENDPOINTS:
        yield f"{endpoint:<10} {server.uri(endpoint)}  configuration {' or '.join(CONFIGURATIONS[endpoint])}"


def _sign_in(server: Server) -> Iterator[str]:
    yield f"Sign in as {server.user} by NTLM, Negotiate or Basic, with the password in {server.variable}:"
    if server.password is not None:
        yield f"  export {server.variable}='{server.password}'            (sh)"
        yield f"  $env:{server.variable} = '{server.password}'            (PowerShell)"


def _profile(server: Server) -> Iterator[str]:
    yield "# A profile for `psbridge run ... --profile FILE`, with a journal of its own:"
    yield f"tenant = {_quoted(server.tenant)}"
    yield f"journal = {_quoted(str(Path.cwd() / 'simulated-journal.db'))}"
    for endpoint in ENDPOINTS:
        yield ""
        yield f"[endpoints.{endpoint}]"
        yield 'transport = "psrp"'
        yield f"uri = {_quoted(server.uri(endpoint))}"
        yield f"configuration = {_quoted(CONFIGURATIONS[endpoint][0])}"
        yield 'authentication = "ntlm"'
        yield f"username = {_quoted(server.user)}"
        yield f'password = {{ secret = "environment:{server.variable}" }}'


def _pypsrp(server: Server) -> Iterator[str]:
    path = urlsplit(server.uri("exo")).path.strip("/")
    yield "# The same from Python, with pypsrp:"
    yield "import os"
    yield "from pypsrp.powershell import PowerShell, RunspacePool"
    yield "from pypsrp.wsman import WSMan"
    yield ""
    yield f'wsman = WSMan("127.0.0.1", port={server.port}, ssl=False, path="{path}", auth="ntlm", no_proxy=True,'
    yield f'              username={_quoted(server.user)}, password=os.environ["{server.variable}"])'
    yield f'with RunspacePool(wsman, configuration_name="{CONFIGURATIONS["exo"][0]}") as pool:'
    yield '    print(PowerShell(pool).add_cmdlet("Get-Mailbox").invoke())'


def _pywinrm(server: Server) -> Iterator[str]:
    yield "# And with pywinrm, one cmdlet line at the on-premises Exchange:"
    yield "import os"
    yield "import winrm"
    yield ""
    yield f'session = winrm.Session("http://127.0.0.1:{server.port}/wsman", transport="ntlm",'
    yield f'                        auth=({_quoted(server.user)}, os.environ["{server.variable}"]))'
    yield 'print(session.run_ps("Get-Mailbox | Select-Object Name, PrimarySmtpAddress").std_out.decode())'


def _quoted(text: str) -> str:
    """A text in double quotes: TOML's basic strings and Python's take what JSON writes."""
    return json.dumps(text)
