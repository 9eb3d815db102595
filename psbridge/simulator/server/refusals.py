"""What a session cannot do, as errors that end a pipeline: script text as a real endpoint refuses it, and the simulator's own."""

from __future__ import annotations

from typing import Final

from psbridge.simulator.runspace.error import CmdletError

__all__ = ["failed", "no_input", "no_language", "unreadable"]

_NO_LANGUAGE: Final = "The syntax is not supported by this runspace. This can occur if the runspace is in no-language mode."


def no_language() -> CmdletError:
    """Script text is refused, as by Exchange's own endpoint since April 2021 (field-notes 3)."""
    exception = "System.Management.Automation.PSNotSupportedException"
    bases = ("System.NotSupportedException", "System.SystemException")
    return CmdletError(_NO_LANGUAGE, "ScriptsNotAllowed", "SyntaxError", (exception, *bases), terminating=True)


def no_input() -> CmdletError:
    """A client pipes objects in: a cmdlet that ignored them would do something else than was meant."""
    exception = ("System.NotImplementedException", "System.SystemException")
    text = "The simulator takes no objects through the pipeline; name them with a parameter. Nothing was done."
    return CmdletError(text, "SimulatorPipelineInputNotImplemented", "NotImplemented", exception, terminating=True)


def unreadable(error: Exception) -> CmdletError:
    """A value that cannot be read, such as a SecureString of another key."""
    text = f"A parameter cannot be read: {error}"
    return CmdletError(text, "SimulatorValueNotReadable", "InvalidData", ("System.FormatException", "System.SystemException"))


def failed(error: Exception) -> CmdletError:
    """A pipeline that the simulator could not carry out, by a fault of its own."""
    text = f"The simulator failed: {type(error).__name__}: {error}"
    bases = ("System.InvalidOperationException", "System.SystemException")
    return CmdletError(text, "SimulatorFailed", "InvalidOperation", bases, terminating=True)
