"""Secrets that are planted everywhere and found nowhere in the file."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from psbridge.cassettes import Cassette, Recording
from psbridge.cassettes.redact import hide
from psbridge.command import Pipeline
from psbridge.errors import ConfirmationRequired, ConnectionLost, TransportError
from psbridge.psobject import SecureString
from psbridge.reply import Record, Reply, State, Stream
from tests.cassettes.scripted import BOM, GET_MAILBOX, Clock, ScriptedTransport, output

SECRET = "Pa55w&rd-<é>"
FORMS = (SECRET, "Pa55w&amp;rd-&lt;é&gt;", base64.b64encode(SECRET.encode("utf-16-le")).decode(), "Pa55w")


def record(path: Path, pipeline: Pipeline, *answers: Reply | TransportError) -> str:
    with Recording(path, Clock()) as recording:
        transport = recording.wrap("exo", ScriptedTransport(answers))
        for answer in answers:
            if isinstance(answer, TransportError):
                with pytest.raises(type(answer)):
                    transport.run(pipeline)
            else:
                assert transport.run(pipeline) is answer
    Cassette.load(path)
    return path.read_text("utf-8")


def secure(name: str = "") -> bytes:
    return f"<SS{name}>{FORMS[2]}</SS>".encode()


@pytest.mark.parametrize("stream", Stream)
def test_a_secure_string_in_any_record_or_reason_is_taken_out(tmp_path: Path, stream: Stream) -> None:
    body = BOM + b'<Obj RefId="0"><Props><S N="UserName">ann</S>' + secure(' N="Password"') + b"</Props></Obj>"
    bodies = (Record(stream, body), Record(stream, secure()), Record(stream, b""))
    text = record(tmp_path / "c", GET_MAILBOX, Reply(State.FAILED, bodies, body))
    assert not [form for form in FORMS if form in text]
    assert text.count('<S N="UserName">ann</S>') == 2


def test_the_body_of_a_function_is_taken_out_of_a_record(tmp_path: Path) -> None:
    body = (
        b'<Obj RefId="0"><ToString>careful</ToString><MS><S N="CommandInfo_Name">Set-It</S>'
        b'<S N="CommandInfo_Definition">Connect-It -Key Pa55w</S></MS></Obj>'
    )
    text = record(tmp_path / "c", GET_MAILBOX, Reply(State.COMPLETED, (Record(Stream.WARNING, body),)))
    assert "Pa55w" not in text
    assert "careful" in text
    assert "Set-It" in text


@pytest.mark.parametrize(
    "parameters",
    [
        {"Credential": SecureString.of(SECRET)},
        {"Password": SECRET},
        {"NewPassword": SECRET},
        {"AccessToken": SECRET},
        {"Tokens": ["x", SECRET]},
        {"Options": {"ClientSecret": SECRET, "list": [{"inner": SecureString.of(SECRET)}]}},
    ],
    ids=["SecureString", "text", "suffix", "token", "list", "nested"],
)
def test_a_secret_parameter_never_appears_not_even_where_the_answer_repeats_it(
    tmp_path: Path, parameters: dict[str, object]
) -> None:
    echo = f'<Obj RefId="0"><S N="Message">Cannot convert "{FORMS[1]}" and {FORMS[2]}.</S></Obj>'.encode()
    lost = ConnectionLost(f"the process ended after {SECRET}", remedy=f"Do not send {SECRET}.")
    asked = ConfirmationRequired("Prompt", f"Use {SECRET}?", (f"&Yes {SECRET}", "&No"))
    text = record(tmp_path / "c", Pipeline.of("Set-It", **parameters), output(echo), Reply(State.FAILED, (), echo), lost, asked)
    assert not [form for form in FORMS if form in text]
    assert '<S N="Message">Cannot convert "(hidden)" and (hidden).</S>' in text
    assert '"the process ended after (hidden)"' in text
    assert '["&Yes (hidden)", "&No"]' in text


def test_a_secret_that_was_sent_is_hidden_in_later_answers_of_every_endpoint(tmp_path: Path) -> None:
    with Recording(tmp_path / "c", Clock()) as recording:
        recording.wrap("exo", ScriptedTransport([output()])).run(Pipeline.of("Connect-It", Password=SecureString.of(SECRET)))
        recording.wrap("onprem", ScriptedTransport([output(f"<S>{FORMS[1]}</S>".encode())])).run(GET_MAILBOX)
    assert not [form for form in FORMS if form in (tmp_path / "c").read_text("utf-8")]


def test_a_secret_that_is_the_name_of_an_element_leaves_the_elements_alone(tmp_path: Path) -> None:
    body = b'<Obj RefId="0"><Props><S N="A">ToString</S></Props><ToString>x</ToString></Obj>'
    text = record(tmp_path / "c", Pipeline.of("Set-It", Password="ToString"), output(body))
    assert "<ToString>x</ToString>" in text
    assert '<S N="A">(hidden)</S>' in text


def test_a_text_too_short_to_be_told_from_chance_stays_in_answers(tmp_path: Path) -> None:
    text = record(tmp_path / "c", Pipeline.of("Set-It", Password="12345"), output(b"<S>12345</S>"))
    assert "<S>12345</S>" in text
    assert '  Password {"secure": null}\n' in text


def test_what_is_named_like_a_secret_but_holds_no_text_stays() -> None:
    pipeline = Pipeline.of("Set-MsolUser", StrongPassword=True, ResetPasswordOnNextLogon=False, TokenLifetime="1h", Password=None)
    assert hide(pipeline) == (pipeline, frozenset())
