"""The strict parser of one cmdlet line: what it takes, PowerShell's own parser takes for the same; all else it refuses."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from psbridge.command import SWITCH, Command, Pipeline
from psbridge.simulator.runspace.records import Argument, Invocation
from psbridge.simulator.server.cmdlet_line import NotOneCmdletLine, read_line
from tests import hostile_text, real_engine


def takes_value(_: str, parameter: str) -> bool | None:
    return None if parameter.lower().startswith("unk") else not parameter.lower().startswith("sw")


def read(text: str) -> list[Invocation]:
    return read_line(text, takes_value)


def one(name: str, *arguments: tuple[str | None, object]) -> list[Invocation]:
    return [Invocation(name, tuple(Argument(*argument) for argument in arguments))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Get-Mailbox", one("Get-Mailbox")),
        ("  get-mailbox\ttestduplicate  \r\n", one("get-mailbox", (None, "testduplicate"))),
        ("Get-Mailbox -Identity 'it''s $(x) `n'", one("Get-Mailbox", ("Identity", "it's $(x) `n"))),
        ('Get-Mailbox -Identity "a b\'s"', one("Get-Mailbox", ("Identity", "a b's"))),
        ("Get-Mailbox -Switch -Identity a@domain.com", one("Get-Mailbox", ("Switch", True), ("Identity", "a@domain.com"))),
        ("Get-Mailbox -Switch testduplicate", one("Get-Mailbox", ("Switch", True), (None, "testduplicate"))),
        ("Get-Mailbox -Switch:$false -Unknown", one("Get-Mailbox", ("Switch", False), ("Unknown", True))),
        ("Get-Mailbox -Identity:x -Size 5", one("Get-Mailbox", ("Identity", "x"), ("Size", 5))),
        ("Set-User -Mobile $null -On $TRUE", one("Set-User", ("Mobile", None), ("On", True))),
        ("Select-Object a, 'b',\"c\"", one("Select-Object", (None, ["a", "b", "c"]))),
        (
            "Get-User -Id fa38094d-cbfd-46b7-82f6-8a3022e39a66",
            one("Get-User", ("Id", "fa38094d-cbfd-46b7-82f6-8a3022e39a66")),
        ),
        ("Get-User 'a\nb'", one("Get-User", (None, "a\nb"))),
        ("Get-User x | Select-Object Name", [*one("Get-User", (None, "x")), *one("Select-Object", (None, "Name"))]),
    ],
)
def test_a_cmdlet_line_is_read(text: str, expected: list[Invocation]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "$x", "'Get-Mailbox'", "Get-Mailbox; Get-User", "Get-Mailbox && Get-User", "Get-Mailbox\nGet-User"),
        *(
            "& Get-User",
            "Get-Mailbox (Get-User)",
            "Get-Mailbox $x",
            'Get-Mailbox "$x"',
            'Get-Mailbox "a`nb"',
            "Get-Mailbox @{a=1}",
        ),
        *("Get-Mailbox @a", "Get-Mailbox > file", "Get-Mailbox |", "| Get-Mailbox", "Get-Mailbox # x", "Get-Mailbox -Identity"),
        *("Get-Mailbox -Switch:", "Get-Mailbox 'a", 'Get-Mailbox "a', "Get-Mailbox 'a'b", "Get-Mailbox a,", "Get-Mailbox , a"),
        *("Get-Mailbox 5MB", "Get-Mailbox 1e3", "Get-Mailbox a*", "Get-Mailbox {a}", "Get-Mailbox 'a\u2019; Remove-Mailbox x"),
        *("Get-Mailbox \u2018a\u2019", "Get-Mailbox \u2013x y", "Get-Mailbox --% x", "Get-Mailbox | % { }", "Get-Mailbox -5"),
        *("Get-Mailbox | ForEach-Object { $_ }", "[int]5", "Get-M\u00e4il"),
    ],
)
def test_anything_else_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(NotOneCmdletLine, match=r"at character \d+\. Nothing was run\."):
        read(text)


@pytest.mark.realps
def test_a_line_that_psbridge_writes_is_read_as_what_it_means() -> None:
    random = Random(4)
    for _ in range(500):
        given = {name: value(random) for name in ("Alpha", "Beta") if random.random() < 0.8}
        pipeline = Pipeline((Command("Get-Thing", {**given, "Switch": SWITCH}), Command("Select-Object", {"Last": 2})))
        expected = [Invocation("Get-Thing", (*(Argument(*item) for item in given.items()), Argument("Switch", value=True)))]
        assert read(str(pipeline)) == [*expected, Invocation("Select-Object", (Argument("Last", 2),))]


def value(random: Random) -> object:
    text = hostile_text.text(random)
    return random.choice([text if text != "--%" else "", True, None, 7, "plain"])


PIECES = (
    *("-Alpha ", "-Switch ", "-Switch:", "'a'", "'it''s'", "'\u2018\u2018'", "'\u2019", '"b c"', '"$x"', "$true", "$null", "$x"),
    *(
        "word",
        "a@b.c",
        "C:\\x",
        "5",
        "007",
        "5kb",
        "5a",
        ",",
        " | ",
        ";",
        *(" " * 8),
        "\t",
        "\n",
        "\u00a0",
        "-",
        "--",
        "--%",
        "&",
    ),
    *("(", ")", "@", "{", "}", "#", "`", "*", "fa38094d-cbfd-46b7-82f6-8a3022e39a66", "\u2013Alpha", "if", ".", ":", "=", "%"),
    *("Get-Other ", " 'a' ", " word ", " -Switch:$false ", " 5 "),
)


@pytest.mark.realps
def test_whatever_is_taken_is_to_powershell_the_same_command(realps: str) -> None:
    random = Random(4)
    taken: dict[str, list[Invocation]] = {}
    for _ in range(60_000):
        text = "Get-Thing " + "".join(random.choice(PIECES) for _ in range(random.randint(1, 9)))
        try:
            taken[text.strip()] = read(text)
        except NotOneCmdletLine:
            continue
    assert len(taken) > 1_000
    for (text, commands), parsed in zip(taken.items(), real_engine.parse(realps, taken), strict=True):
        assert not parsed["errors"], text
        assert [_seen(command) for command in parsed["commands"]] == [_meant(command) for command in commands], text


def _meant(command: Invocation) -> list[object]:
    """A name and the parts behind it, in a row; lists item by item."""
    parts: list[object] = [command.name]
    for argument in command.arguments:
        parts += [] if argument.name is None else [f"-{argument.name}"]
        parts += argument.value if isinstance(argument.value, list) else [argument.value]
    return parts


def _seen(command: dict[str, Any]) -> list[object]:
    parts: list[object] = []
    elements = command["elements"]
    for element, following in zip(elements, [*elements[1:], None], strict=True):
        parts += _values(element)
        if element["ast"] == "CommandParameterAst" and element["argument"] is None and _stands_alone(element, following):
            parts.append(True)
    return parts


def _stands_alone(parameter: dict[str, Any], following: dict[str, Any] | None) -> bool:
    """What the binder decides, not the parser: whether a value belongs to the parameter before it."""
    return takes_value("", parameter["value"]) is False or following is None or following["ast"] == "CommandParameterAst"


def _values(element: dict[str, Any]) -> list[object]:
    if element["ast"] == "CommandParameterAst":
        return [f"-{element['value']}", *(_values(element["argument"]) if element["argument"] else [])]
    value = element["value"]
    if isinstance(value, dict) and value.get("kind") == "list":
        return [_plain(item) for item in value["items"]]
    return [_plain(value)]


def _plain(value: Any) -> object:
    return value["v"] if isinstance(value, dict) else value
