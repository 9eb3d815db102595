"""A playbook that changed under a run: it stops, loudly, and names both sides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from psbridge.engine import Done, Operator, Run
from psbridge.journal import Kind
from tests.engine.bench import Bench, Body, playbook_of
from tests.engine.far_end import get_account, list_accounts, remove_account, start_sync


def recorded(run: Run) -> Mapping[str, object]:
    run.read("one", "dir", get_account("ada"))
    run.read("two", "dir", get_account("eve"))
    run.ask("q", "Go on?", "Say so.")
    return {}


def removed(run: Run) -> Mapping[str, object]:
    run.read("one", "dir", get_account("ada"))
    run.ask("q", "Go on?", "Say so.")
    return {}


def removed_at_the_end(run: Run) -> Mapping[str, object]:
    run.read("one", "dir", get_account("ada"))
    run.read("two", "dir", get_account("eve"))
    return {}


def nothing_left(_: Run) -> Mapping[str, object]:
    return {}


def reordered(run: Run) -> Mapping[str, object]:
    run.read("two", "dir", get_account("eve"))
    run.read("one", "dir", get_account("ada"))
    run.ask("q", "Go on?", "Say so.")
    return {}


def renamed(run: Run) -> Mapping[str, object]:
    run.read("first", "dir", get_account("ada"))
    return recorded(run)


def other_parameter(run: Run) -> Mapping[str, object]:
    run.read("one", "dir", get_account("zoe"))
    return {}


def other_endpoint(run: Run) -> Mapping[str, object]:
    run.read("one", "exo", get_account("ada"))
    return {}


def other_kind(run: Run) -> Mapping[str, object]:
    run.evidence("one", "dir", get_account("ada"), need=())
    return {}


def other_question(run: Run) -> Mapping[str, object]:
    run.read("one", "dir", get_account("ada"))
    run.read("two", "dir", get_account("eve"))
    run.ask("q", "Delete everything?", "Say so.")
    return {}


def stops_early(run: Run) -> Mapping[str, object]:
    run.read("one", "dir", get_account("ada"))
    raise ValueError("no")


def twice(run: Run) -> Mapping[str, object]:
    run.read("one", "dir", get_account("ada"))
    run.read("one", "dir", get_account("ada"))
    return {}


ONE = "step 1, read 'one': [dir] Get-Account -Name ada"
TWO = "step 2, read 'two': [dir] Get-Account -Name eve"
QUESTION = "step 3, ask 'q': Go on?"
DRIFTS: dict[str, tuple[Body, str, str, str]] = {
    "removed": (removed, "two", TWO, "step 2, ask 'q': Go on?"),
    "removed at the end": (removed_at_the_end, "q", QUESTION, "the end of the playbook"),
    "nothing left": (nothing_left, "one", ONE, "the end of the playbook"),
    "reordered": (reordered, "one", ONE, "step 1, read 'two': [dir] Get-Account -Name eve"),
    "renamed": (renamed, "one", ONE, "step 1, read 'first': [dir] Get-Account -Name ada"),
    "another parameter": (other_parameter, "one", ONE, "step 1, read 'one': [dir] Get-Account -Name zoe"),
    "another endpoint": (other_endpoint, "one", ONE, "step 1, read 'one': [exo] Get-Account -Name ada"),
    "another kind": (other_kind, "one", ONE, "step 1, evidence 'one': [dir] Get-Account -Name ada"),
    "another question": (other_question, "q", QUESTION, "step 3, ask 'q': Delete everything?"),
    "an early end": (stops_early, "two", TWO, "the end of the playbook"),
    "the same key twice": (twice, "one", "the step, once", f"step 2, read 'one': {ONE.split(': ')[1]}, a second time in one run"),
}


@pytest.mark.parametrize("name", DRIFTS)
def test_a_changed_playbook_stops_the_run_and_both_sides_are_named(tmp_path: Path, name: str) -> None:
    body, key, before, now = DRIFTS[name]
    bench = Bench(tmp_path, recorded)
    bench.advance()
    bench.engine.signal("run-1", "q", "yes")
    bench.becomes(body)
    count = len(bench.entries())
    assert bench.advance() == Operator(
        f"Step {key} differs from the journal. Recorded: {before}. Asked for now: {now}. "
        "Run it with the playbook version that began it.",
        "See to the cause and retry the run; what was kept stays. Or cancel it.",
    )
    assert [entry.kind for entry in bench.entries()[count:]] == [Kind.OPERATOR]


def test_with_the_old_playbook_back_in_place_the_run_goes_on(tmp_path: Path) -> None:
    bench = Bench(tmp_path, recorded)
    bench.advance()
    bench.becomes(reordered)
    bench.engine.signal("run-1", "q", "yes")
    assert isinstance(bench.advance(), Operator)
    bench.becomes(recorded)
    bench.engine.retry("run-1")
    bench.advance()
    bench.engine.signal("run-1", "q", "yes")
    assert bench.advance() == Done({})


@pytest.mark.parametrize("step", ["guard", "note", "poll", "change", "destroy"])
def test_steps_of_every_kind_have_a_hash(tmp_path: Path, step: str) -> None:
    def body(run: Run, *, other: bool = False) -> Mapping[str, object]:
        call = list_accounts() if other else get_account("zoe")
        if step == "guard":
            run.guard("s", not other, found="", expected="", remedy="")
        elif step == "note":
            run.note("s", "b" if other else "a")
        elif step == "poll":
            run.poll("s", "dir", call, until=lambda _: True, every=timedelta(1), timeout=timedelta(1), why="x")
        elif step == "change":
            run.change("s", "exo" if other else "dir", start_sync())
        else:
            name = "eve" if other else "ada"
            run.destroy("s", "dir", remove_account(name), requires=(), approval=None, verify=lambda _: True)
        run.ask("q", "Go on?", "Say so.")
        return {}

    bench = Bench(tmp_path, body)
    bench.advance()
    assert len(next(entry for entry in bench.entries() if entry.key == "s").input_hash) == 64
    effects = bench.far_end.effects()
    bench.engine.signal("run-1", "q", "yes")
    bench.becomes(lambda run: body(run, other=True))
    outcome = bench.advance()
    assert isinstance(outcome, Operator)
    assert outcome.why.startswith("Step s differs from the journal. Recorded: step 1, ")
    assert bench.far_end.effects() == effects


def test_an_unknown_version_goes_to_the_operator_with_the_version_named(tmp_path: Path) -> None:
    bench = Bench(tmp_path, recorded)
    bench.advance()
    bench.engine.signal("run-1", "q", "yes")
    bench.becomes(recorded, version="2")
    outcome = bench.advance()
    assert outcome == Operator(
        "The run needs the playbook p in version 1; there is version 2.",
        "Install the playbook in that version and retry the run. Nothing was sent.",
    )
    assert bench.advance() == outcome


def test_a_playbook_that_is_gone_goes_to_the_operator(tmp_path: Path) -> None:
    bench = Bench(tmp_path, recorded)
    del bench.playbooks["p"]
    outcome = bench.advance()
    assert isinstance(outcome, Operator)
    assert outcome.why == "The run needs the playbook p in version 1; there is none of that name."


def test_an_old_version_may_stand_beside_the_new_one(tmp_path: Path) -> None:
    bench = Bench(tmp_path, recorded)
    bench.advance()
    bench.engine.signal("run-1", "q", "yes")
    bench.becomes(nothing_left, version="2")
    bench.playbooks["p@1"] = playbook_of(recorded)
    assert bench.advance() == Done({})


def test_a_drift_that_a_playbook_bears_with_still_stops_the_run(tmp_path: Path) -> None:
    def careless(run: Run) -> Mapping[str, object]:
        try:
            run.read("other", "dir", get_account("ada"))
        except Exception:  # noqa: BLE001 - the carelessness that is meant
            return {}
        return {}

    bench = Bench(tmp_path, recorded)
    bench.advance()
    bench.engine.signal("run-1", "q", "yes")
    bench.becomes(careless)
    assert isinstance(bench.advance(), Operator)
