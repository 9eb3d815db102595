"""`psbridge playbook show`: what a playbook does, what it asks for, its steps in order, and its own page."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from psbridge.cli.completing import playbooks as playbooks_there
from psbridge.cli.options import PlaybooksOption
from psbridge.discovery import find_playbooks
from psbridge.engine import Input, Playbook
from psbridge.errors import InputError

__all__ = ["show"]


def show(
    name: Annotated[str, typer.Argument(help="Its name, as `psbridge playbooks` lists it.", autocompletion=playbooks_there)],
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
    """The part of a page beside the module that is under this playbook's name; else the folder's README."""
    source = inspect.getsourcefile(playbook.body)
    folder = Path(source).parent if source else Path()
    pages = {page: page.read_text(encoding="utf-8") for page in sorted(folder.glob("*.md"))} if source else {}
    for text in pages.values():
        if part := _part(text, playbook.name):
            yield from part.splitlines()
            return
    readme = pages.get(folder / "README.md")
    yield from ["It has no page of its own."] if readme is None else readme.splitlines()


def _part(text: str, name: str) -> str:
    """From the heading that begins with the name to the next one of its rank, or of a higher one; empty if there is none."""
    heading = re.search(rf"^(#+) {re.escape(name)}(?![\w-]).*$", text, re.MULTILINE)
    if heading is None:
        return ""
    rest = text[heading.end() :]
    # A `#` inside a block of code is no heading.
    end = re.search(rf"^#{{1,{len(heading[1])}}} [^\n]", _without_code(rest), re.MULTILINE)
    return (heading[0] + (rest if end is None else rest[: end.start()])).rstrip()


def _without_code(text: str) -> str:
    """The same text, as long as before, in which a block of code has no letters."""
    return re.sub(r"^```.*?^```", lambda block: re.sub(r"[^\n]", " ", block[0]), text, flags=re.MULTILINE | re.DOTALL)
