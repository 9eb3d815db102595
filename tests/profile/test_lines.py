"""Where a TOML text has its tables, keys and items."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psbridge.profile.lines import Path, lines_of

TEXT = '''# a remark with [a.header] = in it
top = "x # no remark" # one
"quoted.name" = 'y'

[a.b] # behind it
c.d = 1979-05-27 07:32:00
several = [
  1, # one, with a comma
  [2, 3],
  { x = 1, "y z" = [
    true ] },
]
text = """
[not.a.table]
k = "\\""" still inside
"""
literal = \'\'\'
it = '' here\'\'\'\'
after = 1
[[items]]
name = "first"
[items.inner]
deep = 1
[[items]]
name = "second"
[[items.more]]
z = 1.5e3
'''


def test_every_table_key_and_item_has_its_line() -> None:
    found = lines_of(TEXT)
    assert found == {
        ("top",): 2,
        ("quoted.name",): 3,
        ("a",): 5,
        ("a", "b"): 5,
        ("a", "b", "c"): 6,
        ("a", "b", "c", "d"): 6,
        ("a", "b", "several"): 7,
        ("a", "b", "several", 0): 8,
        ("a", "b", "several", 1): 9,
        ("a", "b", "several", 1, 0): 9,
        ("a", "b", "several", 1, 1): 9,
        ("a", "b", "several", 2): 10,
        ("a", "b", "several", 2, "x"): 10,
        ("a", "b", "several", 2, "y z"): 10,
        ("a", "b", "several", 2, "y z", 0): 11,
        ("a", "b", "text"): 13,
        ("a", "b", "literal"): 17,
        ("a", "b", "after"): 19,
        ("items",): 20,
        ("items", 0): 20,
        ("items", 0, "name"): 21,
        ("items", 0, "inner"): 22,
        ("items", 0, "inner", "deep"): 23,
        ("items", 1): 24,
        ("items", 1, "name"): 25,
        ("items", 1, "more"): 26,
        ("items", 1, "more", 0): 26,
        ("items", 1, "more", 0, "z"): 27,
    }
    assert set(found) == paths(tomllib.loads(TEXT))


@pytest.mark.parametrize("text", ["", "\n", "# only this", "a=1", "[t]", "a = []\r\nb = {}\r\n", 'a = ""\nb = """"""\n'])
def test_short_texts_have_the_paths_that_tomllib_finds(text: str) -> None:
    assert set(lines_of(text)) == paths(tomllib.loads(text))


VALUES = st.recursive(
    st.sampled_from(['"a = [1]"', "'#'", "1", "-2.5", "true", "1979-05-27", '"""\n[x]\n"""', "'''\n}'''", '"\\"]"']),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[ {' , '.join(items)} ]")
        | st.lists(inner, max_size=3).map(lambda items: "{" + ", ".join(f"k{n} = {item}" for n, item in enumerate(items)) + "}")
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["k{}", '"k {}"', "k{}.sub", "'{}'.x"]), VALUES, st.booleans()), max_size=6))
def test_random_texts_have_the_paths_that_tomllib_finds(parts: list[tuple[str, str, bool]]) -> None:
    text = "".join(
        (f"[t{number}] # [x]\n" if heading else "") + f"{key.format(number)} = {value}  # =\n"
        for number, (key, value, heading) in enumerate(parts)
    )
    assert set(lines_of(text)) == paths(tomllib.loads(text))


def paths(value: Any, above: Path = ()) -> set[Path]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    own = {above} if above else set()
    return own.union(*(paths(item, (*above, name)) for name, item in inner))
