"""A run for each line of a file: each user once, none twice unseen, and one that fails stops the others only at a limit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from playbooks.duplicate_mailbox.delete_account import playbook
from psbridge.cli.again import Again
from psbridge.cli.batch import Batch, jobs_of
from psbridge.cli.consent import SayYes
from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.live import Live
from psbridge.clock import SkippingClock
from psbridge.endpoints import Endpoints
from psbridge.engine import Engine
from psbridge.errors import InputError
from psbridge.journal import SqliteStore, Status
from psbridge.simulator import SimulatedOrganisation
from psbridge.transports.simulated import SimulatedTransport
from tests.cli.commands import psbridge

HEAD = "Class,Playbook,UserPrincipalName,DisplayName,ObjectId,OnPremisesGuid"
DUPLICATE = "both,{name},testduplicate@domain.com,Test,e3eaf6c1-f012-42e9-a54b-0c3f5a1d9e77,5b000000-0000-4000-8000-00000000000b"
LICENCE = "both,{name},testLicense@domain.com,Test,c686dfd9-aa4a-4b54-8680-cc0d4c9b0a62,5b000000-0000-4000-8000-00000000000c"
NOBODY = "both,{name},nobody@domain.com,Nobody,5b000000-0000-4000-8000-0000000000ee,"


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([HEAD, *lines]).replace("{name}", playbook.name) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine in the documents' organisation."""
    organisation = SimulatedOrganisation.from_seed("documents")
    clock = SkippingClock(organisation.state.now)
    endpoints = Endpoints(lambda endpoint: SimulatedTransport(organisation, endpoint, clock))
    store = SqliteStore(tmp_path / "journal.db")
    yield Engine(store, {playbook.name: playbook}, endpoints, clock=clock)
    store.close()


def batch(engine: Engine, *, most: int = 3, repeat: bool = False, patience: timedelta = timedelta(days=1)) -> Batch:
    return Batch(engine, playbook, engine.clock, SayYes(), patience, Live(), most, repeat, Again())


def test_a_user_that_fails_does_not_stop_the_others(engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    jobs = jobs_of(playbook, write(tmp_path / "s.csv", NOBODY, DUPLICATE, LICENCE), {"merge": "no"})
    assert batch(engine).run(jobs) is ExitCode.FAILED
    assert sorted(run.status for run in engine.runs()) == [Status.DONE, Status.DONE, Status.FAILED]
    said = capsys.readouterr().out
    assert "3 of 3 users" in said
    assert "nobody@domain.com  failed" in said


def test_too_many_failures_end_it(engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    jobs = jobs_of(playbook, write(tmp_path / "s.csv", NOBODY, DUPLICATE, LICENCE), {"merge": "no"})
    assert batch(engine, most=1).run(jobs) is ExitCode.FAILED
    assert len(engine.runs()) == 1
    said = capsys.readouterr()
    assert "1 users have failed; no further one is begun" in said.err
    assert "2 users were not come to." in said.out


def test_a_second_time_nobody_is_begun_unseen(engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "s.csv", DUPLICATE)
    jobs = jobs_of(playbook, path, {"merge": "no"})
    assert batch(engine).run(jobs) is ExitCode.DONE
    assert batch(engine).run(jobs) is ExitCode.DONE
    (run,) = engine.runs()
    said = capsys.readouterr().out
    assert f"{run.run_id}  testduplicate@domain.com  not begun: its run is there already (done)" in said
    assert "--repeat begins anew what has ended" in said
    # The account is new, so the old id finds nothing: the run stops before any change.
    assert batch(engine, repeat=True).run(jobs) is ExitCode.FAILED
    assert sorted(one.status for one in engine.runs()) == [Status.DONE, Status.FAILED]


def test_a_run_that_waits_is_never_begun_again(engine: Engine, tmp_path: Path) -> None:
    jobs = jobs_of(playbook, write(tmp_path / "s.csv", DUPLICATE), {})
    assert batch(engine, patience=timedelta()).run(jobs) is ExitCode.WAITING
    assert batch(engine, repeat=True).run(jobs) is ExitCode.DONE
    assert len(engine.runs()) == 1


def test_a_user_on_two_lines_is_one_user(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    renamed = DUPLICATE.replace("testduplicate@domain.com", "renamed@domain.com")
    path = write(tmp_path / "s.csv", DUPLICATE, renamed, LICENCE, "both,none,x@domain.com,X,,")
    assert [job.inputs["identity"] for job in jobs_of(playbook, path, {})] == [
        "testduplicate@domain.com",
        "testLicense@domain.com",
    ]
    assert "2 users for duplicate-mailbox-delete-account; skipped: 1 for none." in capsys.readouterr().out


def test_the_ids_are_taken_from_their_columns_and_options_from_the_command_line(tmp_path: Path) -> None:
    (job,) = jobs_of(playbook, write(tmp_path / "s.csv", DUPLICATE), {"merge": "no"})
    assert job.inputs == {
        "identity": "testduplicate@domain.com",
        "cloud_id": "e3eaf6c1-f012-42e9-a54b-0c3f5a1d9e77",
        "on_premises_id": "5b000000-0000-4000-8000-00000000000b",
        "merge": "no",
    }


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_what_excel_saved_again_is_read(encoding: str, tmp_path: Path) -> None:
    text = f"{HEAD}\r\n{DUPLICATE}".replace("{name}", playbook.name).replace("Test,", "Jos\u00e9,").replace(",", ";")
    path = tmp_path / "s.csv"
    path.write_bytes(text.encode(encoding))
    (job,) = jobs_of(playbook, path, {})
    assert job.inputs["cloud_id"] == "e3eaf6c1-f012-42e9-a54b-0c3f5a1d9e77"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("both,{name},*,X,,", "it has a wildcard"),
        ("both,{name},,X,,", "it is empty"),
        ("both,{name},a@domain.com,X,00000000-0000-0000-0000-000000000000,", "the empty GUID"),
        ("both,{name},a@domain.com,X,*,", "is no GUID"),
        ("both,{name},a@domain.com", "another number of cells"),
        ('both,{name},"a@domain.com', "cannot be read"),
    ],
)
def test_a_line_that_names_no_single_user_is_refused_with_its_number(line: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=expected):
        jobs_of(playbook, write(tmp_path / "s.csv", DUPLICATE, line), {})


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text('[{"Name": "x"}]', encoding="utf-8")
    with pytest.raises(InputError, match="has no column Playbook"):
        jobs_of(playbook, path, {})
    path.write_text('{"Name": "x"}', encoding="utf-8")
    with pytest.raises(InputError, match="expected a list of objects"):
        jobs_of(playbook, path, {})


def test_a_line_that_names_one_person_with_the_ids_of_another_deletes_nobody(tmp_path: Path) -> None:
    """A column that slipped in a spreadsheet: every other guard holds, because both ids are consistently the other person's."""
    lines = [
        "Playbook,UserPrincipalName,ObjectId,OnPremisesGuid",
        ",".join([playbook.name, "testlicense@domain.com", *DUPLICATE.split(",")[4:]]),
    ]
    (tmp_path / "slipped.csv").write_text("\n".join(lines))
    given = ("--from", tmp_path / "slipped.csv", "--simulate", "--seed", "documents", "--yes", "--option", "merge=no")
    done = psbridge("run", "duplicate-mailbox-delete-account", *given)
    assert done.returncode == 1
    assert "Stopped at the ids belong to the named user." in done.stdout + done.stderr
    assert "Remove-MsolUser" not in done.stdout


def test_a_name_in_a_column_of_ids_is_no_id(tmp_path: Path) -> None:
    lines = ["Playbook,UserPrincipalName,ObjectId", "duplicate-mailbox-delete-account,a@domain.com,b@domain.com"]
    (tmp_path / "names.csv").write_text("\n".join(lines))
    done = psbridge("run", "duplicate-mailbox-delete-account", "--from", tmp_path / "names.csv", "--simulate")
    assert (done.returncode, "in the column ObjectId is no GUID" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("s.csv", "Class,Playbook,UserPrincipalName,Playbook\r\nx,a,b,c\r\n", "has the column 'Playbook' more than once"),
        ("s.json", '[{"Playbook": "a", "Playbook": "b"}]', "has the column 'Playbook' more than once"),
        ("s.jsonl", '{"Playbook": "a"}\n{"Playbook"', "line 2, cannot be read"),
        ("s.json", "[" * 100_000, "nested too deeply"),
        ("s.json", '[{"a":' * 50_000, "nested too deeply"),
        ("s.json", '{"a": 1}', "expected a list of objects"),
    ],
)
def test_a_file_that_says_two_things_or_none_is_refused_in_one_line(name: str, text: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=expected) as refused:
        jobs_of(playbook, path, {})
    assert "\n" not in str(refused.value)


def test_columns_without_a_name_and_lines_of_json_are_read(tmp_path: Path) -> None:
    excel = tmp_path / "s.csv"
    excel.write_text(f"Playbook;UserPrincipalName;;\r\n{playbook.name};a@domain.com;;\r\n", encoding="utf-8")
    lines = tmp_path / "s.jsonl"
    lines.write_text(f'{{"Playbook": "{playbook.name}", "UserPrincipalName": "a@domain.com"}}\n', encoding="utf-8")
    for path in (excel, lines):
        (job,) = jobs_of(playbook, path, {})
        assert job.who == "a@domain.com"
