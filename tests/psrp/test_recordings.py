"""Dialogues of PowerShell's own client and server: every line, every message, split at any byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psbridge.clixml import decode_message
from psbridge.errors import ProtocolError
from psbridge.psrp.events import Event, HostCalled, KeysExchanged, PipelineEnded, PoolChanged, RecordCame
from psbridge.psrp.fragments import Defragmenter
from psbridge.psrp.messages import RECORDS, Message, MessageType, PipelineState, PoolState
from psbridge.psrp.outofproc import LineReader, Packet, Tag
from psbridge.psrp.session import RunspacePool

pytestmark = pytest.mark.corpus

# Client lines that were made by hand to be wrong (the corpus' README lists them); every server line is real.
BY_HAND = {
    "empty-line",
    "garbage-base64",
    "garbage-double-quotes",
    "garbage-empty-data",
    "garbage-first",
    "garbage-guid",
    "garbage-stream",
    "garbage-text",
    "garbage-xml",
}
# The client's second opening, its foreign pool and its keys are not ours to imitate.
NOT_OURS = {"foreign-pool-id", "second-opening", "reopen", "secure-string-key-exchange", "garbage-message", "garbage-clixml"}


def names(corpus: Path) -> list[str]:
    return sorted(path.name.removesuffix(".messages.jsonl") for path in (corpus / "stdio").glob("*.messages.jsonl"))


def lines(corpus: Path, name: str) -> Iterator[tuple[str, bytes]]:
    with (corpus / "stdio" / f"{name}.jsonl").open(encoding="utf-8") as file:
        for entry in map(json.loads, file):
            if "xml" in entry:
                yield entry["from"], entry["xml"].encode()


def messages(corpus: Path, name: str) -> list[dict[str, Any]]:
    with (corpus / "stdio" / f"{name}.messages.jsonl").open(encoding="utf-8") as file:
        return [message for message in map(json.loads, file) if "type" in message]


def test_every_recorded_line_is_read_and_written_again_byte_for_byte(corpus: Path) -> None:
    count = 0
    for name in names(corpus):
        for sender, line in lines(corpus, name):
            if sender == "client" and name in BY_HAND:
                continue
            assert Packet.parse(line).render() == line + b"\n", (name, line[:100])
            count += 1
    assert count > 2_500


def test_every_hand_made_line_that_the_server_dies_of_is_refused(corpus: Path) -> None:
    for name in BY_HAND - {"garbage-empty-data"}:
        refused = 0
        for sender, line in lines(corpus, name):
            if sender == "client":
                try:
                    Packet.parse(line)
                except ProtocolError:
                    refused += 1
        assert refused == 1, name


def test_every_recorded_message_comes_out_of_its_fragments_and_decodes(corpus: Path) -> None:
    count = 0
    for name in names(corpus):
        joined = {"client": Defragmenter(), "server": Defragmenter()}
        expected = {side: [m for m in messages(corpus, name) if m["from"] == side] for side in joined}
        for sender, line in lines(corpus, name):
            if sender == "client" and (name in BY_HAND or name.startswith("garbage")):
                continue
            packet = Packet.parse(line)
            if packet.tag is not Tag.DATA:
                continue
            for whole in joined[sender].feed(packet.data):
                message, recorded = Message.unpack(whole), expected[sender].pop(0)
                assert (message.kind, len(whole)) == (recorded["typeNumber"], recorded["bytes"])
                assert message.body == recorded["clixml"].encode("utf-8", "surrogatepass")
                if message.body:
                    decode_message(message.body)
                count += 1
    assert count > 2_100


def replayed(corpus: Path, name: str) -> tuple[list[Event], list[dict[str, Any]]]:
    """Feed a recording's server lines to our machine, with the recorded ids; give the events and what was recorded."""
    recorded = messages(corpus, name)
    pool = RunspacePool(UUID(next(m["pool"] for m in recorded if m["from"] == "client")))
    pool.open()
    pipelines = Defragmenter()
    events: list[Event] = []
    for sender, line in lines(corpus, name):
        if sender == "server":
            packet = Packet.parse(line)
            if packet.tag is Tag.DATA:
                events.extend(pool.receive(packet.data))
        elif line.startswith(b"<Data Stream='Default'") and not name.startswith("garbage"):
            for whole in pipelines.feed(Packet.parse(line).data):
                message = Message.unpack(whole)
                if message.kind is MessageType.CREATE_PIPELINE:
                    pool.create_pipeline(message.pipeline_id, [("Get-Thing", {})])
    return events, [m for m in recorded if m["from"] == "server"]


def test_our_machine_reports_every_message_of_every_recorded_server(corpus: Path) -> None:
    played = 0
    for name in names(corpus):
        if name in NOT_OURS or not messages(corpus, name):
            continue
        events, recorded = replayed(corpus, name)
        silent = {"SESSION_CAPABILITY", "APPLICATION_PRIVATE_DATA"}
        assert [described(event) for event in events] == [
            described_record(message) for message in recorded if message["type"] not in silent
        ], name
        played += 1
    assert played >= 55


def described(event: Event) -> tuple[str, object]:
    match event:
        case RecordCame(_, kind, body):
            return kind.name, body.decode("utf-8", "surrogatepass")
        case PipelineEnded(_, state, _):
            return "PIPELINE_STATE", state
        case PoolChanged(state, _):
            return "RUNSPACEPOOL_STATE", state
        case HostCalled(call):
            return "PIPELINE_HOST_CALL", call.method.name
        case _:
            return type(event).__name__, None


def described_record(message: dict[str, Any]) -> tuple[str, object]:
    kind, body = message["type"], message["clixml"]
    if MessageType[kind] in RECORDS:
        return kind, body
    if kind == "PIPELINE_STATE":
        return kind, PipelineState(int(body.split('PipelineState">')[1].split("<")[0]))
    if kind == "RUNSPACEPOOL_STATE":
        return kind, PoolState(int(body.split('RunspaceState">')[1].split("<")[0]))
    if kind == "PIPELINE_HOST_CALL":
        return kind, body.split("<ToString>")[1].split("<")[0]
    return KeysExchanged.__name__, None


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_dialogue_is_the_same_when_its_bytes_are_split_anywhere(corpus: Path, data: st.DataObject) -> None:
    whole = b"".join(line + b"\n" for sender, line in lines(corpus, "all-streams") if sender == "server")
    cuts = sorted(data.draw(st.lists(st.integers(min_value=0, max_value=len(whole)), max_size=12)))
    reader = LineReader()
    seen = []
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        seen.extend(reader.feed(whole[start:end]))
    assert [Packet.parse(line).render() for line in seen] == whole.splitlines(keepends=True)


def test_a_dialogue_is_the_same_byte_by_byte(corpus: Path) -> None:
    whole = b"".join(line + b"\n" for sender, line in lines(corpus, "three-numbers") if sender == "server")
    reader = LineReader()
    seen = [line for byte in whole for line in reader.feed(bytes([byte]))]
    assert seen == whole.splitlines()
