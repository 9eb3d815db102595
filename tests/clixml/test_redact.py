"""Secrets leave CLIXML and nothing else does, whatever the text looks like; where that is in doubt, nothing is given out."""

from __future__ import annotations

import base64
import codecs
import json
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psbridge.clixml import decode, decode_message, encode_message, redact
from psbridge.clixml.redact import REMOVED_SCRIPT, REMOVED_SECRET
from psbridge.errors import ClixmlError
from psbridge.psobject import Kind, MemberSet, PSObject, SecureString
from tests.clixml import meant
from tests.clixml.judge import Judge

SECRET = "Tr0ub4dor&3 \u00fc"
SEALED = "c2VjcmV0"
BOM = codecs.BOM_UTF8


def sealed(plain: str) -> str:
    """How two sides of protocol 2.4 send a SecureString."""
    return base64.b64encode(plain.encode("utf-16-le", "surrogatepass")).decode()


def forms(secret: str) -> list[bytes]:
    """Every form in which a secret could stand in a text."""
    utf16 = secret.encode("utf-16-le", "surrogatepass")
    plain = secret.encode("utf-8", "surrogatepass")
    return [plain, base64.b64encode(utf16), base64.b64encode(plain), utf16.hex().encode(), utf16.hex().upper().encode(), utf16]


COMMAND = "<TN><T>System.Management.Automation.FunctionInfo</T><T>System.Management.Automation.CommandInfo</T></TN>"
INVOCATION = '<TN RefId="3"><T>Deserialized.System.Management.Automation.InvocationInfo</T></TN>'


@pytest.mark.parametrize(
    "template",
    [
        "<SS>{secret}</SS>",
        '<SS N="Password">{secret}</SS>',
        "<SS  N = 'a>b'  >{secret}</SS\n>",
        '<p:SS xmlns:p="urn:x">{secret}</p:SS>',
        "<ss>{secret}</ss>",
        "<SBK>{script}</SBK>",
        '<S N="CommandInfo_Definition">{script}</S>',
        '<S N="commandinfo_DEFINITION">{script}</S>',
        '<S N="Command_x0049_nfo_Definition">{script}</S>',
        '<S N="Command_x00000049_nfo_Definition">{script}</S>',
        '<S N="Command&#73;nfo_Definition">{script}</S>',
        '<S N="Command&#x0000000000049;nfo_Definition">{script}</S>',
        "<S N='InvocationInfo_Line'>{script}</S>",
        '<S N="InvocationInfo_PositionMessage">{script}</S>',
        '<S N="InvocationInfo_Statement">{script}</S>',
        '<En><S N="Key">CommandInfo<!---->_Definition</S><S N="Value">{script}</S></En>',
        '<En><Obj N="Key"><S>CommandInfo_<![CDATA[Def]]>inition</S></Obj><S N="Value">{script}</S></En>',
        '<Obj N="CommandInfo_Definition"><ToString>{script}</ToString><S>{script}</S><MS><SS N="x">{secret}</SS></MS></Obj>',
        '<a><Obj RefId="7"><S>{script}</S><MS><I32 N="n">1</I32></MS></Obj><Ref N="CommandInfo_Definition" RefId="7" /></a>',
        f"<Obj>{COMMAND}<Props><S N='Definition'>{{script}}</S><S N='Name'>f</S></Props></Obj>",
        f"<Obj>{COMMAND}<Props><Obj N='ScriptBlock'><S>{{script}}</S></Obj></Props></Obj>",
        f"<Obj>{COMMAND}<MS><MS N='set'><S N='ScriptContents'>{{script}}</S></MS></MS></Obj>",
        f"<Obj>{COMMAND}<Obj><Props><S N='Definition'>{{script}}</S></Props></Obj></Obj>",
        f"<a><Obj>{INVOCATION}</Obj><Obj><MS><S N='Line'>{{script}}</S></MS><TNRef RefId='3' /></Obj></a>",
    ],
)
def test_secrets_and_script_are_replaced_and_the_rest_stays(template: str) -> None:
    before = template.format(secret=SEALED, script="begin &lt;# 1 #&gt;")
    after = template.format(secret=REMOVED_SECRET, script=REMOVED_SCRIPT)
    assert redact(before.encode()).decode() == after
    assert redact(after.encode()).decode() == after


@pytest.mark.parametrize(
    "content",
    ["<![CDATA[c2VjcmV0]]>", "c2Vj<!-- </SS> --><?x </SS> ?>cmV0", "&#99;2VjcmV0&#xFFFF;", "c2Vj<S>cmV0</S>", "c2Vj\r\ncmV0"],
)
def test_the_whole_content_of_a_secure_string_goes(content: str) -> None:
    assert redact(f"<a><SS>{content}</SS></a>".encode()).decode() == f"<a><SS>{REMOVED_SECRET}</SS></a>"


def test_xml_bytes_and_addresses_among_script_get_marks_of_their_own() -> None:
    members = '<XD N="x">{}</XD><BA N="y">{}</BA><URI N="z">{}</URI>'
    text = f'<Obj N="CommandInfo_Definition"><MS>{members}</MS></Obj>'
    assert redact(text.format("&lt;a/&gt;", "YQ==", "a").encode()).decode() == text.format("&lt;removed /&gt;", "", "removed")


@pytest.mark.parametrize(
    "text",
    [
        "<S>&lt;SS&gt;c2VjcmV0&lt;/SS&gt;</S>",
        "<S><![CDATA[<SS>c2VjcmV0</SS>]]></S>",
        "<a><!-- <SS>c2VjcmV0</SS> --><S>SS</S><?x <SS> ?></a>",
        '<S N="&lt;SS&gt;">a</S>',
        "<SS/>",
        "<SS></SS>",
        '<S N="CommandInfo_Definition"></S>',
        '<S N="CommandInfo_Definition" />',
        '<Nil N="CommandInfo_Definition" />',
        '<S N="CommandInfo_Name">f</S>',
        '<Obj><TN><T>Sitecore.Data.ItemDefinition</T></TN><Props><S N="Definition">a</S></Props></Obj>',
        "<SSH>a</SSH>",
        "<S>_x0053__x0053_ &#xFFFF; \x7f</S>",
        '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04" />',
    ],
)
def test_what_is_no_secret_stays_byte_for_byte(text: str) -> None:
    for body in (text.encode(), BOM + text.encode(), codecs.BOM_UTF16_LE + text.encode("utf-16-le")):
        assert redact(body) == body


def test_an_empty_body_stays_empty() -> None:
    assert redact(b"") == b""


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("marker", ["", "#< CLIXML\r\n", "#< CLIXML\n"])
def test_every_encoding_of_a_document_is_redacted_in_that_encoding(codec: str, marker: str) -> None:
    mark = "\ufeff" if codec.endswith("be") else ""
    text = f'{mark}{marker}<Objs xmlns="urn:x"><S>\U0001f600 \u00fc</S>\r\n<SS>{{}}</SS></Objs>'
    assert redact(text.format(SECRET.replace("&", "&amp;")).encode(codec)) == text.format(REMOVED_SECRET).encode(codec)


def test_a_stream_of_several_documents_is_redacted() -> None:
    one = "#< CLIXML\r\n<Objs><SS>{}</SS></Objs>"
    assert redact((one + one).format("a", "b").encode()) == (one + one).format(REMOVED_SECRET, REMOVED_SECRET).encode()


def test_a_declared_encoding_means_nothing() -> None:
    text = '<?xml version="1.0" encoding="utf-16"?><SS>{}</SS>'
    assert redact(text.format("a").encode()) == text.format(REMOVED_SECRET).encode()


def test_bytes_that_are_no_utf8_stay_as_they_are() -> None:
    assert redact(b"<a><S>\xff\xfe\x80</S><SS>a</SS></a>") == f"<a><S>\xff\xfe\x80</S><SS>{REMOVED_SECRET}</SS></a>".encode(
        "latin-1"
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<SS>abc", "CLIXML cannot be read at byte 7 in SS: the text ends inside <SS>"),
        (b"<a><SS>abc</S></a>", "CLIXML cannot be read at byte 10 in a/SS: </S> ends an element that is not open"),
        (b'SS N="p">abc</SS>', "CLIXML cannot be read at byte 0: this is no mark-up that CLIXML may hold here"),
        (b"<a></a>abc</SS>", "CLIXML cannot be read at byte 7: this is no mark-up that CLIXML may hold here"),
        (b"<a><SS\x00>abc</SS\x00></a>", "CLIXML cannot be read at byte 3 in a: this is no mark-up that CLIXML may hold here"),
        (
            b"<!DOCTYPE a [<!ENTITY s 'x'>]><a>&s;</a>",
            "CLIXML cannot be read at byte 0: this is no mark-up that CLIXML may hold here",
        ),
        (b'<S N="a" N="b">c</S>', "CLIXML cannot be read at byte 0: an attribute stands twice"),
        (b"  \r\n", "CLIXML cannot be read at byte 4: there is no element"),
        (codecs.BOM_UTF16_LE + b"<\x00S", "CLIXML cannot be read at byte 4: these bytes are no UTF-16-LE"),
    ],
)
def test_what_is_not_well_formed_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(ClixmlError) as caught:
        redact(body)
    assert str(caught.value) == message


def test_the_cut_and_the_damaged_let_nothing_through() -> None:
    secret = "hunter2-hunter2"
    body = f'<Obj RefId="0"><MS><S N="a">b&amp;c</S><SS N="p">{secret}</SS><SS>{secret}</SS></MS></Obj>'.encode()
    cut = [body[:end] for end in range(len(body))] + [body[start:] for start in range(1, len(body))]
    missing = [body[:at] + body[at + 1 :] for at in range(len(body))]
    changed = [body[:at] + bytes([byte]) + body[at + 1 :] for at in range(len(body)) for byte in b"<>/&\"' SsXx:!-?\x00\xff"]
    given_out = 0
    for damaged in cut + missing + changed:
        try:
            clean = redact(damaged)
        except ClixmlError:
            continue
        given_out += 1
        assert secret.encode()[1:-1] not in clean, damaged
    assert given_out > 50


@st.composite
def planted(draw: st.DrawFn) -> tuple[Any, list[str]]:
    """A structure with secrets in random places, and the secrets."""
    texts = st.text(st.characters(), min_size=8, max_size=20).filter(lambda text: set(text) != {"0"})
    secrets = draw(st.lists(texts, min_size=1, max_size=4, unique=True))
    value: Any = draw(meant.values()).value
    for secret in secrets:
        place = draw(st.sampled_from(PLACES))
        value = place(value, SecureString.of(secret))
    return value, secrets


PLACES: list[Callable[[Any, SecureString], Any]] = [
    lambda value, secret: [value, secret, secret],
    lambda value, secret: {"k": value, "s": secret},
    lambda value, secret: PSObject(kind=Kind.QUEUE, items=[value], ms={"s": secret}),
    lambda value, secret: PSObject(("T",), to_string="<SS>", props={"s": secret, "v": value}),
    lambda value, secret: PSObject(ms={"v": value, "g": MemberSet({"s": secret})}),
    lambda value, secret: PSObject(kind=Kind.DICT, entries=[(PSObject.wrapping(secret, ms={"n": 1}), value)]),
]


@settings(max_examples=500, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(planted())
def test_no_planted_secret_survives_in_any_form(plant: tuple[Any, list[str]]) -> None:
    value, secrets = plant
    body = encode_message(value, secure=sealed)
    clean = redact(body)
    assert clean == encode_message(value, secure=lambda _: REMOVED_SECRET)
    nothing = encode_message(value, secure=lambda _: "-")
    for secret in secrets:
        for form in forms(secret):
            assert form in nothing or form not in clean
    decode_message(clean)


@settings(max_examples=200, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(meant.values(), st.text(st.characters(), min_size=1))
def test_no_planted_script_survives(made: meant.Meant, script: str) -> None:
    def record(text: str) -> bytes:
        function = PSObject(
            ("System.Management.Automation.FunctionInfo", "System.Management.Automation.CommandInfo", "System.Object"),
            to_string="f",
            props={"Name": "f", "Definition": text},
        )
        return encode_message(PSObject(ms={"CommandInfo_Definition": text, "value": made.value, "TargetObject": function}))

    assert redact(record(script)) == record(REMOVED_SCRIPT)


@pytest.mark.corpus
def test_what_powershell_reads_is_redacted_and_decodes(corpus: Path) -> None:
    seen = 0
    for name, data, wire in texts_that_powershell_reads(corpus):
        clean = redact(data)
        roots = [decode_message(clean)] if wire else decode(clean)
        assert list(secure_strings(roots)) == [REMOVED_SECRET] * len(list(secure_strings(roots))), name
        assert redact(clean) == clean, name
        folded = data.replace(b"\x00", b"").lower()
        if not any(word in folded for word in (b"ss>", b"<ss ", b"sbk", b"commandinfo", b"invocationinfo")):
            assert clean == data, name
        seen += 1
    assert seen > 4000


def texts_that_powershell_reads(corpus: Path) -> Iterator[tuple[str, bytes, bool]]:
    for path in sorted((corpus / "powershell").glob("*.jsonl")):
        for line in path.read_text("ascii").splitlines():
            case = json.loads(line)
            if "clixml" in case and "error" not in case and case["form"] != "stderr":
                data = case["clixml"].encode("utf-8", "surrogatepass")
                if decodes(data, wire=case["form"] == "wire"):
                    yield f"{path.stem}/{case['name']}", data, case["form"] == "wire"
    for folder, _, names in os.walk(corpus / "real"):
        for name in sorted(names):
            data = (Path(folder) / name).read_bytes()
            for wire in (False, True):
                if decodes(data, wire=wire):
                    yield name, data, wire


def decodes(data: bytes, *, wire: bool) -> bool:
    try:
        decode_message(data) if wire else decode(data)
    except ClixmlError:
        return False
    return True


def secure_strings(roots: list[Any]) -> Iterator[str | None]:
    seen: set[int] = set()
    todo = list(roots)
    while todo:
        value = todo.pop()
        if isinstance(value, SecureString):
            yield value.blob
        if isinstance(value, MemberSet):
            todo += value.members.values()
        if isinstance(value, PSObject) and id(value) not in seen:
            seen.add(id(value))
            todo += [value.base, *(value.items or []), *value.props.values(), *value.ms.values()]
            todo += [part for entry in value.entries or [] for part in entry]


@pytest.mark.realps
@pytest.mark.corpus
def test_the_engine_reads_the_marks(realps: str, corpus: Path) -> None:
    with Judge(realps, corpus) as judge:
        body = redact(b'<Obj RefId="0"><MS><SS N="p">7000</SS><S N="InvocationInfo_Line">a</S></MS></Obj>')
        node = judge.roots(body)[0]
        assert node is not None
        assert dict(node["ms"]) == {"p": {"t": "SS", "v": "\x00" * 4}, "InvocationInfo_Line": {"t": "S", "v": REMOVED_SCRIPT}}
    assert len(base64.b64decode(REMOVED_SECRET, validate=True).decode("utf-16-le")) == 6


def test_a_body_without_secrets_is_given_back_itself() -> None:
    notes = {f"n{number}": random.Random(number).random() for number in range(100)}
    body = encode_message(PSObject(ms=notes))
    assert redact(body) is body
