"""What the tests need from outside: a real PowerShell, the corpus, the documents. All three come from the environment."""

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from tests.postgres_server import PostgresServer, postgres_programs, postgres_server

IN_CI = os.environ.get("CI", "").lower() == "true"

# A shell's background job ignores Ctrl+C, and so would every program that the tests start there.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _missing(what: str) -> NoReturn:
    """Skip with the reason; with CI=true fail, because there everything must be there."""
    if IN_CI:
        pytest.fail(f"CI needs {what}")
    pytest.skip(f"needs {what}")


def _folder(variable: str) -> Path:
    value = os.environ.get(variable)
    if not value:
        _missing(f"{variable} to name a folder")
    path = Path(value)
    if not path.is_dir():
        _missing(f"{variable} to name a folder that exists")
    return path


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of CLIXML and dialogues made by real PowerShell."""
    return _folder("PSBRIDGE_CORPUS")


@pytest.fixture(scope="session")
def documents() -> Path:
    """The folder of the documents that the playbooks follow."""
    return _folder("PSBRIDGE_DOCUMENTS")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for this session of tests; no password, reached through its socket only."""
    programs = postgres_programs()
    if programs is None:
        _missing("the programs of a PostgreSQL server (Debian: apt install postgresql)")
    with postgres_server(programs) as server:
        yield server


@pytest.fixture(scope="session")
def pwsh() -> str:
    """The program that stands where `pwsh` stands."""
    named = os.environ.get("PSBRIDGE_PWSH")
    program = shutil.which(named or "pwsh")
    if program is None:
        _missing("a PowerShell: PSBRIDGE_PWSH, or pwsh on the PATH")
    # The engine in a folder is built for one processor only; elsewhere these tests cannot run, CI or not.
    if named and Path(named).name == "realps" and platform.machine().lower() not in ("x86_64", "amd64"):
        pytest.skip("this PowerShell is built for linux-x64")
    return program


@pytest.fixture(scope="session")
def exchange_like(pwsh: str) -> str:
    """A PowerShell that has the module ExchangeLike and so keeps a tenant in a file."""
    command = [pwsh, "-NoProfile", "-NonInteractive", "-Command", "Get-Command -Module ExchangeLike -Name Get-MsolUser"]
    seen = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if "Get-MsolUser" not in seen.stdout:
        _missing("a PowerShell with the module ExchangeLike")
    return pwsh


@pytest.fixture(scope="session")
def realps(pwsh: str) -> str:
    """The engine with its judges: convert, parse, connect and bench."""
    if Path(pwsh).name != "realps":
        _missing("the engine's judges (realps convert, parse, connect)")
    return pwsh
