"""What the READMEs show is what there is: commands, profile, exit codes, paths and links."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from psbridge.cli import ExitCode
from psbridge.cli.app import app
from psbridge.clixml import decode
from psbridge.discovery import find_playbooks
from psbridge.endpoints import transport_for
from psbridge.profile import EndpointProfile, Profile, SecretReference
from tests.cli.clixml.exports import mailboxes
from tests.cli.commands import profile_of, psbridge
from tests.playbooks.live_tenant import LiveTenant, today
from tests.playbooks.option_zero import NAME, USER
from tests.readme.readme import (
    CONNECTING,
    EXPORTS,
    FLEET,
    PAGES,
    PLAYBOOK_README,
    README,
    ROOT,
    blocks,
    commands,
    exit_codes,
    links,
    paths_of_the_tree,
    reading_order,
)

DEMO = "python -m pip install . && python -m psbridge demo"
TESTS = 'python -m pip install ".[test]" && python -m pytest'
SHOWN = [line for page in PAGES for line in commands(page, "psbridge")]
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")


def test_the_two_commands_of_the_set_up_stand_there_word_for_word() -> None:
    assert commands(README, "python") == [DEMO, TESTS]


def test_the_checks_find_the_test_command_in_the_readme() -> None:
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    wanted = re.findall(r"sed -n '/(.+?)/p' README\.md", run)
    assert len(wanted) == 1
    lines = README.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if re.search(wanted[0], line)] == [TESTS]


def test_the_second_half_of_the_demo_command_runs_option_zero() -> None:
    program, *arguments = shlex.split(DEMO.partition("&&")[2])
    assert program == "python"
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    for promised in ("PS C:\\> Get-Mailbox", "Guard holds", "Exactly this will run:", "REPORT", "merge: Completed"):
        assert promised in done.stdout


@pytest.mark.parametrize("line", SHOWN)
def test_every_command_that_is_shown_is_one_that_psbridge_takes(line: str) -> None:
    _, name, *arguments = shlex.split(line.partition(" | ")[0])
    group = typer.main.get_command(app)
    with group.make_context("psbridge", [name, *arguments]) as context:
        found, command, rest = group.resolve_command(context, [name, *arguments])  # type: ignore[attr-defined]  # a group has it
        if name in {"cassette", "clixml", "fleet", "journal", "playbook"}:
            found, command, rest = command.resolve_command(context, rest)
        # Making the context parses; an argument or option that is not known raises a usage error.
        command.make_context(found, rest, parent=context)


def test_every_command_is_shown() -> None:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group has it
    assert {line.split()[1] for line in SHOWN} | {"demo"} == set(known)
    for group in ("cassette", "clixml", "fleet", "journal", "playbook"):
        assert {line.split()[2] for line in SHOWN if line.split()[1] == group} == set(known[group].commands)


@pytest.mark.timeout(300)
def test_the_commands_for_exports_that_are_shown_do_what_is_said(tmp_path: Path) -> None:
    more = '<S N="RecipientTypeDetails">UserMailbox</S><S N="IssueWarningQuota">49 GB</S>'
    more += '<Nil N="PrimarySmtpAddress" /><Nil N="WhenCreated" />'
    export = mailboxes(3, more)
    for name in ("mailboxes.xml", "before.xml", "after.xml"):
        (tmp_path / name).write_bytes(export)
    said = {}
    for line in commands(EXPORTS, "psbridge"):
        done = psbridge(*shlex.split(line)[1:], cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), line
        said[line] = done.stdout
    assert sum("Mailbox 2" in text for text in said.values()) == 2  # a table and JSON lines
    assert decode((tmp_path / "again.xml").read_bytes()) == decode(export)
    assert (tmp_path / "mailboxes.csv").read_text(encoding="utf-8").splitlines()[3] == '"Mailbox 2",'


@pytest.mark.timeout(300)
def test_the_commands_that_are_shown_lead_through_a_run(tmp_path: Path, exchange_like: str) -> None:
    tenant = LiveTenant(tmp_path, exchange_like, change=today)
    journal = tmp_path / "journal.db"
    profile = profile_of(tenant, tmp_path, journal=journal)
    ends = dict.fromkeys(("runs", "show", "report", "approve", "cancel", "journal"), 0)
    ends |= {"run": 3, "resume": 3, "answer": 2, "retry": 2}
    run_id, sha = "", ""
    others = {
        "cassette",
        "clixml",
        "completion",
        "doctor",
        "fleet",
        "init",
        "playbook",
        "playbooks",
        "profiles",
        "simulate",
        "worker",
    }
    for line in (line for line in commands(README, "psbridge") if line.split()[1] not in others and "--fleet" not in line):
        _, name, *arguments = shlex.split(line)
        meant = {"user@contoso.com": USER, "RUN": run_id, "FILE": f"{tmp_path}/copy.db", "FOLDER": f"{tmp_path}/ticket"}
        meant |= {name: f"{tmp_path}/{name}" for name in ("scan.csv", "report.html")}
        given = [meant.get(argument, argument) for argument in arguments]
        at = ["--profile", str(profile)] if name in {"run", "resume"} else ["--journal", str(journal)]
        wait = ["--wait", "0"] if name == "run" else []
        approval = [sha] if name == "approve" else []
        done = psbridge(name, *given, *approval, *at, *wait)
        expected = 0 if "--what-if" in given or "--due" in given else 6 if "duplicate-mailbox-scan" in given else ends[name]
        assert done.returncode == expected, (line, done.stdout, done.stderr)
        if begun := re.findall(r"psbridge approve (\S+) ([0-9a-f]{64})", done.stdout):
            run_id, sha = begun[0]
    assert len(tenant.ran("Remove-MsolUser")) == 2


def test_the_profile_that_is_shown_can_be_read_and_has_every_endpoint(tmp_path: Path) -> None:
    profile = _shown_profile(tmp_path)
    assert set(profile.endpoints) == set(find_playbooks()[NAME].endpoints) | {"sync"}
    assert profile.endpoints["sync"].transport == "manual"
    secrets = [value for value in profile.endpoints["exo"].connect[0].parameters.values() if isinstance(value, SecretReference)]
    assert [value.secret for value in secrets] == ["keyring:psbridge/exo-certificate"]
    assert profile.endpoints["exo"].connect[0].parameters["CertificateFilePath"] == r"C:\psbridge\exo.pfx"


def test_the_endpoints_that_are_shown_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERTIFICATE_PASSWORD", "not a real one")
    secret = ("keyring:psbridge/exo-certificate", "environment:CERTIFICATE_PASSWORD")
    for name, endpoint in _shown_profile(tmp_path, secret).endpoints.items():
        if endpoint.transport != "manual":
            transport_for(name, endpoint).close()


def test_what_is_said_of_an_endpoint_is_what_a_profile_takes() -> None:
    text = CONNECTING.read_text(encoding="utf-8")
    fields = EndpointProfile.model_fields
    assert [name for name in fields if not re.search(rf"`{name}[`\s]|^{name} = ", text, re.MULTILINE)] == []
    assert fields["session_age"].default == 3_600
    assert fields["deadline"].default == 900
    for said in ("`connect` commands", '`environment = { NAME = "value" }`', "`deadline`\n  (seconds for one cmdlet, 900"):
        assert said in text


def test_the_table_of_exit_codes_is_the_one_that_is_used() -> None:
    told = exit_codes()
    assert set(told) == {int(code) for code in ExitCode}
    for code in ExitCode:
        assert code.name.lower() in told[code].partition(":")[0]
    assert isinstance(app.info.epilog, str)
    assert {int(number) for number in re.findall(r"\d+", app.info.epilog)} == set(told)


@each_page
def test_every_option_of_a_playbook_that_is_shown_has_that_value(page: Path) -> None:
    inputs = {known.name: known.choices for playbook in find_playbooks().values() for known in playbook.inputs}
    shown = re.findall(r"--option (\w+)=(\w+)", page.read_text(encoding="utf-8"))
    assert shown or page not in {README, PLAYBOOK_README}
    for name, value in shown:
        assert value in inputs[name]


@each_page
def test_every_option_in_the_text_belongs_to_a_command(page: Path) -> None:
    group = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group has it
    known = {
        option
        for command in (*group.values(), *group["clixml"].commands.values(), *group["cassette"].commands.values())
        for parameter in command.params
        for option in parameter.opts
    }
    shown = set(re.findall(r"`(--[a-z-]+)", page.read_text(encoding="utf-8")))
    assert shown
    assert shown <= known


def test_the_tree_names_only_what_is_there() -> None:
    paths = paths_of_the_tree()
    assert len(paths) > 20
    assert [str(path.relative_to(ROOT)) for path in paths if not path.exists()] == []


def test_the_tree_leaves_out_no_part_of_the_package() -> None:
    folders = {path.parent for path in (ROOT / "psbridge").glob("*/__init__.py")}
    assert folders <= set(paths_of_the_tree())


def test_the_files_to_read_are_there() -> None:
    files = reading_order()
    assert len(files) == 12
    assert [str(path.relative_to(ROOT)) for path in files if not path.is_file()] == []


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [str(path) for path in links(page) if not path.exists()] == []


def _shown_profile(folder: Path, instead: tuple[str, str] = ("", "")) -> Profile:
    (first,), (fleet,) = blocks(CONNECTING, "toml"), blocks(FLEET, "toml")
    path = folder / "profile.toml"
    # What is shown for many runs belongs to the first one: its lines before the table, and the table.
    lines, table, limits = fleet.partition("[limits]")
    for shown in (first, f"{lines}{first.partition(chr(10))[2]}\n{table}{limits}"):
        path.write_text(shown.replace(*instead), encoding="utf-8")
        profile = Profile.load(path)
    assert profile.limits.destructive_per_hour == 30
    return profile
