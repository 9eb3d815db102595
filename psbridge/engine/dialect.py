"""The input by which a run knows the directory's dialect."""

from __future__ import annotations

from typing import Final

from psbridge.engine.playbook import Input

__all__ = ["DIALECT"]

DIALECT: Final = Input("dialect", default="msonline", choices=("msonline", "graph", "entra"), help="the directory's cmdlets")
