"""One browser for all tests of the page, the runs that they show, and the folder for screenshots."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Final

import pytest

from tests.report.html.chromium import Browser, browser, program
from tests.report.html.runs import SEEDS, Told, rehearsed


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A real browser; without one these tests skip, and with CI=true they fail, because there it must be."""
    found = program()
    if found is None:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail("CI needs a browser (Debian: apt install chromium)")
        pytest.skip("needs a browser (Debian: apt install chromium)")
    with browser(found, tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures are kept: PSBRIDGE_SCREENSHOTS, else the folder of this test run (`--basetemp`)."""
    named = os.environ.get("PSBRIDGE_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.getbasetemp() / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Runs:
    """The runs that the tests show, each carried on once and when it is asked for."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory = factory
        self.of = cache(self._of)

    def _of(self, name: str) -> Told:
        return _STATES.get(name, partial(rehearsed, name=name))(self._factory.mktemp("run"))


_DELETE: Final = "duplicate-mailbox-delete-account"
_LICENSE: Final = "duplicate-mailbox-remove-license"
_EXPORT: Final = SEEDS.parent / "clixml" / "Get-MigrationUserStatistics" / "exported.clixml"
_STATES: Final[Mapping[str, Callable[[Path], Told]]] = {
    "waiting": partial(rehearsed, name=_DELETE, approve=False),
    "cancelled": partial(rehearsed, name=_DELETE, approve=False, then=lambda desk, run: desk.cancel(run)),
    "failed": partial(rehearsed, name=_DELETE, seed=str(SEEDS / _DELETE / "refused-litigation-hold.toml")),
    "warned": partial(rehearsed, name=_DELETE, leave=lambda desk, run: bool(desk.warnings(run))),
    "operator": partial(rehearsed, name=_LICENSE, seed=str(SEEDS / _LICENSE / "asked-about-the-delay.toml")),
    "migration": partial(rehearsed, name="migration-report", file=str(_EXPORT)),
}


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """The runs by name: a playbook, or a state."""
    return Runs(tmp_path_factory)
