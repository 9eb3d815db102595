"""The table that decides who has the authority over a number, row by row, and how numbers are compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from playbooks.mobile_phone.diagnosis import RULES, AddressBook, Authority, Seen, Verdict, address_book, diagnosed
from playbooks.mobile_phone.numbers import normalised, same, same_numbers, with_normal_form

CHANGED = datetime(2018, 7, 15, 15, 45, tzinfo=UTC)
SYNCED = CHANGED + timedelta(minutes=20)
DOCUMENT = Seen(("0987654321",), ("1234567890",), is_synchronised=True, changed=CHANGED, synced=SYNCED)

ROWS: list[tuple[str, Seen, Verdict, Authority]] = [
    ("the document's end", DOCUMENT, Verdict.OVERRIDDEN, Authority.DIRECTORY),
    ("in step", replace(DOCUMENT, directory=("0987654321",)), Verdict.IN_STEP, Authority.NOT_TOLD),
    (
        "taken from on-premises",
        replace(DOCUMENT, directory=("0987654321",), is_taken=True),
        Verdict.IN_STEP,
        Authority.ON_PREMISES,
    ),
    ("both empty", replace(DOCUMENT, on_premises=(), directory=()), Verdict.IN_STEP, Authority.NOT_TOLD),
    ("emptied in the cloud", replace(DOCUMENT, directory=()), Verdict.OVERRIDDEN, Authority.DIRECTORY),
    ("emptied on-premises", replace(DOCUMENT, on_premises=()), Verdict.OVERRIDDEN, Authority.DIRECTORY),
    ("not run yet", replace(DOCUMENT, synced=CHANGED - timedelta(seconds=1)), Verdict.SYNC_NOT_RUN, Authority.NOT_TOLD),
    ("at the same second", replace(DOCUMENT, synced=CHANGED), Verdict.OVERRIDDEN, Authority.DIRECTORY),
    ("no change time", replace(DOCUMENT, changed=None), Verdict.UNKNOWN, Authority.NOT_TOLD),
    ("no sync time", replace(DOCUMENT, synced=None), Verdict.UNKNOWN, Authority.NOT_TOLD),
    ("not synchronised", replace(DOCUMENT, is_synchronised=False), Verdict.NOT_SYNCHRONISED, Authority.DIRECTORY),
    ("synchronised or not is not known", replace(DOCUMENT, is_synchronised=None), Verdict.UNKNOWN, Authority.NOT_TOLD),
    ("managed in the cloud", replace(DOCUMENT, is_cloud_managed=True), Verdict.CLOUD_MANAGED, Authority.DIRECTORY),
    (
        "managed in the cloud, and no longer called synchronised",
        replace(DOCUMENT, is_cloud_managed=True, is_synchronised=None),
        Verdict.CLOUD_MANAGED,
        Authority.DIRECTORY,
    ),
    ("on-premises not read", replace(DOCUMENT, on_premises=None), Verdict.UNKNOWN, Authority.NOT_TOLD),
    ("directory not read", replace(DOCUMENT, directory=None), Verdict.UNKNOWN, Authority.NOT_TOLD),
    ("other order", Seen(("1", "2"), ("2", "1"), is_synchronised=True), Verdict.IN_STEP, Authority.NOT_TOLD),
    ("one of them twice", replace(DOCUMENT, on_premises=("1", "1"), directory=("1",)), Verdict.OVERRIDDEN, Authority.DIRECTORY),
]


@pytest.mark.parametrize(("seen", "verdict", "authority"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_each_state_has_its_verdict(seen: Seen, verdict: Verdict, authority: Authority) -> None:
    found = diagnosed(seen)
    assert (found.verdict, found.authority) == (verdict, authority)
    assert found.why
    assert found.remedy
    assert "{" not in found.why


def test_every_rule_of_the_table_is_met_by_one_of_these_states() -> None:
    met = {next(place for place, rule in enumerate(RULES) if rule.fits(row[1])) for row in ROWS}
    assert met == set(range(len(RULES)))


def test_an_override_is_told_with_both_numbers_and_both_times() -> None:
    why = diagnosed(DOCUMENT).why
    for fact in ("'0987654321'", "'1234567890'", "2018-07-15 15:45:00 UTC", "2018-07-15 16:05:00 UTC"):
        assert fact in why


def test_the_same_number_written_differently_differs_and_is_said_to_be_the_same() -> None:
    found = diagnosed(replace(DOCUMENT, on_premises=("+1 803 555 1212",), directory=("+18035551212",)))
    assert found.verdict is Verdict.OVERRIDDEN
    assert "Both are '+18035551212', written differently." in found.why
    assert "written differently" not in diagnosed(DOCUMENT).why
    assert "written differently" not in diagnosed(replace(DOCUMENT, on_premises=("x1",), directory=("x2",))).why


@pytest.mark.parametrize(
    ("directory", "online", "recipients", "error", "told"),
    [
        ("1", "1", 1, False, AddressBook.IN_STEP),
        (None, "", 1, None, AddressBook.IN_STEP),
        ("1", "2", 1, False, AddressBook.BEHIND),
        ("1", None, 1, None, AddressBook.BEHIND),
        ("1", "2", 1, True, AddressBook.BLOCKED),
        ("1", None, 0, False, AddressBook.NO_RECIPIENT),
        ("1", None, None, False, AddressBook.NOT_READ),
    ],
)
def test_the_address_book_shows_the_directory_or_is_behind(
    directory: str | None, online: str | None, recipients: int | None, *, error: bool | None, told: AddressBook
) -> None:
    assert address_book(directory, online, recipients=recipients, has_validation_error=error) is told


@pytest.mark.parametrize(
    ("number", "plain"),
    [
        ("8035551212", "8035551212"),
        ("0987654321", "0987654321"),
        ("+1 (803) 555-1212", "+18035551212"),
        ("+44 (0)20 7946 0000", "+442079460000"),
        ("tel:+1.803.555.1212", "+18035551212"),
        ("\uff0b\uff11\u00a0803", "+1803"),
        ("+49/30\u2013123", "+4930123"),
        ("555-1212 x7", ""),
        ("1+2", ""),
        ("", ""),
        (None, ""),
        ("   ", ""),
        ("unlisted", ""),
    ],
)
def test_a_number_is_shown_without_its_punctuation_where_it_has_nothing_else(number: str | None, plain: str) -> None:
    assert normalised(number) == plain


def test_numbers_are_compared_to_the_letter() -> None:
    assert same(None, "")
    assert not same("0987654321", "987654321")
    assert not same("1 2", "12")
    assert not same("1", "1 ")
    assert same_numbers(("1", "2"), ("2", "1"))
    assert not same_numbers(("1",), ())
    assert with_normal_form("+1 803") == "'+1 803' = +1803"
    assert with_normal_form("1803") == "'1803'"
    assert with_normal_form(None) == "(none)"
