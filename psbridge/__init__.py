"""Real cmdlets from Python: typed answers, and journaled, resumable runs of documented procedures."""
