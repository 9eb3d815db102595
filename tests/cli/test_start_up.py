"""What help may import, and a worker before its first session.

Machines differ in speed, so modules are held, not time; `benchmarks/start_up.py` measures that.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

PROGRAM = """\
import atexit, json, sys
from psbridge.cli import main
atexit.register(lambda: print("\\n" + json.dumps(sorted(sys.modules))))
sys.argv = ["psbridge", *{arguments}]
main()
"""
# What takes longer to import than the help takes to be printed.
HEAVY = frozenset(
    {
        *("pydantic", "pydantic_core", "loguru", "rich", "jinja2", "keyring", "platformdirs", "cryptography", "tenacity"),
        *("pypsrp", "psrpcore", "winrm", "requests", "sqlite3", "psycopg", "procrastinate", "asyncio", "multiprocessing"),
    }
)
# Of psbridge itself: the command line's own modules, and the values and errors that its exit codes are made from.
OWN = ("psbridge.cli", "psbridge.errors", "psbridge.error_record", "psbridge.psobject")


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["cassette", "--help"], ["clixml", "--help"], ["journal", "--help"], ["fleet", "--help"]],
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    program = PROGRAM.format(arguments=arguments)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    modules = json.loads(done.stdout.splitlines()[-1])
    # Typer itself reads the options before the name of a command with pydantic.
    allowed = {"pydantic", "pydantic_core"} if len(arguments) > 1 else set()
    assert sorted(HEAVY & {name.partition(".")[0] for name in modules} - allowed) == []
    own = {name for name in modules if name.startswith("psbridge.")}
    assert sorted(name for name in own if not name.startswith(OWN)) == []
    # No command is imported to be listed.
    commands = {name for name in own if name.startswith("psbridge.cli.")}
    assert commands <= {
        *("psbridge.cli.app", "psbridge.cli.lazy", "psbridge.cli.examples", "psbridge.cli.exit_codes"),
        *(f"psbridge.cli.{name}" for name in ("cassette", "clixml", "fleet", "journal", "playbook")),
        f"psbridge.cli.{arguments[0]}.group",
    }


def test_a_worker_imports_nothing_of_a_session_before_it_opens_one() -> None:
    """It takes memory in every worker, and most have one kind of endpoint only."""
    program = (
        "import json, sys, psbridge.cli.worker, psbridge.fleet.worker\n"
        "psbridge.cli.worker.find_playbooks()\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    of_sessions = {"cryptography", "keyring", "pypsrp", "psrpcore", "winrm", "requests", "rich", "jinja2"}
    assert sorted(of_sessions & {*json.loads(done.stdout)}) == []


def test_a_library_is_silent_until_its_user_asks_whenever_that_is() -> None:
    program = (
        "import sys, psbridge\n"
        "from loguru import logger\n"
        "logger.remove(); logger.add(sys.stdout, format='{{message}}')\n"
        "if {before}: logger.enable('psbridge')\n"
        "import psbridge.log\n"
        "if {after}: logger.enable('psbridge')\n"
        "exec(compile('psbridge.log.logger.info(1)', 'x', 'exec'), {{'__name__': 'psbridge.session', 'psbridge': psbridge}})\n"
    )
    for before, after, printed in ((False, False, ""), (True, False, "1\n"), (False, True, "1\n")):
        asked = program.format(before=before, after=after)
        done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=False)
        assert (done.stdout, done.stderr) == (printed, "")
