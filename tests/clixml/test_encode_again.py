"""What was read and is written again is what PowerShell itself writes again: family `again` of the corpus, and its real files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from psbridge.clixml import decode, encode
from tests.clixml.judge import Judge

pytestmark = pytest.mark.corpus

# Of these classes PowerShell makes live objects and writes those again, so the prefix is gone from its text.
# psbridge keeps what was read, with the prefix; the engine makes the same live object of either text.
LIVE = {
    "cultureinfo",
    "cultureinfo-invariant",
    "datatable",
    "ipaddress",
    "ipaddress-v6",
    "ipendpoint",
    "mailaddress",
    "pscredential",
    "psprimitivedictionary",
    "switch-false",
    "switch-true",
    "x500name",
}


def cases(corpus: Path) -> list[dict[str, Any]]:
    lines = (corpus / "powershell" / "again.jsonl").read_text("ascii").splitlines()
    return [json.loads(line) for line in lines]


def written_again(case: dict[str, Any]) -> str:
    return encode(decode(case["from"].encode("utf-8", "surrogatepass")), depth=case["depth"]).decode()


def is_live(case: dict[str, Any]) -> bool:
    return case["name"].rpartition("-depth-")[0] in LIVE


def test_what_was_read_is_written_as_powershell_writes_it_again(corpus: Path) -> None:
    different = {case["name"] for case in cases(corpus) if written_again(case) != case["clixml"]}
    assert different == {case["name"] for case in cases(corpus) if is_live(case)}
    assert len(cases(corpus)) - len(different) == 753


def test_live_objects_differ_in_the_prefix_only(corpus: Path) -> None:
    for case in filter(is_live, cases(corpus)):
        assert written_again(case).replace("<T>Deserialized.", "<T>") == case["clixml"].replace("<T>Deserialized.", "<T>"), case[
            "name"
        ]


@pytest.mark.realps
def test_the_engine_reads_the_same_from_both_texts_of_a_live_object(corpus: Path, realps: str) -> None:
    with Judge(realps, corpus) as judge:
        for case in filter(is_live, cases(corpus)):
            ours, theirs = judge.roots(written_again(case).encode()), judge.roots(case["clixml"].encode())
            assert judge.between(theirs, ours) == [], case["name"]
