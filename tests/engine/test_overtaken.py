"""A write that is left out because somebody else has done what it was for, and what the run does then."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from psbridge.engine import Done, Failed, Look, Overtaken, Run, Waiting
from psbridge.errors import ConnectionLost
from psbridge.journal import Kind
from tests.engine.bench import Bench, is_deleted
from tests.engine.far_end import get_account, get_request, new_request, raising, remove_account


def overtaken(look: Look) -> None:
    """Somebody else has deleted it, unless it is there under its name."""
    if not look.read("dir", get_account("ada")).objects:
        raise Overtaken("ada is gone already.")


def left_out_or_sent(run: Run) -> Mapping[str, object]:
    """The step, and then a look at what somebody else has done."""
    run.evidence("account", "dir", get_account("ada"), need=("id",))
    run.approval("consent", [("dir", remove_account("ada"))], requires=["account"], says="The account is deleted.")
    sent = run.destroy(
        "delete", "dir", remove_account("ada"), requires=["account"], approval="consent", before=overtaken, verify=is_deleted
    )
    seen = run.read("afterwards", "dir", get_account("ada"))
    run.guard("it is gone", seen.absent, found="it is there.", expected="gone.", remedy="Look.")
    return {"sent": sent}


def test_a_write_that_somebody_else_has_done_is_left_out_and_the_run_goes_on(tmp_path: Path) -> None:
    bench = Bench(tmp_path, left_out_or_sent)
    assert isinstance(bench.advance(), Waiting)
    bench.consent()
    bench.far_end.write({"accounts": {}})
    assert bench.advance() == Done({"sent": False})
    assert bench.far_end.effects() == []
    assert bench.states("delete", Kind.DESTROY) == ["left out"]
    assert bench.entries(Kind.DESTROY)[-1].body["why"] == "left out, nothing was sent: ada is gone already."
    assert not bench.store.run("run-1").changed


def test_what_is_looked_at_after_a_write_was_left_out_is_looked_at_again_by_a_retry(tmp_path: Path) -> None:
    bench = Bench(tmp_path, left_out_or_sent)
    there = bench.far_end.state()
    assert isinstance(bench.advance(), Waiting)
    bench.consent()
    bench.far_end.write({"accounts": {}})
    bench.far_end.faults.before["Get-Account"] = [lambda: None, lambda: bench.far_end.write(there)]
    ended = bench.advance()
    assert isinstance(ended, Failed), ended
    assert "Stopped at it is gone." in ended.error
    assert not ended.changed
    bench.far_end.write({"accounts": {}})
    bench.engine.retry("run-1")
    assert bench.advance() == Done({"sent": False})
    assert bench.states("delete", Kind.DESTROY) == ["left out"]


def test_a_write_that_is_sent_says_so(tmp_path: Path) -> None:
    bench = Bench(tmp_path, left_out_or_sent)
    assert bench.consented() == Done({"sent": True})
    assert bench.states("delete", Kind.DESTROY) == ["intent", "done"]


def test_an_effect_that_shows_only_before_the_next_attempt_is_the_run_s_own_and_ends_the_step(tmp_path: Path) -> None:
    def not_made_twice(look: Look) -> None:
        if look.read("dir", get_request("psb-run-1")).objects:
            raise Overtaken("the request psb-run-1 is there.", by_us=True)

    def body(run: Run) -> Mapping[str, object]:
        run.evidence("account", "dir", get_account("ada"), need=("id",))
        sent = run.destroy(
            "request",
            "dir",
            new_request("psb-run-1"),
            requires=["account"],
            approval=None,
            before=not_made_twice,
            # A server that lags behind, for longer than is waited.
            verify=lambda _: False,
        )
        return {"sent": sent}

    bench = Bench(tmp_path, body)
    lost = ConnectionLost("the connection was lost", endpoint="dir", may_have_run=True)
    bench.far_end.faults.after["New-Request"] = [raising(lost)]
    assert bench.settled() == Done({"sent": True})
    assert bench.far_end.effects() == ["New-Request -Name psb-run-1"]
    assert bench.states("request", Kind.DESTROY) == ["intent", "lost", "undone", "observed"]
    last = bench.entries(Kind.DESTROY)[-1]
    assert last.body["why"] == "an earlier attempt had its effect, nothing more was sent: the request psb-run-1 is there."
    assert bench.store.run("run-1").changed
