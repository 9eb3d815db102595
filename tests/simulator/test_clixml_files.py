"""Export-Clixml and Import-Clixml as the second document uses them: what comes back is what was in the file."""

from __future__ import annotations

import pytest

from psbridge.command import Command
from psbridge.psobject import PSObject
from tests.simulator.rehearsal import SWITCH, Rehearsal

USER = {"Identity": "user@domain.com", "IncludeReport": SWITCH}
PATH = "c:\\temp\\migration.xml"


@pytest.fixture
def scene() -> Rehearsal:
    made = Rehearsal("migration")
    export = Command("Export-Clixml", {"Path": PATH})
    assert made.run("exo", Command("Get-MigrationUserStatistics", USER), export).output == ()
    return made


def test_the_statistics_come_back_with_their_report(scene: Rehearsal) -> None:
    stats = scene.one("exo", "Import-Clixml", Path=PATH)
    assert str(stats["EstimatedTotalTransferSize"]) == "1.501 GB (1,612,092,317 bytes)"
    report = stats["Report"]
    assert isinstance(report, PSObject)
    expanded = scene.run("exo", Command("Import-Clixml", {"Path": PATH}), *map(expand, ("Report", "MailboxVerification"))).output
    assert [str(row["WKFType"]) for row in expanded if isinstance(row, PSObject)][:2] == ["Inbox", "DeletedItems"]


def test_a_file_is_as_deep_as_asked_for(scene: Rehearsal) -> None:
    flat = Command("Export-Clixml", {"Path": "flat.xml", "Depth": 1})
    scene.run("exo", Command("Get-MailboxStatistics", {"Identity": "testduplicate"}), flat)
    scene.run("exo", Command("Get-MigrationUser", {}), flat)
    (user, *_) = scene.objects("exo", "Import-Clixml", Path="flat.xml")
    assert user.types[0] == "Deserialized.Microsoft.Exchange.Data.Storage.Management.MigrationUser"


def test_a_later_export_replaces_an_earlier_one_unless_it_must_not(scene: Rehearsal) -> None:
    kept = scene.run("exo", Command("Get-MoveRequest", {}), Command("Export-Clixml", {"Path": PATH, "NoClobber": SWITCH}))
    assert kept.failure is not None
    assert kept.failure.names("NoClobber")
    scene.run("exo", Command("Get-MailboxDatabase", {}), Command("Export-Clixml", {"Path": PATH}))
    assert "MigrationUserStatistics" in scene.one("exo", "Import-Clixml", Path=PATH).types[0]


def test_a_file_that_nobody_wrote_is_not_there(scene: Rehearsal) -> None:
    failure = scene.ask("exo", "Import-Clixml", Path="nosuch.xml").failure
    assert failure is not None
    assert failure.reason == "FileNotFoundException"
    assert scene.ask("directory", "Import-Clixml", Path=PATH).failure is not None


def expand(name: str) -> Command:
    return Command("Select-Object", {"ExpandProperty": name})
