"""What a Get-Mailbox over WS-Man costs the client: CPU time and requests, beside stock pypsrp, in one run.

    python -m benchmarks.remoting [--objects N] [--calls N] [--repeat N]

The real engine answers behind wsman_relay.py, which lies beside the PowerShell of PSBRIDGE_PWSH (it needs the module
ExchangeLike). Every client is a process of its own and asks for the same mailboxes; they take turns. What counts is the
client's CPU time (user and system), from before the call until the stage is reached:

- psbridge: raw messages, decoded values, models. `hooked` is pypsrp's own runspace pool whose fragmenter keeps the bytes of
  outputs (remoting-notes 2.2): the other way to the same raw messages.
- pypsrp: its objects, as PowerShell.invoke() gives them.

Requests are those that the relay saw for one small call on an open session.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Final, Self
from urllib.parse import urlsplit

from benchmarks.tenant import environment, write_tenant

__all__ = ["main"]

_ROOT: Final = Path(__file__).resolve().parents[1]
_CONFIGURATION: Final = "Microsoft.PowerShell"
# One call: each step gives the stage that was reached and how many objects it holds.
Call = Callable[[int], Iterator[tuple[str, int]]]


def main() -> None:
    """Measure and print."""
    given = _parser().parse_args()
    if given.client:
        _serve(given.client, given.uri)
        return
    powershell = os.environ.get("PSBRIDGE_PWSH", "")
    if not powershell:
        raise SystemExit("PSBRIDGE_PWSH must name a PowerShell with the module ExchangeLike")
    with TemporaryDirectory(prefix="psbridge-benchmark-") as folder:
        tenant = Path(folder, "tenant.json")
        write_tenant(tenant, given.objects)
        figures = _throughput(powershell, tenant, given.objects, given.repeat)
        _print_throughput(figures, given.objects)
        write_tenant(tenant, 1)
        for name in CLIENTS:
            _print_requests(name, _requests(powershell, tenant, name, Path(folder, f"{name}.jsonl"), given.calls), given.calls)


def _throughput(powershell: str, tenant: Path, objects: int, repeat: int) -> dict[str, list[float]]:
    figures: dict[str, list[float]] = {}
    with Relay(powershell, tenant) as relay:
        clients = [Client(name, relay.uri) for name in CLIENTS]
        for client in clients:
            client.call(min(objects, 50))
        for _ in range(repeat):
            for client in clients:
                for stage, found, cpu in client.call(objects):
                    if found != objects:
                        raise SystemExit(f"{stage}: {found} objects came, not {objects}")
                    figures.setdefault(stage, []).append(found / cpu)
        for client in clients:
            client.close()
    return figures


def _print_throughput(figures: dict[str, list[float]], objects: int) -> None:
    stock = median(figures["pypsrp"])
    print(f"{objects} mailboxes, objects per CPU second of the client (median; all rounds):")
    for stage, each in figures.items():
        rounds = ", ".join(f"{one:,.0f}" for one in each)
        print(f"  {stage:<24}{median(each):>8,.0f}   {median(each) / stock:>5.1f} times pypsrp   ({rounds})")


def _requests(powershell: str, tenant: Path, name: str, record: Path, calls: int) -> Counter[str]:
    with Relay(powershell, tenant, "--record", str(record)) as relay:
        client = Client(name, relay.uri)
        client.call(1)
        before = _operations(record)
        for _ in range(calls):
            client.call(1)
        counted = _operations(record) - before
        client.close()
    return counted


def _operations(record: Path) -> Counter[str]:
    with record.open(encoding="utf-8") as file:
        entries = [json.loads(line) for line in file]
    return Counter(entry["operation"] for entry in entries if entry["kind"] == "http" and "operation" in entry)


def _print_requests(name: str, counted: Counter[str], calls: int) -> None:
    parts = ", ".join(f"{operation} {count / calls:.2f}" for operation, count in sorted(counted.items()))
    print(f"requests for one call, {name}: {sum(counted.values()) / calls:.2f} ({parts})")


class Relay:
    """wsman_relay.py in front of a PowerShell with the tenant."""

    def __init__(self, powershell: str, tenant: Path, *more: str) -> None:
        relay = Path(powershell).resolve().parent / "wsman_relay.py"
        shell = f"{_CONFIGURATION}={powershell} -s -NoLogo -NoProfile"
        self._process = subprocess.Popen(
            [sys.executable, str(relay), "--endpoint", shell, "--user", "user", "--password", "p", *more],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment(tenant)},
        )
        assert self._process.stdout is not None
        self.uri: str = json.loads(self._process.stdout.readline())["url"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


class Client:
    """A client in a process of its own."""

    def __init__(self, name: str, uri: str) -> None:
        command = [sys.executable, "-m", "benchmarks.remoting", "--client", name, "--uri", uri]
        self._process = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def call(self, objects: int) -> list[tuple[str, int, float]]:
        """Ask for so many mailboxes; give the stage, the objects and the CPU seconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{objects}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"a client ended with {self._process.wait()}")
        return [(stage, found, cpu) for stage, found, cpu in json.loads(answer)]

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def _serve(name: str, uri: str) -> None:
    call = CLIENTS[name](uri)
    for line in sys.stdin:
        gc.collect()
        begin = time.process_time()
        stages = [(stage, found, time.process_time() - begin) for stage, found in call(int(line))]
        print(json.dumps(stages), flush=True)


def _psbridge(uri: str) -> Call:
    from psbridge.command import Pipeline
    from psbridge.models import Mailbox
    from psbridge.psobject import SecureString
    from psbridge.session import Result
    from psbridge.transports.psrp import PsrpTransport
    from psbridge.transports.wsman import WsmanEndpoint

    endpoint = WsmanEndpoint(uri, _CONFIGURATION, "basic", "user", SecureString.of("p"))
    transport = PsrpTransport(endpoint, deadline=None)

    def call(objects: int) -> Iterator[tuple[str, int]]:
        reply = transport.run(Pipeline.of("Get-Mailbox", ResultSize=objects))
        yield "psbridge, messages", len(reply.records)
        values = Result.of(reply).output
        yield "psbridge, decoded", len(values)
        models = [Mailbox.parse(value, "Get-Mailbox") for value in values]
        yield "psbridge, models", len(models)

    return call


def _pypsrp(uri: str) -> Call:
    from pypsrp.powershell import PowerShell, RunspacePool

    pool = RunspacePool(_stock(uri), configuration_name=_CONFIGURATION)
    pool.open()

    def call(objects: int) -> Iterator[tuple[str, int]]:
        shell = PowerShell(pool).add_cmdlet("Get-Mailbox").add_parameter("ResultSize", objects)
        yield "pypsrp", len(shell.invoke())
        shell.close()

    return call


def _hooked(uri: str) -> Call:
    from pypsrp.messages import Message, PipelineOutput
    from pypsrp.powershell import Fragmenter, PowerShell, RunspacePool

    header = struct.Struct(">QQBI")

    class Raw(Fragmenter):
        parts: ClassVar[dict[int, list[bytes]]] = {}

        def defragment(self, data: bytes) -> list[Any]:
            done, position = [], 0
            while position < len(data):
                object_id, _, flags, length = header.unpack_from(data, position)
                position += header.size + length
                self.parts.setdefault(object_id, []).append(data[position - length : position])
                if flags & 2:
                    done.append(b"".join(self.parts.pop(object_id)))
            return [self._message(raw) for raw in done]

        def _message(self, raw: bytes) -> Any:
            if int.from_bytes(raw[4:8], "little") != 0x41004:
                return Message.unpack(raw, self.serializer)
            output = PipelineOutput()
            output.data = raw[40:]
            return Message(1, None, None, output, self.serializer)

    wsman = _stock(uri)
    pool = RunspacePool(wsman, configuration_name=_CONFIGURATION)
    pool._fragmenter = Raw(wsman.max_payload_size, pool._serializer)  # noqa: SLF001 - there is no public hook
    pool.open()

    def call(objects: int) -> Iterator[tuple[str, int]]:
        shell = PowerShell(pool).add_cmdlet("Get-Mailbox").add_parameter("ResultSize", objects)
        yield "hooked, messages", len(shell.invoke())
        shell.close()

    return call


def _stock(uri: str) -> Any:
    from pypsrp.wsman import WSMan

    given = {"auth": "basic", "username": "user", "password": "p"}
    return WSMan("127.0.0.1", port=urlsplit(uri).port, ssl=False, encryption="never", no_proxy=True, **given)  # type: ignore[arg-type]  # texts


CLIENTS: Final[dict[str, Callable[[str], Call]]] = {"psbridge": _psbridge, "hooked": _hooked, "pypsrp": _pypsrp}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.remoting", description=__doc__)
    parser.add_argument("--objects", type=int, default=5_000)
    parser.add_argument("--calls", type=int, default=50, help="calls of which the requests are counted")
    parser.add_argument("--repeat", type=int, default=1, help="rounds that count (1)")
    parser.add_argument("--client", help=argparse.SUPPRESS)
    parser.add_argument("--uri", help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    main()
