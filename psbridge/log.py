"""The logger of every module of psbridge: loguru's, silent until its user asks with `logger.enable("psbridge")`.

It is imported where something is logged, not with the package: loguru takes as long to import as a short command lasts.
"""

from typing import Any

import loguru
from loguru import logger

__all__ = ["logger"]


def _silence() -> None:
    """Disable psbridge's messages, unless the user has said something about them before this was imported."""
    core: Any = getattr(loguru.logger, "_core", None)
    said = [name for name, _ in getattr(core, "activation_list", ())]
    if not any("psbridge.".startswith(name) for name in said if name):
        logger.disable("psbridge")


_silence()
