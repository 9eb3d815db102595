"""A request of psbridge's bootstrap script in, the lines that the script answers with out.

The script is psbridge's way to PowerShell over WinRS: constant, with everything that varies on standard input, as one line of
base64 of CLIXML: a Hashtable with Mark and Pipelines. It answers with lines `MARK NUMBER KIND LENGTH BASE64`. The simulator knows
it by its SHA-256, and does what it would do. psrpcore reads the request.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import threading
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, Final

import psrpcore
from psrpcore.types import deserialize_clixml

from psbridge.psobject import PSObject
from psbridge.simulator.organisation import RunPipeline
from psbridge.simulator.runspace.error import CmdletError, error_record, failed_state
from psbridge.simulator.runspace.records import Argument, Hung, Invocation, Outcome, Question
from psbridge.simulator.server.host_call import nobody_there
from psbridge.simulator.server.messages import PipelineState
from psbridge.simulator.server.values import given
from psbridge.simulator.wire import body, document, record_body

__all__ = ["MalformedRequest", "answers", "is_bootstrap"]

# Of the argument of -EncodedCommand.
_SCRIPT: Final = "4d7bc3745961b3af0e0cac40d64b06d57ce22cdf8d729904cb50a25a89174303"
# The script takes one stream after another: the order across them is lost.
_IN_THIS_ORDER: Final = ("output", "error", "warning", "verbose", "debug", "information", "progress")


class MalformedRequest(Exception):
    """What came on standard input is no request."""


def is_bootstrap(encoded: str) -> bool:
    """Whether an argument of -EncodedCommand is the script."""
    return hashlib.sha256(encoded.encode("utf-8", "replace")).hexdigest() == _SCRIPT


def answers(request: bytes, run: RunPipeline, stopped: threading.Event) -> Iterator[bytes]:
    """Run the pipelines of a request and give the lines; one with an error ends the run.

    `stopped` ends a pipeline that hangs. Raises MalformedRequest, and Dropped where a fault says so.
    """
    mark, pipelines = _read(request)
    numbers = count(1)

    def line(kind: str, content: bytes = b"") -> bytes:
        text = base64.b64encode(content).decode("ascii")
        return f"{mark} {next(numbers)} {kind} {len(text)} {text}\r\n".encode()

    for commands in pipelines:
        yield line("begun")
        outcome, state = _run(run, commands, stopped)
        for stream in _IN_THIS_ORDER:
            for record in outcome.records:
                if record.stream == stream:
                    yield line(stream, b"" if record.value is None else document(record_body(record)))
        yield line("ended", document(body(state, untyped=True)))
        if outcome.state != "Completed" or any(record.stream == "error" for record in outcome.records):
            return


def _run(run: RunPipeline, commands: Sequence[Invocation], stopped: threading.Event) -> tuple[Outcome, PSObject]:
    """The outcome, and the object that tells the final state."""
    try:
        outcome = run(commands)
    except Question as asked:
        outcome = Outcome((), error_record(nobody_there(asked), "", ""), "Failed")
    except Hung:
        stopped.wait()
        return Outcome(state="Failed"), _state(PipelineState.STOPPED, error_record(_pipeline_stopped(), "", ""))
    state = _state(PipelineState.COMPLETED, None) if outcome.reason is None else failed_state(outcome.reason)
    return outcome, state


def _state(state: PipelineState, reason: PSObject | None) -> PSObject:
    return PSObject((), ms={"PipelineState": int(state), "ExceptionAsErrorRecord": reason})


def _pipeline_stopped() -> CmdletError:
    bases = ("System.Management.Automation.RuntimeException", "System.SystemException")
    exception = "System.Management.Automation.PipelineStoppedException"
    text = "The pipeline has been stopped."
    return CmdletError(text, "PipelineStopped", "OperationStopped", (exception, *bases), terminating=True)


def _read(request: bytes) -> tuple[str, list[list[Invocation]]]:
    try:
        text = base64.b64decode(request, validate=True).decode("utf-8")
        (asked,) = deserialize_clixml(text, psrpcore.PSRemotingCrypto())
        pipelines = [[_invocation(command) for command in commands] for commands in asked["Pipelines"]]
        return str(asked["Mark"]), pipelines
    except (binascii.Error, psrpcore.PSRPCoreError, ValueError, LookupError, TypeError, AttributeError, SyntaxError) as error:
        raise MalformedRequest(f'Exception calling "Deserialize" with "1" argument(s): "{error}"') from error


def _invocation(command: Any) -> Invocation:
    arguments = tuple(Argument(str(name), given(value)) for name, value in command["Parameters"].items())
    is_script = "Script" in command
    return Invocation(str(command["Script" if is_script else "Name"]), arguments, is_script=is_script)
