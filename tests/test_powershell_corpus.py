"""All of the corpus that real PowerShell made, by the corpus's own comparison."""

from __future__ import annotations

import importlib.util
import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from psbridge.clixml import decode_message
from psbridge.psobject import PSObject, SecureString, Value
from tests import powershell_corpus

FAMILIES = {
    "again": 789,
    "containers": 201,
    "depth": 404,
    "exchange": 44,
    "identity": 55,
    "messages": 133,
    "primitives": 780,
    "random": 300,
    "raw": 31,
    "tolerance": 1897,
    "wire": 1370,
}
KNOWN = Path(__file__).with_name("powershell_corpus_known.txt")


@pytest.fixture(scope="module")
def compare(corpus: Path) -> ModuleType:
    """The corpus's own comparison."""
    spec = importlib.util.spec_from_file_location("compare", corpus / "powershell" / "compare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("family", FAMILIES)
def test_every_case_is_read_as_powershell_reads_it_but_for_those_that_are_listed(
    family: str, compare: ModuleType, corpus: Path
) -> None:
    known = {name for name in listed() if name.startswith(f"{family}/")}
    total = 0
    different: dict[str, list[str]] = {}
    for _, case, data in compare.cases(corpus / "powershell", [family]):
        total += 1
        if differences := compare.check(case, data, powershell_corpus.decode, powershell_corpus.to_json):
            different[f"{family}/{case['name']}"] = differences

    assert {name: lines for name, lines in different.items() if name not in known} == {}
    assert known - different.keys() == set(), "listed, but no longer different"
    assert total == FAMILIES[family]


def test_every_listed_case_has_its_reason_in_front_of_it() -> None:
    previous = ""
    for line in KNOWN.read_text("utf-8").splitlines():
        assert not line or line.startswith("#") or previous.startswith("#"), line
        previous = line
    assert len(listed()) == 4


def listed() -> set[str]:
    return {line for line in KNOWN.read_text("utf-8").splitlines() if line and not line.startswith("#")}


def test_the_secure_strings_of_a_session_are_kept_as_they_came_and_open_with_its_key(corpus: Path) -> None:
    opened = 0
    for case in encrypted(corpus):
        blob = the_secure_string(decode_message(case["clixml"].encode()))
        assert blob is not None
        cipher = Cipher(algorithms.AES256(b64decode(case["key"])), modes.CBC(bytes(16))).decryptor()
        padded = cipher.update(b64decode(blob)) + cipher.finalize()
        assert padded[: -padded[-1]].decode("utf-16-le") == the_meaning(case.get("bag", case["read"]))
        opened += 1
    assert opened == 10


def encrypted(corpus: Path) -> Iterator[dict[str, Any]]:
    for line in (corpus / "powershell" / "messages.jsonl").read_text("ascii").splitlines():
        case = json.loads(line)
        if "key" in case:
            yield case


def the_secure_string(value: Value) -> str | None:
    """The blob of the one SecureString in a value."""
    if isinstance(value, SecureString):
        return value.blob
    assert isinstance(value, PSObject)
    inside = [value.base, *value.props.values(), *value.ms.values()]
    return next(the_secure_string(part) for part in inside if isinstance(part, SecureString | PSObject))


def the_meaning(node: Any) -> str:
    """The text of the one SecureString in the corpus's JSON."""
    found = [part["v"] for part in nodes(node) if part.get("t") == "SS"]
    assert len(found) == 1
    return str(found[0])


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(part)
