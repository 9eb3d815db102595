"""Pipelines in; the command line of the constant bootstrap script and the request for its standard input out.

The script is winrm_bootstrap.ps1. The command line is the same for every call: cmd.exe takes 8,191 characters, and no
value stands among them. Source: remoting-notes 4.4.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from psbridge.clixml import encode_message
from psbridge.command import Command, Pipeline, ScriptCommand
from psbridge.errors import InputError, ValueTypeError

__all__ = ["STOP", "command_line", "request"]

# A second line on standard input: the script stops the pipeline that runs, and still tells its state.
STOP: Final = b"stop\n"

# A console host that is not told otherwise reads standard input itself, for `$input`.
_OPTIONS: Final = "-NoLogo -NoProfile -NonInteractive -InputFormat None -EncodedCommand"
_LONGEST: Final = 8_191
# What cmd.exe takes as it is; a program with blanks is quoted.
_PROGRAM: Final = re.compile(r"[A-Za-z0-9_.:\\/ -]+")
_DOCUMENT: Final = b'<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">%s</Objs>'
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_NO_SECRETS: Final = (
    "over WinRS it would travel and arrive as plain text, since there is no session key; "
    "use the transport psrp or process, or a certificate of the remote machine's own store"
)


def command_line(program: str) -> str:
    """The command line that runs the script with a PowerShell such as `powershell.exe`. Raises InputError."""
    if not _PROGRAM.fullmatch(program):
        raise InputError(
            f"{program!r} is no program that a WinRS command line can name (letters, digits, blanks and _ . : \\ / -)"
        )
    line = f'"{program}"' if " " in program else program
    line = f"{line} {_OPTIONS} {_encoded()}"
    if len(line) > _LONGEST:
        raise InputError(f"the program's name is too long: the command line has {len(line)} characters, {_LONGEST} are possible")
    return line


def request(mark: str, pipelines: Sequence[Pipeline]) -> bytes:
    """One line of base64: the pipelines, and the mark of the lines that answer. Raises ValueTypeError."""
    try:
        body = _body(mark, [pipeline.commands for pipeline in pipelines])
    except ValueTypeError as error:
        raise _blame(error, [command for pipeline in pipelines for command in pipeline.commands]) from error
    return b64encode(_DOCUMENT % body.removeprefix(_BYTE_ORDER_MARK)) + b"\n"


@cache
def _encoded() -> str:
    text = files("psbridge.transports").joinpath("winrm_bootstrap.ps1").read_text(encoding="ascii")
    lines = (line.strip() for line in text.splitlines())
    script = "\n".join(line for line in lines if line and not line.startswith("#"))
    return b64encode(script.encode("utf-16-le")).decode("ascii")


def _body(mark: str, pipelines: Sequence[Sequence[Command]]) -> bytes:
    plain = [[_plain(command) for command in commands] for commands in pipelines]
    return encode_message({"Mark": mark, "Pipelines": plain})


def _plain(command: Command) -> dict[str, object]:
    said = {"Script": command.script.text} if isinstance(command, ScriptCommand) else {"Name": command.name}
    return {**said, "Parameters": dict(command.parameters)}


def _blame(error: ValueTypeError, commands: Sequence[Command]) -> ValueTypeError:
    """Name the parameter whose value cannot travel; the encoder saw the whole request only."""
    for command in commands:
        for name, value in command.parameters.items():
            try:
                _body("", [[Command(command.name, {name: value})]])
            except ValueTypeError as culprit:
                secret = culprit.value_type == "SecureString"
                reason = _NO_SECRETS if secret else culprit.reason
                return ValueTypeError(culprit.value_type, reason, where=f"{command.name} -{name}")
    return error
