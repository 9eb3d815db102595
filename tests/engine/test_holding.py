"""Holds and warnings: what must not outlive a run is taken back on every way out, and what stands is told until it is over."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from psbridge.engine import Done, Failed, Finished, Look, Operator, Refused, Run, Waiting
from psbridge.errors import ConnectionLost, OperatorNeeded
from psbridge.journal import Kind, standing
from psbridge.report.run_transcript import items_of
from psbridge.report.summary import summary
from psbridge.report.transcript import transcript
from tests.engine.bench import Bench
from tests.engine.far_end import answering, failure, get_account, new_request, raising

SAYS = "The scheduler is paused."
TOLD = "The scheduler is paused. To end it: [dir] New-Request -Name resume"


class Trouble:
    """What happens between pause and resume."""

    def __init__(self) -> None:
        self.guard_holds = True
        self.asks = False
        self.raises: Exception | None = None

    def body(self, run: Run) -> Mapping[str, object]:
        run.hold("pause", "dir", new_request("pause"), back=new_request("resume"), says=SAYS)
        if self.asks:
            run.ask("go-on", "Go on?", "Say so.")
        if self.raises is not None:
            raise self.raises
        run.guard("all is well", self.guard_holds, found="trouble.", expected="none.", remedy="See to it.")
        run.release("resume", "pause")
        run.read("after", "dir", get_account("ada"))
        return {}


def names(bench: Bench) -> list[str]:
    return [effect.split()[-1] for effect in bench.far_end.effects()]


def test_a_hold_is_released_in_its_place_and_its_warning_with_it(tmp_path: Path) -> None:
    trouble = Trouble()
    bench = Bench(tmp_path, trouble.body)
    assert bench.advance() == Done({})
    assert names(bench) == ["pause", "resume"]
    assert bench.states("pause") == ["stands", "intent", "done", "lifted"]
    assert bench.engine.warnings("run-1") == []


def test_while_it_is_held_the_warning_names_the_way_back(tmp_path: Path) -> None:
    trouble = Trouble()
    trouble.asks = True
    bench = Bench(tmp_path, trouble.body)
    assert isinstance(bench.advance(), Operator)
    assert bench.engine.warnings("run-1") == [TOLD]
    assert f"WARNING pause: {TOLD}" in "\n".join(transcript(items_of(bench.entries())))
    assert TOLD in summary(bench.engine.run("run-1"), bench.entries()).partition("Still standing")[2]


def test_a_run_that_stops_takes_it_back_and_a_retry_holds_it_again(tmp_path: Path) -> None:
    trouble = Trouble()
    trouble.guard_holds = False
    bench = Bench(tmp_path, trouble.body)
    assert isinstance(bench.advance(), Failed)
    assert names(bench) == ["pause", "resume"]
    assert bench.engine.warnings("run-1") == []
    trouble.guard_holds = True
    bench.engine.retry("run-1")
    assert bench.advance() == Done({})
    assert names(bench) == ["pause", "resume", "pause", "resume"]
    assert bench.engine.warnings("run-1") == []


def test_a_run_that_is_cancelled_while_it_rests_takes_it_back_when_it_is_next_carried_on(tmp_path: Path) -> None:
    trouble = Trouble()
    trouble.asks = True
    bench = Bench(tmp_path, trouble.body)
    bench.advance()
    assert not bench.engine.cancel("run-1").status.ended
    assert bench.engine.due() == ["run-1"]
    outcome = bench.advance()
    assert isinstance(outcome, Failed)
    assert outcome.error.startswith("Cancelled by CONTOSO\\kim on PC1.")
    assert names(bench) == ["pause", "resume"]
    assert bench.states("all is well") == [], "nothing but the way back is done"
    assert bench.engine.warnings("run-1") == []
    assert isinstance(bench.advance(), Finished)


def test_a_way_back_that_fails_leaves_the_warning_standing_after_the_end(tmp_path: Path) -> None:
    trouble = Trouble()
    trouble.guard_holds = False
    bench = Bench(tmp_path, trouble.body)

    def cut(cmdlet: str) -> None:
        if cmdlet == "New-Request" and names(bench):
            raise ConnectionLost("the server is gone", endpoint="dir", may_have_run=False)

    bench.far_end.during = cut
    assert isinstance(bench.advance(), Failed)
    assert names(bench) == ["pause"]
    assert bench.engine.warnings("run-1") == [TOLD]
    shown = " ".join("\n".join(transcript(items_of(bench.entries()))).replace("\n#", "").split())
    assert "It could not be ended on the way out: [dir] the server is gone." in shown
    bench.far_end.during = lambda _: None
    trouble.guard_holds = True
    bench.engine.retry("run-1")
    assert bench.advance() == Done({})
    assert bench.engine.warnings("run-1") == []
    assert names(bench)[-1] == "resume"


def test_a_run_that_waits_for_an_operator_holds_on(tmp_path: Path) -> None:
    trouble = Trouble()
    trouble.raises = OperatorNeeded("step", "it cannot be told.", "Look.")
    bench = Bench(tmp_path, trouble.body)
    assert isinstance(bench.advance(), Operator)
    assert names(bench) == ["pause"]
    trouble.raises = None
    bench.engine.retry("run-1")
    assert bench.advance() == Done({})
    assert names(bench) == ["pause", "resume"]


def test_the_warning_stands_before_the_hold_is_sent(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Trouble().body)
    seen: list[str] = []
    bench.far_end.during = lambda _: seen.extend(bench.engine.warnings("run-1"))
    bench.far_end.faults.before["New-Request"] = [raising(ConnectionLost("lost", endpoint="dir", may_have_run=True))]
    assert isinstance(bench.advance(), Waiting)
    assert seen == [TOLD]
    bench.later(minutes=5)
    assert bench.advance() == Done({})


def test_a_warning_stands_until_it_is_lifted_and_outlives_the_run(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.warn("licence", "No licence may come back.")
        run.warn("deadline", "Ends on Monday.")
        run.ask("go-on", "Go on?", "Say so.")
        run.lift("licence")
        return {}

    bench = Bench(tmp_path, body)
    bench.advance()
    bench.engine.signal("run-1", "go-on")
    assert bench.advance() == Done({})
    assert bench.engine.warnings("run-1") == ["Ends on Monday."]
    assert [entry.state for entry in bench.entries(Kind.WARNING)] == ["stands", "stands", "lifted"]
    assert [entry.key for entry in standing(bench.entries())] == ["deadline"]


def test_a_warning_of_an_attempt_stands_again_at_the_next_one(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        def before(look: Look) -> None:
            look.warn("going", "Look.")

        try:
            run.destroy("go", "dir", new_request("r"), requires=(), approval=None, before=before, verify=lambda _: None)
        except Refused:
            run.lift("going")
            raise
        return {}

    bench = Bench(tmp_path, body)
    bench.far_end.faults.before["New-Request"] = [answering(failure("ParameterBindingException"))]
    assert isinstance(bench.advance(), Failed)
    assert bench.engine.warnings("run-1") == []
    bench.engine.retry("run-1")
    assert bench.advance() == Done({})
    assert bench.engine.warnings("run-1") == ["Look."]


def test_a_plan_lists_hold_and_release_among_what_would_be_sent(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.hold("pause", "dir", new_request("pause"), back=new_request("resume"), says=SAYS)
        run.release("resume", "pause")
        return {}

    bench = Bench(tmp_path, body)
    plan = bench.engine.plan("p", {})
    assert [write.command for write in plan.writes] == ["New-Request -Name pause", "New-Request -Name resume"]
    assert bench.far_end.effects() == []
