"""`psbridge completion`: what a shell must be told so that it completes commands, options, playbooks, runs and endpoints."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

import typer

__all__ = ["VARIABLE", "Shell", "completion"]

# The variable with which a shell asks, as Typer and Click name it.
VARIABLE: Final = "_PSBRIDGE_COMPLETE"

# Typer's own script asks for PSReadLine, which no remote session and no ISE has, and changes what Tab does everywhere.
_POWERSHELL: Final = f"""\
Register-ArgumentCompleter -Native -CommandName psbridge -ScriptBlock {{
    param($wordToComplete, $commandAst, $cursorPosition)
    # Up to the cursor, and blanks at the end that the syntax tree has not.
    $typed = $commandAst.Extent.Text.PadRight($cursorPosition - $commandAst.Extent.StartOffset)
    $env:{VARIABLE} = 'complete_powershell'
    $env:_TYPER_COMPLETE_ARGS = $typed.Substring(0, $cursorPosition - $commandAst.Extent.StartOffset)
    $env:_TYPER_COMPLETE_WORD_TO_COMPLETE = $wordToComplete
    try {{
        # A line without the mark goes on with the help of the one above it.
        foreach ($line in @(& $commandAst.CommandElements[0].Extent.Text)) {{
            $text, $help = $line -split ':::', 2
            if ($null -eq $help) {{ continue }}
            if (-not $help.Trim()) {{ $help = $text }}
            [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $help)
        }}
    }} finally {{
        $env:{VARIABLE} = $null
        $env:_TYPER_COMPLETE_ARGS = $null
        $env:_TYPER_COMPLETE_WORD_TO_COMPLETE = $null
    }}
}}"""


class Shell(StrEnum):
    """The shells that can be told."""

    POWERSHELL = "powershell"
    BASH = "bash"
    ZSH = "zsh"


def completion(shell: Annotated[Shell, typer.Argument(help="The shell that is to complete.")]) -> None:
    """Print the script that makes a shell complete psbridge: commands, options, playbooks, runs, endpoints.

    Run it at each start of the shell, as the examples say. PowerShell: 5.1 or newer.
    """
    if shell is Shell.POWERSHELL:
        typer.echo(_POWERSHELL)
        return
    from typer._completion_shared import get_completion_script  # noqa: PLC0415 - it has no other name

    typer.echo(get_completion_script(prog_name="psbridge", complete_var=VARIABLE, shell=str(shell)))
