"""A cmdlet that asks is never answered yes: over the real engine, whatever default it proposes."""

from __future__ import annotations

from pathlib import Path

import pytest

from psbridge.command import Command, Pipeline
from psbridge.errors import ConfirmationRequired
from psbridge.reply import State
from psbridge.transports.base import Transport
from tests.contract.limits import Need, needs
from tests.transports.far_end import output

pytestmark = pytest.mark.realps


@pytest.fixture
def witness(tmp_path: Path) -> Path:
    return tmp_path / "witness"


def asked(transport: Transport, pipeline: Pipeline) -> ConfirmationRequired:
    with pytest.raises(ConfirmationRequired) as question:
        transport.run(pipeline)
    return question.value


@needs(Need.HOST)
@pytest.mark.parametrize("more", [{}, {"Confirm": True}])
def test_should_process_is_reported_with_its_text_and_nothing_was_done(
    transport: Transport, witness: Path, more: dict[str, object]
) -> None:
    question = asked(transport, Pipeline.of("Remove-Thing", Identity=["a", "b"], Path=str(witness), **more))
    assert question.method == "PromptForChoice"
    assert question.question == (
        'Confirm: Are you sure you want to perform this action?\nPerforming the operation "Remove" on target "a".'
    )
    assert question.choices == ("Yes", "Yes to All", "No", "No to All")
    assert not question.may_have_run
    assert not witness.exists()


@needs(Need.HOST)
def test_should_continue_which_proposes_yes_is_not_answered_yes(transport: Transport, witness: Path) -> None:
    question = asked(transport, Pipeline.of("Clear-Thing", Path=str(witness)))
    assert str(question) == (
        "The cmdlet asked (PromptForChoice): Clear: Really clear it? [Yes, No]. The command did not run. "
        "psbridge never answers yes by itself. Pass -Confirm:$false where the playbook means it."
    )
    assert not witness.exists()


def test_confirm_false_asks_nothing_and_the_work_is_done(transport: Transport, witness: Path) -> None:
    reply = transport.run(Pipeline.of("Remove-Thing", Identity=["a"], Path=str(witness), Confirm=False))
    assert output(reply) == ["removed a"]
    assert witness.read_text(encoding="utf-8") == "a\n"


def test_what_if_does_nothing_and_asks_nothing(transport: Transport, witness: Path) -> None:
    reply = transport.run(Pipeline.of("Remove-Thing", Identity=["a"], Path=str(witness), WhatIf=True))
    assert (reply.state, output(reply)) == (State.COMPLETED, [])
    assert not witness.exists()


@needs(Need.HOST)
def test_a_cmdlet_that_goes_on_without_an_answer_may_have_run(transport: Transport, witness: Path) -> None:
    question = asked(transport, Pipeline.of("Reset-Stubborn", Path=str(witness)))
    assert question.question == "Reset: Reset?"
    assert question.may_have_run


@needs(Need.HOST)
def test_a_question_after_other_work_of_the_pipeline_may_have_run(transport: Transport, witness: Path) -> None:
    first = Command("Remove-Thing", {"Identity": ["a"], "Path": str(witness), "Confirm": False})
    question = asked(transport, Pipeline((first, Command("Get-Mandatory"))))
    assert question.method == "Prompt"
    assert question.may_have_run


@needs(Need.HOST)
@pytest.mark.parametrize(
    ("how", "method", "text", "choices"),
    [
        ("ReadLine", "ReadLine", "It wants a line of input.", ()),
        ("ReadLineAsSecureString", "ReadLineAsSecureString", "It wants a line of secret input.", ()),
        ("PromptForCredential", "PromptForCredential2", "Sign in: Who are you?", ()),
        ("PromptForChoice", "PromptForChoice", "Delete: Really?", ("Yes", "No")),
    ],
)
def test_whatever_waits_for_a_person_is_reported(
    transport: Transport, how: str, method: str, text: str, choices: tuple[str, ...]
) -> None:
    question = asked(transport, Pipeline.of("Read-Everything", How=how))
    assert (question.method, question.question, question.choices) == (method, text, choices)


@needs(Need.HOST)
def test_a_missing_mandatory_parameter_is_a_question_that_names_it(transport: Transport) -> None:
    question = asked(transport, Pipeline.of("Get-Mandatory"))
    assert (question.method, question.choices) == ("Prompt", ("Identity",))


@needs(Need.HOST)
def test_writing_to_the_host_and_reading_its_looks_needs_nobody(transport: Transport) -> None:
    reply = transport.run(Pipeline.of("Write-ToHost"))
    assert reply.state is State.COMPLETED
    assert output(reply) == [120, "title"]


@needs(Need.HOST)
def test_after_a_question_the_session_goes_on(transport: Transport, witness: Path) -> None:
    transport.run(Pipeline.of("Set-Memory", Text="before the question"))
    asked(transport, Pipeline.of("Clear-Thing", Path=str(witness)))
    assert output(transport.run(Pipeline.of("Get-Memory"))) == ["before the question"]
