"""The document that is written piece by piece is the one that is written at once, and holds nothing that nobody else holds."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from psbridge.clixml import decode, encode, encode_pieces
from psbridge.errors import ValueTypeError
from psbridge.psobject import PSObject
from tests.clixml.corpus_files import corpus_files


@pytest.mark.corpus
def test_the_pieces_of_the_corpus_make_the_same_documents(corpus: Path) -> None:
    seen = 0
    for file in corpus_files(corpus, "real"):
        if not file.is_message and not file.data.startswith(b"#"):
            values = file.read()
            assert b"".join(encode_pieces(values, verbatim=True)) == encode(values, verbatim=True), file.path
            seen += 1
    assert seen > 10


def test_nothing_and_simple_values_are_documents_too() -> None:
    documents: list[list[object]] = [[], [None], ["a", 1], [[1, [2]], {"k": "v"}]]
    for values in documents:
        assert b"".join(encode_pieces(values)) == encode(values)


def test_an_object_that_somebody_holds_is_a_reference_and_no_other_is_held() -> None:
    held = PSObject(("X",), ms={"Name": "held"})
    gone: list[weakref.ref[PSObject]] = []

    def values() -> Iterator[PSObject]:
        for number in range(100):
            value = PSObject(("X",), ms={"Number": number, "Held": held})
            gone.append(weakref.ref(value))
            yield value
            del value
            # All but the one that is being written are gone: ids are used again, and must not be taken for theirs.
            assert sum(one() is not None for one in gone) <= 1

    read = decode(b"".join(encode_pieces(values())))
    assert [value["Number"] for value in read if isinstance(value, PSObject)] == list(range(100))
    assert len({id(value["Held"]) for value in read if isinstance(value, PSObject)}) == 1


def test_a_value_that_cannot_be_written_is_refused_behind_the_pieces_before_it() -> None:
    pieces = encode_pieces(["a", object()])
    assert next(pieces).endswith(b"<S>a</S>")
    with pytest.raises(ValueTypeError, match=r"\[1\]"):
        next(pieces)
