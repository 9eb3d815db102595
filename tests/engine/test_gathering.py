"""Long lists: kept as rows and never as objects, begun again after a loss or a crash, not repeated once they are whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from psbridge.cmdlets.call import Call, reading
from psbridge.engine import Done, Failed, Gathered, Operator, Query, Run, Waiting, read_table
from psbridge.errors import ConnectionLost, InputError
from psbridge.journal import Kind
from psbridge.models import Model
from psbridge.models.base import required
from psbridge.models.shapes import Text
from psbridge.psobject import PSObject
from psbridge.reply import Reply, State
from tests.engine.bench import Bench
from tests.engine.far_end import Fault, answering, error, output, raising, remove_account


class Named(Model):
    """An object with a name."""

    name: Text = required("Name")


def listed() -> Call[Named]:
    return reading("Get-Account", Named, {"ResultSize": "Unlimited"})


def named(*names: str) -> Reply:
    return output(*(PSObject(("Contoso.Account", "System.Object"), ms={"Name": name}) for name in names))


def gather(run: Run, key: str = "people") -> Gathered:
    return run.gather(key, "dir", listed(), columns=("name", "length"), row=lambda one: (one.name, len(one.name)))


def body(run: Run) -> Mapping[str, object]:
    """Read, wait for a word, and make a table."""
    people = gather(run)
    run.ask("q", "Go on?", "Say so.")

    def rows(query: Query) -> Iterator[Sequence[str | int | None]]:
        for name, length in query("SELECT name, length FROM people WHERE length > ? ORDER BY name", 2):
            yield (name, length, "long")

    table = run.tabulate("long-names", columns=("Name", "Length", "Kind"), rows=rows, by="Kind")
    return {"count": people.count, "table": table.count, "counts": table.counts}


def answers(bench: Bench, fault: Fault) -> None:
    bench.far_end.faults.before.setdefault("Get-Account", []).append(fault)


def tables(bench: Bench) -> Path:
    (path,) = bench.folder.glob("journal.db.tables/*.db")
    return path


def rows_of(bench: Bench, name: str) -> list[tuple[object, ...]]:
    return list(read_table(tables(bench), name)[1])


def finished(bench: Bench) -> None:
    bench.engine.signal("run-1", "q", "yes")
    assert bench.advance() == Done({"count": 3, "table": 2, "counts": {"long": 2}})
    assert rows_of(bench, "long_names") == [("ada", 3, "long"), ("grace", 5, "long")]


def test_a_finished_list_is_not_read_again_and_a_table_is_made_of_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, body)
    answers(bench, answering(named("grace", "ada", "bo")))
    assert isinstance(bench.advance(), Operator)
    asked = len(bench.far_end.asked)
    finished(bench)
    assert len(bench.far_end.asked) == asked
    (read,) = bench.entries(Kind.GATHER)
    assert read.body["gathered"]["count"] == 3
    assert read.reply == Reply(State.COMPLETED)


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"no database" * 99)], ids=["gone", "damaged"])
def test_a_table_that_is_gone_or_damaged_is_read_again(damage: object, tmp_path: Path) -> None:
    bench = Bench(tmp_path, body)
    answers(bench, answering(named("grace", "ada", "bo")))
    bench.advance()
    damage(tables(bench))  # type: ignore[operator]  # either function of a path
    answers(bench, answering(named("ada", "grace", "bo")))
    finished(bench)
    assert bench.states("people", Kind.GATHER) == ["done", "done"]


def test_a_list_that_was_lost_in_the_middle_is_begun_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, body)
    answers(bench, raising(ConnectionLost("gone", endpoint="dir")))
    outcome = bench.advance()
    assert isinstance(outcome, Waiting)
    bench.clock.to(outcome.until)
    answers(bench, answering(named("grace", "ada", "bo")))
    assert isinstance(bench.advance(), Operator)
    finished(bench)


def test_a_reading_that_is_killed_in_the_middle_begins_again(tmp_path: Path) -> None:
    killed: list[str] = []

    def row(one: Named) -> tuple[str]:
        if one.name == "ada" and not killed:
            killed.append(one.name)
            raise KeyboardInterrupt
        return (one.name,)

    bench = Bench(tmp_path, lambda run: {"n": run.gather("people", "dir", listed(), columns=("name",), row=row).count})
    answers(bench, answering(named("grace", "ada", "bo")))
    with pytest.raises(KeyboardInterrupt):
        bench.advance()
    with pytest.raises(InputError, match="has no table people"):
        read_table(tables(bench), "people")
    answers(bench, answering(named("grace", "ada", "bo")))
    bench.engine = bench.another()
    assert bench.advance() == Done({"n": 3})
    assert rows_of(bench, "people") == [("grace",), ("ada",), ("bo",)]


def test_a_list_with_an_error_in_it_is_not_the_whole_list(tmp_path: Path) -> None:
    bench = Bench(tmp_path, body)
    whole = named("ada")
    broken = Reply(whole.state, (*whole.records, *error("DomainController", "It is down.").records))
    answers(bench, answering(broken))
    outcome = bench.advance()
    assert isinstance(outcome, Failed)
    assert "It is down." in outcome.error
    assert not outcome.changed
    assert bench.states("people", Kind.GATHER) == ["failed"]


def test_one_object_of_another_shape_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda run: {"unreadable": gather(run).unreadable})
    odd = output(PSObject(("Contoso.Account", "System.Object"), ms={"Size": 1}), PSObject(("A",), ms={"Name": "ada"}))
    answers(bench, answering(odd))
    assert bench.advance() == Done({"unreadable": 1})
    (read,) = bench.entries(Kind.GATHER)
    (problem,) = read.body["gathered"]["problems"]
    assert problem.startswith("object 1: ")
    assert "Name" in problem
    assert rows_of(bench, "people") == [("ada", 3)]


def test_half_a_character_and_a_quote_reach_the_table(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda run: {"count": gather(run).count})
    answers(bench, answering(named("a\ud800b", "'); DROP TABLE people; --", "\u202e\x00")))
    assert bench.advance() == Done({"count": 3})
    assert [row[0] for row in rows_of(bench, "people")] == ["a?b", "'); DROP TABLE people; --", "\u202e\x00"]


def test_a_step_that_writes_cannot_be_gathered(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda run: {"n": run.gather("x", "dir", remove_account("ada"), columns=("a",), row=lambda _: (1,))})
    outcome = bench.advance()
    assert isinstance(outcome, Failed)
    assert "changes something" in outcome.error
    assert bench.far_end.asked == []


def test_a_run_whose_table_lies_elsewhere_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="on the machine on which the run was carried on"):
        read_table(tmp_path / "none.db", "people")
