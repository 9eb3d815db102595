"""The page as a file: whole, self-contained, and telling what the journal tells, for every playbook and in every state."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from psbridge.discovery import find_playbooks
from psbridge.journal import Kind, Status
from psbridge.journal.records import write_time
from psbridge.report.html import Listing
from psbridge.report.html.capped import MOST
from psbridge.report.html.listing import MOST_ROWS
from psbridge.report.html.proofs import changes_in
from tests.report.html.conftest import Runs
from tests.report.html.hostile import NAMES, hostile_run
from tests.report.html.markup import markup
from tests.report.html.runs import EVERY_PLAYBOOK, Told

STATES = ("waiting", "cancelled", "failed", "warned", "operator", "migration")


def test_every_playbook_has_a_run_here() -> None:
    assert set(EVERY_PLAYBOOK) == {playbook.name for playbook in find_playbooks().values()}


@pytest.mark.parametrize("name", [*EVERY_PLAYBOOK, *STATES])
def test_the_page_is_whole_and_its_headings_skip_no_level(runs: Runs, name: str) -> None:
    page = markup(runs.of(name).page())
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(page.headings)), page.headings
    links = [str(given["href"]) for tag, given in page.tags if tag == "a"]
    assert {link.removeprefix("#") for link in links} <= set(page.ids)


@pytest.mark.parametrize("name", ["duplicate-mailbox-scan", "migration", "warned"])
def test_nothing_comes_from_elsewhere_and_the_policy_says_so(runs: Runs, name: str) -> None:
    text = runs.of(name).page()
    page = markup(text)
    policy = next(str(given["content"]) for tag, given in page.tags if given.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    for element in ("style", "script"):
        (inside,) = re.findall(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in policy
    for tag, given in page.tags:
        assert not {"src", "srcset", "action", "style", "background"} & given.keys(), (tag, given)
        assert not [key for key in given if key.startswith("on")], (tag, given)
        assert (given.get("href") or "#").startswith(("#", "data:,")), (tag, given)


def test_what_was_done_is_told_with_who_approved_it_and_on_what_evidence(runs: Runs) -> None:
    told = runs.of("duplicate-mailbox-delete-account")
    text = markup(told.page()).text
    granted = [entry.body for entry in told.entries if entry.kind is Kind.APPROVAL and entry.state == "granted"]
    assert len(granted) == 2
    for body in granted:
        assert body["sha"] in text
        assert f"Approved by {body['who']}" in text
    destroyed = [entry for entry in told.entries if entry.kind is Kind.DESTROY and entry.state == "done"]
    assert [text.count(entry.command) >= 2 for entry in destroyed] == [True] * 3  # approved, and done
    for entry in told.entries:
        if entry.kind is Kind.EVIDENCE:
            assert entry.body["fields_hash"] in text
            assert all(value in text for value in entry.body["shown"].values())
    assert "6 changes sent, 3 of them destructive; 2 approvals given by" in text
    assert told.run.head in text
    assert "Rehearsal: nothing real was touched" in text


@pytest.mark.parametrize(
    ("name", "label", "said", "command"),
    [
        ("waiting", "Waiting", "Nobody has approved it yet.", "psbridge approve {run}"),
        ("warned", "Waiting", "is lost for good at 2018-08-14 15:45 UTC", "psbridge resume {run}"),
        ("operator", "Needs an operator", "DelayedDelicensingEnabled", 'psbridge answer {run} "..."'),
        ("failed", "Failed", "LitigationHoldEnabled", "psbridge retry {run}"),
        ("duplicate-mailbox-scan", "Done, with findings", "18 findings.", "psbridge show {run} --output list.csv"),
    ],
)
def test_a_state_is_told_with_what_is_to_be_done(runs: Runs, name: str, label: str, said: str, command: str) -> None:
    told = runs.of(name)
    text = markup(told.page()).text
    assert text.startswith(f"{label}: {told.run.playbook}")
    assert said in text
    assert command.format(run=told.run.run_id) in text


def test_a_change_names_the_approval_that_it_stands_in(runs: Runs) -> None:
    changes = {change.command.text: change for change in changes_in(runs.of("duplicate-mailbox-delete-account").entries)}
    purge = next(change for text, change in changes.items() if text.endswith("-RemoveFromRecycleBin"))
    assert len(purge.approval) == 64
    assert changes["Set-ADSyncScheduler -SyncCycleEnabled:$false"].approval == purge.approval
    assert changes["Start-ADSyncSyncCycle -PolicyType Delta"].approval == ""


def test_a_change_names_no_approval_that_came_later_or_was_over(runs: Runs) -> None:
    entries = list(runs.of("duplicate-mailbox-delete-account").entries)
    paused = "Set-ADSyncScheduler -SyncCycleEnabled:$false"
    before = {change.command.text: change.approval for change in changes_in(entries)}
    granted = [entry for entry in entries if entry.kind is Kind.APPROVAL and entry.state == "granted"]
    later = [replace(entry, body={**entry.body, "sha": "f" * 64}) for entry in granted]
    assert {change.command.text: change.approval for change in changes_in([*entries, *later])} == before
    over = [
        replace(entry, body={**entry.body, "expires": write_time(entry.at)}) if entry in granted else entry for entry in entries
    ]
    after = {change.command.text: change.approval for change in changes_in(over)}
    assert before[paused]
    assert after[paused] == ""
    # A destructive step's intent says itself what it was sent under.
    purge = next(text for text in before if text.endswith("-RemoveFromRecycleBin"))
    assert after[purge] == before[purge]


def test_of_a_run_of_very_many_steps_the_page_has_a_part_and_says_where_all_of_it_is(runs: Runs) -> None:
    told = runs.of("duplicate-mailbox-delete-account")
    many = 1_000
    wanted = {Kind.EVIDENCE, Kind.GUARD, Kind.CHANGE, Kind.APPROVAL}
    once = [entry for entry in told.entries if entry.kind in wanted]
    entries = [replace(entry, key=f"{entry.key}-{number}") for number in range(many) for entry in once]
    entries[-len(once) :] = [
        replace(entry, state="failed") if entry.kind is Kind.GUARD else entry for entry in entries[-len(once) :]
    ]
    asked = next(at for at, entry in enumerate(entries) if entry.kind is Kind.APPROVAL and entry.state == "asked")
    body = entries[asked].body
    evidence = {f"evidence-{number}": {"name": f"told-{number}"} for number in range(many)}
    entries[asked] = replace(entries[asked], body={**body, "evidence": evidence, "actions": list(body["actions"]) * many})
    page = Told(told.run, entries, [], lambda: None).page()
    assert len(page) < 3_000_000
    found = markup(page)
    assert [tag for tag, _ in found.tags].count("article") == 2 * MOST
    assert page.count("<dd>name told-") == MOST
    export = f"this writes all of them to files: psbridge journal export {told.run.run_id} folder"
    for what, there in (
        ("guards", len({entry.key for entry in entries if entry.kind is Kind.GUARD})),
        ("changes", len({entry.key for entry in entries if entry.kind is Kind.CHANGE})),
        ("steps", len({entry.key for entry in entries})),
        ("approvals", len({entry.key for entry in entries if entry.kind is Kind.APPROVAL})),
        ("commands", len(body["actions"]) * many),
    ):
        assert f"And {there - MOST:,} more {what}; {export}" in found.text
    assert f"And {many - MOST:,} more pieces of evidence; {export}" in found.text
    failing = next(entry.key for entry in reversed(entries) if entry.kind is Kind.GUARD)
    assert f"{failing} fails" in found.text


def test_an_intent_without_an_outcome_is_told_as_a_doubt(runs: Runs) -> None:
    entries = runs.of("duplicate-mailbox-delete-account").entries
    intent = next(at for at, entry in enumerate(entries) if entry.kind is Kind.DESTROY)
    last = changes_in(entries[: intent + 1])[-1]
    assert (last.outcome, last.is_clear, last.is_destructive) == ("sent; its outcome is not known", False, True)


def test_a_cancelled_run_names_who_did_it_and_advises_nothing(runs: Runs) -> None:
    text = markup(runs.of("cancelled").page()).text
    assert text.startswith("Cancelled: ")
    assert "Cancelled by " in text
    assert "psbridge retry" not in text
    assert "Nobody has approved it. Asked for on" in text


def test_a_warning_that_can_be_ended_is_told_with_its_command(runs: Runs) -> None:
    told = runs.of("duplicate-mailbox-delete-account")
    first = next(at for at, entry in enumerate(told.entries) if entry.kind is Kind.WARNING)
    waiting = replace(told.run, status=Status.WAITING, ended_at=None, result=None)
    text = markup(Told(waiting, told.entries[: first + 1], [], lambda: None).page()).text
    assert "The scheduler of directory synchronisation is paused by this run" in text
    assert "This ends it (endpoint sync): Set-ADSyncScheduler -SyncCycleEnabled:$true" in text


@pytest.mark.parametrize(("status", "label"), [(Status.RUNNING, "Under way"), (Status.READY, "Ready to go on")])
def test_a_run_that_does_not_rest_is_told_too(runs: Runs, status: Status, label: str) -> None:
    told = runs.of("waiting")
    page = Told(replace(told.run, status=status, owner="somebody", why="", signal=""), told.entries, [], lambda: None).page()
    assert markup(page).text.startswith(label)


def test_a_run_without_an_entry_has_a_page(runs: Runs) -> None:
    told = runs.of("waiting")
    text = markup(Told(replace(told.run, status=Status.READY), [], [], lambda: None).page()).text
    assert "Nothing was begun." in text
    assert "Nothing was changed." in text


def test_the_waits_are_told_with_their_length_and_what_for(runs: Runs) -> None:
    text = markup(runs.of("duplicate-mailbox-delete-account").page()).text
    assert "migrated-mailbox wait 2018-07-15 15:45:30 1 h 10 m 2 different answers done waits for the on-premises" in text


def test_the_documents_migration_is_told_with_its_two_numbers(runs: Runs) -> None:
    text = markup(runs.of("migration").page()).text
    assert "Sent (DATA MIGRATED) 2,668,722,884 bytes" in text
    assert "Estimated 1,612,092,317 bytes" in text
    assert "2018-07-03 14:41:04 2018-07-03 14:49:49 00:08:45 2018-07-03 14:42:04 StalledDueToTarget_DiskLatency" in text
    assert "/Top of Information Store/Inbox Source 10,188 1,237,342,091 Target 10,188 1,571,440,111" in text


def test_of_several_moves_each_has_its_charts_and_its_report(runs: Runs) -> None:
    told = runs.of("migration")
    one = dict(told.run.result or {})
    moves = {"findings": 0, "verdict": "verified", "moves": [{"user": one["user"]}] * 3, "reports": [one] * 3}
    page = markup(Told(replace(told.run, result=moves), told.entries, [], lambda: None).page())
    assert page.text.count("Sent (DATA MIGRATED) 2,668,722,884 bytes") == 3
    assert page.text.count("The log shows 2 interruptions") == 3
    labels = [given["aria-label"] for tag, given in page.tags if given.get("role") == "region"]
    assert len([label for label in labels if label and "Drawing" in label]) == 3
    assert all(below <= above + 1 for above, below in pairwise(page.headings))


def test_of_a_large_list_the_page_has_a_part_and_says_where_all_of_it_is(runs: Runs) -> None:
    told = runs.of("duplicate-mailbox-scan")
    taken = 0

    def rows() -> Iterator[tuple[str, ...]]:
        nonlocal taken
        for number in range(100_000):
            taken += 1
            yield (f"class-{number % 3}", f"user{number}@domain.com")

    counts = {"class-0": 33_334, "class-1": 33_333, "class-2": 33_333}
    listing = Listing(("Class", "UserPrincipalName"), rows(), 100_000, counts)
    page = Told(told.run, told.entries, [], lambda: listing).page()
    assert taken == MOST_ROWS
    assert page.count("<tr><td>class-") == MOST_ROWS
    assert len(page) < 2_000_000
    text = markup(page).text
    assert "100,000 lines. This page has the first 5,000; a file has all of them: psbridge show" in text
    assert "class-0 33,334" in text


def test_a_list_that_is_on_another_machine_is_told_with_its_place(runs: Runs) -> None:
    told = runs.of("duplicate-mailbox-scan")
    listing = Listing(("Class",), None, 7, {"a": 4, "b": 3}, "/there/run.db")
    text = markup(Told(told.run, told.entries, [], lambda: listing).page()).text
    assert "kept on the machine on which the run was carried on, in /there/run.db" in text


def test_hostile_texts_stay_texts() -> None:
    page = hostile_run().page()
    found = markup(page)
    assert [tag for tag, _ in found.tags if tag in {"img", "base", "iframe", "object"}] == []
    assert [tag for tag, _ in found.tags].count("script") == 1
    for sign in ("\x00", "\x1b", "\u202e", "\u202c", "\u200b", "\ufeff", "\ud800"):
        assert sign not in page
    assert "moc.niamod@<U+202E>nimda<U+202C>" in found.text
    assert "{{7*7}} {% raw %} ${7*7}" in found.text
    for name in (NAMES[0], NAMES[1], NAMES[2]):
        assert name in found.text
        assert name not in page
    page.encode("utf-8")
