"""Real cmdlets from Python: typed answers, and journaled, resumable runs of documented procedures."""

__version__ = "0.1.0"
