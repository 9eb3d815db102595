"""Printed command lines: what is pasted from a transcript or an approval is what was sent, held against the real engine."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from psbridge.command import SWITCH, Pipeline
from psbridge.reply import Reply, State
from psbridge.report.command_line import pasteable
from psbridge.report.transcript import Shown, prompt_of, transcript
from psbridge.report.visible import visible
from psbridge.scripts import SCRIPTS
from tests import hostile_text, real_engine

AT = datetime(2018, 7, 15, 15, 45, tzinfo=UTC)
# A cmdlet of this name that says what it was given, with the type.
SAYS = "function Set-User { param($Identity, $Notes, [switch]$Force) , @($Identity, $Notes, [bool]$Force) }"
UNSEEN = (
    "\x1b[2J\x07",
    "\u202e",
    "a\u200bb",
    "\r",
    "one\r\ntwo",
    "\ttab",
    "\U000e0041",
    "\ufeff",
    "it's\x9b\u2019",
    "--%\x1b",
    "\u00ad",
)


def test_a_letter_that_cannot_be_seen_is_written_as_its_number() -> None:
    given = Pipeline.of("Set-User", Identity="it's\u2019\x1bx", Notes=["\u202e\u200b", "seen"])
    assert pasteable(str(given)) == (
        "Set-User -Identity ('it''s\u2019\u2019'+[char]0x001B+'x') -Notes @((''+[char]0x202E+[char]0x200B),'seen')"
    )


def test_what_can_be_seen_stays_as_people_type_it() -> None:
    line = str(Pipeline.of("Set-User", Identity="testduplicate@domain.com", Notes="it's 50 %, \u4e2d\u00e9", Force=SWITCH))
    assert pasteable(line) == line


def test_the_lines_of_a_constant_script_stay_lines() -> None:
    for script in SCRIPTS.values():
        assert pasteable(script.typed) == script.typed


@pytest.mark.realps
def test_a_pasted_line_is_this_cmdlet_with_these_values(realps: str) -> None:
    random = Random(20180715)
    values = [*UNSEEN, *(hostile_text.value(random) for _ in range(120)), *(hostile_text.text(random, 12) for _ in range(120))]
    given = [Pipeline.of("Set-User", Identity=value, Notes=[value, hostile_text.text(random)], Force=SWITCH) for value in values]
    pasted = [_pasted(pipeline) for pipeline in given]
    for pipeline, line, parsed in zip(given, pasted, real_engine.parse(realps, pasted), strict=True):
        assert visible(line) == line
        assert "\n" not in line
        assert not parsed["errors"], line
        (command,) = [one for one in parsed["commands"] if one["start"] == 0]
        named = [element["value"] for element in command["elements"] if element["ast"] == "CommandParameterAst"]
        assert (command["name"], named) == ("Set-User", ["Identity", "Notes", "Force"]), str(pipeline)
    exact = real_engine.evaluate(realps, map(str, given), before=SAYS)
    for line, meant, got in zip(pasted, exact, real_engine.evaluate(realps, pasted, before=SAYS), strict=True):
        assert (got["state"], got["output"]) == ("Completed", meant["output"]), line


def _pasted(pipeline: Pipeline) -> str:
    """What somebody copies from a transcript, without the prompt."""
    (line,) = transcript([Shown(prompt_of("exo"), str(pipeline), Reply(State.COMPLETED), AT)])
    return line.removeprefix("PS C:\\> ")
