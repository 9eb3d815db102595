"""Everything that the encoder writes is read by the engine of PowerShell, and must be what was meant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from psbridge.clixml.encode import encode, encode_message
from tests.clixml import corpus_values, meant
from tests.clixml.judge import Judge
from tests.clixml.meant import Meant

pytestmark = [pytest.mark.realps, pytest.mark.corpus]

Node = dict[str, Any]
FAMILIES = ("random", "primitives", "containers", "identity")
MANY = settings(max_examples=1000, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True)

# Values of the corpus that no value of psbridge stands for, or that may not be sent.
NO_VALUE = {"SemanticVersion", "Error"}
NOT_SENT = {
    "primitives/securestring-empty": "PowerShell writes it and cannot read it back",
    "containers/memberset-nested": "PowerShell's reader loses the members of a set within a set",
    "primitives/datetime-local-min": "beyond the year 1 in UTC: the reader moves it",
    "primitives/datetime-local-min-plus-tick": "beyond the year 1 in UTC: the reader moves it",
}
# What arrives is right and yet not what was said.
OTHERWISE = {
    "containers/psprimitivedictionary": "the reader makes the live class of it",
    "containers/bag-typenames-cleared": "an object without type names is a PSCustomObject, as PowerShell itself writes it again",
}


@pytest.fixture(scope="module")
def judge(realps: str, corpus: Path) -> Iterator[Judge]:
    with Judge(realps, corpus) as asked:
        yield asked


def written(corpus: Path, family: str) -> Iterator[tuple[str, list[Node | None]]]:
    """The values of a family that PowerShell wrote, as they were before."""
    for line in (corpus / "powershell" / f"{family}.jsonl").read_text("ascii").splitlines():
        case = json.loads(line)
        name = f"{family}/{case['name']}"
        if "written" in case and name not in NOT_SENT.keys() | OTHERWISE and not NO_VALUE & set(_tags(case["written"])):
            roots = case["written"]
            yield name, roots if isinstance(roots, list) else [roots]


def _tags(node: Any) -> Iterator[str]:
    for child in node if isinstance(node, list) else node.values() if isinstance(node, dict) else ():
        yield from _tags(child)
    if isinstance(node, dict) and "t" in node:
        yield node["t"]


def holds_noncharacter(data: bytes) -> bool:
    """Whether the judge would fail on it: it reads U+FFFE and U+FFFF, but answers with a document, which cannot hold them."""
    return b"&#xFFF" in data


@pytest.mark.parametrize("family", FAMILIES)
def test_values_of_the_corpus_arrive_equal_as_document_and_as_message(family: str, judge: Judge, corpus: Path) -> None:
    wrong: dict[str, list[str]] = {}
    before = judge.asked
    for name, roots in written(corpus, family):
        values = corpus_values.from_json(roots)
        arrived = corpus_values.as_read(roots)
        document = encode(values)
        if not holds_noncharacter(document) and (found := judge.differences(document, arrived)):
            wrong[name] = found
        body = encode_message(values[0]) if len(values) == 1 and "SS" not in _tags(roots) else b""
        if body and not holds_noncharacter(body) and (found := judge.differences(body, arrived)):
            wrong[f"{name} (message)"] = found
    assert wrong == {}
    assert judge.asked - before > 50


@MANY
@given(st.lists(meant.values(), min_size=1, max_size=3))
@example([])
def test_any_values_arrive_equal_in_a_document(judge: Judge, made: list[Meant]) -> None:
    document = encode(item.value for item in made)
    assume(not holds_noncharacter(document))
    assert judge.differences(document, [item.node for item in made]) == []


@MANY
@given(meant.values())
def test_any_value_arrives_equal_in_a_message(judge: Judge, made: Meant) -> None:
    body = encode_message(made.value)
    assume(not holds_noncharacter(body))
    if made.value is None:
        assert body == b""
    else:
        assert judge.differences(body, [made.node]) == []
