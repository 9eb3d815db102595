"""A WinRS server with the real PowerShell behind it, and transports to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from psbridge.psobject import SecureString
from psbridge.transports.winrm import WinRmTransport
from psbridge.transports.winrm_endpoint import WinRmEndpoint
from tests.transports.far_end import MODULES
from tests.transports.winrs_server import WinRsServer

PASSWORD = SecureString.of("Pa55word")


@contextlib.contextmanager
def serving(program: str, environment: Mapping[str, str] | None = None, **options: object) -> Iterator[WinRsServer]:
    """A server whose PowerShell is `program`; at its end nothing may be left in it."""
    server = WinRsServer(program, {"PSModulePath": str(MODULES), **(environment or {})}, **options)  # type: ignore[arg-type]
    try:
        yield server
    finally:
        server.close()


def at(server: WinRsServer, **options: object) -> WinRmEndpoint:
    return WinRmEndpoint(**{"uri": server.uri, "authentication": "basic", "username": "user", "password": PASSWORD, **options})  # type: ignore[arg-type]


def reaching(server: WinRsServer, **options: object) -> WinRmTransport:
    """A transport to the server."""
    options.setdefault("deadline", 60.0)
    return WinRmTransport(at(server), **options)  # type: ignore[arg-type]


def idle_program(folder: Path, script: str = "read line; exec sleep 30") -> str:
    """A program that stands where PowerShell should, and costs nothing to start."""
    path = folder / "idle"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    path.chmod(0o755)
    return str(path)
