"""A cassette file in, its interactions out: everything that went through the transports of one run, in one order.

A file is text in UTF-8 that people read and compare:

    psbridge cassette 1                            the version of the format
    psbridge "0.1.0"                               what wrote it
    created "2018-07-09T14:00:00+00:00"
    metadata
      run "..."                                    free names, JSON values

    interaction 1 exo                              its number, its endpoint
    PS> Get-Mailbox -Identity 'testduplicate'      for people; the player never reads it
    cmdlet Get-Mailbox                             one for each cmdlet of the pipeline
      Identity "testduplicate"                     its parameters, typed: psbridge.command.canonical as JSON
    record output bom                              a record and its stream; `bom`: the body begins with one
    |<Obj RefId="0">                               the body verbatim (see `lines`)
    :<TN RefId="0">
    state Completed                                how the pipeline ended
    reason bom                                     the body of a failed pipeline's state, if there was one
    |<Obj RefId="0">
    seconds 0.153

    interaction 2 directory
    opening                                        in place of PS> and cmdlets: open() itself failed
    raised StartError                              in place of records and state: the error of the transport
      problem "..."                                its fields
    seconds 0.020

    end 2 sha256 9f86d081884c7d659a2feaa0c55ad015...

The end line holds the number of interactions and the SHA-256 of all bytes above it, every line end taken as LF.
Why not JSON or YAML: here the bodies stay verbatim, one element on a line, so that the change of one property is the
change of one line; and nothing can be read in two ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from psbridge.cassettes.interaction import Header, Interaction
from psbridge.cassettes.reading import read
from psbridge.cassettes.writing import Writer

__all__ = ["Cassette"]


@dataclass(frozen=True, slots=True)
class Cassette:
    """A whole recording. Interactions are numbered from 1, in the file and in errors."""

    name: str
    header: Header
    interactions: tuple[Interaction, ...]

    @classmethod
    def load(cls, path: Path, *, sealed: bool = True) -> Self:
        """Read a cassette file. Raises CassetteError, with the line, for anything but a whole, unchanged one.

        `sealed=False` reads one that was edited on purpose: numbers, count and SHA-256 are not compared.
        """
        header, interactions = read(path, sealed=sealed)
        return cls(str(path), header, interactions)

    def save(self, path: Path) -> None:
        """Write the file, sealed; an older one is replaced at the end, in one move. Raises CassetteError."""
        # Not .partial: a recording of this name may be going on.
        with Writer(path, self.header, replace=True, suffix=".new") as writer:
            for interaction in self.interactions:
                writer.write(interaction)
            writer.finish()

    @property
    def metadata(self) -> Mapping[str, object]:
        """What the maker of the recording wrote down."""
        return self.header.metadata

    @property
    def playbook(self) -> str | None:
        """The name of the playbook that was run (metadata `playbook`)."""
        return _text(self.metadata.get("playbook"))

    @property
    def run_id(self) -> str | None:
        """The id of the run (metadata `run`); replay under the same id, because names that the run gave hold it."""
        return _text(self.metadata.get("run"))

    @property
    def inputs(self) -> Mapping[str, object]:
        """The inputs of the run (metadata `inputs`); empty where there are none."""
        found = self.metadata.get("inputs")
        return found if isinstance(found, Mapping) else {}

    def listing(self) -> Iterator[str]:
        """One line for each interaction: number, endpoint, command line, outcome, seconds."""
        for number, interaction in enumerate(self.interactions, 1):
            yield f"{number:4} {interaction} -> {interaction.outcome} ({interaction.seconds:.3f} s)"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
