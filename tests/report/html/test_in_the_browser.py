"""The page in a real browser: quiet, accessible, sorted and filtered by real clicks, light, dark, narrow and on paper."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import axe_core_python  # type: ignore[import-untyped]
import pytest

from psbridge.report.html import Listing
from tests.report.html.chromium import Browser, Page
from tests.report.html.conftest import Runs
from tests.report.html.hostile import hostile_run
from tests.report.html.runs import Told

AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
SHOWN = ("duplicate-mailbox-delete-account", "duplicate-mailbox-scan", "migration", "warned", "operator")
# Every kind of part is on one of these; the rules take seconds on a long page.
CHECKED = ("duplicate-mailbox-scan", "migration", "operator")
LINES = "document.getElementById('lines')"
FIRST_CELLS = f"Array.from({LINES}.tBodies[0].rows).filter(row => !row.hidden).map(row => row.cells[%d].textContent)"


def _opened(page: Page, told: Told, folder: Path) -> None:
    path = folder / "report.html"
    path.write_text(told.page(), encoding="utf-8")
    page.open(path)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", SHOWN)
def test_the_page_is_quiet_accessible_and_kept_as_a_picture(
    chromium: Browser, runs: Runs, screenshots: Path, tmp_path: Path, name: str, scheme: str
) -> None:
    with chromium.page() as page:
        page.look(scheme=scheme)
        _opened(page, runs.of(name), tmp_path)
        page.screenshot(screenshots / f"{name}-{scheme}.png")
        assert page.complaints() == []
        if name in CHECKED:
            assert _violations(page, *(() if scheme == "light" else ("color-contrast",))) == []
        dark = page.value("matchMedia('(prefers-color-scheme: dark)').matches")
        ground = page.value("getComputedStyle(document.body).backgroundColor")
        assert dark == (scheme == "dark") == (max(map(int, re.findall(r"\d+", ground))) < 60)


def test_a_hostile_run_is_as_quiet(chromium: Browser, screenshots: Path, tmp_path: Path) -> None:
    with chromium.page() as page:
        _opened(page, hostile_run(), tmp_path)
        page.screenshot(screenshots / "hostile.png")
        assert page.value("typeof window.hacked") == "undefined"
        assert page.value("document.querySelectorAll('img, base, iframe, h1 ~ h1, [onload], [onerror]').length") == 0
        assert page.value("document.scripts.length") == 1
        assert page.value("Array.from(document.links, link => link.protocol).filter(it => it !== 'file:')") == []
        assert "{{7*7}}" in page.value("document.body.textContent")
        page.value("document.querySelectorAll('details').forEach(it => it.open = true)")
        page.click(f"{LINES}.tHead.rows[0].cells[1].querySelector('button')")
        assert page.complaints() == []


def test_a_click_sorts_and_another_one_turns_the_order(chromium: Browser, runs: Runs, tmp_path: Path) -> None:
    with chromium.page() as page:
        _opened(page, runs.of("duplicate-mailbox-scan"), tmp_path)
        before = page.value(FIRST_CELLS % 2)
        button = f"{LINES}.tHead.rows[0].cells[2].querySelector('button')"
        page.click(button)
        assert page.value(FIRST_CELLS % 2) == sorted(before) != before
        page.click(button)
        assert page.value(FIRST_CELLS % 2) == sorted(before, reverse=True)
        assert page.value(f"Array.from({LINES}.tHead.rows[0].cells, it => it.getAttribute('aria-sort'))") == [
            None, None, "descending", None,
        ]  # fmt: skip
        assert page.complaints() == []


def test_the_keyboard_sorts_too(chromium: Browser, runs: Runs, tmp_path: Path) -> None:
    with chromium.page() as page:
        _opened(page, runs.of("duplicate-mailbox-scan"), tmp_path)
        before = page.value(FIRST_CELLS % 2)
        page.click("document.getElementById('filter-text')")
        reached = []
        # The select, the region that scrolls, then the heads of the columns.
        for _ in range(5):
            page.press("Tab")
            reached.append(page.value("document.activeElement.id || document.activeElement.textContent.slice(0, 20)"))
        assert reached[0] == "filter-class"
        assert reached[2:] == ["Class", "Playbook", "UserPrincipalName"]
        page.press("Enter")
        assert page.value(FIRST_CELLS % 2) == sorted(before)


def test_what_is_typed_and_chosen_filters_the_lines_and_is_announced(
    chromium: Browser, runs: Runs, screenshots: Path, tmp_path: Path
) -> None:
    with chromium.page() as page:
        _opened(page, runs.of("duplicate-mailbox-scan"), tmp_path)
        page.click("document.getElementById('filter-text')")
        page.type("STUCK@")
        assert page.value(FIRST_CELLS % 2) == ["stuck@domain.com"] * 2
        assert page.value("document.querySelector('[role=status]').textContent") == "2 of 18 lines are shown"
        # As a keyboard chooses: the first letters of what is wanted.
        page.value("document.getElementById('filter-class').focus()")
        for key in "val":
            page.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
        assert page.value("document.getElementById('filter-class').value") == "validation-error"
        assert page.value(FIRST_CELLS % 0) == ["validation-error"]
        page.screenshot(screenshots / "scan-filtered.png")


def test_an_earlier_cell_with_the_name_of_a_class_is_not_taken_for_the_class(
    chromium: Browser, runs: Runs, tmp_path: Path
) -> None:
    told = runs.of("duplicate-mailbox-scan")
    rows = [("broken", "well"), ("jane", "broken"), ("john", "well")]
    listing = Listing(("Name", "Class"), rows, 3, {"well": 2, "broken": 1}, class_column=1)
    with chromium.page() as page:
        _opened(page, Told(told.run, told.entries, [], lambda: listing), tmp_path)
        page.value("document.getElementById('filter-class').focus()")
        page.call("Input.dispatchKeyEvent", type="keyDown", key="b", text="b")
        assert page.value("document.getElementById('filter-class').value") == "broken"
        assert page.value(FIRST_CELLS % 0) == ["jane"]


def test_a_large_list_is_sorted_at_once(chromium: Browser, runs: Runs, tmp_path: Path) -> None:
    told = runs.of("duplicate-mailbox-scan")
    rows = [(f"class-{number % 3}", f"user{number * 7919 % 5000}@domain.com") for number in range(5000)]
    listing = Listing(("Class", "UserPrincipalName"), rows, 5000, {"class-0": 1667, "class-1": 1667, "class-2": 1666})
    with chromium.page() as page:
        _opened(page, Told(told.run, told.entries, [], lambda: listing), tmp_path)
        page.click(f"{LINES}.tHead.rows[0].cells[1].querySelector('button')")
        assert page.value(FIRST_CELLS % 1)[:3] == ["user0@domain.com", "user1@domain.com", "user2@domain.com"]


def test_without_a_script_everything_can_be_read(chromium: Browser, runs: Runs, screenshots: Path, tmp_path: Path) -> None:
    with chromium.page() as page:
        page.script(allowed=False)
        _opened(page, runs.of("duplicate-mailbox-scan"), tmp_path)
        page.screenshot(screenshots / "scan-without-script.png")
        # What is asked from outside is answered all the same.
        assert page.value(f"{LINES}.querySelectorAll('tbody tr').length") == 18
        assert page.value(f"{LINES}.querySelectorAll('button').length") == 0
        assert page.value("document.querySelector('.filters').checkVisibility()") is False


@pytest.mark.parametrize("name", ["migration", "duplicate-mailbox-delete-account"])
def test_a_narrow_window_is_enough(chromium: Browser, runs: Runs, screenshots: Path, tmp_path: Path, name: str) -> None:
    with chromium.page(width=360, height=740) as page:
        _opened(page, runs.of(name), tmp_path)
        page.screenshot(screenshots / f"{name}-narrow.png")
        assert page.value("document.documentElement.scrollWidth") <= 360


def test_the_way_to_skip_comes_first_then_the_sections(chromium: Browser, runs: Runs, tmp_path: Path) -> None:
    with chromium.page() as page:
        _opened(page, runs.of("warned"), tmp_path)
        reached = []
        for _ in range(4):
            page.press("Tab")
            reached.append(page.value("document.activeElement.textContent"))
        assert reached == ["Skip to the report", "Next steps", "Asked", "Found"]


def test_on_paper_it_is_black_on_white_without_what_only_a_screen_needs(
    chromium: Browser, runs: Runs, screenshots: Path, tmp_path: Path
) -> None:
    with chromium.page() as page:
        page.look(scheme="dark", medium="print")
        _opened(page, runs.of("migration"), tmp_path)
        assert page.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.value("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        assert page.value("document.querySelector('nav').checkVisibility()") is False
        printed = page.pdf(screenshots / "migration.pdf")
        pages = len(re.findall(rb"/Type\s*/Page\b", printed))
        assert printed.startswith(b"%PDF-")
        assert 2 <= pages <= 8


def test_the_charts_are_named_and_their_numbers_are_in_tables(chromium: Browser, runs: Runs, tmp_path: Path) -> None:
    with chromium.page() as page:
        _opened(page, runs.of("migration"), tmp_path)
        tree = page.call("Accessibility.getFullAXTree")["nodes"]
        images = [node["name"]["value"] for node in tree if node["role"]["value"] in {"image", "img"} and not node["ignored"]]
        named = "Progress of the move over time, with its stalls"
        described = "Progress from 2018-07-03 14:22:35 to 2018-07-03 15:00:05, 5 points, 2 stalls."
        assert images == [f"{named} {described}"]
        bars = "document.querySelectorAll('#figures .bars rect')"
        widths = page.value(f"Array.from({bars}, bar => bar.getBoundingClientRect().width)")
        assert widths[1] / widths[0] == pytest.approx(1_612_092_317 / 2_668_722_884, abs=0.01)
        stalls = page.value("document.querySelectorAll('#figures rect.stall').length")
        assert stalls == 3  # two, and the legend's


def _violations(page: Page, *rules: str) -> list[dict[str, Any]]:
    """What axe finds by these rules, or by all, short enough to be read."""
    page.value(f"{AXE}; 0")
    found: list[dict[str, Any]] = page.value(
        f"axe.run(document, {{resultTypes: ['violations']{f', runOnly: {list(rules)}' if rules else ''}}}).then("
        "told => told.violations.map(it => "
        "({id: it.id, help: it.help, at: it.nodes.slice(0, 5).map(node => node.html.slice(0, 200) + node.failureSummary)})))"
    )
    return found
