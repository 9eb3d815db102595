"""Lines of PSRP over stdio: every recorded line comes back byte for byte, and what is no line is refused."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psbridge.errors import ProtocolError
from psbridge.psrp.outofproc import LineReader, Packet, Stream, Tag

ID = UUID("2ee14d69-828f-4ca0-b151-b29f435ab77c")


@pytest.mark.parametrize(
    ("packet", "line"),
    [
        (Packet(Tag.COMMAND, ID), f"<Command PSGuid='{ID}' />\n"),
        (Packet(Tag.CLOSE), "<Close PSGuid='00000000-0000-0000-0000-000000000000' />\n"),
        (Packet(Tag.DATA, ID, b"\0\1\2"), f"<Data Stream='Default' PSGuid='{ID}'>AAEC</Data>\n"),
        (Packet(Tag.DATA, ID, b"x", Stream.PROMPT_RESPONSE), f"<Data Stream='PromptResponse' PSGuid='{ID}'>eA==</Data>\n"),
    ],
)
def test_a_packet_is_one_line_and_comes_back(packet: Packet, line: str) -> None:
    assert packet.render() == line.encode()
    assert Packet.parse(line.encode().removesuffix(b"\n")) == packet


@given(st.sampled_from(Tag), st.uuids(), st.binary(min_size=1, max_size=200), st.sampled_from(Stream))
def test_every_packet_comes_back(tag: Tag, psguid: UUID, data: bytes, stream: Stream) -> None:
    packet = Packet(tag, psguid, data, stream) if tag is Tag.DATA else Packet(tag, psguid)
    assert Packet.parse(packet.render()[:-1]) == packet


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"<Unknown PSGuid='0' />", "a line is no packet: \"<Unknown PSGuid='0' />\""),
        (b"<DataAck PSGuid='not-a-guid' />", "a line is no packet: \"<DataAck PSGuid='not-a-guid' />\""),
        (f"<CloseAck PSGuid='{ID}' /> ".encode(), f"a line is no packet: \"<CloseAck PSGuid='{ID}' /> \""),
        (
            f"<Data Stream='Default' PSGuid='{ID}'>AAEC".encode(),
            f"a line is no packet: \"<Data Stream='Default' PSGuid='{ID}'>AAEC\"",
        ),
        (f"<Data Stream='Default' PSGuid='{ID}'></Data>".encode(), "a Data line is empty"),
        (f"<Data Stream='Default' PSGuid='{ID}'>!!!!</Data>".encode(), "a Data line is no base64: Only base64 data is allowed"),
        (b"<" + b"x" * 200, f"a line is no packet: {'<' + 'x' * 79!r}..."),
    ],
)
def test_a_line_that_powershell_does_not_write_is_refused_and_shown(line: bytes, problem: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        Packet.parse(line)
    assert refused.value.problem == problem


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"").rstrip(b"\r")), max_size=6), st.data())
def test_lines_are_the_same_however_the_bytes_are_split(lines: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(line + b"\n" for line in lines)
    reader = LineReader()
    seen: list[bytes] = []
    while whole:
        size = data.draw(st.integers(min_value=1, max_value=len(whole)))
        seen.extend(reader.feed(whole[:size]))
        whole = whole[size:]
    assert seen == lines


def test_windows_line_ends_are_line_ends() -> None:
    assert LineReader().feed(b"a\r\nb\n\r\n") == [b"a", b"b", b""]


def test_a_line_without_an_end_is_refused_at_sixteen_megabytes() -> None:
    reader = LineReader()
    for _ in range(16):
        assert reader.feed(b"x" * 1024 * 1024) == []
    with pytest.raises(ProtocolError) as refused:
        reader.feed(b"x")
    assert refused.value.problem == "a line has more than 16777216 bytes and no end"
