"""The playbook on exports of the real engine: which user, which file, and that it goes on without the file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from playbooks.migration.migration_report import playbook
from playbooks.migration.verdict import judge
from psbridge.cassettes import Cassette, Playback, Recording
from psbridge.clixml import decode, encode
from psbridge.clock import SkippingClock
from psbridge.endpoints import Endpoints
from psbridge.engine import Done, Engine, Failed, Outcome
from psbridge.journal import SqliteStore
from psbridge.models import Untyped
from psbridge.profile import Profile
from psbridge.psobject import PSObject
from psbridge.session import Session
from tests.playbooks.live_tenant import LiveTenant
from tests.playbooks.migration.statistics import a_list
from tests.playbooks.scenario import BEGIN
from tests.playbooks.scenarios.migration_report import SYNCED, USER
from tests.simulator.rehearsal import SWITCH, Rehearsal

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "clixml"
EXPORTED = FIXTURES / "Get-MigrationUserStatistics" / "exported.clixml"
# The third question to this machine: the hash, the file, the hash.
_LAST_LOOK = 3


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory, exchange_like: str) -> LiveTenant:
    """The documents' tenant, in which an administrator exports."""
    return LiveTenant(tmp_path_factory.mktemp("tenant"), exchange_like)


@pytest.fixture(scope="module")
def exports(tenant: LiveTenant) -> Path:
    """What Export-Clixml of the real engine writes, in one go: a process of its own for each would take seconds."""
    folder = tenant.path.parent
    users = f"'{USER}', '{SYNCED}' | ForEach-Object {{ Get-MigrationUserStatistics $_ -IncludeReport }}"
    one = f"Get-MigrationUserStatistics {USER} -IncludeReport"
    lines = (
        f"{one} | Export-Clixml -Path '{folder}/one.xml'",
        f"{one} | Export-Clixml -Path '{folder}/utf-16.xml' -Encoding Unicode",
        f"Get-MoveRequestStatistics {USER} -IncludeReport | Export-Clixml -Path '{folder}/move.xml'",
        f"{users} | Export-Clixml -Path '{folder}/all.xml'",
        f"{one} | Export-Clixml -Path '{folder}/flat.xml' -Depth 1",
        f"'nothing of the kind' | Export-Clixml -Path '{folder}/other.xml'",
    )
    tenant.operator("; ".join(lines), endpoint="exo")
    return folder


def run(folder: Path, endpoints: Endpoints | None = None, **inputs: str) -> Outcome:
    with SqliteStore(folder / "journal.db") as store:
        engine = engine_for(store, endpoints)
        return engine.advance(engine.start(playbook.name, {"identity": USER, **inputs}))


def engine_for(store: SqliteStore, endpoints: Endpoints | None = None) -> Engine:
    sessions = endpoints or Endpoints.of(Profile(endpoints={}))
    return Engine(store, {playbook.name: playbook}, sessions, clock=SkippingClock(BEGIN), tenant="domain.onmicrosoft.com")


@pytest.mark.parametrize("name", ["one.xml", "utf-16.xml", "move.xml", "flat.xml"])
def test_an_export_of_the_real_engine_gives_the_documents_numbers(name: str, exports: Path, tmp_path: Path) -> None:
    outcome = run(tmp_path, file=str(exports / name), identity={"move.xml": "user"}.get(name, USER))
    assert isinstance(outcome, Done), outcome
    result = outcome.result
    assert (result["data"]["transferred_bytes"], result["data"]["estimated_bytes"]) == (2668722884, 1612092317)
    assert result["durations"]["stalled"] == "01:21:09.3851867"
    digest = hashlib.sha256((exports / name).read_bytes()).hexdigest().upper()
    assert result["read_from"] == f"{exports / name}, SHA-256 {digest}"
    assert [stall["late"] for stall in result["stalls"]] == ["00:05:03", "00:07:45"]
    assert result["verdict"] == "verified"


def test_of_several_users_the_named_one_is_taken_without_case(exports: Path, tmp_path: Path) -> None:
    outcome = run(tmp_path, file=str(exports / "all.xml"), identity=SYNCED.upper())
    assert isinstance(outcome, Done)
    assert (outcome.result["user"], outcome.result["verdict"]) == (SYNCED, "under way")


def test_every_user_of_a_file_is_reported_the_worst_verdict_first(exports: Path, tmp_path: Path) -> None:
    outcome = run(tmp_path, file=str(exports / "all.xml"), identity="everyone", users="all")
    assert isinstance(outcome, Done)
    assert outcome.result["verdict"] == "under way"
    assert outcome.result["attention"] == f"{SYNCED}: under way"
    assert [(move["user"], move["verdict"]) for move in outcome.result["moves"]] == [(USER, "verified"), (SYNCED, "under way")]
    assert [report["user"] for report in outcome.result["reports"]] == [USER, SYNCED]


def test_a_user_who_is_not_in_the_file_stops_the_run_and_those_who_are_are_named(exports: Path, tmp_path: Path) -> None:
    outcome = run(tmp_path, file=str(exports / "all.xml"), identity="nobody@domain.com")
    assert isinstance(outcome, Failed)
    assert "0 of 2 moves; the file has" in outcome.error
    assert USER in outcome.error
    assert SYNCED in outcome.error


def test_a_file_of_something_else_is_no_report(exports: Path, tmp_path: Path) -> None:
    outcome = run(tmp_path, file=str(exports / "other.xml"))
    assert isinstance(outcome, Failed)
    assert "none with a Status or a Report" in outcome.error


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read: No such file"),
        (b"", "CLIXML cannot be read"),
        (b"<Objs>", "broken.xml"),
        (b"\xff\xfe<", "broken.xml"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(content: bytes | None, says: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.xml"
    if content is not None:
        path.write_bytes(content)
    outcome = run(tmp_path, file=str(path))
    assert isinstance(outcome, Failed)
    assert says in outcome.error
    assert not outcome.changed


def test_a_file_that_another_program_still_writes_is_not_reported_on(tmp_path: Path) -> None:
    path = tmp_path / "growing.xml"
    path.write_bytes(EXPORTED.read_bytes())

    class Growing(Endpoints):
        """Directly before the file is hashed once more, somebody adds to it."""

        hashed = 0

        def session(self, endpoint: str) -> Session:
            self.hashed += 1
            if self.hashed == _LAST_LOOK:
                path.write_bytes(EXPORTED.read_bytes() + b"\n")
            return super().session(endpoint)

    outcome = run(tmp_path, Growing.of(Profile(endpoints={})), file=str(path))
    assert isinstance(outcome, Failed)
    assert "Stopped at the file has not changed while it was read." in outcome.error


def test_all_users_are_those_of_a_file(tmp_path: Path) -> None:
    outcome = run(tmp_path, users="all")
    assert isinstance(outcome, Failed)
    assert "Stopped at one user is named. Found: users=all, and no file." in outcome.error


def test_a_list_that_was_exported_as_one_object_is_its_items(tmp_path: Path) -> None:
    (value,) = decode(EXPORTED.read_bytes())
    path = tmp_path / "list.xml"
    path.write_bytes(encode([a_list([value, value])]))
    outcome = run(tmp_path, file=str(path), users="all")
    assert isinstance(outcome, Done)
    assert len(outcome.result["reports"]) == 2


def test_the_journal_tells_the_same_when_the_file_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "migration.xml"
    path.write_bytes(EXPORTED.read_bytes())
    with SqliteStore(tmp_path / "journal.db") as store:
        engine = engine_for(store)
        begun = engine.start(playbook.name, {"identity": USER, "file": str(path)})
        ended = engine.advance(begun)
        assert isinstance(ended, Done)
        path.unlink()
        entries = engine.entries(begun)
        kept = [entry for entry in entries if entry.reply is not None]
        assert [entry.command.split()[0] for entry in kept] == ["Get-FileHash", "Import-Clixml", "Get-FileHash"]
        assert str(ended.result["read_from"]).rpartition(" ")[2] in str(kept[0].body["reply"])


def test_a_plan_reads_the_file_and_would_change_nothing(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "journal.db") as store:
        plan = engine_for(store).plan(playbook.name, {"identity": USER, "file": str(EXPORTED)})
    assert (plan.writes, plan.approvals, plan.ended) == ((), (), "")
    assert plan.result is not None
    assert plan.result["verdict"] == "verified"


def test_a_recording_replays_without_the_file(tmp_path: Path) -> None:
    path, cassette = tmp_path / "migration.xml", tmp_path / "report.cassette"
    path.write_bytes(EXPORTED.read_bytes())
    (tmp_path / "first").mkdir()
    with Recording(cassette, SkippingClock(BEGIN).now) as recording:
        recorded = run(tmp_path / "first", Endpoints.of(Profile(endpoints={}), wrap=recording.wrap), file=str(path))
    path.unlink()
    with Playback(Cassette.load(cassette)) as playback:
        assert run(tmp_path, Endpoints(playback.transport), file=str(path)) == recorded
    assert isinstance(recorded, Done)


def test_two_answers_to_one_name_stop_the_run(tmp_path: Path) -> None:
    (value,) = decode(EXPORTED.read_bytes())
    path = tmp_path / "twice.xml"
    path.write_bytes(encode([value, value]))
    outcome = run(tmp_path, file=str(path))
    assert isinstance(outcome, Failed)
    assert "2 of 2 moves" in outcome.error


def test_an_object_with_a_status_and_nothing_else_is_not_verified(tmp_path: Path) -> None:
    path = tmp_path / "bare.xml"
    path.write_bytes(encode([PSObject(props={"Status": "Completed", "Identity": USER})]))
    outcome = run(tmp_path, file=str(path))
    assert isinstance(outcome, Done)
    assert outcome.result["verdict"] == "not verified"


def test_with_a_file_no_endpoint_is_needed() -> None:
    assert playbook.needed({"identity": USER}) == ("exo",)
    assert playbook.needed({"identity": USER, "file": ""}) == ("exo",)
    assert playbook.needed({"identity": USER, "file": "migration.xml"}) == ()


def test_a_move_that_is_completed_in_the_simulator_is_verified_then() -> None:
    rehearsal = Rehearsal("migration")

    def verdict() -> str:
        statistics = rehearsal.one("exo", "Get-MigrationUserStatistics", Identity=SYNCED, IncludeReport=SWITCH)
        return judge(Untyped.read(statistics)).judgement

    assert verdict() == "under way"
    rehearsal.objects("exo", "Complete-MigrationBatch", Identity="July migration", Confirm=False)
    rehearsal.clock.sleep(24 * 3600)
    assert verdict() == "verified"
