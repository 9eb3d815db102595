"""The append-only record of every run: the only truth about evidence, intents and outcomes."""
