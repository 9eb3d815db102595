"""Fragments: messages are cut and put together again; a piece that is missing is never passed over."""

from __future__ import annotations

import struct
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psbridge.errors import ProtocolError
from psbridge.psrp.fragments import Defragmenter, Fragmenter

HEADER = struct.Struct(">QQBI")
messages = st.lists(st.binary(min_size=1, max_size=400), max_size=8)


def fragment(object_id: int, number: int, flags: int, data: bytes) -> bytes:
    return HEADER.pack(object_id, number, flags, len(data)) + data


@given(messages, st.integers(min_value=22, max_value=120))
def test_messages_come_back_as_they_were_cut(parts: list[bytes], size: int) -> None:
    packets = Fragmenter(size).packets(parts)
    joined = Defragmenter()
    assert [message for packet in packets for message in joined.feed(packet)] == parts
    assert joined.unfinished == 0
    assert joined.missing == 0
    assert all(len(packet) <= size for packet in packets)


@given(st.lists(st.binary(min_size=1, max_size=60), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_fragments_of_several_messages_may_be_interleaved(parts: list[bytes], random: Random) -> None:
    cutter = Fragmenter(31)
    queues = [[*cutter.packets([part])] for part in parts]
    # A packet of one message holds that message only, so any order that keeps each message's own is a valid one.
    joined = Defragmenter()
    done = []
    while any(queues):
        queue = random.choice([queue for queue in queues if queue])
        done.extend(joined.feed(queue.pop(0)))
    assert sorted(done) == sorted(parts)


@given(st.binary(min_size=100, max_size=600), st.data())
def test_a_lost_fragment_is_refused_or_leaves_the_message_unfinished(message: bytes, data: st.DataObject) -> None:
    packets = Fragmenter(50).packets([message])
    lost = data.draw(st.integers(min_value=0, max_value=len(packets) - 1))
    joined = Defragmenter()
    try:
        done = [whole for packet in packets[:lost] + packets[lost + 1 :] for whole in joined.feed(packet)]
    except ProtocolError:
        return
    assert done == []
    assert joined.unfinished == 1
    assert lost == len(packets) - 1


def test_object_ids_count_from_one_and_small_messages_share_a_packet() -> None:
    cutter = Fragmenter(32_768)
    assert cutter.packets([b"a", b"b"]) == [fragment(1, 0, 3, b"a") + fragment(2, 0, 3, b"b")]
    assert cutter.packets([b"c"]) == [fragment(3, 0, 3, b"c")]


def test_a_message_of_five_megabytes_takes_packets_of_the_full_size() -> None:
    message = bytes(range(256)) * 20_000
    packets = Fragmenter().packets([message])
    assert {len(packet) for packet in packets[:-1]} == {32_768}
    joined = Defragmenter()
    assert [whole for packet in packets for whole in joined.feed(packet)] == [message]


@pytest.mark.parametrize(
    ("packets", "reason"),
    [
        ([b"\0" * 20], "a fragment's header is cut short: 20 of 21 bytes"),
        ([fragment(7, 0, 3, b"abc")[:-1]], "fragment 0 of object 7 is cut short: 2 of 3 bytes"),
        ([fragment(7, 1, 2, b"x")], "object 7: fragment 1 (flags 2) came where fragment 0 was due"),
        ([fragment(7, 0, 1, b"x"), fragment(7, 2, 2, b"y")], "object 7: fragment 2 (flags 2) came where fragment 1 was due"),
        ([fragment(7, 0, 1, b"x"), fragment(7, 0, 1, b"y")], "object 7: fragment 0 (flags 1) came where fragment 1 was due"),
        ([fragment(7, 0, 0, b"x")], "object 7: fragment 0 (flags 0) came where fragment 0 was due"),
        ([fragment(7, 0, 1, b"x"), fragment(7, 1, 3, b"y")], "object 7: fragment 1 (flags 3) came where fragment 1 was due"),
    ],
)
def test_a_broken_row_of_fragments_is_refused_with_what_came_and_what_was_due(packets: list[bytes], reason: str) -> None:
    joined = Defragmenter()
    *good, bad = packets
    assert [joined.feed(packet) for packet in good] == [[]] * len(good)
    with pytest.raises(ProtocolError) as refused:
        joined.feed(bad)
    assert refused.value.problem == reason


def test_holes_in_the_object_ids_are_counted_and_no_error() -> None:
    joined = Defragmenter()
    for object_id in (6, 7, 10, 9):
        joined.feed(fragment(object_id, 0, 3, b"x"))
    assert joined.missing == 1
    joined.feed(fragment(8, 0, 3, b"x"))
    assert joined.missing == 0
