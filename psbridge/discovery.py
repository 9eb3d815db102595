"""Entry points and folders in, playbooks by name out.

A package offers playbooks in the entry-point group `psbridge.playbooks`; a folder offers every `.py` file that has a
module-level name `playbook`.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

from psbridge.engine import Playbook
from psbridge.errors import InputError

__all__ = ["find_playbooks"]

GROUP: Final = "psbridge.playbooks"


def find_playbooks(folder: Path | None = None) -> dict[str, Playbook]:
    """Every installed playbook, and those of `folder`.

    Raises InputError for one that cannot be loaded, and for a name that is there twice.
    """
    found: dict[str, Playbook] = {}
    for source, playbook in (*_installed(), *(_in_folder(folder) if folder is not None else ())):
        if playbook.name in found:
            raise InputError(f"{source} is a second playbook named {playbook.name!r}; rename one of them")
        found[playbook.name] = playbook
        # A run goes on in the version that it was begun with (engine-notes section 6).
        found |= {f"{playbook.name}@{old.version}": old for old in playbook.earlier}
    return found


def _installed() -> Iterator[tuple[str, Playbook]]:
    for point in entry_points(group=GROUP):
        yield _checked(point.value, point.load())


def _in_folder(folder: Path) -> Iterator[tuple[str, Playbook]]:
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder of playbooks")
    for path in sorted(folder.glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"psbridge_playbook_{path.stem}", path)
        if spec is None or spec.loader is None:
            raise InputError(f"{path} cannot be loaded as a Python module")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # a dataclass looks up its own module there
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:  # a stranger's module can fail in any way; the message names it
            raise InputError(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
        if hasattr(module, "playbook"):
            yield _checked(str(path), module.playbook)


def _checked(source: str, candidate: object) -> tuple[str, Playbook]:
    if not isinstance(candidate, Playbook):
        raise InputError(f"{source}: `playbook` is a {type(candidate).__name__}, not a psbridge.engine.Playbook")
    return source, candidate
