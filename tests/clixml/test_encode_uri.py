"""A Uri is written only if the engine reads it, as the text that it is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from psbridge.clixml import encode_message
from psbridge.errors import ValueTypeError
from psbridge.psobject import Uri
from tests.clixml.judge import Judge

pytestmark = [pytest.mark.realps, pytest.mark.corpus]

Node = dict[str, Any]

URIS = (
    "", "a", "/a/b", "?a", "#a", "//a/b", "a b", ":", "1a:b", "\u00e4/\u4e2d", "x" * 70_000, "http://a", "http://a/",
    "HTTP://A.B/c d?e=f#g", "http://a:80/", "http://a:/", "http://u:p@a/", "http://127.0.0.1/", "http://[::1]:80/",
    "http://[::1]", "http://a_b-c/", "http://-a/", "http://1.2.3/", "https://contoso.com/a%20b?%c3%a4#%zz", "ftp://a/b",
    "ldap://a", "ldaps://a/b?c", "net.tcp://a:808/b", "file:///c:/a", "file://server/share", "file:///", "ws://a/",
    "x-y+z.1://a", "sip:a@b", "tel:+1-2", "urn:a:b", "news:a", "mailto:ann@contoso.com", "MAILTO:a@b", "c:\\a", "C:/a b",
    "\\\\server\\share\\a b", "\\\\server", "about:blank", "data:,a", "ab:c", "http://a/\u0000\u0001\ufffd",
    "http://999.1.1.1/", "http://1.2.3.4.5/", "http://0x7f/", "http://a.:80/", "smtp:ann@contoso.com", "x500:/o=a/cn=b",
    "http://", "x:y", "http://a:99999/", "http://a b/", "http://[::1", "http:///x", "mailto:", "ab://", "http:a",
    "http://\u00e4/", "http://a\\b", "c:", "http://a@b@c/", "http://.a/", "http://a..b/", "file:a", "file:", "http:",
    "gopher:a", "telnet:a", "nntp:a", "ldap:a", "pack:a", "net.pipe:a", "vsmacros:a", "sip:", "tel:", "urn:", "news:", "ab:",
    "https:a/b", "ftp:/a", "ab:/c", "http:?a", "ab:?c", "ab:#c", "a+b:c@d:e", "ab:c:99999",
)  # fmt: skip
PIECES = (
    "http:", "ab:", "mailto:", "file:", "//", "/", "\\", ":", "a", "b.c", "@", "?", "#", "80", "[::1]", "%", " ", "-", "&", "=",
    ".", "_", "c:",
)  # fmt: skip


@pytest.fixture(scope="module")
def judge(realps: str, corpus: Path) -> Iterator[Judge]:
    with Judge(realps, corpus) as asked:
        yield asked


def test_a_uri_that_is_written_is_one_that_the_engine_reads(judge: Judge) -> None:
    generator = random.Random(7)
    made = ["".join(generator.choices(PIECES, k=generator.randint(1, 7))) for _ in range(1500)]
    written = refused = 0
    for text in (*URIS, *made):
        try:
            body = encode_message(Uri(text))
        except ValueTypeError:
            refused += 1
            continue
        written += 1
        meant: list[Node | None] = [{"t": "URI", "v": text}]
        assert judge.differences(body, meant) == [], text
    assert written > 400
    assert refused > 100
