"""Recorded servers, replayed: our client in the place of the recorded one gets every record of every step."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from psbridge.command import Pipeline
from psbridge.errors import ConfirmationRequired, ConnectionLost
from psbridge.transports.process import ProcessTransport
from tests.transports.far_end import values

pytestmark = pytest.mark.corpus

# Their clients did what ours does: opened, ran commands without input, closed. (What the commands were the replay
# does not look at.)
SCENARIOS = [
    "all-streams",
    "collections-in",
    "collections-out",
    "confirm-no-host",
    "debug-stream",
    "error-command-not-found",
    "error-nested",
    "error-nonterminating",
    "error-parameter-binding",
    "error-parse",
    "error-stop-preference",
    "error-throw",
    "errors-merged",
    "information-stream",
    "language",
    "mailbox-like",
    "object-300kb",
    "objects-1000",
    "output-stream",
    "parameters-command",
    "parameters-primitives",
    "progress-stream",
    "secure-string",
    "secure-string-out",
    "three-numbers",
    "two-pipelines",
    "verbose-stream",
    "warning-stream",
    "write-cmdlets",
]
STREAMS = {
    "PIPELINE_OUTPUT": "output",
    "ERROR_RECORD": "error",
    "WARNING_RECORD": "warning",
    "VERBOSE_RECORD": "verbose",
    "DEBUG_RECORD": "debug",
    "INFORMATION_RECORD": "information",
    "PROGRESS_RECORD": "progress",
}


def replay(corpus: Path, name: str) -> ProcessTransport:
    folder = corpus / "stdio"
    return ProcessTransport([sys.executable, str(folder / "replay.py"), str(folder / f"{name}.jsonl")], deadline=30.0)


def pipelines(corpus: Path, name: str) -> list[list[dict[str, Any]]]:
    """The server's messages of each pipeline, in the order in which the pipelines were created."""
    found: dict[str, list[dict[str, Any]]] = {}
    with (corpus / "stdio" / f"{name}.messages.jsonl").open(encoding="utf-8") as file:
        for message in map(json.loads, file):
            if message["type"] == "CREATE_PIPELINE":
                found[message["pipeline"]] = []
            elif message["from"] == "server" and message["pipeline"] in found:
                found[message["pipeline"]].append(message)
    return list(found.values())


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_record_of_a_recorded_server_is_handed_over_as_it_was(corpus: Path, name: str) -> None:
    steps = json.loads((corpus / "stdio" / f"{name}.json").read_text(encoding="utf-8"))["steps"]
    with replay(corpus, name) as transport:
        for step, recorded in zip(steps, pipelines(corpus, name), strict=True):
            reply = transport.run(Pipeline.of("Get-Recorded"))
            assert reply.state.value == step["state"]
            assert [(record.stream.value, record.clixml) for record in reply.records] == [
                (STREAMS[message["type"]], message["clixml"].encode("utf-8", "surrogatepass"))
                for message in recorded
                if message["type"] in STREAMS
            ]
            decoded = values([record.clixml for record in reply.records])
            assert len(decoded) == len(reply.records)


# Further steps of `confirm` ask twice, or not at all; a second question is stopped, which its client did not do.
@pytest.mark.parametrize(("name", "count"), [("confirm", 2), ("host-prompt", 6)])
def test_every_recorded_question_is_refused_with_what_was_asked(corpus: Path, name: str, count: int) -> None:
    steps = json.loads((corpus / "stdio" / f"{name}.json").read_text(encoding="utf-8"))["steps"][:count]
    with replay(corpus, name) as transport:
        for step in steps:
            with pytest.raises(ConfirmationRequired) as question:
                transport.run(Pipeline.of("Get-Recorded"))
            method, arguments = step["hostCalls"][-1]
            assert question.value.method.startswith(method)
            if method == "PromptForChoice":
                caption, message, choices, _ = arguments
                assert question.value.question == f"{caption}: {message}"
                assert question.value.choices == tuple(choices.replace("&", "").split("|"))


def test_a_recorded_death_of_the_server_is_a_loss(corpus: Path) -> None:
    transport = replay(corpus, "server-killed")
    with pytest.raises(ConnectionLost) as lost:
        transport.run(Pipeline.of("Get-Recorded"))
    assert lost.value.may_have_run
