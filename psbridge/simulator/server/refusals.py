"""What a session cannot do, as errors that end a pipeline: the simulator's own."""

from __future__ import annotations

from psbridge.simulator.runspace.error import CmdletError

__all__ = ["failed", "no_input", "unreadable"]


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
