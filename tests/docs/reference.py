"""The code in, the pages of docs/reference out: `python -m tests.docs.reference` writes them."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import typer.main

from psbridge import cmdlets, errors
from psbridge.cli.app import app
from psbridge.cmdlets import Call, Directory
from psbridge.discovery import find_playbooks
from psbridge.engine import Engine, Input, Playbook, Run
from psbridge.profile import Approvals, ConnectCommand, EndpointProfile, Limits, Profile

__all__ = ["PAGES", "REFERENCE", "page"]

REFERENCE: Final = Path(__file__).resolve().parents[2] / "docs" / "reference"
_MADE: Final = "Made from the code by `python -m tests.docs.reference`: change the code, not this page."


def commands() -> Iterator[str]:
    """Every command with its arguments and options."""
    yield from ("# Commands", "", _MADE)
    root = typer.main.get_command(app)
    yield from ("", *_end(root.epilog or ""))
    yield from _group(root, root.context_class(root, info_name="psbridge"))


# Typer brings its own copy of Click and does not export its classes: hence Any.
def _group(group: Any, context: Any) -> Iterator[str]:
    for name, command in group.commands.items():
        inner = command.context_class(command, info_name=name, parent=context)
        yield from _group(command, inner) if hasattr(command, "commands") else _command(command, inner)


def _command(command: Any, context: Any) -> Iterator[str]:
    usage = " ".join(command.collect_usage_pieces(context))
    yield from ("", f"## {context.command_path}", "", *_paragraphs(command.help or ""), "", f"`{context.command_path} {usage}`")
    shown = [known for known in command.params if not getattr(known, "hidden", False)]
    if shown:
        yield from ("", "| | default | |", "|---|---|---|")
    for known in shown:
        names = ", ".join(f"`{name}`" for name in (*known.opts, *known.secondary_opts) if known.param_type_name == "option")
        yield f"| {names or f'`{known.metavar or known.name.upper()}`'} | {_default(known)} | {_cell(known.help or '')} |"
    if command.epilog:
        yield from ("", *_end(command.epilog))


def _end(epilog: str) -> Iterator[str]:
    """What stands at the end of a command's help: the exit codes, and the examples as they are typed."""
    said, _, examples = epilog.partition("\b\nExamples:\n")
    yield from _paragraphs(said.rstrip()) if said.strip() else ()
    if examples:
        yield from ("", "```", *(line.strip() for line in examples.splitlines()), "```")


def _default(known: Any) -> str:
    value = known.default
    if known.required:
        return "must be given"
    return "" if value in (None, False, "", [], ()) or callable(value) or value.__class__.__name__ == "Sentinel" else f"`{value}`"


def playbooks() -> Iterator[str]:
    """Every playbook with its inputs, endpoints and steps."""
    yield from ("# Playbooks", "", _MADE, "")
    yield "`--option NAME=VALUE` gives an input; the identity is the argument of `psbridge run`."
    found = find_playbooks()
    for name in sorted(name for name, playbook in found.items() if name == playbook.name):
        yield from _playbook(found[name])


def _playbook(playbook: Playbook) -> Iterator[str]:
    yield from ("", f"## {playbook.name}", "", f"{playbook.summary} Version {playbook.version}.", "")
    yield f"Endpoints: {', '.join(f'`{name}`' for name in playbook.endpoints) or 'none'}."
    if playbook.inputs:
        yield from ("", "| input | choices | default | |", "|---|---|---|---|")
        yield from map(_input, playbook.inputs)
    yield ""
    for number, item in enumerate(playbook.outline, 1):
        yield f"{number}. {_cell(item if isinstance(item, str) else item[1])}"


def _input(known: Input) -> str:
    default = "must be given" if known.required else f"`{known.default}`" if known.default else ""
    return f"| `{known.name}` | {', '.join(f'`{choice}`' for choice in known.choices)} | {default} | {_cell(known.help)} |"


def profile() -> Iterator[str]:
    """Every key of a profile."""
    yield from ("# The profile", "", _MADE)
    tables = (("At the top", Profile), ("[endpoints.NAME]", EndpointProfile), ("[[endpoints.NAME.connect]]", ConnectCommand))
    for title, model in (*tables, ("[approvals]", Approvals), ("[limits]", Limits)):
        yield from ("", f"## {title}", "", *_paragraphs(_said(model)), "", "| key | default | |", "|---|---|---|")
        for name, field in model.model_fields.items():
            plain = isinstance(field.default, str | int | float) and field.default != ""
            default = "must be given" if field.is_required() else f"`{field.default}`" if plain else ""
            yield f"| `{field.alias or name}` | {default} | {_cell(field.description or '')} |"


def steps() -> Iterator[str]:
    """What a playbook may do, and what an embedder calls."""
    yield from ("# Steps of a playbook, and the engine", "", _MADE)
    for kind in (Run, Engine):
        yield from ("", f"## {kind.__name__}", "", *_paragraphs(_said(kind)))
        yield from _methods(kind)


def _methods(kind: type[Any]) -> Iterator[str]:
    for name, member in inspect.getmembers(kind):
        if name.startswith("_") or not (inspect.isfunction(member) or isinstance(member, property)):
            continue
        function: Callable[..., Any] = member.fget if isinstance(member, property) and member.fget else member  # type: ignore[assignment]
        title = name if isinstance(member, property) else f"{name}{_signature(function)}"
        yield from ("", f"### {name}", "", "```python", *_wrapped(title), "```", "", *_paragraphs(_said(function)))


def calls() -> Iterator[str]:
    """Every cmdlet that has a function."""
    yield from (
        "# Cmdlets",
        "",
        _MADE,
        "",
        "Each function makes a `Call`: nothing is sent before a step of a run or a session takes it.",
    )
    for name in cmdlets.__all__:
        function = getattr(cmdlets, name)
        if inspect.isfunction(function) and "Call" in str(inspect.signature(function).return_annotation):
            yield from ("", f"## {name}", "", "```python", *_wrapped(f"{name}{_signature(function)}"), "```")
            yield from ("", *_paragraphs(_said(function)))
    yield from ("", "## The directory, in any dialect", "", *_paragraphs(_said(Directory)))
    yield from _methods(Directory)
    yield from ("", "## Call", "", *_paragraphs(_said(Call)))


def failures() -> Iterator[str]:
    """Every error, as a tree."""
    yield from ("# Errors", "", _MADE, "")
    yield "An error is below the one that it is a kind of. The last column says whether the same call may be made again."
    yield from ("", "| error | what it says | a repeat is |", "|---|---|---|")
    yield from _error(errors.PsbridgeError, 0)


def _error(kind: type[errors.PsbridgeError], depth: int) -> Iterator[str]:
    yield f"| {'· ' * depth}`{kind.__name__}` | {_cell(_said(kind))} | {kind.retry.value} |"
    for known in kind.__subclasses__():
        if known.__module__ == errors.__name__:
            yield from _error(known, depth + 1)


def _said(thing: object) -> str:
    return inspect.getdoc(thing) or ""


def _paragraphs(text: str) -> Iterator[str]:
    """A text of the code as Markdown; what Click's marks would do to it is undone."""
    yield from inspect.cleandoc(text.replace("\b", "")).splitlines()


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|").strip()


def _signature(function: Callable[..., Any]) -> str:
    # The names of types without their modules: what stands in the source.
    return re.sub(r"\bself, |\bself\b", "", str(inspect.signature(function)))


def _wrapped(title: str) -> list[str]:
    return textwrap.wrap(title.replace("'", ""), 120, subsequent_indent="    ", break_long_words=False)


PAGES: Final[dict[str, Callable[[], Iterator[str]]]] = {
    "commands.md": commands,
    "playbooks.md": playbooks,
    "profile.md": profile,
    "steps.md": steps,
    "cmdlets.md": calls,
    "errors.md": failures,
}


def page(name: str) -> str:
    """The text of one page."""
    return "\n".join(PAGES[name]()) + "\n"


if __name__ == "__main__":
    for made in PAGES:
        (REFERENCE / made).write_text(page(made), encoding="utf-8", newline="\n")
