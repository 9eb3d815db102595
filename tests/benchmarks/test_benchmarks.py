"""The benchmarks run, with few objects, and print their tables. No time is held against anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the benchmarks read /proc")


def ran(module: str, *arguments: str, **environment: str) -> list[str]:
    """What a benchmark prints."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    variables = {**os.environ, **environment}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, encoding="utf-8", timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def rows(printed: list[str], title: str) -> dict[str, list[str]]:
    """The rows of a table, by their first cell."""
    start = printed.index(title) + 2
    lines = [[cell.strip() for cell in line.strip("| ").split("|")] for line in printed[start:]]
    end = lines.index([""]) if [""] in lines else len(lines)
    return {line[0]: line[1:] for line in lines[2:end]}


def test_the_codec_is_compared_with_other_libraries(tmp_path: Path) -> None:
    arguments = ["--quick", "--objects", "20", "--slow", "2", "--repeat", "1", "--tables", "codec", "memory"]
    words = ["psbridge, 20", "expat", "pypsrp", "psrpcore", "encoding"]
    printed = ran("clixml", *arguments, "--contenders", *words, "--json", str(tmp_path / "all.json"), PSBRIDGE_PWSH="")

    reading = rows(printed, "Reading")
    assert {"psbridge, 20 properties, models", "pypsrp Serializer", "psrpcore deserialize"} < set(reading)
    assert reading["expat, no handlers"][0] == "20 objects"
    assert reading["psrpcore ClixmlOutput"][0] == "2 objects"
    assert any(line.startswith("Models add ") for line in printed)
    assert set(rows(printed, "Writing")) == {"psbridge, encoding"}
    assert set(rows(printed, "Memory of one scan")) == {"psbridge, 20 properties", "psbridge, 20 properties, models"}
    assert set(json.loads((tmp_path / "all.json").read_text())) == {"reading", "memory"}


@pytest.mark.realps
def test_powershell_takes_part_where_there_is_one(realps: str, tmp_path: Path) -> None:
    arguments = ["--quick", "--objects", "5", "--repeat", "1", "--tables", "codec", "processes"]
    words = ["encoding", "PowerShell"]
    printed = ran("clixml", *arguments, "--contenders", *words, "--directory", str(tmp_path), PSBRIDGE_PWSH=realps)

    assert rows(printed, "Reading")["PowerShell"][2] == "1.00"
    assert set(rows(printed, "Writing")) == {"psbridge, encoding", "PowerShell"}
    assert "PowerShell: Import-Clixml FILE" in rows(printed, "Whole processes")
    assert [path.name for path in tmp_path.iterdir()] == ["mailboxes-5.clixml"]


@pytest.mark.tenant
@pytest.mark.realps
def test_a_call_is_compared_with_other_clients(exchange_like: str, realps: str) -> None:
    printed = ran("end_to_end", "--objects", "3", "--slow", "2", "--repeat", "1", PSBRIDGE_PWSH=realps)

    assert list(rows(printed, "End to end")) == [
        "psbridge, messages",
        "psbridge, decoded",
        "psbridge, models",
        "PowerShell",
        "psrpcore",
    ]


def test_a_large_simulated_tenant_is_measured_stage_by_stage() -> None:
    given = ("--users", "60", "--duplicates", "3", "--unclean", "2", "--mobile-overrides", "1", "--repeat", "1")
    printed = ran("simulator", *given)
    asked = "A tenant of 60 users (3 duplicates, 2 unclean, 1 mobile-overrides)"
    title = next(line for line in printed if line.startswith(asked))
    counts = {stage: cells[0] for stage, cells in rows(printed, title).items()}
    assert counts == {
        "generate and write": "-",
        "start": "-",
        "load": "60",
        "load, Get-Mailbox -Identity": "1",
        "load, Get-Mailbox -ResultSize Unlimited": "60",
        "load, Get-Mailbox -Filter": "5",
    }
