"""Why a value cannot be written, and where it stands; becomes a ValueTypeError at the top."""

from __future__ import annotations

from psbridge.errors import ValueTypeError

__all__ = ["Refusal"]


class Refusal(Exception):
    """A value that cannot be written. It never holds the value itself, which may be a secret.

    Each container that it passes on its way up adds its step to the path, so nobody keeps a path while all goes well.
    """

    def __init__(self, value: object, reason: str) -> None:
        super().__init__(reason)
        self._type = type(value).__name__
        self._reason = reason
        self._steps: list[str] = []

    def at(self, step: str) -> Refusal:
        """Add the step that leads to the value from the container."""
        self._steps.append(step)
        return self

    def error(self) -> ValueTypeError:
        """Give the public error."""
        return ValueTypeError(self._type, self._reason, where="".join(reversed(self._steps)).removeprefix("."))
