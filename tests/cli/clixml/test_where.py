"""`--where` chooses what Where-Object chooses; where it does not, on purpose, it says so in its module."""

from __future__ import annotations

import pytest

from psbridge.cli.clixml.where import condition
from psbridge.cli.clixml.wildcard import wildcard
from psbridge.clixml import decode
from psbridge.psobject import PSObject
from tests.cli.clixml.exports import document
from tests.real_engine import printed

VALUES = {
    "text": "<S{}>UserMailbox</S>",
    "lower": "<S{}>usermailbox</S>",
    "empty": "<S{}></S>",
    "null": "<Nil{} />",
    "missing": "",
    "five": "<I32{}>5</I32>",
    "zero": "<I32{}>0</I32>",
    "less": "<I32{}>-3</I32>",
    "long": "<I64{}>50000000000</I64>",
    "double": "<Db{}>1.5</Db>",
    "decimal": "<D{}>10.50</D>",
    "true": "<B{}>true</B>",
    "false": "<B{}>false</B>",
    "date": "<DT{}>2018-07-01T12:00:00</DT>",
    "later": "<DT{}>2020-01-02T00:00:00</DT>",
    "guid": "<G{}>792e5b37-4505-47ef-b7d2-8711bb7affa8</G>",
    "version": "<Version{}>1.10.3</Version>",
    "span": "<TS{}>PT1H30M</TS>",
    "ten": "<S{}>10</S>",
    "nine": "<S{}>9</S>",
    "brackets": "<S{}>a[1]</S>",
    "list": '<Obj{} RefId="90"><LST><S>a1</S><S>b2</S></LST></Obj>',
    "numbers": '<Obj{} RefId="91"><LST><I32>5</I32><I32>7</I32></LST></Obj>',
    "none": '<Obj{} RefId="92"><LST /></Obj>',
}


def _objects(values: dict[str, str]) -> bytes:
    """An object for each value, which is its property P."""
    roots = (f'<Obj RefId="{at}"><MS><S N="Key">{key}</S>%s</MS></Obj>' for at, key in enumerate(values))
    return document(*(root % text.replace("{}", ' N="P"') for root, text in zip(roots, values.values(), strict=True)))


DATA = _objects(VALUES)
TEXTS = ("UserMailbox", "user*", "?ser*", "*", "[s-u]*", "'a`[1`]'", "a1", "*2", "10", "'10'", "''", "$null", "True", "2018*")
NUMBERS = ("5", "1.5", "10", "10.5", "9", "-3", "0", "50000000000", "7", "1kb", "40GB")
# What a type of .NET that is not meant would make of a text: 5 ticks, true because it is not empty.
NEVER = {"true", "false"}
PATTERNS = ("^user", "BOX$", "'[0-9]{2}'", "''", "^$", "'a1|9'")
BOUNDS = ("2018-07-01", "2019-12-31T10:00", "'zz'", "UserMailbox")
SINGLE = (
    *("-eq $null", "-ne $null", "-eq 792E5B37-4505-47EF-B7D2-8711BB7AFFA8", "-eq 01:30:00", "-gt 1.9.0"),
    *("-gt 01:00:00", "-lt 02:00", "-eq '2018-07-01 12:00'", "-ieq usermailbox", "-ilike USER*"),
)
CASES = [
    *(f"-{name} {value}" for name in ("eq", "ne", "contains", "notcontains") for value in (*NUMBERS, "UserMailbox", "a1")),
    *(f"-{name} {value}" for name in ("like", "notlike") for value in (*TEXTS, "5", "a*")),
    *(f"-{name} {value}" for name in ("match", "notmatch") for value in PATTERNS),
    *(f"-{name} {value}" for name in ("gt", "lt", "ge", "le") for value in BOUNDS),
    *SINGLE,
]
OF_NUMBERS = [*(f"-{operator} {value}" for operator in ("gt", "lt", "ge", "le") for value in NUMBERS)]
ORDERS = {"-gt", "-lt", "-ge", "-le"}


def _chosen(case: str) -> list[str]:
    test = condition(f"P {case}")
    return [str(value["Key"]) for value in decode(DATA) if isinstance(value, PSObject) and test.holds(value)]


@pytest.mark.realps
def test_an_operator_chooses_what_powershell_chooses(realps: str) -> None:
    tails = [f"| Where-Object P {case} -ErrorAction SilentlyContinue | ForEach-Object Key" for case in (*CASES, *OF_NUMBERS)]
    wanted = printed(realps, [(DATA, tail) for tail in tails])
    differ = {}
    # To PowerShell every text but '' is true, any number is so many ticks, 1.9.0 is a day and 02:00 is today.
    for case, lines in zip((*CASES, *OF_NUMBERS), wanted, strict=True):
        passed = NEVER | ({"date", "later"} if case[:3] in ORDERS and "20" not in case else set())
        passed |= {"span"} if case in OF_NUMBERS else set()
        ours, theirs = ([key for key in keys if key and key not in passed] for keys in (_chosen(case), lines))
        if ours != theirs:
            differ[case] = ours, theirs
    assert differ == {}


def test_a_truth_value_is_compared_with_what_it_is_called() -> None:
    assert _chosen("-eq $true") == _chosen("-eq True") == ["true"]
    assert _chosen("-eq $false") == _chosen("-eq false") == ["false"]
    assert "false" not in _chosen("-eq UserMailbox")


def test_a_size_of_exchange_is_a_number_and_an_enum_its_name() -> None:
    size = "<S{}>49.5 GB (53,150,220,288 bytes)</S>"
    enum = '<Obj{} RefId="102"><TN RefId="0"><T>X</T><T>System.Enum</T></TN><ToString>UserMailbox</ToString><I32>1</I32></Obj>'
    ident = '<Obj{} RefId="103"><ToString>contoso.com/Users/Ann</ToString><Props><S N="Name">Ann</S></Props></Obj>'
    values = decode(_objects({"size": size, "enum": enum, "ident": ident}))
    asked = ("-gt 49GB", "-lt 49GB", "-ge 53150220288", "-eq UserMailbox", "-eq 1", "-eq contoso.com/users/ann", "-like *ann")
    said = {text: [condition(f"P {text}").holds(value) for value in values] for text in asked}
    assert said == {
        "-gt 49GB": [True, False, False],
        "-lt 49GB": [False, True, False],
        "-ge 53150220288": [True, False, False],
        "-eq UserMailbox": [False, True, False],
        "-eq 1": [False, True, False],
        "-eq contoso.com/users/ann": [False, False, True],
        "-like *ann": [False, False, True],
    }


@pytest.mark.parametrize(
    ("text", "matching", "other"),
    [
        ("a*c", "ABBC", "ab"),
        ("[a-c]?", "bx", "dx"),
        ("`*", "*", "x"),
        ("a`[b", "a[b", "a`[b"),
        ("[]x]", "x", ""),
        ("*", "a\nb", None),
    ],
)
def test_a_wildcard_is_powershells(text: str, matching: str, other: str | None) -> None:
    assert wildcard(text).fullmatch(matching)
    assert other is None or not wildcard(text).fullmatch(other)
