"""Commands as data, their text, and the form by which two of them are compared."""

from __future__ import annotations

import copy
import pickle
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psbridge.command import SWITCH, Command, Pipeline, canonical, fingerprint
from psbridge.errors import InputError, ValueTypeError
from psbridge.psobject import (
    Byte,
    Char,
    DateTime,
    DateTimeKind,
    Int64,
    PSObject,
    SecureString,
    Single,
    TimeSpan,
    Uri,
    Version,
)
from tests import hostile_text, real_engine

UPN = "testduplicate@domain.com"
MOMENT = datetime.fromisoformat("2018-07-15")


class TestText:
    """The command line as one would type it."""

    @pytest.mark.parametrize(
        ("pipeline", "text"),
        [
            (Pipeline.of("Get-Mailbox", Identity="testduplicate"), "Get-Mailbox -Identity testduplicate"),
            (
                Pipeline.of("Remove-MsolUser", UserPrincipalName=UPN, Force=SWITCH, RemoveFromRecycleBin=SWITCH),
                "Remove-MsolUser -UserPrincipalName testduplicate@domain.com -Force -RemoveFromRecycleBin",
            ),
            (
                Pipeline(
                    (
                        Command("Get-Mailbox", {"Identity": "Test Duplicate"}),
                        Command("Select-Object", {"Property": "ExchangeGuid"}),
                    )
                ),
                "Get-Mailbox -Identity 'Test Duplicate' | Select-Object -Property ExchangeGuid",
            ),
            (Pipeline.of("Set-User", MobilePhone="0987654321"), "Set-User -MobilePhone '0987654321'"),
            (Pipeline.of("Remove-Mailbox", Confirm=False, Force=True), "Remove-Mailbox -Confirm:$false -Force:$true"),
            (Pipeline.of("Get-Mailbox", ResultSize=5), "Get-Mailbox -ResultSize 5"),
            (Pipeline.of("Set-Thing", Level=-5), "Set-Thing -Level (-5)"),
            (Pipeline.of("Set-Thing", Names=["a", "b c"]), "Set-Thing -Names @('a','b c')"),
            (
                Pipeline.of("Set-User", Password=SecureString.of("hunter2")),
                "Set-User -Password (Read-Host -AsSecureString)",
            ),
            (Pipeline.of("Get-Mailbox"), "Get-Mailbox"),
        ],
    )
    def test_a_pipeline_reads_as_people_type_it(self, pipeline: Pipeline, text: str) -> None:
        assert str(pipeline) == text

    def test_a_value_without_a_text_is_refused(self) -> None:
        with pytest.raises(ValueTypeError, match="pass its identity"):
            str(Pipeline.of("Get-Mailbox", Identity=PSObject()))

    @pytest.mark.realps
    def test_two_thousand_random_pipelines_parse_to_the_commands_that_were_meant(self, realps: str) -> None:
        random = Random(518)
        pipelines = [_random_pipeline(random) for _ in range(2000)]
        for pipeline, parsed in zip(pipelines, real_engine.parse(realps, map(str, pipelines)), strict=True):
            assert not parsed["errors"], str(pipeline)
            top = [command for command in parsed["commands"] if command["name"] != "Read-Host"]
            assert [_read(command) for command in top] == [_meant(command) for command in pipeline.commands]

    @pytest.mark.realps
    def test_a_pasted_command_line_binds_each_value_to_its_parameter(self, realps: str) -> None:
        random = Random(11)
        given = [
            {"Alpha": hostile_text.text(random), "Beta": hostile_text.text(random), "Gamma": random.random() < 0.5}
            for _ in range(200)
        ]
        lines = [str(Pipeline((Command("Show-Given", {**values, "Force": SWITCH}),))) for values in given]
        before = (
            "function global:Show-Given([string]$Alpha, [string]$Beta, [bool]$Gamma, [switch]$Force)"
            " { $Alpha; $Beta; $Gamma; [bool]$Force }"
        )
        answers = real_engine.evaluate(realps, lines, before=before)
        for values, answer in zip(given, answers, strict=True):
            assert [item["v"] for item in answer["output"]] == [*values.values(), True]

    @pytest.mark.realps
    def test_the_stop_parsing_token_as_a_value_stops_nothing(self, realps: str) -> None:
        line = str(Pipeline.of("Set-User", Identity="--%", Notes="a | Remove-Mailbox b", Force=SWITCH))
        (parsed,) = real_engine.parse(realps, [line])
        assert [command["name"] for command in parsed["commands"]] == ["Set-User"]
        assert [element["text"] for element in parsed["commands"][0]["elements"]] == [
            "Set-User",
            "-Identity",
            "('--%')",
            "-Notes",
            "'a | Remove-Mailbox b'",
            "-Force",
        ]

    @pytest.mark.realps
    def test_no_cmdlet_name_is_taken_for_a_keyword(self, realps: str) -> None:
        words = "if for foreach function filter data param begin process end in do while switch return throw trap class"
        names = [f"{word}-{other}" for word in words.split() for other in ("Thing", "if", "x1")]
        scripts = [str(Pipeline((Command(name, {"_x": "y"}), Command(name)))) for name in names]
        for name, parsed in zip(names, real_engine.parse(realps, scripts), strict=True):
            assert [command["name"] for command in parsed["commands"]] == [name, name]


class TestNames:
    """What can be a command at all."""

    @pytest.mark.parametrize(
        "name",
        ["", "Get", "Get-", "-Mailbox", "Get-Mailbox\n", "Get-Mail box", "Get-Mailbox;x", "Gét-Mailbox", "Get\u2013Mailbox"],
    )
    def test_a_name_that_is_no_cmdlets_is_refused(self, name: str) -> None:
        with pytest.raises(InputError, match=re.escape(f"{name!r} is no cmdlet name (Verb-Noun, letters and digits)") + "$"):
            Command(name)

    @pytest.mark.parametrize("name", ["", "Identity:", "-Identity", "Ident ity", "Identity\n", "1st", "\u0131dentity"])
    def test_a_name_that_is_no_parameters_is_refused(self, name: str) -> None:
        with pytest.raises(InputError, match=re.escape(f"{name!r} is no parameter name of Get-Mailbox") + "$"):
            Command("Get-Mailbox", {name: 1})

    def test_a_parameter_in_two_spellings_is_refused(self) -> None:
        with pytest.raises(InputError, match=r"^'Identity' and 'identity' are one parameter of Get-Mailbox; give it once$"):
            Command("Get-Mailbox", {"Identity": "a", "identity": "b"})

    def test_a_pipeline_without_a_command_is_refused(self) -> None:
        with pytest.raises(InputError, match=r"^a pipeline needs at least one command$"):
            Pipeline(())

    def test_a_command_does_not_change_with_the_dict_it_was_made_of(self) -> None:
        parameters: dict[str, object] = {"Identity": "a"}
        command = Command("Get-Mailbox", parameters)
        parameters["Identity"] = "b"
        assert command.parameters == {"Identity": "a"}
        with pytest.raises(TypeError):
            command.parameters["Identity"] = "b"  # type: ignore[index]  # that it cannot be is what is tested

    def test_a_command_is_equal_to_its_copies_and_can_be_a_key(self) -> None:
        command = Command("Get-Mailbox", {"Identity": "a", "Force": SWITCH})
        assert command == copy.deepcopy(Command("Get-Mailbox", {"Identity": "a", "Force": SWITCH}))
        assert {command: 1}[copy.copy(command)] == 1
        assert pickle.loads(pickle.dumps(Pipeline.of("Get-Mailbox", Identity="a"))) == Pipeline.of("Get-Mailbox", Identity="a")


class TestFingerprint:
    """Equal for what arrives equal, different for what arrives different, and the same in every version."""

    @pytest.mark.parametrize(
        ("value", "digest"),
        [
            (
                Pipeline.of("Remove-MsolUser", UserPrincipalName=UPN, Force=SWITCH),
                "74ed7b809891bef1f160acfb180642b9225f7e5619caea2b538978101edaec23",
            ),
            (
                Pipeline((Command("Get-Mailbox", {"Identity": "a"}), Command("Select-Object", {"Property": ["Name", "Alias"]}))),
                "e7eca65a044035f08193edc36e6b754e9cb568973f7f119e657c06b4cf4bc678",
            ),
            (
                [
                    None, True, 5, 2**31, Int64(5), Byte(5), 1.5, Single(1.5), Decimal("1.50"), "5\u2019", Char("5"), Uri("x"),
                    Version("1.0"), UUID(int=1), b"\x00", timedelta(seconds=1), MOMENT.replace(tzinfo=UTC), {"b": 1, "a": []},
                    SecureString.of("hunter2"), SWITCH,
                ],
                "95675acb418d44a1c0ca7344262e706f1d39c680c964655e277a818798ed3b96",
            ),
        ],
    )  # fmt: skip
    def test_it_never_changes_for_what_journals_already_hold(self, value: object, digest: str) -> None:
        assert fingerprint(value) == digest

    def test_the_canonical_form_is_what_a_journal_shows(self) -> None:
        pipeline = Pipeline((Command("Get-Mailbox", {"Identity": "a", "Force": SWITCH}), Command("Select-Object", {"First": 1})))
        assert canonical(pipeline) == [
            {"cmdlet": "Get-Mailbox", "parameters": {"Identity": "a", "Force": {"switch": True}}},
            {"cmdlet": "Select-Object", "parameters": {"First": 1}},
        ]

    def test_values_that_arrive_different_differ(self) -> None:
        values: list[object] = [
            None, True, False, 0, 1, 2, 1.0, 0.0, -0.0, "", "1", "1.0", "True", "None", " 1", Byte(1), Int64(1), Single(1.0),
            Char("1"), Uri("1"), Version("1.0"), Decimal(1), Decimal("1.0"), Decimal("1.00"), b"1", b"", UUID(int=1),
            str(UUID(int=1)), [], [1], [1, 2], [2, 1], [[1, 2]], [[1], 2], [None], {}, {"a": 1}, {"A": 1}, {"a": "1"},
            {"a": [1]}, [["a", 1]],
            {1: 1}, {"1": 1}, {True: 1}, {"dict": []}, {"DT": "x"}, {"switch": True}, SWITCH, SecureString.of("x"), MOMENT,
            MOMENT.replace(tzinfo=UTC), MOMENT.isoformat(), MOMENT + timedelta(seconds=1),
            DateTime(DateTime.of(MOMENT).ticks, DateTimeKind.LOCAL, 120), timedelta(seconds=1), TimeSpan(1), 10_000_000,
            "\ud83d", "\ude00", "\U0001f600", 2**31, float("nan"), float("inf"),
        ]  # fmt: skip
        assert len({fingerprint(value) for value in values}) == len(values)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
            ([1, 2], (1, 2)),
            (b"x", bytearray(b"x")),
            (2**31, Int64(2**31)),
            (timedelta(seconds=1), TimeSpan(10_000_000)),
            (MOMENT.replace(tzinfo=UTC), datetime(2018, 7, 15, 2, tzinfo=timezone(timedelta(hours=2)))),
            (MOMENT, DateTime.of(MOMENT)),
            (SecureString.of("a"), SecureString.of("b")),
            (Pipeline.of("A-B", C=1, D=2), Pipeline.of("A-B", D=2, C=1)),
        ],
    )
    def test_values_that_arrive_equal_are_equal(self, one: object, other: object) -> None:
        assert fingerprint(one) == fingerprint(other)

    def test_the_order_of_commands_counts(self) -> None:
        first, second = Command("Get-Mailbox"), Command("Select-Object")
        assert fingerprint(Pipeline((first, second))) != fingerprint(Pipeline((second, first)))

    def test_a_secret_is_not_in_the_canonical_form(self) -> None:
        assert canonical(SecureString.of("hunter2")) == {"secure": None}

    @pytest.mark.parametrize(
        ("value", "error"),
        [
            (object(), "type object cannot be sent: it has no canonical form"),
            ({1, 2}, "type set cannot be sent: it has no canonical form"),
            (PSObject(), "type PSObject cannot be sent: it has no canonical form"),
            (2**63, "type int cannot be sent: 9223372036854775808 is larger than Int64"),
            (Decimal("Infinity"), "type Decimal cannot be sent: Infinity is no number that System.Decimal holds"),
        ],
    )
    def test_what_cannot_be_compared_is_refused(self, value: object, error: str) -> None:
        with pytest.raises(ValueTypeError, match=re.escape(f"A value of {error}") + "$"):
            fingerprint(value)

    def test_a_ring_is_refused(self) -> None:
        ring: dict[str, object] = {}
        ring["self"] = [ring]
        with pytest.raises(ValueTypeError, match="nested deeper than 48 levels, or contains itself"):
            fingerprint(Pipeline.of("Get-Mailbox", Identity=ring))

    @given(
        st.dictionaries(st.from_regex(r"[A-Z][a-z]{0,8}", fullmatch=True), st.text() | st.integers(-9, 9), max_size=4),
        st.randoms(),
    )
    def test_the_order_of_parameters_does_not_count(self, parameters: dict[str, object], random: Random) -> None:
        shuffled = list(parameters.items())
        random.shuffle(shuffled)
        assert fingerprint(Command("A-B", parameters)) == fingerprint(Command("A-B", dict(shuffled)))

    def test_a_thousand_random_values_differ_where_their_texts_differ(self) -> None:
        random = Random(3)
        values = [hostile_text.value(random) for _ in range(1000)]
        by_text = {str(Pipeline.of("A-B", C=value)): fingerprint(value) for value in values}
        assert len(set(by_text.values())) == len(by_text)


def _random_pipeline(random: Random) -> Pipeline:
    commands = []
    for _ in range(random.randint(1, 3)):
        names = random.sample(["Identity", "Force", "_x", "Name", "ResultSize", "P1"], random.randint(0, 4))
        values = [SWITCH if random.random() < 0.2 else hostile_text.value(random, 2) for _ in names]
        commands.append(
            Command(random.choice(["Get-Mailbox", "Select-Object", "if-x", "New-X1"]), dict(zip(names, values, strict=True)))
        )
    return Pipeline(tuple(commands))


def _meant(command: Command) -> list[object]:
    """The elements that must be seen: the name, each parameter, and each argument that the parser shows with its value."""
    seen: list[object] = [command.name]
    for name, value in command.parameters.items():
        seen.append(f"-{name}")
        if value == "--%":
            seen.append("an expression")
        elif type(value) is str or (type(value) is int and 0 <= value < 2**63):
            seen.append(value)
        elif value is not SWITCH and not isinstance(value, bool):
            seen.append("an expression")
    return seen


def _read(command: dict[str, Any]) -> list[object]:
    seen: list[object] = []
    for element in command["elements"]:
        match element["ast"]:
            case "StringConstantExpressionAst":
                seen.append(element["value"])
            case "ConstantExpressionAst":
                seen.append(element["value"]["v"])
            case "CommandParameterAst":
                # `-Name:$true` is one element with its argument; nothing else may hang on a parameter.
                assert element["argument"] is None or element["argument"]["text"] in ("$true", "$false")
                seen.append(f"-{element['value']}")
            case "ParenExpressionAst" | "ArrayExpressionAst" | "HashtableAst" | "VariableExpressionAst":
                seen.append("an expression")
            case other:
                raise AssertionError(other)
    return seen
