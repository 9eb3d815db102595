"""Of a row of objects with the same names the wanted members are found as in each object by itself, whatever comes next."""

from __future__ import annotations

import io
from random import Random

import pytest

from psbridge.clixml import decode_stream, read
from psbridge.clixml.layout import Layout
from psbridge.clixml.projection import Wanted, project
from psbridge.clixml.words import Words
from tests.clixml.decoding import document

ROW = 300  # more than it takes to learn a layout
WANTED = ("Alias", "database", "Holds")
NESTED = '<Obj N="{}" RefId="{}"><ToString>t</ToString><Props><S N="Alias">inner</S>{}</Props></Obj>'
INNERMOST = '<Obj N="Holds" RefId="i{}"><LST><S>O x</S></LST><MS><S N="Alias">innermost</S></MS></Obj>'
VALUES = [
    '<S N="{}">a "quoted" &lt;Obj N=x&gt; O</S>',
    '<Nil N="{}" />',
    '<G N="{}">0f8fad5b-d9cb-469f-a165-70867728950e</G>',
    '<DT N="{}">2024-02-28T01:02:03.4567890+01:00</DT>',
    '<Obj N="{}" RefId="o"><LST /></Obj>',
    '<Obj N="{}" RefId="o"><LST><S>Alias</S><Nil /><Obj RefId="p"><Props><S N="Alias">x</S></Props></Obj></LST></Obj>',
    NESTED.format("{}", "n", ""),
    NESTED.format("{}", "n", INNERMOST.format("n")),
]


def test_every_object_gives_what_it_gives_by_itself() -> None:
    chance = Random(7)
    objects: list[str] = []
    for names in (["Alias", "Office", "Database", "Holds"], ["Office", "Office2", "Alias", "Holds"], ["Holds"]):
        kinds = [chance.choice(VALUES) for _ in names]
        objects += [root(kinds, names) for _ in range(ROW)]
        objects += [root(chance.choices(VALUES, k=len(names)), names) for _ in range(ROW)]
        objects += [root(kinds, chance.choices(["ALIAS", "Alias", "Holds", "_x0041_lias", *names], k=4)) for _ in range(50)]
        objects += [root(kinds, names, between="\n    ") for _ in range(10)]
    data = document(*objects)

    chosen = list(read(io.BytesIO(data), properties=WANTED))

    assert chosen == [project(value, Wanted(WANTED)) for _, value in decode_stream(data)]


def test_names_that_change_again_and_again_are_found_as_well() -> None:
    objects = [root(VALUES[:2], [f"Alias{row}", "Alias"]) for row in range(12) for _ in range(ROW)]
    data = document(*objects)

    chosen = list(read(io.BytesIO(data), properties=WANTED))

    assert chosen == [project(value, Wanted(WANTED)) for _, value in decode_stream(data)]


@pytest.mark.parametrize(
    ("later", "found"),
    [
        (b'<S N="Alias">b</S><Nil N="X" />', [("Alias", b'S N="Alias">b</S>')]),
        (b'<S N="Alias">b</S>\n  <Nil N="X" />\n', [("Alias", b'S N="Alias">b</S>')]),
        (b'<Obj N="Alias" RefId="1"><LST /></Obj><Nil N="X" />', [("Alias", b'Obj N="Alias" RefId="1"><LST /></Obj>')]),
        (b'<S N="Alias">b</S><Nil N="X" /><Nil N="Y" />', [("Alias", b'S N="Alias">b</S>')]),
        (b'<S N="alias">b</S><Nil N="X" />', [("alias", b'S N="alias">b</S>')]),
        (b'<S N="Alias2">b</S><Nil N="X" />', []),
        (b'<S N="Alias">b</S><S N="Alias">c</S>', [("Alias", b'S N="Alias">b</S>'), ("Alias", b'S N="Alias">c</S>')]),
        (b'<S N="Alias">b</S><S N="ALIAS">c</S>', None),
    ],
)
def test_a_layout_that_was_learnt_is_held_against_each_object(later: bytes, found: list[tuple[str, bytes]] | None) -> None:
    layout = Layout(Wanted(["alias"]), Words(texts=True, wire=False).names)
    for _ in range(ROW):
        assert list(layout.find(b'<S N="Alias">a</S><Nil N="X" />') or ()) == [("Alias", b'S N="Alias">a</S>')]

    seen = layout.find(later)

    assert (seen if seen is None else list(seen)) == found


def root(kinds: list[str], names: list[str], between: str = "") -> str:
    """A top-level object whose members have these kinds and names."""
    members = between.join(kind.format(name) for kind, name in zip(kinds, names, strict=False))
    return f'<Obj RefId="r">{between}<Props>{between}{members}{between}</Props></Obj>'
