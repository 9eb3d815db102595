"""10,000 random nested values go from psbridge to PowerShell and back, as files and as messages, and stay what they were."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st

from psbridge.clixml import decode, decode_message, encode, encode_message
from psbridge.psobject import PSObject, Value
from tests.clixml import meant
from tests.clixml.fresh_corpus import fresh
from tests.clixml.judge import Judge
from tests.clixml.meant import Meant
from tests.powershell_corpus import to_json

pytestmark = [pytest.mark.realps, pytest.mark.corpus]

Node = dict[str, Any]
VALUES = 10_000
TESTS = 10
TOGETHER = 4  # values in a file
MANY = settings(max_examples=VALUES // TESTS // TOGETHER, deadline=None, database=None, suppress_health_check=list(HealthCheck))
# Two levels of properties deep PowerShell writes an object without properties, or a bag with nothing but itself, as its text.
BAG_AS_STRING = re.compile(r'/props\.[^/]+/props\.[^/]+/base: PowerShell null, decoder \{"t": "S", "v": ".*"\}$')
PREFIX = re.compile(r"<T>Deserialized\.")


@pytest.fixture(scope="module")
def judge(realps: str, corpus: Path) -> Iterator[Judge]:
    with Judge(realps, corpus) as asked:
        yield asked


@pytest.mark.parametrize("number", range(TESTS))
def test_values_mean_the_same_to_both_sides_and_are_written_again_as_they_came(number: int, judge: Judge) -> None:
    values = 0

    @seed(number)
    @MANY
    @given(st.lists(meant.values(), min_size=TOGETHER, max_size=TOGETHER))
    def there_and_back(made: list[Meant]) -> None:
        nonlocal values
        document = encode(item.value for item in made)
        assume(b"&#xFFF" not in document)  # U+FFFE and U+FFFF, which the judge reads and then fails to write
        theirs = read_by_powershell(document, [item.node for item in made], judge)
        read_from_powershell(theirs["clixml"], theirs, judge)
        for item in made:
            body = encode_message(item.value)
            if item.value is None:
                assert body == b""
            else:
                theirs = read_by_powershell(body, [item.node], judge)
                read_from_powershell(theirs["psrp"], theirs, judge)
        values += len(made)

    there_and_back()
    assert values >= VALUES // TESTS


@pytest.mark.parametrize("number", [2, 3])
def test_live_values_that_powershell_writes_are_read(number: int, realps: str, corpus: Path) -> None:
    documents, differences = fresh(realps, corpus, number)

    assert differences == {}
    assert documents == 600


def test_an_empty_bag_two_levels_deep_comes_back_as_an_empty_string(judge: Judge) -> None:
    empty = PSObject(("Deserialized.System.Management.Automation.PSCustomObject", "Deserialized.System.Object"))
    deep = PSObject(empty.types, props={"A": PSObject(empty.types, props={"A": empty})})

    text = judge.answer(encode([deep]))["clixml"]

    assert "<S></S>" in text
    read_from_powershell(text, judge.answer(encode([deep])), judge)


def test_a_file_of_nothing_is_read_as_nothing(judge: Judge) -> None:
    read_from_powershell(read_by_powershell(encode([]), [], judge)["clixml"], {"value": None, "count": 0}, judge)


def read_by_powershell(written: bytes, nodes: list[Node | None], judge: Judge) -> Node:
    """psbridge wrote it: PowerShell reads what was meant, and so does psbridge."""
    answer = judge.answer(written)
    assert answer["ok"], answer.get("error")
    assert judge.between(roots(answer), nodes) == []
    assert judge.between(roots(answer), to_json(values_of(written))) == []
    return answer


def read_from_powershell(text: str, answer: Node, judge: Judge) -> None:
    """PowerShell wrote what it had read: psbridge reads what PowerShell reads from that, and writes the very same text.

    In a file that is what was written, but for a Uri, whose escapes PowerShell writes as what they stand for, and for a
    bag with nothing of its own two levels of properties deep (BAG_AS_STRING). In a message PowerShell writes one level of
    properties only, and a string for a bag that lies deeper.
    """
    back = values_of(text.encode())
    assert judge.between(judge.roots(text.encode()), to_json(back)) == []
    is_file = text.startswith("<Objs")
    if is_file and "<URI" not in text:
        differences = judge.between(with_prefix(roots(answer)), with_prefix(to_json(back)))
        assert [one for one in differences if not BAG_AS_STRING.search(one)] == []
    again = encode(back) if is_file else encode_message(back[0])
    assert unprefixed(again.decode()) == unprefixed(text)


def values_of(data: bytes) -> list[Value]:
    return decode(data) if data.startswith(b"<Objs") else [decode_message(data)]


def roots(answer: Node) -> list[Node | None]:
    """What PowerShell read: one value stands for itself."""
    return answer["value"] if answer["count"] > 1 else [answer["value"]] * answer["count"]


def with_prefix(node: Any) -> Any:
    """The types that an untyped object has by itself PowerShell writes, and they come back with the prefix."""
    if isinstance(node, list):
        return [with_prefix(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: with_prefix(value) for key, value in node.items()}
    if "types" in node:
        made["types"] = [f"Deserialized.{name.removeprefix('Deserialized.')}" for name in node["types"]]
    return made


def unprefixed(text: str) -> str:
    return PREFIX.sub("<T>", text.removeprefix("\ufeff"))
