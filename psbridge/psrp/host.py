"""Host calls: the message of a call in, what it asks out; and the answer, which is never a yes.

Source: [MS-PSRP] 2.2.2.15, 2.2.2.16, 2.2.2.27, 2.2.2.28 (calls and responses), 2.2.3.14 (HostInfo), 2.2.3.17 (methods).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final
from uuid import UUID

from psbridge.errors import ProtocolError
from psbridge.psobject import Int64, Kind, PSObject, Value
from psbridge.psrp.enums import enum_value, number

__all__ = ["HOST_INFO", "SAME_HOST", "HostCall", "HostMethod", "Question"]

# A call that wants no answer has this number (seen with PowerShell 7.6.9; the text does not say it).
VOID_CALL: Final = -100
_METHOD_TYPE: Final = "System.Management.Automation.Remoting.RemoteHostMethodId"
_CATEGORY_NOT_IMPLEMENTED: Final = 11


class HostMethod(IntEnum):
    """RemoteHostMethodId ([MS-PSRP] 2.2.3.17; 56 is PowerShell's own)."""

    GetName = 1
    GetVersion = 2
    GetInstanceId = 3
    GetCurrentCulture = 4
    GetCurrentUICulture = 5
    SetShouldExit = 6
    EnterNestedPrompt = 7
    ExitNestedPrompt = 8
    NotifyBeginApplication = 9
    NotifyEndApplication = 10
    ReadLine = 11
    ReadLineAsSecureString = 12
    Write1 = 13
    Write2 = 14
    WriteLine1 = 15
    WriteLine2 = 16
    WriteLine3 = 17
    WriteErrorLine = 18
    WriteDebugLine = 19
    WriteProgress = 20
    WriteVerboseLine = 21
    WriteWarningLine = 22
    Prompt = 23
    PromptForCredential1 = 24
    PromptForCredential2 = 25
    PromptForChoice = 26
    GetForegroundColor = 27
    SetForegroundColor = 28
    GetBackgroundColor = 29
    SetBackgroundColor = 30
    GetCursorPosition = 31
    SetCursorPosition = 32
    GetWindowPosition = 33
    SetWindowPosition = 34
    GetCursorSize = 35
    SetCursorSize = 36
    GetBufferSize = 37
    SetBufferSize = 38
    GetWindowSize = 39
    SetWindowSize = 40
    GetWindowTitle = 41
    SetWindowTitle = 42
    GetMaxWindowSize = 43
    GetMaxPhysicalWindowSize = 44
    GetKeyAvailable = 45
    ReadKey = 46
    FlushInputBuffer = 47
    SetBufferContents1 = 48
    SetBufferContents2 = 49
    GetBufferContents = 50
    ScrollBufferContents = 51
    PushRunspace = 52
    PopRunspace = 53
    GetIsRunspacePushed = 54
    GetRunspace = 55
    PromptForChoiceMultipleSelection = 56


# Whoever calls these waits for a person. Everything else is drawing, or can do without an answer.
_ASKING: Final[Mapping[HostMethod, str]] = {
    HostMethod.ReadLine: "a line of input",
    HostMethod.ReadLineAsSecureString: "a line of secret input",
    HostMethod.ReadKey: "a key to be pressed",
    HostMethod.Prompt: "values",
    HostMethod.PromptForCredential1: "a user name and a password",
    HostMethod.PromptForCredential2: "a user name and a password",
    HostMethod.PromptForChoice: "a choice",
    HostMethod.PromptForChoiceMultipleSelection: "a choice",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What a person was asked: the host's method, the text, and the labels to choose from."""

    method: str
    text: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HostCall:
    """A method of the host that the server calls; `pipeline_id` is None for a call by the pool itself."""

    pipeline_id: UUID | None
    call_id: int
    method: HostMethod
    arguments: tuple[Value, ...]

    @classmethod
    def of(cls, pipeline_id: UUID | None, body: Value) -> HostCall:
        """Read the body of a host call; raises ProtocolError where its members are missing."""
        if not isinstance(body, PSObject):
            raise ProtocolError("a host call is no object")
        call_id, method, arguments = number(body.get("ci")), number(body.get("mi")), body.get("mp")
        if call_id is None or method is None or not isinstance(arguments, PSObject) or arguments.items is None:
            raise ProtocolError("a host call lacks its number, its method or its arguments ([MS-PSRP] 2.2.2.15)")
        if method not in _METHODS:
            raise ProtocolError(f"the host call {call_id} is for method {method}, which [MS-PSRP] 2.2.3.17 does not know")
        return cls(pipeline_id, call_id, _METHODS[method], tuple(arguments.items))

    @property
    def wants_answer(self) -> bool:
        """Whether the server waits for a response."""
        return self.call_id != VOID_CALL

    @property
    def question(self) -> Question | None:
        """What a person is asked by this call; None where nobody is."""
        wanted = _ASKING.get(self.method)
        if wanted is None:
            return None
        words = [text.strip() for text in self.arguments[:2] if isinstance(text, str) and text.strip()]
        return Question(self.method.name, ": ".join(words) or f"It wants {wanted}.", self._choices())

    def refusal(self) -> PSObject:
        """The body of the response that refuses: an ErrorRecord, so that the caller fails and nothing is agreed to."""
        return PSObject(
            ms={
                "ci": Int64(self.call_id),
                "mi": enum_value(_METHOD_TYPE, self.method.name, self.method),
                "me": _not_implemented(f"{self.method.name} cannot be answered: nobody sits at this session."),
            }
        )

    def _choices(self) -> tuple[str, ...]:
        """The labels of choices, or the names of fields; the & marks a key and is no part of the text."""
        offered = self.arguments[2] if len(self.arguments) > 2 else None
        if not isinstance(offered, PSObject) or offered.items is None:
            return ()
        labels = [
            str(item.get("label") or item.get("name") or "").replace("&", "")
            for item in offered.items
            if isinstance(item, PSObject)
        ]
        return tuple(labels)


def _not_implemented(message: str) -> PSObject:
    types = ("System.NotImplementedException", "System.SystemException", "System.Exception", "System.Object")
    return PSObject(
        ("System.Management.Automation.ErrorRecord", "System.Object"),
        to_string=message,
        ms={
            "Exception": PSObject(types, to_string=message, props={"Message": message}),
            "TargetObject": None,
            "FullyQualifiedErrorId": "HostCallRefused",
            "InvocationInfo": None,
            "ErrorCategory_Category": _CATEGORY_NOT_IMPLEMENTED,
            "ErrorCategory_Activity": "",
            "ErrorCategory_Reason": "NotImplementedException",
            "ErrorCategory_TargetName": "",
            "ErrorCategory_TargetType": "",
            "ErrorCategory_Message": "NotImplemented: (:) [], NotImplementedException",
            "SerializeExtendedInfo": False,
        },
    )


def _shown(type_name: str, value: Value) -> PSObject:
    return PSObject(ms={"T": type_name, "V": value})


def _size(width: int, height: int) -> PSObject:
    return _shown("System.Management.Automation.Host.Size", PSObject(ms={"width": width, "height": height}))


def _place() -> PSObject:
    return _shown("System.Management.Automation.Host.Coordinates", PSObject(ms={"x": 0, "y": 0}))


def _default_data() -> PSObject:
    """What the server answers by itself when a script asks for the console's looks ([MS-PSRP] 2.2.3.14)."""
    grey, black = 7, 0
    looks: list[PSObject] = [
        _shown("System.ConsoleColor", grey),
        _shown("System.ConsoleColor", black),
        _place(),
        _place(),
        _shown("System.Int32", 25),
        *(_size(120, 50) for _ in range(4)),
        _shown("System.String", "psbridge"),
    ]
    types = ("System.Collections.Hashtable", "System.Object")
    return PSObject(ms={"data": PSObject(types, kind=Kind.DICT, entries=list(enumerate(looks)))})


# A host that is there: only so a question reaches the client with its text.
HOST_INFO: Final = PSObject(
    ms={
        "_isHostNull": False,
        "_isHostUINull": False,
        "_isHostRawUINull": False,
        "_useRunspaceHost": False,
        "_hostDefaultData": _default_data(),
    }
)
# What a pipeline says: the host is the pool's.
SAME_HOST: Final = PSObject(ms={"_isHostNull": True, "_isHostUINull": True, "_isHostRawUINull": True, "_useRunspaceHost": True})
_METHODS: Final = {int(one): one for one in HostMethod}
