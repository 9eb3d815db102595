"""The names of commands in, a group out that imports a command when it is asked for: a short command starts in a short time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup
from typer.main import get_command

__all__ = ["LazyGroup", "group_of"]


class LazyGroup(TyperGroup):
    """A group of commands. `modules`: where each is, under its name; a function, or a Typer with commands of its own."""

    modules: ClassVar[Mapping[str, str]]

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Commands(self.modules)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer's own signature
        """Give the names alone, so that no command is imported for them."""
        return list(self.modules)


def group_of(name: str, modules: Mapping[str, str], *, says: str, epilog: str) -> typer.Typer:
    """Make a group of `psbridge`; without a command it shows its help. `modules`: see LazyGroup."""

    def without_effect() -> None:
        """Typer asks for a callback where it knows no commands beforehand."""

    kind = type("_Group", (LazyGroup,), {"modules": modules})
    group = typer.Typer(name=name, cls=kind, help=says, epilog=epilog, no_args_is_help=True, add_completion=False)
    group.callback()(without_effect)
    return group


class _Commands(MutableMapping[str, Any]):
    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules
        self._made: dict[str, Any] = dict.fromkeys(modules)

    def __getitem__(self, name: str) -> Any:
        made = self._made[name]
        if made is None:
            made = self._made[name] = _command(self._modules[name], name.replace("-", "_"))
        return made

    def __setitem__(self, name: str, command: Any) -> None:
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


def _command(module: str, name: str) -> Any:
    found = getattr(import_module(module), name)
    if isinstance(found, typer.Typer):
        return get_command(found)
    alone = typer.Typer(add_completion=False)
    alone.command()(found)
    return get_command(alone)
