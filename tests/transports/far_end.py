"""PowerShell as the tests of the process transport need it: with a module of its own, or with one proxy between."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from psbridge.clixml import decode_message
from psbridge.psobject import PSObject, Value
from psbridge.reply import Reply, Stream
from psbridge.transports.process import ProcessTransport

MODULES = Path(__file__).parent / "modules"
SERVER = ("-s", "-NoLogo", "-NoProfile")


def connected(pwsh: str, environment: Mapping[str, str] | None = None, **options: object) -> ProcessTransport:
    """A transport to a PowerShell that finds the module FarEnd."""
    options.setdefault("deadline", 30.0)
    return ProcessTransport([pwsh], environment={"PSModulePath": str(MODULES), **(environment or {})}, **options)  # type: ignore[arg-type]


def through(pwsh: str, fault: str, environment: Mapping[str, str] | None = None, **options: object) -> ProcessTransport:
    """A transport to a PowerShell behind the proxy, which dies as `fault` says."""
    options.setdefault("deadline", 30.0)
    command = [sys.executable, str(Path(__file__).parent / "dying_proxy.py"), fault, pwsh, *SERVER]
    return ProcessTransport(command, environment={"PSModulePath": str(MODULES), **(environment or {})}, **options)  # type: ignore[arg-type]


def fake(folder: Path, program: str, **options: object) -> ProcessTransport:
    """A transport to a Python program that stands where a PowerShell should."""
    path = folder / "fake_server.py"
    path.write_text(program, encoding="utf-8")
    return ProcessTransport([sys.executable, str(path)], **options)  # type: ignore[arg-type]


def output(reply: Reply) -> list[Value]:
    """The decoded output."""
    return values(reply.of(Stream.OUTPUT))


def values(bodies: Iterable[bytes]) -> list[Value]:
    """Decode bodies; an empty one is null."""
    return [decode_message(body) if body else None for body in bodies]


def error_id(body: bytes | None) -> object:
    """The FullyQualifiedErrorId of an error record, or of the state message that holds one."""
    value = decode_message(body or b"<Nil/>")
    assert isinstance(value, PSObject)
    record = value.get("ExceptionAsErrorRecord", value)
    assert isinstance(record, PSObject)
    return record["FullyQualifiedErrorId"]
