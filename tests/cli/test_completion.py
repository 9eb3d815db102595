"""`psbridge completion`, asked as each shell asks: in a real bash, a real zsh where there is one, and the real PowerShell."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from psbridge.cli.completing import endpoints, playbooks, runs
from tests.cli.commands import psbridge
from tests.cli.in_process import runner
from tests.real_engine import said

USER = "testduplicate@domain.com"
# A line, and what it may become. Each costs the start of a program.
NAMES = {"psbridge ca": {"cancel", "cassette"}, "psbridge cassette ": {"show", "diff", "verify", "scrub"}}
VALUES = {
    "psbridge playbook show mobile-phone-s": {"mobile-phone-scan", "mobile-phone-set"},
    "psbridge cassette show --endpoint ": {"onprem", "exo"},
    "psbridge run --rec": {"--record"},
}
PROFILE = """\
[endpoints.onprem]
transport = "psrp"
server = "ex01.contoso.com"
[endpoints.exo]
transport = "process"
command = ["pwsh"]
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a program `psbridge`, a profile, and a journal with one run: its id is in `run`."""
    folder = tmp_path_factory.mktemp("home")
    program = folder / "psbridge"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m psbridge "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    own = folder / "data" / "psbridge"
    own.mkdir(parents=True)
    (own / "profile.toml").write_text(PROFILE, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        begun = runner(folder, patch)(
            f"psbridge run duplicate-mailbox-delete-account {USER} --simulate --journal {own / 'journal.db'}"
        )
    (folder / "run").write_text(begun.out.partition("Run ")[2].split()[0], encoding="utf-8")
    return folder


def environment(home: Path) -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[2])
    data = str(home / "data")
    return {
        **os.environ,
        "PATH": f"{home}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": root,
        "XDG_DATA_HOME": data,
        "XDG_CONFIG_HOME": data,
    }


BASH = """
eval "$(psbridge completion bash)"
while IFS= read -r line; do
  read -ra COMP_WORDS <<< "$line"; [[ $line == *" " ]] && COMP_WORDS+=("")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
  _psbridge_completion psbridge
  echo "$line => ${COMPREPLY[*]}"
done
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes_commands_options_playbooks_runs_and_endpoints(home: Path) -> None:
    run = (home / "run").read_text(encoding="utf-8")
    wanted = {**NAMES, **VALUES, "psbridge show ": {run}}
    done = subprocess.run(
        ["bash", "--norc", "-c", BASH],
        input="\n".join(wanted) + "\n",
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.stderr == ""
    found = {line.split(" => ")[0]: set(line.split(" => ")[1].split()) for line in done.stdout.splitlines()}
    assert found == wanted


POWERSHELL = """
. ([scriptblock]::Create((& psbridge completion powershell) -join "`n"))
foreach ($line in %s) {
    $found = [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)
    "$line => $($found.CompletionMatches.CompletionText -join ' ') => $($found.CompletionMatches.ToolTip -join '|')"
}
"""


@pytest.mark.realps
def test_powershell_completes_too_and_shows_what_a_command_does(home: Path, pwsh: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(home).items():
        monkeypatch.setenv(name, value)
    # The engine's program has folders of its own in place of XDG_DATA_HOME and XDG_CONFIG_HOME, so the journal is named.
    run = (home / "run").read_text(encoding="utf-8")
    lines = {**NAMES, f"psbridge show --journal '{home / 'data' / 'psbridge' / 'journal.db'}' ": {run}}
    asked = ", ".join(f'"{line}"' for line in lines)
    shown = [line.split(" => ") for line in said(pwsh, POWERSHELL % asked).splitlines() if " => " in line]
    assert {line: set(found.split()) for line, found, _ in shown} == lines
    assert shown[0][2].startswith("End a run before its next change.|Show, compare and check")


@pytest.mark.skipif(shutil.which("zsh") is None, reason="needs zsh (Debian: apt install zsh)")
def test_zsh_takes_the_script_and_gets_the_answers(home: Path) -> None:
    script = 'autoload -Uz compinit; compinit -u -D; eval "$(psbridge completion zsh)"; print -r -- ${_comps[psbridge]}'
    done = subprocess.run(
        ["zsh", "-f", "-c", script], env=environment(home), capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("_psbridge_completion", "")
    asked = {**environment(home), "_PSBRIDGE_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "psbridge cassette "}
    answer = subprocess.run([home / "psbridge"], env=asked, capture_output=True, text=True, timeout=100, check=False)
    assert answer.stdout.startswith('_arguments \'*: :(("show":"List the calls of a recording')


def test_every_script_is_printed_and_another_shell_is_a_usage_error() -> None:
    for shell, told in (
        ("powershell", "Register-ArgumentCompleter -Native"),
        ("bash", "complete -o default"),
        ("zsh", "#compdef"),
    ):
        printed = psbridge("completion", shell)
        assert printed.returncode == 0
        assert told in printed.stdout
        assert "_PSBRIDGE_COMPLETE" in printed.stdout
    refused = psbridge("completion", "cmd")
    assert refused.returncode == 2
    assert "'powershell', 'bash', 'zsh'" in refused.stderr


class Context:
    """What Click gives to a completion: the options that were typed before."""

    def __init__(self, **params: object) -> None:
        self.params = params


def test_nothing_is_said_where_nothing_can_be_read(tmp_path: Path) -> None:
    broken = tmp_path / "journal.db"
    broken.write_bytes(b"no journal")
    (tmp_path / "profile.toml").write_text("[endpoints", encoding="utf-8")
    assert runs(Context(journal=str(broken)), "") == []
    assert runs(Context(journal=str(tmp_path / "none.db")), "") == []
    assert runs(Context(journal="postgresql://db.contoso.com/psbridge"), "") == []
    assert [name for name, _ in endpoints(Context(profile=tmp_path / "profile.toml"), "")] == [
        "onprem",
        "exo",
        "directory",
        "sync",
    ]
    assert [name for name, _ in playbooks("migration")] == ["migration-report"]


def test_a_command_is_completed_without_its_being_imported() -> None:
    program = (
        "import atexit, json, os, sys; from psbridge.cli import main\n"
        "atexit.register(lambda: print('\\n' + json.dumps(sorted(sys.modules))))\n"
        "os.environ.update(_PSBRIDGE_COMPLETE='complete_bash', COMP_WORDS='psbridge ru', COMP_CWORD='1')\n"
        "sys.argv = ['psbridge']; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    answer, modules = done.stdout.rsplit("\n", 2)[0], done.stdout.rsplit("\n", 2)[1]
    assert answer.split() == ["run", "runs"]
    assert {"psbridge.cli.run", "psbridge.engine", "psbridge.cli.runs", "loguru"} & set(json.loads(modules)) == set()
