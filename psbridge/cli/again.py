"""The journal and the profile as somebody named them in, the commands that carry a run on out: they name the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Again"]


@dataclass(frozen=True, slots=True)
class Again:
    """What was named; the defaults need no option. `by_sessions`: whether a run goes on over the profile's sessions.

    A rehearsal and a replay that are kept can be looked at, and never be carried on.
    """

    journal: str | None = None
    profile: Path | None = None
    by_sessions: bool = True

    def command(self, name: str, *arguments: str) -> str:
        """A command line that can be typed as it stands: in cmd, PowerShell and sh alike."""
        given = [("--profile", self.profile), ("--journal", self.journal)]
        options = [word for option, path in given if path is not None for word in (option, _quoted(str(path)))]
        return " ".join(("psbridge", name, *arguments, *options))


def _quoted(text: str) -> str:
    return f'"{text}"' if set(text) & set(" '();&") else text
