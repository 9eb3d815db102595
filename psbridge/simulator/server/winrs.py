"""A WinRS shell over WS-Man: command lines of powershell.exe in, what it would write out ([MS-WSMV] 2.2.4 and 3.1.4).

Two things can be run: psbridge's own bootstrap script, and one cmdlet line, as pywinrm's `run_ps` sends it. All else is refused
on standard error with exit code 1, as cmd.exe and powershell.exe do it.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
import threading
from collections.abc import Callable
from functools import partial
from typing import Final
from uuid import UUID, uuid4

from psbridge.simulator.organisation import RunPipeline
from psbridge.simulator.runspace.cmdlet import find
from psbridge.simulator.runspace.error import error_record
from psbridge.simulator.runspace.records import Dropped, Hung, Outcome, Question
from psbridge.simulator.runspace.select_object import SELECT_OBJECT
from psbridge.simulator.server.bootstrap_run import MalformedRequest, answers, is_bootstrap
from psbridge.simulator.server.cmdlet_line import NotOneCmdletLine, read_line
from psbridge.simulator.server.console import complaint, printed
from psbridge.simulator.server.host_call import nobody_there
from psbridge.simulator.server.outbox import Outbox, OutboxClosed
from psbridge.simulator.server.shell import TERMINATE, CommandLine, Input, Opening, Shell
from psbridge.simulator.server.wsman_fault import SCHEMA, WsmanFault

__all__ = ["WinRsKind"]

_RESOURCE: Final = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd"
_LONGEST: Final = 8_191  # of cmd.exe
_PROGRAM: Final = re.compile(r'(?:"(?P<quoted>[^"]*)"|(?P<bare>\S+))\s*(?P<rest>.*)', re.DOTALL)
_POWERSHELLS: Final = frozenset({"powershell", "powershell.exe", "pwsh", "pwsh.exe"})
# powershell.exe takes its switches whole or shortened; these take a value.
_WITH_VALUE: Final = ("inputformat", "outputformat", "executionpolicy", "windowstyle", "version")
_ALONE: Final = ("nologo", "noprofile", "noninteractive", "sta", "mta")
# STATUS_CONTROL_C_EXIT, as a signed number.
_INTERRUPTED: Final = -1_073_741_510


class WinRsKind:
    """Opens shells for command lines."""

    def knows(self, resource_uri: str) -> bool:
        """Whether it is the shell `cmd`."""
        return resource_uri.lower() == _RESOURCE

    def open(self, opening: Opening) -> Shell:
        """Open a shell."""
        return _WinRsShell(opening.endpoint, opening.run)


class _WinRsShell(Shell):
    output_streams = "stdout stderr"
    input_streams = "stdin"

    def __init__(self, endpoint: str, run: RunPipeline) -> None:
        super().__init__()
        self._endpoint, self._run = endpoint, run
        self._processes: dict[UUID, _Process] = {}

    def command(self, line: CommandLine) -> UUID:
        command_id = line.command_id or uuid4()
        if self.has_command(command_id):
            raise WsmanFault(SCHEMA, f"the CommandId {command_id} cannot be used again.")
        outbox = self._opened(command_id, Outbox(divisible=True))
        self._processes[command_id] = _Process(self._endpoint, self._run, outbox)
        self._processes[command_id].start(" ".join((line.command, *line.arguments)))
        return command_id

    def send(self, given: Input) -> None:
        if given.command_id is None or given.stream != "stdin":
            raise WsmanFault(SCHEMA, "input is for the stream stdin of a command.")
        self.outbox(given.command_id)  # it must be there
        self._processes[given.command_id].take(given.data, end=given.end)

    def signal(self, command_id: UUID | None, code: str) -> None:
        if command_id is None:
            raise WsmanFault(SCHEMA, "a Signal is for a command.")
        if code.lower() == TERMINATE.lower():  # pywinrm writes it with a small t
            self._closed(command_id)
            if process := self._processes.pop(command_id, None):
                process.stop()
        else:
            self.outbox(command_id)
            self._processes[command_id].interrupt()

    def close(self) -> None:
        super().close()
        for process in self._processes.values():
            process.stop()
        self._processes.clear()


class _Process:
    """One powershell.exe. What takes long is done by a thread; the outbox is closed when nobody listens any more."""

    def __init__(self, endpoint: str, run: RunPipeline, outbox: Outbox) -> None:
        self._endpoint, self._run, self._outbox = endpoint, run, outbox
        self._stopped = threading.Event()
        self._input: bytearray | None = None
        self._asked = False
        self._exit_code = 0

    def start(self, line: str) -> None:
        """Begin with a command line: a cmdlet line runs at once, the bootstrap script waits for its request."""
        if len(line) > _LONGEST:
            self._end(1, stderr=b"The command line is too long.\r\n")
            return
        found = _PROGRAM.fullmatch(line.strip())
        program = (found["quoted"] or found["bare"] or "") if found else ""
        if found is None or re.split(r"[\\/]", program)[-1].lower() not in _POWERSHELLS:
            text = f"'{program}' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n"
            self._end(1, stderr=text.encode("utf-8", "replace"))
            return
        try:
            encoded = _encoded_command(found["rest"].split())
            if is_bootstrap(encoded):
                self._input = bytearray()
            else:
                self._begin(partial(self._run_line, _script(encoded)))
        except NotOneCmdletLine as error:
            self._end(1, stderr=complaint(str(error)))

    def take(self, data: bytes, *, end: bool) -> None:
        """Standard input: the first line is the bootstrap's request, one more line stops what runs."""
        if self._input is None:
            return
        self._input += data
        request, ended, more = bytes(self._input).partition(b"\n")
        if not self._asked and (ended or end):
            self._asked = True
            self._begin(partial(self._answer, request.strip()))
        if b"\n" in more:
            self._stopped.set()

    def interrupt(self) -> None:
        """Ctrl+C: what hangs is stopped and still tells its state; what has not begun ends."""
        self._exit_code = _INTERRUPTED
        self._stopped.set()
        if not self._asked:
            self._end(_INTERRUPTED)

    def stop(self) -> None:
        """Nobody waits for it any more."""
        self._stopped.set()

    def _begin(self, work: Callable[[], None]) -> None:
        threading.Thread(target=self._do, args=(work,), daemon=True, name="WinRS command").start()

    def _do(self, work: Callable[[], None]) -> None:
        try:
            with contextlib.suppress(OutboxClosed):
                work()
        except Dropped:
            self._outbox.lose()
        except Exception as error:
            self._end(1, stderr=complaint(f"The simulator failed: {error!r}"))  # nobody must wait for ever
            raise

    def _answer(self, request: bytes) -> None:
        try:
            for line in answers(request, self._run, self._stopped):
                self._outbox.put(line)
        except MalformedRequest as error:
            self._end(1, stderr=complaint(str(error)))
        else:
            self._end(self._exit_code)

    def _run_line(self, script: str) -> None:
        try:
            outcome = self._run(read_line(script, self._takes_value))
        except NotOneCmdletLine as error:
            self._end(1, stderr=complaint(str(error)))
            return
        except Question as asked:
            outcome = Outcome((), error_record(nobody_there(asked), "", ""), "Failed")
        except Hung:
            self._stopped.wait()
            self._end(_INTERRUPTED)
            return
        stdout, stderr, code = printed(outcome)
        self._end(code, stdout=stdout, stderr=stderr)

    def _takes_value(self, cmdlet: str, parameter: str) -> bool | None:
        """Whether what a name may mean takes a value; None where it is not known."""
        found = find(self._endpoint, cmdlet)
        info = SELECT_OBJECT if cmdlet.lower() == SELECT_OBJECT.name.lower() else found.info if found else None
        meant = info.meant(parameter) if info else []
        return not all(one.is_switch for one in meant) if meant else None

    def _end(self, code: int, *, stdout: bytes = b"", stderr: bytes = b"") -> None:
        with contextlib.suppress(OutboxClosed):
            if stdout:
                self._outbox.put(stdout)
            if stderr:
                self._outbox.put(stderr, stream="stderr")
            self._outbox.finish(code)


def _encoded_command(switches: list[str]) -> str:
    """The argument of -EncodedCommand. Raises NotOneCmdletLine for any other use of powershell.exe."""
    rest = iter(switches)
    for switch in rest:
        name = switch.lstrip("-/").lower()
        if name == "ec" or (name and "encodedcommand".startswith(name)):
            if found := next(rest, None):
                return found
        elif any(known.startswith(name) for known in _WITH_VALUE):
            next(rest, None)
        elif not any(known.startswith(name) for known in _ALONE):
            break
    raise NotOneCmdletLine("The simulator's powershell.exe takes -EncodedCommand only. Nothing was run.")


def _script(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-16-le")
    except (binascii.Error, UnicodeDecodeError):
        raise NotOneCmdletLine("The argument of -EncodedCommand is no base64 of UTF-16. Nothing was run.") from None
