"""`psbridge init`: a profile for a tenant, every key explained; what nobody said is marked as to be filled in."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import typer

from psbridge.cli.consent import at_a_terminal
from psbridge.cli.replacing import replacing
from psbridge.errors import InputError, ProfileError
from psbridge.profile import (
    Plan,
    Profile,
    default_journal_path,
    default_profile_path,
    named_journal_path,
    named_profile_path,
    template,
)

__all__ = ["init"]


class _Dialect(StrEnum):
    GRAPH = "graph"
    ENTRA = "entra"
    MSONLINE = "msonline"


class _Way(StrEnum):
    KERBEROS = "kerberos"
    NEGOTIATE = "negotiate"
    NTLM = "ntlm"
    BASIC = "basic"
    CREDSSP = "credssp"
    CERTIFICATE = "certificate"


class _Over(StrEnum):
    PSRP = "psrp"
    WINRM = "winrm"


_STANDARD_OUTPUT: Final = Path("-")
_OWN: Final = 0o600
# What becomes a part of a file's name, and of a name in the keyring.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


def init(  # noqa: PLR0913 - one parameter for each option
    *,
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            help="For one of several tenants: --profile NAME finds it, and it keeps its own journal.",
            show_default=False,
        ),
    ] = None,
    tenant: Annotated[str | None, typer.Option(help="The tenant, such as contoso.onmicrosoft.com.", show_default=False)] = None,
    dialect: Annotated[_Dialect, typer.Option(help="How the directory is spoken to.")] = _Dialect.GRAPH,
    onprem: Annotated[
        str | None,
        typer.Option(
            help="The Exchange server's full name; `here` for its management tools on this machine; `none`.", show_default=False
        ),
    ] = None,
    authentication: Annotated[_Way, typer.Option(help="How to sign in at servers.")] = _Way.KERBEROS,
    sync: Annotated[
        str | None,
        typer.Option(help="The Entra Connect server's full name; `here`; or `manual`: you are asked.", show_default=False),
    ] = None,
    sync_over: Annotated[
        _Over, typer.Option("--sync-over", help="What carries the session to the Entra Connect server.")
    ] = _Over.PSRP,
    app_id: Annotated[
        str | None, typer.Option("--app-id", help="The id of the application that signs in to the cloud.", show_default=False)
    ] = None,
    certificate: Annotated[
        str | None,
        typer.Option(help="The thumbprint of its certificate in the certificate store, or its .pfx file.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", help="The file to write, - for the screen; default: your own settings folder.", show_default=False
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a profile that is there.")] = False,
) -> None:
    """Write a profile in which every key is explained. Whoever sits at a terminal is asked for what was not named."""
    file = output or (named_profile_path(_checked(name, _NAME, "--name")) if name else default_profile_path())
    if file != _STANDARD_OUTPUT and file.exists() and not force:
        raise InputError(f"{file} is there already. Name another tenant's with --name, or write over it with --force")
    ask = at_a_terminal() and file != _STANDARD_OUTPUT
    plan = Plan(
        tenant=_asked(tenant, "The tenant, such as contoso.onmicrosoft.com (Enter: later)", ask=ask),
        dialect=dialect.value,
        onprem=_place(
            _asked(onprem, "The Exchange server's full name, here, or none (Enter: later)", ask=ask), "--onprem", "none"
        ),
        authentication=authentication.value,
        sync=_place(
            _asked(sync, "The Entra Connect server's full name, here, or manual (Enter: manual)", ask=ask), "--sync", "manual"
        )
        or "manual",
        sync_over=sync_over.value,
        app_id=app_id or "",
        certificate=certificate or "",
        store=sys.platform == "win32",
        journal=str(named_journal_path(name) if name else default_journal_path()),
        own_journal=name is not None,
        secrets=f"psbridge-{name}" if name else "psbridge",
    )
    text = template(plan)
    _check(plan)
    if file == _STANDARD_OUTPUT:
        typer.echo(text, nl=False)
        return
    _write(file, text, force=force)
    _say(file, text, name)


def _asked(given: str | None, question: str, *, ask: bool) -> str:
    if given is None and ask:
        given = typer.prompt(question, default="", show_default=False)
    return (given or "").strip()


def _place(given: str, option: str, word: str) -> str:
    return given if given in ("", "here", word) else _checked(given, _HOST, option)


def _checked(given: str, allowed: re.Pattern[str], option: str) -> str:
    if not allowed.fullmatch(given):
        raise InputError(f"{option} {given!r}: write a name of letters, digits, dots and hyphens")
    return given


def _check(plan: Plan) -> None:
    """What was named must go together, filled in or not. Raises InputError; nothing is written then."""
    known = replace(
        plan,
        tenant=plan.tenant or "contoso.onmicrosoft.com",
        onprem=plan.onprem or "server",
        app_id=plan.app_id or "id",
        certificate=plan.certificate or "0" * 40,
    )
    try:
        Profile.read(template(known), "the profile")
    except ProfileError as error:
        others = [line for line in str(error).splitlines() if "still to be filled in" not in line and "mistakes:" not in line]
        if others:
            raise InputError(
                f"these options do not go together, nothing was written: {'; '.join(map(str.strip, others))}"
            ) from error


def _write(file: Path, text: str, *, force: bool) -> None:
    """Write it for the account that runs this alone; by `force` in place of the one that is there. Raises InputError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file, mode=_OWN) if force else _created(file) as opened:
            opened.write(text.encode("utf-8"))
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror or error}") from error


def _created(file: Path) -> BinaryIO:
    return os.fdopen(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_EXCL | getattr(os, "O_BINARY", 0), _OWN), "wb")


def _say(file: Path, text: str, name: str | None) -> None:
    typer.echo(f"{file} is written.")
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if "<fill in: " in line]
    if lines:
        typer.echo(f"To be filled in: line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines))}.")
    for stored in sorted(set(re.findall(r'^\w+ = .*"keyring:([^/"]+)/([^"]+)"', text, re.MULTILINE))):
        typer.echo(f"Store its secret once with: python -m keyring set {' '.join(stored)}")
    named = f" --profile {name}" if name else "" if file == default_profile_path() else f' --profile "{file}"'
    typer.echo(f"Then try it: psbridge doctor{named}")
