"""Look-ups, evidence, guards, questions and notes: what is kept, and that a replay sees what the live run saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from psbridge.cmdlets.call import Call, reading
from psbridge.engine import Done, Failed, Operator, Run
from psbridge.errors import CmdletError, ConnectionLost
from psbridge.journal import Kind
from psbridge.models import Model
from psbridge.models.base import many_properties, prop
from psbridge.models.shapes import Texts
from psbridge.psobject import PSObject
from psbridge.reply import Record, Reply, State, Stream
from tests.engine.bench import Bench, just
from tests.engine.far_end import (
    ABSENT,
    ADA,
    answering,
    error,
    get_account,
    list_accounts,
    output,
    raising,
    remove_account,
    thing,
)

EMPTY = "00000000-0000-0000-0000-000000000000"


def test_a_recorded_look_answers_from_the_journal_with_equal_values(tmp_path: Path) -> None:
    seen: list[object] = []

    def body(run: Run) -> Mapping[str, object]:
        answer = run.read("r", "dir", get_account("ada"))
        seen.append((answer.one().id, answer.one().raw, answer.absent, answer.warnings))
        run.ask("q", "Go on?", "Say so.")
        return {}

    bench = Bench(tmp_path, body)
    bench.advance()
    bench.engine.signal("run-1", "q", "yes")
    bench.far_end.write({"accounts": {}})
    assert bench.advance() == Done({})
    assert len(bench.far_end.asked) == 1
    assert seen[0] == seen[1]


def test_the_live_look_already_sees_what_the_journal_holds(tmp_path: Path) -> None:
    """Redaction comes before the playbook's code, so that nothing behaves differently after a crash."""
    seen: list[str | None] = []
    bench = Bench(tmp_path, just(lambda run: seen.append(run.read("r", "dir", get_account("ada")).one().name)))
    bench.engine._redact = lambda body: body.replace(b">ada<", b">hidden<")
    bench.advance()
    assert seen == ["hidden"]
    assert b">ada<" not in (tmp_path / "journal.db").read_bytes()


def test_not_found_is_an_answer(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        answer = run.read("r", "dir", get_account("zoe"))
        assert answer.error is not None
        return {"absent": answer.absent, "objects": len(answer.objects), "reason": answer.error.reason}

    assert Bench(tmp_path, body).advance() == Done({"absent": True, "objects": 0, "reason": "UserNotFoundException"})


def test_not_found_among_other_errors_is_an_error(tmp_path: Path) -> None:
    bench = Bench(tmp_path, just(lambda run: run.read("r", "dir", get_account("ada"))))
    records = (*error("UserNotFoundException").records, *error("ServerBusyException", "Busy.").records)
    bench.far_end.faults.before["Get-Account"] = [answering(Reply(State.COMPLETED, records))]
    outcome = bench.advance()
    assert isinstance(outcome, Failed)
    assert outcome.error.startswith("[dir] Get-Account -Name ada: Busy. ")


def test_an_error_that_a_playbook_bears_with_is_met_again_after_a_crash(tmp_path: Path) -> None:
    met: list[str] = []

    def body(run: Run) -> Mapping[str, object]:
        try:
            run.read("r", "dir", get_account("ada"))
        except CmdletError as refused:
            met.append(refused.record.message)
        run.ask("q", "Go on?", "Say so.")
        return {}

    bench = Bench(tmp_path, body)
    bench.far_end.faults.before["Get-Account"] = [answering(error("AccessDenied", "No."))]
    bench.advance()
    bench.engine.signal("run-1", "q", "yes")
    assert bench.advance() == Done({})
    assert met == ["No.", "No."]
    assert len(bench.far_end.asked) == 1


def test_a_look_that_was_stopped_is_taken_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, just(lambda run: run.read("r", "dir", get_account("ada"))))
    bench.far_end.faults.before["Get-Account"] = [answering(Reply(State.STOPPED))]
    assert bench.settled() == Done({})
    assert [entry.state for entry in bench.entries(Kind.LOOK, Kind.READ)] == ["lost", "done"]


LOOKS: dict[str, Callable[[Run], object]] = {
    "read": lambda run: run.read("r", "dir", remove_account("ada")),
    "evidence": lambda run: run.evidence("r", "dir", remove_account("ada"), need=()),
    "poll": lambda run: run.poll(
        "r", "dir", remove_account("ada"), until=lambda _: True, every=timedelta(1), timeout=timedelta(1), why="x"
    ),
}


@pytest.mark.parametrize("step", LOOKS)
def test_a_step_that_looks_refuses_a_write(tmp_path: Path, step: str) -> None:
    bench = Bench(tmp_path, just(LOOKS[step]))
    text = "Remove-Account -Name ada changes something; a step that reads must not send it"
    assert bench.advance() == Failed(text, changed=False)
    assert bench.far_end.asked == []


def test_evidence_is_kept_with_its_fields_its_answer_and_their_hashes(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        return {"id": run.evidence("account", "dir", get_account("ada"), need=("id", "name")).id}

    bench = Bench(tmp_path, body)
    assert bench.advance() == Done({"id": str(ADA)})
    [kept] = bench.entries(Kind.EVIDENCE)
    assert kept.body["shown"] == {"id": str(ADA), "name": "ada"}
    assert kept.body["objects"] == [str(ADA)]
    assert len(kept.body["fields_hash"]) == len(kept.body["reply_hash"]) == 64
    assert kept.reply == output(thing({"id": str(ADA), "name": "ada"}))


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ({"name": "ada"}, "an object whose id is empty. Expected: id, name, none of them empty."),
        ({"name": "ada", "id": EMPTY}, "an object whose id is empty. Expected: id, name, none of them empty."),
        ({"name": " ", "id": str(ADA)}, "an object whose name is empty. Expected: id, name, none of them empty."),
        ({"name": EMPTY, "id": str(ADA)}, "an object whose name is empty. Expected: id, name, none of them empty."),
        ({"name": "", "id": EMPTY}, "an object whose id, name is empty. Expected: id, name, none of them empty."),
    ],
)
def test_evidence_that_is_not_complete_stops_the_run(tmp_path: Path, found: dict[str, str], text: str) -> None:
    def step(run: Run) -> None:
        run.evidence("account", "dir", get_account("ada"), need=("id", "name"))

    bench = Bench(tmp_path, just(step))
    bench.far_end.faults.before["Get-Account"] = [answering(output(thing(found)))]
    outcome = bench.advance()
    assert outcome == Failed(
        f"Stopped at account. Found: Get-Account -Name ada gave {text} What to do: Without it nothing could be restored, "
        "so nothing is changed. Find out why it is empty. Nothing has been changed.",
        changed=False,
    )
    assert [entry.state for entry in bench.entries(Kind.EVIDENCE)] == ["failed"]


@pytest.mark.parametrize(
    ("call", "seen"), [(get_account("zoe"), "0 objects. It said: It went wrong."), (list_accounts(), "2 objects.")]
)
def test_evidence_is_exactly_one_object(tmp_path: Path, call: Call[Model], seen: str) -> None:
    outcome = Bench(tmp_path, just(lambda run: run.evidence("account", "dir", call, need=()))).advance()
    assert outcome == Failed(
        f"Stopped at account. Found: {call} gave {seen} Expected: exactly one. "
        "What to do: Check the name: it must mean one object, and no other. Nothing has been changed.",
        changed=False,
    )


class Rich(Model):
    """Fields of kinds that are not simple."""

    flag: bool | None = prop("Flag")
    number: int | None = prop("Number")
    names: Texts = many_properties("Names")
    nothing: Texts = many_properties("Nothing")


def test_false_and_zero_are_values_and_an_empty_list_is_none(tmp_path: Path) -> None:
    call = reading("Get-Account", Rich, {"Name": "ada"}, absent=ABSENT)

    def step(need: tuple[str, ...]) -> Failed | Done | object:
        folder = tmp_path / "-".join(need)
        folder.mkdir()
        bench = Bench(folder, just(lambda run: run.evidence("account", "dir", call, need=need)))
        values = PSObject((), ms={"Flag": False, "Number": 0, "Names": "a", "Nothing": None})
        bench.far_end.faults.before["Get-Account"] = [answering(output(values))]
        return bench.advance()

    assert step(("flag", "number")) == Done({})
    assert isinstance(step(("nothing",)), Failed)


def test_a_field_that_the_model_does_not_have_is_a_mistake_of_the_playbook(tmp_path: Path) -> None:
    outcome = Bench(tmp_path, just(lambda run: run.evidence("account", "dir", get_account("ada"), need=("guid",)))).advance()
    assert outcome == Failed("Evidence account: Account has no field 'guid'", changed=False)


def test_only_the_named_fields_identify_the_object(tmp_path: Path) -> None:
    def step(run: Run) -> None:
        run.evidence("account", "dir", get_account("ada"), need=("id",), identifies=())

    bench = Bench(tmp_path, just(step))
    bench.advance()
    assert bench.entries(Kind.EVIDENCE)[0].body["objects"] == []


def test_a_guard_that_holds_is_written_down_and_one_that_fails_stops_the_run(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.guard("one", True, found="1.", expected="1.", remedy="-")
        run.guard("two", False, found="2.", expected="3.", remedy="Count again.")
        return {}

    bench = Bench(tmp_path, body)
    assert bench.advance() == Failed(
        "Stopped at two. Found: 2. Expected: 3. What to do: Count again. Nothing has been changed.", changed=False
    )
    assert [(entry.key, entry.state, entry.body["found"]) for entry in bench.entries(Kind.GUARD)] == [
        ("one", "passed", "1."),
        ("two", "failed", "2."),
    ]


def test_a_question_waits_for_its_answer_and_keeps_who_gave_it(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        return {"answer": run.ask("sync", "Start a cycle.", "Start-ADSyncSyncCycle")}

    bench = Bench(tmp_path, body)
    asked = Operator("Start a cycle.", "Start-ADSyncSyncCycle", "sync")
    assert bench.advance() == asked
    assert bench.advance() == asked
    bench.engine.signal("run-1", "other", "x")
    assert bench.advance() == asked
    bench.engine.signal("run-1", "sync", "it runs")
    assert bench.advance() == Done({"answer": "it runs"})
    answer = bench.entries(Kind.ASK)[-1]
    assert (answer.state, answer.body["who"]) == ("answered", "CONTOSO\\kim on PC1")


def test_a_word_from_before_the_question_is_no_answer(tmp_path: Path) -> None:
    bench = Bench(tmp_path, just(lambda run: run.ask("sync", "Start a cycle.", "x")))
    bench.engine.signal("run-1", "sync", "too early")
    assert isinstance(bench.advance(), Operator)


@pytest.mark.parametrize("key", ["", "cancel", "wake", "approval:x"])
def test_a_step_cannot_have_the_name_of_a_signal(tmp_path: Path, key: str) -> None:
    outcome = Bench(tmp_path, just(lambda run: run.note(key, "x"))).advance()
    assert outcome == Failed(f"{key!r} cannot be the key of a step; signals have that name", changed=False)


def test_half_a_character_in_a_text_is_kept_as_its_escape(tmp_path: Path) -> None:
    bench = Bench(tmp_path, just(lambda run: run.guard("g", False, found="\ud800.", expected="b.", remedy="c.")))
    outcome = bench.advance()
    assert isinstance(outcome, Failed)
    assert "Found: \\ud800. " in outcome.error


def test_bytes_that_are_no_text_come_back_as_they_were(tmp_path: Path) -> None:
    bench = Bench(tmp_path, just(lambda run: run.read("r", "dir", get_account("ada"))))
    reply = output(thing({"name": "ada", "id": str(UUID(int=5))}))
    odd = Reply(reply.state, reply.records, b"\xff\xfe\x00")
    bench.engine._redact = lambda body: body
    bench.far_end.faults.before["Get-Account"] = [answering(odd)]
    assert bench.advance() == Done({})
    assert bench.entries(Kind.READ)[0].reply == odd


def test_an_answer_whose_secrets_cannot_be_found_is_not_kept(tmp_path: Path) -> None:
    bench = Bench(tmp_path, just(lambda run: run.read("r", "dir", get_account("ada"))))
    bench.far_end.faults.before["Get-Account"] = [answering(Reply(State.COMPLETED, (Record(Stream.OUTPUT, b"<SS>!"),)))]
    outcome = bench.advance()
    assert isinstance(outcome, Failed)
    assert outcome.error.startswith("CLIXML cannot be read at byte ")
    [look] = bench.entries(Kind.LOOK)
    assert (look.state, look.reply) == ("failed", None)


def test_a_lost_look_is_in_the_journal_with_its_reason(tmp_path: Path) -> None:
    bench = Bench(tmp_path, just(lambda run: run.read("r", "dir", get_account("ada"))))
    bench.far_end.faults.before["Get-Account"] = [raising(ConnectionLost("the process ended", endpoint="dir"))]
    bench.advance()
    [look] = bench.entries(Kind.LOOK)
    assert (look.state, look.sent, look.reply) == ("lost", True, None)
    assert look.error == "[dir] the process ended. The command may have run: look before you repeat it."
