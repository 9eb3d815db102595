"""The README in, the parts that tests hold it to out: its blocks, commands, tables and paths."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

__all__ = [
    "CONNECTING",
    "EXPORTS",
    "FLEET",
    "PAGES",
    "PLAYBOOK_README",
    "README",
    "RECORDINGS",
    "ROOT",
    "blocks",
    "commands",
    "exit_codes",
    "links",
    "paths_of_the_tree",
    "reading_order",
]

ROOT: Final = Path(__file__).resolve().parents[2]
README: Final = ROOT / "README.md"
PLAYBOOK_README: Final = ROOT / "playbooks" / "duplicate_mailbox" / "README.md"
CONNECTING, EXPORTS, RECORDINGS, FLEET = (
    ROOT / "docs" / f"{name}.md" for name in ("connecting", "exports", "recordings", "fleet")
)
PAGES: Final = (README, PLAYBOOK_README, CONNECTING, EXPORTS, RECORDINGS, FLEET)

_BLOCK: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(path: Path, language: str = "") -> list[str]:
    """The fenced blocks of one language; without a language those that name none."""
    return [body for named, body in _BLOCK.findall(path.read_text(encoding="utf-8")) if named == language]


def commands(path: Path, program: str) -> list[str]:
    """Every line of the blocks that starts `program`, without the remark behind it."""
    lines = [line for block in blocks(path) for line in block.splitlines()]
    return [line.partition("  #")[0].strip() for line in lines if line.startswith(f"{program} ")]


def exit_codes() -> dict[int, str]:
    """The table of exit codes: number and meaning."""
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    return {int(number): meaning for number, meaning in rows}


def links(path: Path) -> list[Path]:
    """The files that `path` links to."""
    targets = re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8"))
    return [path.parent / target for target in targets if "://" not in target]


def paths_of_the_tree() -> list[Path]:
    """Every path that the annotated tree names; an indented line lies in the folder above it."""
    tree = next(block for block in blocks(README) if block.startswith("psbridge/\n"))
    found: list[Path] = []
    folder = ROOT
    for line in tree.splitlines():
        inside = line.startswith("  ")
        named = re.match(r"\s*(\S+(?: {1,2}\S+[/y])*)", line)
        assert named is not None, line
        found += [(folder if inside else ROOT) / name for name in named[1].split()]
        folder = folder if inside else ROOT / named[1].split()[0]
    return found


def reading_order() -> list[Path]:
    """The files to read, in their order; those outside the package are named with their folder."""
    text = README.read_text(encoding="utf-8").partition("To follow one cmdlet through:")[2]
    return [ROOT / name if name.startswith("playbooks/") else ROOT / "psbridge" / name for name in re.findall(r"`([^`]+)`", text)]
