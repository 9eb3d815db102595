"""What code, pages and messages cite as field-notes stands in docs/sources.md under that number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "docs" / "sources.md"
CITING = ("psbridge", "playbooks", "docs", "tests", "README.md", "CHANGELOG.md")
# `field-notes 0.4 to 0.6, 2.6 and 4`, in a sentence that may be broken between two lines.
CITATION = re.compile(
    r"field[- ]notes\s+(?:section\s+)?(\d(?:\.\d)?(?:(?:,|\s+and|\s+to)\s+\d(?:\.\d)?)*)(?![\w])", re.IGNORECASE
)
NUMBER = re.compile(r"\d(?:\.\d)?")


def citations() -> Iterator[tuple[str, str]]:
    """Where something is cited, and its number."""
    paths = [path for name in CITING for path in ([ROOT / name] if (ROOT / name).is_file() else (ROOT / name).rglob("*"))]
    for path in paths:
        if path.suffix in {".py", ".md", ".toml", ".html", ".j2"}:
            for cited in CITATION.findall(path.read_text(encoding="utf-8")):
                yield from ((path.relative_to(ROOT).as_posix(), number) for number in NUMBER.findall(cited))


@pytest.fixture(scope="module")
def numbers() -> set[str]:
    """The sections of docs/sources.md, and the items of its first one."""
    return set(re.findall(r"^(?:#+ |- \*\*)(\d(?:\.\d)?)\b", SOURCES.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_cited_number_is_there(numbers: set[str]) -> None:
    cited = list(citations())
    assert len(cited) > 200
    assert [one for one in cited if one[1] not in numbers] == []


def test_every_section_names_a_published_page() -> None:
    _, *sections = re.split(r"^#+ (?=\d\.\d|[34] )", SOURCES.read_text(encoding="utf-8"), flags=re.MULTILINE)
    without = [section.splitlines()[0] for section in sections if "http" not in section and "Microsoft's page" not in section]
    assert without == ["2.6 What its objects are", "5.2 Statistics of a request"]
