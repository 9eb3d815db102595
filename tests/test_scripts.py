"""The constant scripts: no value in their text, known by name and SHA-256, and refused where they are not known."""

from __future__ import annotations

import pickle
import re
from base64 import b64decode, b64encode
from threading import Event

import pytest

from psbridge.cassettes.interaction import recorded
from psbridge.cassettes.redact import hide
from psbridge.clixml import encode_message
from psbridge.command import Command, Pipeline, ScriptCommand, canonical, fingerprint
from psbridge.errors import InputError
from psbridge.psobject import SecureString
from psbridge.scripts import SCRIPTS, ConstantScript
from psbridge.simulator import SimulatedOrganisation
from psbridge.simulator.runspace.records import Argument, Invocation
from psbridge.simulator.server.bootstrap_run import answers
from tests.hostile_text import PIECES
from tests.real_engine import parse

# Who approves a change approves the script by its SHA-256: another text needs another approval, and another version of playbooks.
SHA256 = {
    "Disable-MsolServicePlan": "77f858dafd0bb74167e896571f4807f3510bc27ca19fcfc3c9979dfaaa41a936",
    "Disable-MgServicePlan": "efd33637d15b41d2e674371a2e3157f34991a601fa40af85c1ccfa19f74297da",
    "Disable-EntraServicePlan": "4d641f77c8bac9c25f2a847ac302dfc42d183806642ac6b3a5b2e86c9cee7227",
    "Get-MgLicense": "1a70d9f9505fa28fe37ef68fb6584fe364250e8bd9bc8541c4ec323b8cfc2266",
    "Get-EntraLicense": "fe132d57733d05d6933c158eddea962e12ea634e8f1b13081bbe4ef850f96b7a",
}
PARAMETERS = {"UserId": "u", "SkuId": "s", "DisabledPlans": ["p"]}


def parameters_of(script: ConstantScript) -> set[str]:
    block = re.match(r"param\(([^)]*)\)", script.text)
    assert block
    return set(re.findall(r"\$(\w+)", block[1]))


def test_the_texts_are_the_ones_that_were_approved() -> None:
    assert {name: script.sha256 for name, script in SCRIPTS.items()} == SHA256


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=str)
def test_what_people_are_shown_has_every_parameter_and_no_other(script: ConstantScript) -> None:
    assert set(re.findall(r"(?<!{){(\w+)}", script.typed)) == parameters_of(script)


def test_powershell_reads_every_script(realps: str) -> None:
    for found in parse(realps, [script.text for script in SCRIPTS.values()]):
        assert found["errors"] == []


def test_whatever_the_values_are_people_are_shown_one_command_line(realps: str) -> None:
    lines = [
        str(ScriptCommand("Disable-EntraServicePlan", {"UserId": text, "SkuId": text, "DisabledPlans": [text, text]}))
        for text in PIECES
        if "\0" not in text and not any(0xD800 <= ord(letter) < 0xE000 for letter in text)
    ]
    for line, found in zip(lines, parse(realps, lines), strict=True):
        assert found["errors"] == [], line
        assert len(found["commands"]) == 1, line


def test_a_script_is_not_a_cmdlet_of_the_same_name() -> None:
    script, cmdlet = ScriptCommand("Disable-MgServicePlan", PARAMETERS), Command("Disable-MgServicePlan", PARAMETERS)
    assert script != cmdlet
    assert fingerprint(Pipeline((script,))) != fingerprint(Pipeline((cmdlet,)))
    assert canonical(script) == {
        "script": "Disable-MgServicePlan",
        "sha256": SHA256["Disable-MgServicePlan"],
        "parameters": PARAMETERS,
    }
    assert recorded(Pipeline((script,))) != recorded(Pipeline((cmdlet,)))
    assert pickle.loads(pickle.dumps(script)) == script


def test_a_recording_hides_the_secrets_of_a_script_and_keeps_that_it_is_one() -> None:
    shown, secrets = hide(Pipeline((ScriptCommand("Get-MgLicense", {"UserId": SecureString.of("secret")}),)))
    assert secrets == {"secret"}
    assert shown == Pipeline((ScriptCommand("Get-MgLicense", {"UserId": SecureString("")}),))


def test_another_name_is_no_script() -> None:
    with pytest.raises(InputError, match="there are: Disable-MsolServicePlan"):
        ScriptCommand("Get-MgUser", {})


def test_a_script_stands_alone() -> None:
    with pytest.raises(InputError, match="stands alone"):
        Pipeline((ScriptCommand("Get-MgLicense", {"UserId": "u"}), Command("Select-Object", {"First": 1})))


@pytest.mark.parametrize(
    ("text", "error_id"),
    [
        ("Remove-MsolUser -UserPrincipalName testerror@domain.com -Force", "ScriptsNotAllowed"),
        (SCRIPTS["Get-MgLicense"].text + " ", "ScriptsNotAllowed"),
        ("\ud800", "ScriptsNotAllowed"),
    ],
)
def test_the_simulator_runs_no_other_script(text: str, error_id: str) -> None:
    organisation = SimulatedOrganisation.from_seed("documents")
    before = len(organisation.state.directory)
    outcome = organisation.session("directory")([Invocation(text, (Argument("UserId", "u"),), is_script=True)])
    assert (outcome.state, outcome.records) == ("Failed", ())
    assert outcome.reason
    assert outcome.reason.get("FullyQualifiedErrorId") == error_id
    assert len(organisation.state.directory) == before


def test_the_simulator_refuses_a_parameter_that_a_script_has_not() -> None:
    session = SimulatedOrganisation.from_seed("documents").session("directory")
    outcome = session([Invocation(SCRIPTS["Get-MgLicense"].text, (Argument("Force", True),), is_script=True)])
    assert outcome.reason
    assert outcome.reason.get("FullyQualifiedErrorId") == "NamedParameterNotFound"


def test_no_script_runs_where_its_cmdlets_are_not() -> None:
    organisation = SimulatedOrganisation.from_seed("documents")
    outcome = organisation.session("exo")([Invocation(SCRIPTS["Get-MgLicense"].text, (Argument("UserId", "u"),), is_script=True)])
    assert outcome.reason
    assert outcome.reason.get("FullyQualifiedErrorId") == "CommandNotFoundException"


def test_no_other_script_runs_inside_the_bootstrap_script() -> None:
    organisation = SimulatedOrganisation.from_seed("documents")
    asked = {"Mark": "mark", "Pipelines": [[{"Script": "Remove-MsolUser -All -Force", "Parameters": {}}]]}
    document = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">%s</Objs>'
    body = encode_message(asked).decode("utf-8-sig")
    lines = list(answers(b64encode((document % body).encode()), organisation.session("directory"), Event()))
    assert [line.split()[2] for line in lines] == [b"begun", b"ended"]
    assert b"ScriptsNotAllowed" in b64decode(lines[-1].split()[4])
    assert "Remove-MsolUser" not in organisation.state.calls
