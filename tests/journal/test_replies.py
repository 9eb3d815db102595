"""Replies as JSON: nothing is lost on the way there and back, and secrets do not get that far."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from psbridge.journal import reply_from_json, reply_to_json
from psbridge.reply import Record, Reply, State, Stream

RECORDS = st.builds(Record, st.sampled_from(Stream), st.binary(max_size=60))
REPLIES = st.builds(Reply, st.sampled_from(State), st.lists(RECORDS, max_size=6).map(tuple), st.none() | st.binary(max_size=60))


@given(REPLIES)
def test_any_reply_comes_back_equal(reply: Reply) -> None:
    assert reply_from_json(json.loads(json.dumps(reply_to_json(reply, lambda body: body)))) == reply


def test_every_body_goes_through_the_redaction_and_a_null_output_stays_one() -> None:
    reply = Reply(
        State.FAILED, (Record(Stream.OUTPUT, b"secret"), Record(Stream.OUTPUT, b""), Record(Stream.ERROR, b"secret")), b"secret"
    )
    kept = reply_from_json(reply_to_json(reply, lambda body: body.replace(b"secret", b"-")))
    assert kept == Reply(
        State.FAILED, (Record(Stream.OUTPUT, b"-"), Record(Stream.OUTPUT, b""), Record(Stream.ERROR, b"-")), b"-"
    )
