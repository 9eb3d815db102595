"""The cmdlets that the doctor asks for are those that the playbooks call: held against their recordings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from psbridge.discovery import find_playbooks
from psbridge.doctor.needs import needed
from psbridge.profile import ENDPOINTS
from tests.playbooks.sent import SCRIPTS

CASSETTES = Path(__file__).resolve().parents[2] / "fixtures" / "cassettes"
DIALECTS = ("msonline", "graph", "entra")
# PowerShell's own; it is there wherever a cmdlet is.
EVERYWHERE = {"Select-Object", "Import-Clixml", "Get-FileHash"}


def called() -> Iterator[tuple[str, str, str]]:
    """(endpoint, cmdlet, playbook) of every recorded call; a constant script counts as what it runs."""
    for path in CASSETTES.glob("*/*.cassette"):
        endpoint = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if found := re.match(r"interaction \d+ (\w+)", line):
                endpoint = found[1]
            elif (found := re.match(r"cmdlet ([A-Za-z]+-[A-Za-z]+)", line)) and found[1] not in EVERYWHERE:
                for cmdlet in SCRIPTS.get(found[1], (found[1],)):
                    yield endpoint, cmdlet, path.parent.name


def test_every_recorded_call_is_in_the_table_with_its_playbook() -> None:
    seen = {call for call in called() if call[0] in ENDPOINTS}
    assert len(seen) > 60
    tables = {endpoint: [needed(endpoint, dialect) for dialect in DIALECTS] for endpoint in ENDPOINTS}
    assert {
        (endpoint, cmdlet, playbook)
        for endpoint, cmdlet, playbook in seen
        if not any(playbook in table.get(cmdlet, ()) for table in tables[endpoint])
    } == set()


def test_nothing_is_asked_for_that_no_playbook_calls() -> None:
    seen = defaultdict[str, set[str]](set)
    for endpoint, cmdlet, _ in called():
        seen[endpoint].add(cmdlet)
    for endpoint in ENDPOINTS:
        for dialect in DIALECTS:
            assert set(needed(endpoint, dialect)) <= seen[endpoint]


def test_every_playbook_in_the_table_is_one() -> None:
    named = {
        playbook
        for endpoint in ENDPOINTS
        for dialect in DIALECTS
        for playbooks in needed(endpoint, dialect).values()
        for playbook in playbooks
    }
    assert named <= set(find_playbooks())
    assert all(
        "mobile-phone-scan" in needed(endpoint, dialect)[name]
        for endpoint, dialect, name in (("directory", "graph", "Get-MgUser"),)
    )
