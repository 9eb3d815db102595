"""The reference is what the code says."""

from __future__ import annotations

import pytest

from tests.docs.reference import PAGES, REFERENCE, page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_the_code_would_write_it_now(name: str) -> None:
    written = (REFERENCE / name).read_text(encoding="utf-8")
    assert written == page(name), "the code has changed: python -m tests.docs.reference"


def test_there_is_no_other_page() -> None:
    assert {path.name for path in REFERENCE.iterdir()} == set(PAGES)
