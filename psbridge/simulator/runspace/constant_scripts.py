"""The text of a script and its parameters in, the pipelines that it runs out; any script but the few known here is refused.

A client sends constant scripts for what no pipeline can do over a remote session. The simulator reads no script: it knows each
by the SHA-256 of its text, and does with its own cmdlets what is written there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Final

from psbridge.psobject import Value
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.runspace.records import Argument, Invocation

__all__ = ["Statement", "Statements", "no_language", "statements"]

_NO_LANGUAGE: Final = "The syntax is not supported by this runspace. This can occur if the runspace is in no-language mode."


@dataclass(frozen=True, slots=True)
class Statement:
    """One pipeline of a script; where it is `assigned`, its objects go to a variable and to no stream."""

    commands: tuple[Invocation, ...]
    assigned: bool = False


# It is sent what an assigned statement gave.
Statements = Generator[Statement, list[Value], None]


def statements(script: Invocation) -> Statements:
    """What a script runs. Raises CmdletError for a script that is none of these, and for a parameter that it has not."""
    sha = hashlib.sha256(script.name.encode("utf-8", "replace")).hexdigest()
    if sha not in _KNOWN:
        raise no_language()
    takes, run = _KNOWN[sha]
    given = {str(argument.name).lower(): argument.value for argument in script.arguments}
    unknown = sorted(set(given) - {name.lower() for name in takes})
    if unknown:
        raise _unknown_parameter(unknown[0])
    return run({name: given.get(name.lower()) for name in takes})


def no_language() -> CmdletError:
    """Script text is refused, as by Exchange's own endpoint since April 2021 (field-notes 3)."""
    exception = "System.Management.Automation.PSNotSupportedException"
    bases = ("System.NotSupportedException", "System.SystemException")
    return CmdletError(_NO_LANGUAGE, "ScriptsNotAllowed", "SyntaxError", (exception, *bases), terminating=True)


def _disable_msol(given: Mapping[str, object]) -> Statements:
    options = yield Statement(
        (
            _command(
                "New-MsolLicenseOptions",
                AccountSkuId=given["AccountSkuId"],
                DisabledPlans=given["DisabledPlans"],
                ErrorAction="Stop",
            ),
        ),
        assigned=True,
    )
    yield Statement((_command("Set-MsolUserLicense", ObjectId=given["ObjectId"], LicenseOptions=options),))


def _disable_mg(given: Mapping[str, object]) -> Statements:
    licence = {"SkuId": given["SkuId"], "DisabledPlans": given["DisabledPlans"]}
    yield Statement(
        (_command("Set-MgUserLicense", UserId=given["UserId"], AddLicenses=[licence], RemoveLicenses=[], Confirm=False),)
    )


def _disable_entra(given: Mapping[str, object]) -> Statements:
    licence = {"SkuId": given["SkuId"], "DisabledPlans": given["DisabledPlans"]}
    change = {"AddLicenses": [licence], "RemoveLicenses": []}
    yield Statement((_command("Set-EntraUserLicense", UserId=given["UserId"], AssignedLicenses=change),))


def _licences_mg(given: Mapping[str, object]) -> Statements:
    user = given["UserId"]
    yield _assignments("Get-MgUser", user)
    yield Statement((_command("Get-MgUserLicenseDetail", UserId=user), _NAMED))


def _licences_entra(given: Mapping[str, object]) -> Statements:
    yield _assignments("Get-EntraUser", given["UserId"])
    yield Statement((_command("Get-EntraSubscribedSku"), _NAMED))


def _assignments(cmdlet: str, user: object) -> Statement:
    looked = _command(cmdlet, UserId=user, Property=["id", "licenseAssignmentStates"], ErrorAction="Stop")
    return Statement((looked, _command("Select-Object", ExpandProperty="LicenseAssignmentStates")))


def _command(name: str, **parameters: object) -> Invocation:
    return Invocation(name, tuple(Argument(key, value) for key, value in parameters.items()))


_NAMED: Final = _command("Select-Object", Property=["SkuId", "SkuPartNumber", "ServicePlans"])


def _unknown_parameter(name: str) -> CmdletError:
    exception = "System.Management.Automation.ParameterBindingException"
    bases = ("System.Management.Automation.RuntimeException", "System.SystemException")
    text = f"A parameter cannot be found that matches parameter name '{name}'."
    return CmdletError(text, "NamedParameterNotFound", "InvalidArgument", (exception, *bases), terminating=True)


_PLANS: Final = ("UserId", "SkuId", "DisabledPlans")
_KNOWN: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Mapping[str, object]], Statements]]]] = {
    "77f858dafd0bb74167e896571f4807f3510bc27ca19fcfc3c9979dfaaa41a936": (
        ("ObjectId", "AccountSkuId", "DisabledPlans"),
        _disable_msol,
    ),
    "efd33637d15b41d2e674371a2e3157f34991a601fa40af85c1ccfa19f74297da": (_PLANS, _disable_mg),
    "4d641f77c8bac9c25f2a847ac302dfc42d183806642ac6b3a5b2e86c9cee7227": (_PLANS, _disable_entra),
    "1a70d9f9505fa28fe37ef68fb6584fe364250e8bd9bc8541c4ec323b8cfc2266": (("UserId",), _licences_mg),
    "fe132d57733d05d6933c158eddea962e12ea634e8f1b13081bbe4ef850f96b7a": (("UserId",), _licences_entra),
}
