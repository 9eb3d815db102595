"""Real cmdlets from Python: typed answers, and journaled, resumable runs of documented procedures."""

from loguru import logger

__version__ = "0.1.0"

# A library keeps silent until its user asks: logger.enable("psbridge").
logger.disable("psbridge")
