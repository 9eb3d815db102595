"""Exports as administrators have them, and `psbridge clixml` as their shell starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

__all__ = ["clixml", "document", "mailbox", "mailboxes", "peak_memory", "saved"]

NAMESPACE: Final = "http://schemas.microsoft.com/powershell/2004/04"
_TYPES: Final = "<T>Deserialized.Contoso.Mailbox</T><T>Deserialized.System.Object</T>"


def document(*roots: str) -> bytes:
    """Top-level elements as Export-Clixml writes them: one document, each at the beginning of a line."""
    lines = "".join(f"\n  {root}" for root in roots)
    return f'<Objs Version="1.1.0.1" xmlns="{NAMESPACE}">{lines}\n</Objs>'.encode()


def mailbox(number: int, name: str, *more: str, first: bool = False) -> str:
    """One object with a name, a number, a truth value, a date, a list and a nested object; its type list stands in the first."""
    at = number * 10
    types = f'<TN RefId="0">{_TYPES}</TN>' if first else '<TNRef RefId="0" />'
    shared, year, database = "true" if number % 3 else "false", 2010 + number % 10, f"DB{number % 4}"
    addresses = f"<S>SMTP:user{number}@contoso.com</S><S>smtp:u{number}@fabrikam.com</S>"
    props = (
        f'<S N="Name">{name}</S><S N="Alias">user{number}</S><I32 N="Items">{number * 7}</I32><B N="Shared">{shared}</B>'
        f'<DT N="Created">{year}-07-01T12:00:00</DT><Nil N="Office" />'
        f'<Obj N="Addresses" RefId="{at + 1}"><LST>{addresses}</LST></Obj>'
        f'<Obj N="Database" RefId="{at + 2}"><ToString>{database}</ToString><Props><S N="Name">{database}</S></Props></Obj>'
    )
    return f'<Obj RefId="{at}">{types}<ToString>{name}</ToString><Props>{props}{"".join(more)}</Props></Obj>'


def mailboxes(count: int, *more: str) -> bytes:
    """An export of so many objects."""
    return document(*(mailbox(number, f"Mailbox {number}", *more, first=not number) for number in range(count)))


def saved(folder: Path, data: bytes, name: str = "export.xml") -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(data)
    return path


def clixml(
    *arguments: str | Path, stdin: bytes = b"", encoding: str = "utf-8", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `python -m psbridge clixml`; nothing may ever end in a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "psbridge", "clixml", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        timeout=100,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    said = subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding))
    assert "Traceback" not in said.stderr, said.stderr
    return said


def peak_memory(*arguments: str | Path) -> int:
    """The most memory that a command took, in bytes; it must end well."""
    command = [sys.executable, "-m", "psbridge", "clixml", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
