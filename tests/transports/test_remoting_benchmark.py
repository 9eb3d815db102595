"""The benchmark of remoting, with few mailboxes: it measures what it says, and our calls take no more requests than pypsrp's."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.carriers import relay_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.tenant
def test_the_benchmark_of_remoting_counts_objects_and_requests(exchange_like: str) -> None:
    if not relay_of(exchange_like).exists():
        pytest.skip("needs wsman_relay.py beside the PowerShell")
    command = [sys.executable, "-m", "benchmarks.remoting", "--objects", "60", "--calls", "5"]
    environment = {**os.environ, "PSBRIDGE_PWSH": exchange_like}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    rates = {
        name.strip(): float(rate.replace(",", ""))
        for name, rate in re.findall(r"^  (\D+?)\s+([\d,]+) ", done.stdout, re.MULTILINE)
    }
    assert set(rates) == {"psbridge, messages", "psbridge, decoded", "psbridge, models", "hooked, messages", "pypsrp"}
    assert rates["psbridge, models"] > 2 * rates["pypsrp"]
    for client in ("psbridge", "hooked", "pypsrp"):
        found = re.search(rf"one call, {client}: [\d.]+ \(Command 1\.00, Receive ([\d.]+), Signal 1\.00\)", done.stdout)
        assert found, done.stdout
        assert 1.0 <= float(found[1]) <= 3.0
