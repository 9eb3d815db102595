"""A question of a cmdlet in, the host call that puts it to the client out; and what the client answered, back.

Source: [MS-PSRP] 2.2.2.27 and 2.2.3.17; labels and fields as the real engine sends them (remoting-notes 9.6).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from psbridge.psobject import Int64, Kind, PSObject, Value
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.runspace.records import Argument, Invocation, Question
from psbridge.simulator.server.values import given

__all__ = ["NotAnswered", "answered", "host_call", "nobody_there"]

_METHODS: Final = {"Prompt": 23, "PromptForChoice": 26}
_LABELS: Final = {"Yes": "&Yes", "Yes to All": "Yes to &All", "No": "&No", "No to All": "No to A&ll"}
_LIST: Final = ("System.Collections.ArrayList", "System.Object")


class NotAnswered(Exception):
    """The client's answer is none."""


def host_call(asked: Question, number: int) -> PSObject:
    """The body of the host call for a question; `number` counts those of a pipeline."""
    types = ("System.Management.Automation.Remoting.RemoteHostMethodId", "System.Enum", "System.ValueType", "System.Object")
    method = PSObject.wrapping(_METHODS[asked.method], types, to_string=asked.method)
    is_choice = asked.method == "PromptForChoice"
    items: list[Value] = [_choice(label) if is_choice else _field(label) for label in asked.choices]
    arguments: list[Value] = [asked.caption, asked.message, PSObject(_LIST, kind=Kind.LIST, items=items)]
    if is_choice:
        arguments.append(0)
    called = PSObject(_LIST, kind=Kind.LIST, items=arguments)
    return PSObject((), ms={"ci": Int64(number), "mi": method, "mp": called})


def answered(asked: Question, result: Any, commands: Sequence[Invocation]) -> list[Invocation] | None:
    """The commands to run now: with the values that were asked for, or as they were after a yes; None after a no.

    Raises NotAnswered.
    """
    if asked.method == "PromptForChoice":
        if isinstance(result, bool) or not isinstance(result, int) or result not in range(len(asked.choices)):
            raise NotAnswered
        return list(commands) if result < (len(asked.choices) + 1) // 2 else None
    if not isinstance(result, Mapping) or not all(name in result for name in asked.choices):
        raise NotAnswered
    more = tuple(Argument(name, given(result[name])) for name in asked.choices)
    command = commands[asked.place]
    changed = Invocation(command.name, (*command.arguments, *more))
    return [*commands[: asked.place], changed, *commands[asked.place + 1 :]]


def nobody_there(asked: Question) -> CmdletError:
    """A question without anybody who could answer ends its pipeline (remoting-notes 9.6)."""
    bases = ("System.Management.Automation.RuntimeException", "System.SystemException")
    if asked.method == "Prompt":
        names = " ".join(asked.choices)
        text = f"Cannot process command because of one or more missing mandatory parameters: {names}."
        exception = "System.Management.Automation.ParameterBindingException"
        return CmdletError(text, "MissingMandatoryParameter", "InvalidArgument", (exception, *bases), terminating=True)
    text = f"A command that prompts the user failed because nobody answered. The question was: {asked.message}"
    exception = "System.Management.Automation.Host.HostException"
    return CmdletError(text, "HostFunctionNotImplemented", "NotImplemented", (exception, *bases), terminating=True)


def _choice(label: str) -> PSObject:
    return PSObject((), ms={"label": _LABELS.get(label, label), "helpMessage": ""})


def _field(name: str) -> PSObject:
    """A FieldDescription of a value that is asked for."""
    core = "System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e"
    return PSObject(
        (),
        ms={
            "name": name,
            "label": f"&{name}",
            "parameterTypeName": "String",
            "parameterTypeFullName": "System.String",
            "parameterAssemblyFullName": f"System.String, {core}",
            "helpMessage": "",
            "isMandatory": True,
            "metadata": PSObject(_LIST, kind=Kind.LIST, items=[]),
            "modifiedByRemotingProtocol": False,
            "isFromRemoteHost": False,
        },
    )
