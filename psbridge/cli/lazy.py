"""The names of commands in, a group out that imports a command when it is asked for: a short command starts in a short time.

Help lists the commands with the first sentence of each, which is read from its file: nothing is imported for it.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from psbridge.cli.examples import with_examples

__all__ = ["LazyGroup", "group_of"]


class LazyGroup(TyperGroup):
    """A group of commands. `modules`: where each is, under its name; a function, or a Typer with commands of its own."""

    modules: ClassVar[Mapping[str, str]]

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        # Help in plain lines: what draws its frames takes longer to import than all else.
        self.rich_markup_mode = None
        self.epilog = with_examples(self.epilog, _path(self.name, ""))
        self.commands = _Commands(self.modules, self.name)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer's own signature
        """Give the names alone, so that no command is imported for them."""
        return list(self.modules)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - Typer's own signature
        """List the commands with what their files say of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(module, _function(name))) for name, module in self.modules.items()])

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Complete the name of a command with what its file says of it; none is imported."""
        made, self.commands = self.commands, _stand_ins(self.modules)
        try:
            return super().shell_complete(ctx, incomplete)
        finally:
            self.commands = made


def _stand_ins(modules: Mapping[str, str]) -> MutableMapping[str, Any]:
    return {name: TyperCommand(name, help=_summary(module, _function(name))) for name, module in modules.items()}


def group_of(name: str, modules: Mapping[str, str], *, says: str, epilog: str) -> typer.Typer:
    """Make a group of `psbridge`; without a command it shows its help. `modules`: see LazyGroup."""

    def without_effect() -> None:
        """Typer asks for a callback where it knows no commands beforehand."""

    kind = type("_Group", (LazyGroup,), {"modules": modules})
    group = typer.Typer(
        name=name, cls=kind, help=says, epilog=epilog, no_args_is_help=True, add_completion=False, rich_markup_mode=None
    )
    group.callback()(without_effect)
    return group


class _Commands(MutableMapping[str, Any]):
    def __init__(self, modules: Mapping[str, str], group: str | None) -> None:
        self._modules = modules
        self._group = group
        self._made: dict[str, Any] = dict.fromkeys(modules)

    def __getitem__(self, name: str) -> Any:
        made = self._made[name]
        if made is None:
            made = self._made[name] = _command(self._modules[name], _function(name), _path(self._group, name))
        return made

    def __setitem__(self, name: str, command: Any) -> None:
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


def _function(name: str) -> str:
    return name.replace("-", "_")


def _path(group: str | None, name: str) -> str:
    """A command as it is typed behind `psbridge`."""
    return " ".join(part for part in ("" if group in {None, "psbridge"} else group or "", name) if part)


def _command(module: str, function: str, path: str) -> Any:
    found = getattr(import_module(module), function)
    if isinstance(found, typer.Typer):
        return get_command(found)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(epilog=with_examples(None, path))(found)
    return get_command(alone)


def _summary(module: str, function: str) -> str:
    """The first sentence of a command's own words: the docstring of its function, or what its group says."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        command = _command(module, function, "")
        return _sentence(command.help or "")
    for node in ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return _sentence(ast.get_docstring(node) or "")
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Call) and _names(node, function):
            said = next((item.value for item in node.value.keywords if item.arg == "says"), None)
            return _sentence(str(said.value) if isinstance(said, ast.Constant) else "")
    return ""


def _names(node: ast.AnnAssign, name: str) -> bool:
    return isinstance(node.target, ast.Name) and node.target.id == name


def _sentence(text: str) -> str:
    paragraph = " ".join(text.split("\n\n", maxsplit=1)[0].split())
    return re.split(r"(?<=[^.]{3}\.)\s", paragraph, maxsplit=1)[0]
