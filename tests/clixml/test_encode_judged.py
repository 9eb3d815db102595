"""Everything that the encoder writes is read by the engine of PowerShell, and must be what was meant."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from psbridge.clixml import decode, decode_message, encode, encode_message
from psbridge.errors import ClixmlError, ValueTypeError
from psbridge.psobject import SWITCH, Int64, Kind, MemberSet, PSObject, SecureString, Value
from tests.clixml import corpus_values
from tests.clixml.judge import Judge

pytestmark = [pytest.mark.realps, pytest.mark.corpus]

Node = dict[str, Any]
FAMILIES = ("random", "primitives", "containers", "identity")

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


def test_the_deepest_values_that_are_written_are_read(judge: Judge) -> None:
    leaves: list[Any] = [1, None, [], PSObject.wrapping(1, ms={"set": MemberSet({})})]
    for leaf in leaves:
        value = leaf
        for _ in range(48):
            value = [value]
        assert judge.answer(encode_message(value))["ok"]
        with pytest.raises(ValueTypeError):
            encode_message([value])


def test_keys_that_are_alike_all_arrive(judge: Judge) -> None:
    entries: list[tuple[Value, Value]] = [
        (1, "a"),
        (Int64(1), "b"),
        (1.0, "c"),
        (True, "d"),
        ("Key", "e"),
        ("KEY", "f"),
        ("KEY", "g"),
    ]
    node = judge.roots(encode_message(PSObject(kind=Kind.DICT, entries=entries)))[0]
    assert node is not None
    arrived = sorted((key["t"], value["v"]) for key, value in node["entries"])
    assert arrived == [("B", "d"), ("Db", "c"), ("I32", "a"), ("I64", "b"), ("S", "e"), ("S", "f"), ("S", "g")]


@pytest.mark.parametrize("name", ["ToString", "tostring", "GetType", "PSObject", "PSTypeNames", "PSBase", "Count", "Length"])
def test_notes_may_be_called_as_members_that_every_object_has(name: str, judge: Judge) -> None:
    value = PSObject(("T",), to_string="text", props={"p": 1}, ms={"a": 1, name: 2})
    node = judge.roots(encode_message(value))[0]
    assert node is not None
    assert node["tostring"] == "text"
    assert dict(node["ms"]) == {"a": {"t": "I32", "v": 1}, name: {"t": "I32", "v": 2}}


def test_a_switch_arrives_as_one(judge: Judge) -> None:
    node = judge.roots(encode_message({"Force": SWITCH}))[0]
    assert node is not None
    given = node["entries"][0][1]
    assert (given["types"][0], given["live"]) == ("System.Management.Automation.SwitchParameter", "True")


def test_a_credential_arrives_with_its_secure_string(judge: Judge) -> None:
    types = ("System.Management.Automation.PSCredential", "System.Object")
    credential = PSObject(types, props={"UserName": "ann@contoso.com", "Password": SecureString.of("p@ss")})
    node = judge.roots(encode_message(credential, secure=lambda plain: plain.encode("utf-16-le").hex()))[0]
    assert node is not None
    assert node["types"][0] == "System.Management.Automation.PSCredential"


def test_noncharacters_in_a_document_are_read_equal(pwsh: str, tmp_path: Path) -> None:
    file = tmp_path / "noncharacters.xml"
    file.write_bytes(encode(["a\ufffe\uffffb"]))
    script = f"((Import-Clixml -LiteralPath '{file}').ToCharArray() | ForEach-Object {{ [int]$_ }}) -join ','"
    command = [pwsh, "-NoProfile", "-NonInteractive", "-Command", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "97,65534,65535,98"


@pytest.mark.parametrize("kind", ["exports", "messages"])
def test_real_files_mean_the_same_when_they_are_written_again(kind: str, judge: Judge, corpus: Path) -> None:
    seen = 0
    for path in sorted(path for path in (corpus / "real").rglob("*") if path.is_file()):
        data = path.read_bytes()
        text = data.decode("utf-16" if data[:2] == b"\xff\xfe" else "utf-8-sig", "replace")
        if ("<Objs" in text[:400]) != (kind == "exports") or not text.startswith("<"):
            continue
        try:
            roots = decode(data) if kind == "exports" else [decode_message(data)]
            again = encode(roots) if kind == "exports" else encode_message(roots[0])
        except (ClixmlError, ValueTypeError):
            continue
        before = judge.answer(text.encode())
        if before["ok"]:
            seen += 1
            after = judge.answer(again)
            assert after["count"] == before["count"], path.name
            assert judge.between(roots_of(before), roots_of(after)) == [], path.name
    assert seen > 60


def roots_of(answer: Node) -> list[Any]:
    """The roots of an answer.

    The type names that PowerShell implies for an untyped object it writes, and then reads with a prefix.
    """
    value = answer["value"]
    roots = value if answer["count"] > 1 else [value]
    return [without_prefix(root) for root in roots]


def without_prefix(node: Any) -> Any:
    if isinstance(node, list):
        return [without_prefix(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {key: without_prefix(value) for key, value in node.items()}
    if "types" in node and node.get("base", {"t": "Obj"})["t"] == "Obj":
        plain["types"] = [f"Deserialized.{name.removeprefix('Deserialized.')}" for name in node["types"]]
    return plain
