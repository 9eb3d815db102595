"""A cmdlet in, the objects that psrpcore makes of its output out, over a PowerShell's standard input and output.

psrpcore brings the protocol and no transport; this is the least that carries its bytes ([MS-PSRP] over stdio: remoting-notes
section 4.3). It waits for each acknowledgement before it sends the next line.
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from psrpcore import ClientPowerShell, ClientRunspacePool, PipelineOutputEvent, PSRPEvent, PSRPPayload, StreamType
from psrpcore.types import PSInvocationState, RunspacePoolState

__all__ = ["PsrpcoreClient"]

_LINE: Final = re.compile(rb"<(\w+)(?: Stream='\w*')? PSGuid='([^']*)' ?/?>([^<]*)")
_NOBODY: Final = UUID(int=0)
_MOST: Final = 32_768


class PsrpcoreClient:
    """One runspace pool in one process."""

    def __init__(self, powershell: str, environment: Mapping[str, str]) -> None:
        command = [powershell, "-s", "-NoLogo", "-NoProfile"]
        given = {**os.environ, **environment}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=given
        )
        self._pool = ClientRunspacePool()
        self._pool.open()
        self._send()
        list(self._events())
        while self._pool.state != RunspacePoolState.Opened:
            self._take_line()
            list(self._events())

    def call(self, cmdlet: str, **parameters: object) -> list[object]:
        """Run a cmdlet to its end."""
        pipeline = ClientPowerShell(self._pool)
        pipeline.add_command(cmdlet)
        pipeline.add_parameters(**parameters)
        pipeline.start()
        self._write(b"<Command PSGuid='%s' />\n" % str(pipeline.pipeline_id).encode(), b"CommandAck")
        self._send()
        output: list[object] = []
        while True:
            output.extend(event.data for event in self._events() if isinstance(event, PipelineOutputEvent))
            if pipeline.state in (PSInvocationState.Completed, PSInvocationState.Failed):
                break
            self._take_line()
        self._write(b"<Close PSGuid='%s' />\n" % str(pipeline.pipeline_id).encode(), b"CloseAck")
        pipeline.close()
        return output

    def close(self) -> None:
        """Close the session and end the process."""
        self._write(b"<Close PSGuid='%s' />\n" % str(_NOBODY).encode(), b"CloseAck")
        self._process.communicate()

    def _events(self) -> Iterator[PSRPEvent[Any, Any]]:
        while event := self._pool.next_event():
            yield event

    def _send(self) -> None:
        while payload := self._pool.data_to_send(_MOST):
            pipeline = str(payload.pipeline_id or _NOBODY).encode()
            data = base64.b64encode(payload.data)
            self._write(b"<Data Stream='Default' PSGuid='%s'>%s</Data>\n" % (pipeline, data), b"DataAck")

    def _write(self, line: bytes, acknowledgement: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()
        while self._take_line() != acknowledgement:
            pass

    def _take_line(self) -> bytes:
        """Hand the data of one line to psrpcore, and give the line's name."""
        assert self._process.stdout is not None
        found = _LINE.match(self._process.stdout.readline())
        if found is None:
            raise SystemExit("the PowerShell has ended, or writes what is no PSRP")
        name, pipeline, data = found.groups()
        if name == b"Data":
            whose = UUID(pipeline.decode())
            self._pool.receive_data(PSRPPayload(base64.b64decode(data), StreamType.default, whose if whose.int else None))
        return name
