"""`psbridge playbook show`: what a playbook does, what it asks for, its steps in order, and its own page."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from psbridge.cli.options import PlaybooksOption
from psbridge.discovery import find_playbooks
from psbridge.engine import Input, Playbook
from psbridge.errors import InputError

__all__ = ["show"]


def show(
    name: Annotated[str, typer.Argument(help="Its name, as `psbridge playbooks` lists it.")],
    *,
    playbooks: PlaybooksOption = None,
) -> None:
    """Print its summary, inputs, endpoints and steps; then its page: precondition, change, check, way back."""
    found = find_playbooks(playbooks)
    if name not in found:
        raise InputError(f"There is no playbook {name!r}; there are: {', '.join(sorted(found)) or 'none'}")
    for line in (*_about(found[name]), "", *_page(found[name])):
        typer.echo(line)


def _about(playbook: Playbook) -> Iterator[str]:
    yield f"{playbook.name} (version {playbook.version})"
    yield from textwrap.wrap(playbook.summary, 100)
    yield ""
    yield f"Endpoints: {', '.join(playbook.endpoints) or 'none'}"
    yield "Inputs:"
    yield from (f"  {line}" for known in playbook.inputs for line in _input(known))
    yield "Steps:"
    for number, item in enumerate(playbook.outline, start=1):
        yield f"  {number:2}. {item if isinstance(item, str) else item[1]}"


def _input(known: Input) -> Iterator[str]:
    choices = f" ({' | '.join(known.choices)})" if known.choices else ""
    default = "" if known.default is None else f" [{known.default or 'empty'}]"
    yield f"{known.name}{choices}{default}: {known.help or 'it must be given'}"


def _page(playbook: Playbook) -> Iterator[str]:
    """The README beside the module; where it is about several playbooks, the part under this one's name."""
    source = inspect.getsourcefile(playbook.body)
    page = Path(source).parent / "README.md" if source else Path()
    if not page.is_file():
        yield "It has no page of its own."
        return
    text = page.read_text(encoding="utf-8")
    heading = re.search(rf"^(#+) {re.escape(playbook.name)}\b.*$", text, re.MULTILINE)
    if heading is None:
        yield from text.splitlines()
        return
    rest = text[heading.end() :]
    # Up to the next heading of the same rank, or of a higher one; a `#` inside a block of code is none.
    end = re.search(rf"^#{{1,{len(heading[1])}}} [^\n]", _without_code(rest), re.MULTILINE)
    yield from (heading[0] + (rest if end is None else rest[: end.start()])).rstrip().splitlines()


def _without_code(text: str) -> str:
    """The same text, as long as before, in which a block of code has no letters."""
    return re.sub(r"^```.*?^```", lambda block: re.sub(r"[^\n]", " ", block[0]), text, flags=re.MULTILINE | re.DOTALL)
