"""Bodies and texts laid out as printable lines, and read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psbridge.cassettes.json_line import dump, load
from psbridge.cassettes.lines import body_to_lines, escape, lines_to_body, unescape

HARD = st.sampled_from(
    ["\n", "\r", "\r\n", "\t", " ", "⟦", "⟧", "⟦0D⟧", "|", ":", "><", "</S><S>", "\x00", "\x1b", "\u2028", "\x85", "\ufeff"]
)
TEXT = st.lists(st.one_of(HARD, st.text(max_size=6)), max_size=12).map("".join)


def read_again(lines: list[str]) -> bytes:
    return lines_to_body([line[0] + unescape(line[1:]) for line in lines])


@given(TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=60))
def test_any_body_comes_back_byte_for_byte_from_printable_lines(body: bytes) -> None:
    lines = list(body_to_lines(body))
    assert read_again(lines) == body
    assert all(line.isprintable() and not line.endswith(" ") for line in lines)


@given(TEXT | st.text(st.characters(min_codepoint=0xD7FE, max_codepoint=0xE001)))
def test_any_text_comes_back_from_one_printable_line(text: str) -> None:
    line = escape(text)
    assert unescape(line) == text
    assert line.isprintable()


def test_each_element_has_its_own_line_and_each_line_of_the_body_begins_one() -> None:
    body = b'<Obj><S N="a">x</S><S N="b">one\ntwo</S></Obj>\n'
    assert list(body_to_lines(body)) == ["|<Obj>", ':<S N="a">x</S>', ':<S N="b">one', "|two</S></Obj>", "|"]


def test_what_nobody_sees_stands_as_its_code_point() -> None:
    assert escape("a\r\tb\xa0c⟦ ") == "a⟦0D⟧⟦09⟧b⟦A0⟧c⟦27E6⟧⟦20⟧"
    assert list(body_to_lines(b"\x80\xed\xa0\x80")) == ["|⟦DC80⟧⟦DCED⟧⟦DCA0⟧⟦DC80⟧"]
    assert escape("é 名 😀 C:\\temp …") == "é 名 😀 C:\\temp …"


@pytest.mark.parametrize("line", ["⟦", "a⟦0", "⟦0d⟧", "⟦110000⟧", "⟦⟧", "⟦1234567⟧"])
def test_a_bracket_without_a_code_point_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="must begin a code point"):
        unescape(line)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.text(st.characters(min_codepoint=0xD7FE, max_codepoint=0xE001)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_a_json_value_is_one_printable_line_and_the_same_again_after_reading(value: object) -> None:
    line = dump(value)
    assert line.isprintable()
    assert dump(load(line)) == line


@given(JSON)
def test_a_json_value_without_surrogates_comes_back_equal(value: object) -> None:
    if not any("\ud800" <= char <= "\udfff" for char in repr_of_texts(value)):
        assert load(dump(value)) == value


def repr_of_texts(value: object) -> str:
    if isinstance(value, dict):
        return "".join(key + repr_of_texts(item) for key, item in value.items())
    if isinstance(value, list):
        return "".join(map(repr_of_texts, value))
    return value if isinstance(value, str) else ""


@pytest.mark.parametrize("text", ["{", '{"a": 1, "a": 2}', "NaN", "Infinity", "1 2", "", "9" * 5000])
def test_what_is_no_plain_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        load(text)
