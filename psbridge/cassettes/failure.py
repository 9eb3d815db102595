"""A TransportError in, its class and fields as data out; and back to an error of the same class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from psbridge.errors import (
    AuthenticationFailed,
    ConfirmationRequired,
    ConnectionLost,
    ConnectRefused,
    DeadlineExceeded,
    EndpointRefused,
    ProtocolError,
    SessionExpired,
    StartError,
    Throttled,
    TransportError,
)

__all__ = ["KINDS", "Failure"]

_WAY: Final = {"problem": str, "endpoint": str, "may_have_run": bool, "remedy": str}
_START: Final = {"problem": str, "endpoint": str, "remedy": str}
# What the constructor of each class takes, and of which type; whatever else an error carries is made from these.
KINDS: Final[Mapping[type[TransportError], Mapping[str, type]]] = {
    TransportError: _WAY,
    ProtocolError: _WAY,
    ConnectionLost: _WAY,
    SessionExpired: _WAY,
    Throttled: _WAY,
    DeadlineExceeded: _WAY,
    StartError: _START,
    AuthenticationFailed: _START,
    ConnectRefused: _START,
    EndpointRefused: _START,
    ConfirmationRequired: {"method": str, "question": str, "choices": list, "endpoint": str, "may_have_run": bool},
}
_BY_NAME: Final = {kind.__name__: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Failure:
    """How the way to PowerShell failed: the name of the error's class, and its fields."""

    kind: str
    fields: Mapping[str, object]

    @classmethod
    def of(cls, error: TransportError) -> Failure:
        """Take the fields of an error; raises ValueError for a class that a cassette does not know."""
        known = KINDS.get(type(error))
        if known is None:
            raise ValueError(f"an error of the class {type(error).__name__} has no place in a cassette")
        return cls(type(error).__name__, {name: kind(getattr(error, name)) for name, kind in known.items()})

    def check(self) -> None:
        """Raise ValueError if class and fields do not belong together."""
        known = KINDS[_BY_NAME[self.kind]] if self.kind in _BY_NAME else None
        if known is None:
            raise ValueError(f"{self.kind} is no transport error; known are {', '.join(sorted(_BY_NAME))}")
        for name in {**known, **self.fields}:
            if name not in known or name not in self.fields:
                raise ValueError(f"{self.kind} has the fields {', '.join(known)}, not {', '.join(self.fields) or 'none'}")
            if type(self.fields[name]) is not known[name]:
                raise ValueError(f"the field {name} of {self.kind} must be of the type {known[name].__name__}")
        if not all(isinstance(choice, str) for choice in self._choices):
            raise ValueError(f"the choices of {self.kind} must be texts")

    def error(self) -> TransportError:
        """Make the error again."""
        kind = _BY_NAME[self.kind]
        fields = {name: tuple(value) if isinstance(value, list) else value for name, value in self.fields.items()}
        return kind(**fields)  # type: ignore[arg-type]  # the fields were checked against the table when they were read

    @property
    def _choices(self) -> list[object]:
        found = self.fields.get("choices")
        return found if isinstance(found, list) else []

    def __str__(self) -> str:
        return f"{self.kind}: {self.fields.get('problem', self.fields.get('question', ''))}"
