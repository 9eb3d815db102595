"""What a scrubbing could not judge, gathered under what it was and where; what was replaced, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Finding", "Report"]

_PLACES: Final = 3


@dataclass(slots=True)
class Finding:
    """Values of one property that hold words of which nobody can say whether they are names.

    `why`: free text, unknown property, several words (where an enum is expected), code or bytes.
    `places`: the first few, as `interaction 3, record 1`.
    """

    property: str
    why: str
    count: int = 0
    places: list[str] = field(default_factory=list)
    example: str = ""

    def __str__(self) -> str:
        more = ", ..." if self.count > len(self.places) else ""
        return f"{self.property} ({self.why}): {self.count} at {'; '.join(self.places)}{more}"


@dataclass(slots=True)
class Report:
    """What a scrubbing did. `map`: kind and original to replacement. `copied`: the file was scrubbed before."""

    interactions: int = 0
    copied: bool = False
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)
    map: dict[tuple[str, str], str] = field(default_factory=dict)

    def unsure(self, name: str, why: str, place: str, example: str) -> None:
        """Note a value that was not judged."""
        found = self.findings.setdefault((name, why), Finding(name, why))
        found.count += 1
        found.example = found.example or example
        if len(found.places) < _PLACES and place not in found.places:
            found.places.append(place)

    @property
    def replaced(self) -> Mapping[str, int]:
        """How many different things of each kind were replaced."""
        return Counter(kind for kind, _ in self.map)

    def lines(self) -> Iterator[str]:
        """The findings, one a line, the most frequent first."""
        yield from (str(found) for found in sorted(self.findings.values(), key=lambda one: (-one.count, one.property)))
