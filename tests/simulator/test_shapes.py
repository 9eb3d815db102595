"""Every recorded answer of the real engine, asked of the simulator in the same order: the same types, members and kinds.

`test_against_the_engine.py` compares the values too, where an engine is at hand.
"""

from __future__ import annotations

import pytest

from psbridge.psobject import Value
from psbridge.simulator.state import Fault
from tests.models.engine_shapes import FAILED, QUESTIONS, Question, recorded
from tests.simulator.both import signature
from tests.simulator.rehearsal import Rehearsal

_HERE = frozenset({"Switch-TenantEndpoint", "Step-TenantClock", "Get-TenantState"})
_NAMES = [question.name for question in QUESTIONS if question.model and question.recorded]


@pytest.fixture(scope="module")
def answers() -> dict[str, list[Value]]:
    return _asked(Rehearsal(), QUESTIONS)


@pytest.mark.parametrize("name", _NAMES)
def test_an_answer_has_the_shape_of_the_engines(answers: dict[str, list[Value]], name: str) -> None:
    assert [signature(item) for item in answers[name]] == [signature(item) for item in recorded(name)]


def test_so_do_a_failed_request_and_its_statistics() -> None:
    scene = Rehearsal()
    scene.state.faults.append(Fault("failed-restore"))
    _asked(scene, QUESTIONS[:-4])
    for name, given in _asked(scene, FAILED).items():
        assert [signature(item) for item in given] == [signature(item) for item in recorded(name)], name


def _endpoint(cmdlet: str) -> str | None:
    """The endpoint that serves a cmdlet; None when both Exchange organisations do."""
    noun = cmdlet.partition("-")[2]
    return "sync" if noun.startswith("ADSync") else "directory" if noun.startswith(("Msol", "Mg", "Entra")) else None


def _asked(scene: Rehearsal, questions: tuple[Question, ...]) -> dict[str, list[Value]]:
    """Ask in turn; what steers the engine's tenant steers the scene instead."""
    scene.state.migrations.clear()
    exchange = "exo"
    given: dict[str, list[Value]] = {}
    for question in questions:
        first = question.commands[0]
        if first.name == "Switch-TenantEndpoint":
            exchange = str(first.parameters["Name"])
        elif first.name == "Step-TenantClock":
            scene.wait(**{unit.lower(): float(str(count)) for unit, count in first.parameters.items()})
        elif first.name not in _HERE:
            result = scene.run(_endpoint(first.name) or exchange, *question.commands)
            assert result.first_error is None, (question, result.first_error)
            given[question.name] = list(result.output)
    return given
