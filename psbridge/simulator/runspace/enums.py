"""The name of a .NET enumeration in, its names in their order out: those that a parameter of the cmdlets takes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

__all__ = ["ENUMS"]

ENUMS: Final[Mapping[str, list[str]]] = tomllib.loads((Path(__file__).parent / "enums.toml").read_text(encoding="utf-8"))
